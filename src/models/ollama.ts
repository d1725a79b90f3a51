// Ollama, through its own API: the OpenAI one can't set the context.
import { totalmem } from "node:os";
import * as z from "zod/mini";
import { AuraError } from "../core/error.ts";
import type { ModelId, ModelLine } from "../core/events.ts";
import { converse } from "./chat.ts";
import type { Place } from "./faults.ts";
import { addressOf } from "./loopback.ts";
import type { Model, Server } from "./model.ts";
import { ask, askOrNull, unreachableServer } from "./wire-ask.ts";
import { ollamaBody, readOllama } from "./wire-ollama.ts";

const text = z.catch(z.nullish(z.string()), undefined);
const count = z.catch(z.nullish(z.number()), undefined);
const details = z.catch(z.nullish(z.object({ context_length: count, family: text })), undefined);
const strings = z.catch(z.nullish(z.array(z.string())), undefined);
const tagsShape = z.object({
  models: z.nullable(z.array(z.object({ name: z.string(), size: count, details, capabilities: strings, remote_host: text, remote_model: text }))),
});
const psShape = z.object({ models: z.nullable(z.array(z.object({ name: text, model: text, context_length: count }))) });
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
    const running = ps?.models?.find((one) => sameName(one.name ?? one.model ?? "", model.name));
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
      refused: cloudName(model.name) || inCloud(model) ? "runs in the cloud" : whyUnfit(model.name, capabilities),
    };
  });
}

/** Old servers list no capabilities: then only the name can tell. */
function whyUnfit(name: string, capabilities: string[]): string | null {
  if (capabilities.length === 0) return /embed|\bbge-|minilm/i.test(name) ? "makes embeddings" : null;
  if (!capabilities.includes("completion")) return capabilities.includes("embedding") ? "makes embeddings" : "can't chat";
  return capabilities.includes("tools") ? null : "can't call tools";
}

/**
 * Asks /api/show and /api/ps at once, and fixes the context for the session: the running one if the model is loaded with enough of it, else what the
 * model's own parameters say, else as much as was trained and memory suggests. Throws AuraError `model.refused` (cloud), `model.none`, `server.down`.
 */
async function open(options: { url: string; name: string; context: number | null; key?: string }, signal: AbortSignal): Promise<Model> {
  const { name } = options;
  const url = rootOf(options.url);
  const place: Place = { server: "Ollama", at: addressOf(url).shown, model: name, start: "start it with: ollama serve", get: `try: ollama pull ${name}` };
  const cloud = (): AuraError =>
    new AuraError("model.refused", `${name} runs in the cloud: your code would leave this machine`, { hint: "choose a model that runs here (aura models)", exit: 3 });
  if (cloudName(name)) throw cloud();
  const needs = { signal, ...(options.key === undefined ? {} : { key: options.key }) };
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
  const running = ps?.models?.find((one) => sameName(one.name ?? one.model ?? "", name))?.context_length ?? null;
  const numCtx = options.context ?? chooseContext({ running, ...contextsOf(show) });
  const thinks = (show?.capabilities?.includes("thinking") ?? false) && !/gpt-?oss/i.test(`${name} ${show?.details?.family ?? ""}`);
  return {
    id: `ollama/${name}` as ModelId,
    context: numCtx,
    stream: (request, stop) =>
      converse(
        {
          place,
          url,
          path: "/api/chat",
          json: ollamaBody({ model: name, numCtx, thinks }, request),
          ...(options.key === undefined ? {} : { key: options.key }),
          read: (lines) => readOllama(place, request.messages, lines),
          silent: async (quiet) => {
            const now = await ask(url, "/api/ps", psShape, { ...needs, signal: quiet });
            if (now === null) return null;
            return now.models?.some((one) => sameName(one.name ?? one.model ?? "", name)) ? "reading" : "loading";
          },
        },
        stop,
      ),
  };
}

function contextsOf(show: z.infer<typeof showShape> | null): { wanted: number | null; trained: number | null } {
  const wanted = /^\s*num_ctx\s+(\d+)\s*$/m.exec(show?.parameters ?? "")?.[1];
  const info = show?.model_info ?? {};
  const trained = info[`${String(info["general.architecture"])}.context_length`] ?? show?.details?.context_length;
  return { wanted: wanted === undefined ? null : Number(wanted), trained: typeof trained === "number" && trained > 0 ? trained : null };
}

/** Below this a session ends after a few files; then one reload with more is the smaller evil. */
const tooLittle = 8192;
const gib = 1024 ** 3;

/** Tokens of context to ask for. Pure but for the default of `memory`, the machine's bytes. */
export function chooseContext({
  running,
  wanted,
  trained,
  memory = totalmem(),
}: {
  running: number | null;
  wanted: number | null;
  trained: number | null;
  memory?: number;
}): number {
  const fits = memory < 12 * gib ? 8192 : memory < 24 * gib ? 16_384 : 32_768;
  const most = trained ?? Number.POSITIVE_INFINITY;
  if (running !== null && (running >= tooLittle || running >= most)) return running;
  return Math.min(most, wanted ?? Math.min(32_768, fits));
}

/** Ollama's own API at port 11434. */
export const ollama: Server = { name: "ollama", ports: [11434], probe, open };
