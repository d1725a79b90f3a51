// Looks for model servers on this machine's usual ports, all at once, and says what was found.
import { AuraError, errnoOf } from "../core/error.ts";
import type { Answer, ModelId, ModelLine } from "../core/events.ts";
import { plain } from "./faults.ts";
import { addressOf } from "./loopback.ts";
import type { Server } from "./model.ts";

export type Found = Answer<{ type: "models" }>;
type Looked = Found["looked"][number];
/** One address, and the kinds of server that may be there, likeliest first. */
export interface Spot {
  url: string;
  servers: readonly Server[];
}

/** Where to look: every server's own port, where it has one, and Ollama where OLLAMA_HOST says. Whatever is at a port may also be plain `openai`. */
export function usualSpots(servers: readonly Server[], env: Record<string, string | undefined>): Spot[] {
  const plain = servers.filter((server) => server.name === "openai");
  const listening = servers.filter((server) => server.ports.length > 0);
  return listening.map((server) => ({
    url: (server.name === "ollama" ? ollamaHost(env.OLLAMA_HOST) : null) ?? `http://127.0.0.1:${server.ports[0]}`,
    servers: server.name === "openai" ? plain : [server, ...plain],
  }));
}

/** OLLAMA_HOST as an address of this machine (`0.0.0.0`, where a server listens, is reached at 127.0.0.1), or null if it names another one or nothing. */
export function ollamaHost(value: string | undefined): string | null {
  const host = value?.trim().replace(/^["']|["']$/g, "") ?? "";
  if (host === "") return null;
  const whole = host.includes("://") ? host : `http://${host.startsWith(":") ? `127.0.0.1${host}` : host}`;
  try {
    const url = new URL(whole);
    if (url.protocol !== "http:") return null;
    const name = url.hostname === "0.0.0.0" || url.hostname === "[::]" ? "127.0.0.1" : url.hostname;
    const port = url.port !== "" ? url.port : host.includes("://") ? "80" : "11434";
    const address = `http://${name}:${port}`;
    addressOf(address);
    return address;
  } catch {
    return null;
  }
}

/** A spot that hasn't answered by then counts as silent: the whole search stays under 150 ms. */
const deadlineMs = 130;

/**
 * Asks all spots in parallel. `chosen`: the only usable model, or null. Throws AuraError `address.refused` for a spot that isn't on this machine, or an
 * AbortError.
 */
export async function findModels(spots: Spot[], signal: AbortSignal, limitMs: number = deadlineMs): Promise<Found> {
  for (const spot of spots) addressOf(spot.url);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const seen = await Promise.all(spots.map((spot) => lookAt(spot, limit)));
  signal.throwIfAborted();
  const models = seen.flatMap((one) => one.models);
  return { models, looked: seen.map((one) => one.looked), chosen: onlyUsable(models) };
}

function onlyUsable(models: ModelLine[]): ModelId | null {
  const usable = usableOf(models);
  return usable.length === 1 && usable[0] ? usable[0].id : null;
}
/** Those that may be used; where some of them call tools through their server, these alone come into question without being named. */
export function usableOf(models: readonly ModelLine[]): ModelLine[] {
  const usable = models.filter((model) => model.refused === null);
  const able = usable.filter(({ capabilities }) => capabilities.length === 0 || capabilities.includes("tools") || capabilities.includes("tool_use"));
  return able.length > 0 ? able : usable;
}

/** Names end up on screens: one that isn't plain text is left out, and nobody has more models than this. */
const mostModels = 500;
async function lookAt(spot: Spot, limit: AbortSignal): Promise<{ looked: Looked; models: ModelLine[] }> {
  const silent = (why: string): { looked: Looked; models: ModelLine[] } => ({ looked: { url: spot.url, found: null, why }, models: [] });
  const answers = await Promise.all(
    spot.servers.map((server) =>
      server.probe(spot.url, limit).then(
        (models) => ({ server, models, error: null }),
        (error: unknown) => ({ server, models: null, error }),
      ),
    ),
  );
  for (const { server, models: listed } of answers) {
    if (listed === null) continue;
    const models = listed.filter((model) => plain(model.name, 300) === model.name).slice(0, mostModels);
    return { looked: { url: spot.url, found: server.name, why: models.length === 0 ? "has no model" : null }, models };
  }
  const errors = answers.map((answer) => answer.error).filter((error) => error !== null);
  if (errors.some((error) => errnoOf(error) === "ECONNREFUSED")) return silent("nothing listens");
  if (errors.some((error) => error instanceof AuraError)) return silent(errors.map((error) => (error instanceof Error ? error.message : String(error))).join("; "));
  if (limit.aborted) return silent("no answer in time");
  return silent("something else answers");
}
