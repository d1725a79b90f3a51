// Anything that speaks the OpenAI chat API: vLLM and the rest as they are, LM Studio and llama.cpp's server as variations.
import * as z from "zod/mini";
import { AuraError, errnoOf } from "../core/error.ts";
import type { ModelId, ModelLine } from "../core/events.ts";
import { type Busy, converse } from "./chat.ts";
import { countMessages, openCount } from "./count.ts";
import { type Extra, withExtras } from "./extras.ts";
import type { Place } from "./faults.ts";
import { addressOf } from "./loopback.ts";
import type { Model, Piece, Request, Server } from "./model.ts";
import { toWarm, wasRead } from "./warm.ts";
import { type Asking, ask, unreachableServer } from "./wire-ask.ts";
import { beyondWords, openaiBody, readOpenai } from "./wire-openai.ts";

/** How one server differs from the plain API. */
export interface Flavour {
  name: Exclude<Server["name"], "ollama">;
  /** For people. */
  shown: string;
  ports: number[];
  start: string;
  get(model: string): string;
  /** Said with every chat request. */
  extra: Record<string, unknown>;
  /** Tokens of context to reckon with until the server has told. */
  assumed: number;
  probe: Server["probe"];
  /** The running context, or null if the server doesn't say. Throws what `loopback.ts` throws. */
  context(url: string, model: string, asking: Asking): Promise<number | null>;
  /** Said with a request whose prompt is only to be read into the cache, or null where that may cost more than it brings. Throws as `context`. */
  warm(url: string, model: string, asking: Asking): Promise<Record<string, unknown> | null>;
  /** Said with a request that wants no thoughts. Throws as `context`. */
  noThoughts(url: string, model: string, asking: Asking): Promise<Record<string, unknown>>;
  /** The doors at which the server counts tokens; none = it has no such door. */
  count: Parameters<typeof openCount>[1];
  /** What the server is busy with while nothing comes. Throws as `context`. */
  silent?(url: string, model: string, asking: Asking): Promise<Busy | null>;
}

/** `--url` is the root; the API's `/v1` is added where it isn't there yet. */
export const apiOf = (url: string): string => `${rootOf(url)}/v1`;
/** The address without `/v1`, for what servers offer beside the API. */
export const rootOf = (url: string): string => url.replace(/\/+$/, "").replace(/\/v1$/, "");

const count = z.catch(z.nullish(z.number()), undefined);
const listShape = z.object({
  data: z.nullable(
    z.array(
      z.object({
        id: z.string(),
        owned_by: z.catch(z.nullish(z.string()), undefined),
        aliases: z.catch(z.nullish(z.array(z.string())), undefined),
        context_length: count,
        max_model_len: count,
        meta: z.catch(z.nullish(z.object({ n_ctx: count, n_ctx_train: count, size: count, ftype: z.catch(z.nullish(z.string()), undefined) })), undefined),
        status: z.catch(z.nullish(z.object({ value: z.string() })), undefined),
      }),
    ),
  ),
});
export type Listed = NonNullable<z.infer<typeof listShape>["data"]>[number];

/** The models of `/v1/models`, or null if it isn't answered. Throws what `loopback.ts` throws. */
export async function listModels(url: string, asking: Asking): Promise<Listed[] | null> {
  const list = await ask(apiOf(url), "/models", listShape, asking);
  return list === null ? null : (list.data ?? []);
}
const contextIn = (model: Listed): number | null => model.context_length ?? model.max_model_len ?? model.meta?.n_ctx ?? null;

/** A model of the list as a line; servers without more to say can't tell whether it is loaded. */
export function lineOf(server: Server["name"], url: string, model: Listed, name = model.id): ModelLine {
  return {
    id: `${server}/${name}` as ModelId,
    url: rootOf(url),
    name,
    sizeBytes: model.meta?.size ?? null,
    trainedContext: model.meta?.n_ctx_train ?? null,
    runningContext: contextIn(model),
    capabilities: [],
    loaded: model.status?.value !== "unloaded",
    quantization: model.meta?.ftype || null,
    refused: isCloudName(model.id) ? "runs in the cloud" : isEmbedder(model.id) ? "makes embeddings" : null,
  };
}
export const isEmbedder = (name: string): boolean => /embed|\bbge-|minilm|rerank/i.test(name);
const isCloudName = (name: string): boolean => /:cloud$|-cloud$/i.test(name);

/** The context `/v1/models` tells for `model`, under whichever of the names servers use for it. */
export async function listedContext(url: string, model: string, asking: Asking): Promise<number | null> {
  const models = await listModels(url, asking);
  const found = models?.find((one) => one.id === model || one.aliases?.includes(model)) ?? (models?.length === 1 ? models[0] : undefined);
  return found ? contextIn(found) : null;
}

/** The longest a first request waits for the server to tell its context; it answers in 2 ms or is busy. */
const patienceMs = 100;

/**
 * A server of the flavour. Opening asks one small question for the context and waits for at most 100 ms; a later answer sets `context` while the first
 * request already runs, and a server that couldn't tell (still loading) is asked again when that request has brought its first word: the context is
 * true before the second one. Until then it is `assumed`. One that was away is asked again in the same way. Throws AuraError `server.down` if nothing
 * listens, `model.refused` for a cloud model.
 */
