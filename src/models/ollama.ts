// Ollama, through its own API: the OpenAI one can't set the context.
import * as z from "zod/mini";
import { AuraError } from "../core/error.ts";
import type { ModelId, ModelLine, Usage } from "../core/events.ts";
import { note } from "../core/note.ts";
import { loadedAfresh, openCacheGuess } from "./cached.ts";
import { converse } from "./chat.ts";
import { type Extra, withExtras } from "./extras.ts";
import type { Place } from "./faults.ts";
import { addressOf } from "./loopback.ts";
import { kvBytesPerToken, memoryAtHand } from "./memory.ts";
import type { ChosenContexts, Model, Piece, Request, Server } from "./model.ts";
import { chooseContext, type Known, settled } from "./ollama-context.ts";
import { toWarm, wasRead } from "./warm.ts";
import { type Asking, ask, askOrNull, unreachableServer } from "./wire-ask.ts";
import { ollamaBody, readOllama } from "./wire-ollama.ts";

const text = z.catch(z.nullish(z.string()), undefined);
const count = z.catch(z.nullish(z.number()), undefined);
const details = z.catch(z.nullish(z.object({ context_length: count, family: text, quantization_level: text })), undefined);
const strings = z.catch(z.nullish(z.array(z.string())), undefined);
const tagsShape = z.object({
  models: z.nullable(z.array(z.object({ name: z.string(), size: count, details, capabilities: strings, remote_host: text, remote_model: text }))),
});
const psShape = z.object({ models: z.nullable(z.array(z.object({ name: text, model: text, context_length: count, size: count, size_vram: count }))) });
type Running = NonNullable<z.infer<typeof psShape>["models"]>[number];
/** Of a model that is loaded now: one line. */
const loadShape = z.object({ done: z.literal(true) });
const showShape = z.object({
  parameters: text,
  model_info: z.catch(z.nullish(z.record(z.string(), z.unknown())), undefined),
  details,
  capabilities: strings,
  remote_host: text,
  remote_model: text,
});

/** The server's root: `/v1` and `/api` are its doors, not part of its address. */
const rootOf = (url: string): string => url.replace(/\/+$/, "").replace(/\/(v1|api)$/, "");

const cloudName = (name: string): boolean => /:cloud$|-cloud$/i.test(name);
const inCloud = (model: { remote_host?: string | null | undefined; remote_model?: string | null | undefined }): boolean => Boolean(model.remote_host || model.remote_model);
const sameName = (one: string, other: string): boolean => whole(one) === whole(other);
const whole = (name: string): string => (/:[^/]+$/.test(name) ? name : `${name}:latest`).toLowerCase();

async function probe(url: string, signal: AbortSignal): Promise<ModelLine[] | null> {
  const root = rootOf(url);
  const [tags, ps] = await Promise.all([ask(root, "/api/tags", tagsShape, { signal }), askOrNull(root, "/api/ps", psShape, { signal })]);
  if (tags === null) return null;
  return (tags.models ?? []).map((model) => {
    const running = runningIn(ps, model.name);
    const capabilities = model.capabilities ?? [];
    return {
      id: `ollama/${model.name}` as ModelId,
      url: root,
      name: model.name,
      sizeBytes: model.size ?? null,
      trainedContext: model.details?.context_length ?? null,
      runningContext: running?.context_length ?? null,
      capabilities,
      loaded: running !== undefined,
      quantization: model.details?.quantization_level || null,
      gpuShare: running?.size ? Math.min(1, (running.size_vram ?? 0) / running.size) : null,
      refused: cloudName(model.name) || inCloud(model) ? "runs in the cloud" : whyUnfit(model.name, capabilities),
    };
  });
}

const runningIn = (ps: z.infer<typeof psShape> | null, name: string): Running | undefined => ps?.models?.find((one) => sameName(one.name ?? one.model ?? "", name));

