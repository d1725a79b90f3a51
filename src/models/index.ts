// The list of model servers, and how a model is opened by the name a person gives it.
import { AuraError } from "../core/error.ts";
import type { ModelLine } from "../core/events.ts";
import { embedded, embeddedUrl } from "./embedded.ts";
import { type Found, findModels, ollamaHost, type Spot, usableOf, usualSpots } from "./find.ts";
import { llamaServer } from "./llama-server.ts";
import { lmstudio } from "./lmstudio.ts";
import type { ChosenContexts, Model, Piece, Server } from "./model.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";

// ./embedded.ts ./llama-server.ts ./lmstudio.ts ./ollama.ts ./openai.ts
export const servers: readonly Server[] = [ollama, lmstudio, llamaServer, openai, embedded];

export interface Wanted {
  /** `SERVER/NAME`, or `NAME` alone where only one server has it; null = the only usable model there is. */
  id: string | null;
  /** The server's root; absent = where such a server usually listens. */
  url?: string;
  /** Sent as a bearer token. */
  key?: string;
  /** Tokens; absent = ask the server. */
  context?: number;
  /** Where chosen contexts are kept; absent = chosen anew each time. */
  chosen?: ChosenContexts;
  /** Read for OLLAMA_HOST; absent = the process's own. */
  env?: Record<string, string | undefined>;
}

/** A server that the person named may be busy. */
const namedLimitMs = 3000;
/** Looks for servers: at all the usual places, in less than 150 ms, or at `url` alone if it is given. Throws as `findModels` does. */
export function lookForModels(options: { url?: string; env?: Record<string, string | undefined> }, signal: AbortSignal): Promise<Found> {
  return options.url === undefined ? findModels(spotsOf(options), signal) : findModels(spotsOf(options), signal, namedLimitMs);
}
const spotsOf = ({ url, env = process.env }: { url?: string; env?: Record<string, string | undefined> }): Spot[] =>
  url === undefined ? usualSpots(servers, env) : [{ url, servers }];

/**
 * Opens the model, ready to stream. `SERVER/NAME` asks that server only (two small questions at once, and a third where memory decides); anything else looks for servers first.
 * Throws AuraError: `address.refused` (exit 2), and with exit 3 `server.down`, `model.none`, `model.several`, `model.refused`; or an AbortError.
 */
export async function openModel(wanted: Wanted, signal: AbortSignal): Promise<Model> {
  const named = wanted.id === null ? null : splitId(wanted.id);
  if (named) {
    const { server, name } = named;
    if (server.name === "embedded") return openOn(server, embeddedUrl, name, wanted, signal);
    const usual = (server.name === "ollama" ? ollamaHost((wanted.env ?? process.env).OLLAMA_HOST) : null) ?? `http://127.0.0.1:${server.ports[0]}`;
    return openOn(server, wanted.url ?? usual, name, wanted, signal);
  }
  const line = choose(await lookForModels(wanted, signal), wanted.id);
  const server = servers.find((one) => line.id.startsWith(`${one.name}/`));
  if (!server) throw new Error(`no server for ${line.id}`);
  return openOn(server, line.url, line.name, wanted, signal);
}

async function openOn(server: Server, url: string, name: string, { key, context, chosen }: Wanted, signal: AbortSignal): Promise<Model> {
  const model = await server.open({ url, name, context: context ?? null, ...(key === undefined ? {} : { key }), ...(chosen ? { chosen } : {}) }, signal);
  const [{ withCalls }, { asText, withoutInventions }] = await Promise.all([import("./toolcalls/pieces.ts"), import("./textcalls.ts")]);
  const { stream, warm, count } = model;
  // on the very object: its context may still change
  model.url = url;
  model.stream = (request, stop) => {
    const pieces = stream.call(model, asText(request), stop);
    const read = (some: AsyncIterable<Piece>): AsyncIterable<Piece> => withCalls(some, request);
    return request.format === "text" ? withoutInventions(pieces, read) : read(pieces);
  };
  if (warm) model.warm = (request, stop) => warm.call(model, asText(request), stop);
  if (count) model.count = (request, stop) => count.call(model, asText(request), stop);
  return model;
}

/** `ollama/qwen3:8b` -> its server and `qwen3:8b`; null if it doesn't begin with a server's name. */
export function splitId(id: string): { server: Server; name: string } | null {
  const slash = id.indexOf("/");
  const server = servers.find((one) => one.name === id.slice(0, slash));
  const name = id.slice(slash + 1);
  return slash > 0 && server && name !== "" ? { server, name } : null;
}

/** The one model meant. Throws AuraError saying what there is instead. */
export function choose(found: Found, wanted: string | null): ModelLine {
  const same = (line: ModelLine): boolean => wanted === null || line.name === wanted || line.name === `${wanted}:latest`;
  const matching = found.models.filter(same);
  const usable = usableOf(matching);
  const [only] = usable;
  if (only && usable.length === 1) return only;
  const list = (lines: ModelLine[]): string =>
    lines
      .slice(0, 8)
      .map((line) => line.id)
      .join(", ") + (lines.length > 8 ? ", ..." : "");
  if (usable.length > 1) throw new AuraError("model.several", `There are several models: ${list(usable)}`, { hint: `choose one with --model ${usable[0]?.id}`, exit: 3 });
  const [refused] = matching;
  if (refused) throw new AuraError("model.refused", `${refused.id} can't be used: it ${refused.refused}`, { hint: "aura models lists what can", exit: 3 });
  if (found.models.length > 0) throw new AuraError("model.none", `No server has a model ${wanted}`, { hint: `there are: ${list(found.models)}`, exit: 3 });
  const servers = found.looked.filter((one) => one.found !== null);
  if (servers.length > 0) {
    const where = servers.map((one) => `${one.found} at ${one.url}`).join(", ");
    throw new AuraError("model.none", `${where} answers but has no model`, { hint: "load one there, for example: ollama pull qwen3", exit: 3 });
  }
  throw new AuraError("server.down", `No model server found: looked at ${found.looked.map((one) => `${one.url} (${one.why})`).join(", ")}`, {
    hint: "start Ollama, LM Studio or llama-server, or say where yours listens with --url",
    exit: 3,
  });
}