export function openaiServer(flavour: Flavour): Server {
  const open: Server["open"] = async (options, signal) => {
    const { name } = options;
    const place: Place = {
      server: flavour.shown,
      at: addressOf(options.url).shown,
      model: name,
      start: flavour.start.replace(/--port \d+/, `--port ${addressOf(options.url).port}`),
      get: flavour.get(name),
    };
    if (isCloudName(name))
      throw new AuraError("model.refused", `${name} runs in the cloud: your code would leave this machine`, { hint: "choose a model that runs here (aura models)", exit: 3 });
    const key = options.key === undefined ? {} : { key: options.key };
    const refused = new Set<Extra>();
    const noThoughts = once((asking) => flavour.noThoughts(options.url, name, { ...asking, ...key }));
    const warming = once((asking) => flavour.warm(options.url, name, { ...asking, ...key }));
    async function* exchange(request: Request, stop: AbortSignal, more: Record<string, unknown> = {}): AsyncGenerator<Piece> {
      const quiet = request.think === false ? await noThoughts(stop).catch(() => ({})) : {};
      const json = openaiBody(name, request, { ...flavour.extra, ...beyondWords(request, quiet), ...more });
      const read = (lines: AsyncIterable<string>): AsyncIterable<Piece> => readOpenai(place, request.messages, lines);
      const { silent } = flavour;
      const busy = silent ? { silent: (signal: AbortSignal) => silent(options.url, name, { signal, ...key }) } : {};
      let asked = context.learned();
      for await (const piece of converse({ place, url: apiOf(options.url), path: "/chat/completions", json, ...key, read, ...busy }, stop)) {
        // whoever was away may have come back with another context
        if (piece.type === "fault" && ["down", "cut", "loading"].includes(piece.fault.kind)) context.forget();
        if (!asked && piece.type !== "progress" && piece.type !== "fault") {
          asked = true;
          context.learn(AbortSignal.timeout(10_000)).catch(() => {});
        }
        yield piece;
      }
    }
    const model: Model = {
      id: `${flavour.name}/${name}` as ModelId,
      context: options.context ?? flavour.assumed,
      stream: (request, stop) => withExtras(request, refused, name, (now) => exchange(now, stop)),
      warm: async (request, stop) => {
        const more = await warming(stop).catch(() => null);
        return more !== null && wasRead(exchange(toWarm(request), stop, more));
      },
      ...(flavour.count.length === 0 ? {} : { count: openCount({ root: rootOf(options.url), name, ...key }, flavour.count) }),
    };
    const context = openLearning(model, options.context !== null, (asking) => flavour.context(options.url, name, { ...asking, ...key }));
    if (!context.learned()) await patiently(context.learn(AbortSignal.any([signal, AbortSignal.timeout(10_000)])), place, signal);
    return model;
  };
  return { name: flavour.name, ports: flavour.ports, probe: flavour.probe, open };
}

interface Learning {
  /** The context needn't be asked for: the server has told, or the person. */
  learned(): boolean;
  /** What the server told may not be true any more; what the person said stays. */
  forget(): void;
  /** Asks, unless it is being asked. Throws as `ask` does. */
  learn(until: AbortSignal): Promise<void>;
}
/** How a model comes to its context; until then it has `told`. */
function openLearning(model: Model, given: boolean, ask: (asking: { signal: AbortSignal }) => Promise<number | null>): Learning {
  let learned = given;
  let asking: { done: Promise<void>; until: AbortSignal } | null = null;
  const learn = (until: AbortSignal): Promise<void> => {
    // a question that was given up tells nobody else anything
    if (asking && !asking.until.aborted) return asking.done;
    const done = ask({ signal: until })
      .then((context) => {
        if (context === null || context <= 0) return;
        model.context = context;
        learned = true;
        delete model.told;
      })
      .finally(() => {
        if (asking?.done === done) asking = null;
      });
    asking = { done, until };
    return done;
  };
  const told = (until: AbortSignal): Promise<boolean> =>
    Promise.race([
      learn(until).then(
        () => learned,
        () => false,
      ),
      // the question under way may be another's, with more patience
      new Promise<false>((resolve) => {
        if (until.aborted) resolve(false);
        until.addEventListener("abort", () => resolve(false), { once: true });
      }),
    ]);
  if (!given) model.told = told;
  return {
    learn,
    learned: () => learned,
    forget: () => {
      learned = given;
    },
  };
}

/** The answer to a question that is asked until it has been answered. */
function once<T>(question: (asking: { signal: AbortSignal }) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let answer: { is: T } | null = null;
  return async (signal) => {
    answer ??= { is: await question({ signal }) };
    return answer.is;
  };
}

async function patiently(learning: Promise<void>, place: Place, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  try {
    await Promise.race([learning, enough]);
  } catch (error) {
    if (error instanceof AuraError || signal.aborted) throw error;
    if (errnoOf(error) === "ECONNREFUSED") throw unreachableServer(place, error);
  } finally {
    clearTimeout(timer);
    learning.catch(() => {});
  }
}

/** vLLM at 8000, and whatever else speaks the API. */
export const openai: Server = openaiServer({
  name: "openai",
  shown: "The model server",
  ports: [8000],
  start: "start it, or give its address with --url",
  get: () => "aura models lists what it has",
  extra: {},
  assumed: 8192,
  probe: async (url, signal) => (await listModels(url, { signal }))?.map((model) => lineOf("openai", url, model)) ?? null,
  context: listedContext,
  warm,
  // vLLM; what a server doesn't know of it leaves alone
  noThoughts: async () => ({ chat_template_kwargs: { enable_thinking: false } }),
  count: [countMessages],
});

/** Only servers known to keep prefixes, and only on this machine: another's time isn't ours. */
async function warm(url: string, name: string, asking: Asking): Promise<Record<string, unknown> | null> {
  if (!addressOf(url).hosts.every((host) => host === "::1" || host.startsWith("127."))) return null;
  const models = await listModels(url, asking);
  const keeps = models?.some((model) => model.id === name && (["vllm", "sglang"].includes(model.owned_by ?? "") || (model.max_model_len ?? 0) > 0));
  return keeps ? { max_tokens: 1 } : null;
}