/** Old servers list no capabilities: then only the name can tell. */
function whyUnfit(name: string, capabilities: string[]): string | null {
  if (capabilities.length === 0) return /embed|\bbge-|minilm/i.test(name) ? "makes embeddings" : null;
  if (!capabilities.includes("completion")) return capabilities.includes("embedding") ? "makes embeddings" : "can't chat";
  // one that can't call tools is told of them in text
  return null;
}

/**
 * Asks /api/show and /api/ps at once, and fixes the context for the session (see ollama-context.ts), with one more question where memory decides. Throws
 * AuraError `model.refused` (cloud), `model.none`, `server.down`.
 */
const open: Server["open"] = async (options, signal) => {
  const { name } = options;
  const url = rootOf(options.url);
  const place: Place = { server: "Ollama", at: addressOf(url).shown, model: name, start: "start it with: ollama serve", get: `try: ollama pull ${name}` };
  const cloud = (): AuraError =>
    new AuraError("model.refused", `${name} runs in the cloud: your code would leave this machine`, { hint: "choose a model that runs here (aura models)", exit: 3 });
  if (cloudName(name)) throw cloud();
  const key = options.key === undefined ? {} : { key: options.key };
  const needs = { signal, ...key };
  const [show, ps] = await Promise.all([
    askOrNull(url, "/api/show", showShape, { ...needs, json: JSON.stringify({ model: name }) }, (failure) => {
      if (failure.is === "status" && failure.status === 404 && /not found/i.test(failure.body)) {
        throw new AuraError("model.none", `Ollama answers at ${place.at} but has no model ${name}`, { hint: `Try: ollama pull ${name}`, exit: 3 });
      }
      if (failure.is === "error") throw unreachableServer(place, failure.error);
    }),
    askOrNull(url, "/api/ps", psShape, needs),
  ]);
  if (show && inCloud(show)) throw cloud();
  const numCtx = options.context ?? (await contextFor({ url, name, show, running: runningIn(ps, name), ...(options.chosen ? { chosen: options.chosen } : {}) }, needs));
  const levels = /gpt-?oss/i.test(`${name} ${show?.details?.family ?? ""}`);
  const settings = { model: name, numCtx, thinks: show?.capabilities?.includes("thinking") ?? false, levels };
  const guess = openCacheGuess();
  const refused = new Set<Extra>();
  const state = { answered: false, compared: false, loadMs: 0 };

  /** The server may have loaded the model with less than was asked. */
  const compare = async (): Promise<void> => {
    const now = await ask(url, "/api/ps", psShape, { ...needs, signal: AbortSignal.timeout(10_000) });
    const real = runningIn(now, name)?.context_length;
    if (!real) return;
    if (real < numCtx) note("models", "less context than asked", { model: name, asked: numCtx, runs: real }, "warn");
    model.context = Math.min(numCtx, real);
  };
  const told = (figures: Usage): Usage => {
    // a load that had a request of its own belongs to the reading behind it
    const usage = state.loadMs > 0 ? { ...figures, loadMs: (figures.loadMs ?? 0) + state.loadMs } : figures;
    state.loadMs = 0;
    if (state.answered && loadedAfresh(usage)) {
      note("models", "the model was loaded again in mid-session: by another client's options, or because it had gone", { model: name, loadMs: usage.loadMs, numCtx }, "warn");
      state.compared = false;
    }
    state.answered = true;
    return guess.add(usage);
  };
  async function* exchange(request: Request, stop: AbortSignal, most?: number): AsyncGenerator<Piece> {
    const json = ollamaBody(settings, most === undefined ? request : { ...request, maxTokens: most });
    const read = (lines: AsyncIterable<string>): AsyncIterable<Piece> => readOllama(place, request.messages, lines);
    const silent = async (quiet: AbortSignal): Promise<"loading" | "reading" | null> => {
      const now = await ask(url, "/api/ps", psShape, { ...needs, signal: quiet });
      return now === null ? null : runningIn(now, name) ? "reading" : "loading";
    };
    for await (const piece of converse({ place, url, path: "/api/chat", json, ...key, read, silent }, stop)) {
      const sent = piece.type === "end" ? { ...piece, usage: told(piece.usage) } : piece;
      if (!state.compared && piece.type !== "progress" && piece.type !== "fault") {
        state.compared = true;
        compare().catch(() => {});
      }
      yield sent;
    }
  }
  /**
   * Has the model loaded, which a request without messages does. A client that leaves while it loads would make Ollama throw the half-loaded model away and
   * begin again for the next one: so this is waited for no longer than `stop` says, but never given up.
   */
  async function loaded(stop: AbortSignal): Promise<boolean> {
    if (stop.aborted) return false;
    const given = Promise.withResolvers<false>();
    stop.addEventListener("abort", () => given.resolve(false), { once: true });
    const load = ask(url, "/api/chat", loadShape, { ...key, signal: new AbortController().signal, json: ollamaBody(settings, { messages: [], tools: [] }) });
    const began = Date.now();
    const done = load.then(
      (answer) => {
        // given up: the request that follows waits for it, and is told so by the server
        if (answer !== null && !stop.aborted) state.loadMs = Date.now() - began;
        return answer !== null;
      },
      () => false,
    );
    return Promise.race([done, given.promise]);
  }
  const model: Model = {
    id: `ollama/${name}` as ModelId,
    context: numCtx,
    stream: (request, stop) => withExtras(request, refused, name, (now) => exchange(now, stop)),
    // 0 would be dropped on the way to the engine, and mean no limit
    warm: async (request, stop) => (await loaded(stop)) && wasRead(exchange(toWarm(request), stop, 1)),
  };
  return model;
};

interface Choosing {
  url: string;
  name: string;
  show: z.infer<typeof showShape> | null;
  running: Running | undefined;
  chosen?: ChosenContexts;
}
async function contextFor({ url, name, show, running, chosen }: Choosing, needs: Asking): Promise<number> {
  const trained = contextsOf(show);
  const memory = memoryAtHand();
  const gigabytes = Math.round(memory.total / 1024 ** 3);
  const known: Omit<Known, "weights"> = {
    ...trained,
    running: running ? { tokens: running.context_length ?? null, bytes: running.size ?? null, onCard: running.size_vram ?? null } : null,
    earlier: chosen?.get(url, name, gigabytes) ?? null,
    kvPerToken: show?.model_info ? kvBytesPerToken(show.model_info) : null,
  };
  const before = settled(known);
  const weights = before ? null : await weightsOf(url, name, needs);
  const choice = before ?? chooseContext({ ...known, weights }, memory);
  note("models", "context chosen", { model: name, ...choice, ...known, weights, memory });
  if (!before) chosen?.set(url, name, gigabytes, choice.tokens);
  return choice.tokens;
}

async function weightsOf(url: string, name: string, needs: Asking): Promise<number | null> {
  const tags = await askOrNull(url, "/api/tags", tagsShape, needs);
  return tags?.models?.find((one) => sameName(one.name, name))?.size || null;
}

/** Bytes that a token of context takes, null = the server doesn't tell. Throws what `loopback.ts` throws. */
async function perToken(options: { url: string; name: string; key?: string }, signal: AbortSignal): Promise<number | null> {
  const json = JSON.stringify({ model: options.name });
  const show = await ask(rootOf(options.url), "/api/show", showShape, { signal, json, ...(options.key === undefined ? {} : { key: options.key }) });
  return show?.model_info ? kvBytesPerToken(show.model_info) : null;
}

function contextsOf(show: z.infer<typeof showShape> | null): { wanted: number | null; trained: number | null } {
  const wanted = /^\s*num_ctx\s+(\d+)\s*$/m.exec(show?.parameters ?? "")?.[1];
  const info = show?.model_info ?? {};
  const trained = info[`${String(info["general.architecture"])}.context_length`] ?? show?.details?.context_length;
  return { wanted: wanted === undefined ? null : Number(wanted), trained: typeof trained === "number" && trained > 0 ? trained : null };
}

/** Ollama's own API at port 11434. */
export const ollama: Server = { name: "ollama", ports: [11434], probe, open, kvBytesPerToken: perToken };
