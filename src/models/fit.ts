// Whether a model fits into this machine's memory, with its context: for whoever chooses one.
import type { ModelLine } from "../core/events.ts";
import { servers } from "./index.ts";
import { bytesFor, type Memory, usualKvPerToken } from "./memory.ts";

/** Bytes. */
export interface Fit {
  weights: number;
  /** What `tokens` of context take; a guess by what models of this kind usually take where the server doesn't tell. */
  context: number;
  tokens: number;
  guess: boolean;
  /** Both, and room to work. */
  total: number;
  /** Into this machine with nothing else of weight running; a graphics card may carry more, which can't be seen. */
  fits: boolean;
  /** Into what is free at the moment, or it is loaded already. */
  now: boolean;
}

/** Left to everything else. */
const kept = 1.5 * 1024 ** 3;
/** What a session is comfortable with, where the model doesn't run yet. */
const usualTokens = 32_768;

/** Null where the model's size isn't known. Asks its server one question where that tells what context takes; throws only an AbortError. */
export async function fitOf(line: ModelLine, memory: Memory, signal: AbortSignal, key?: string): Promise<Fit | null> {
  const { sizeBytes: weights, url, name } = line;
  if (!weights) return null;
  const server = servers.find((one) => line.id.startsWith(`${one.name}/`));
  const kvPerToken = (await server?.kvBytesPerToken?.({ url, name, ...(key === undefined ? {} : { key }) }, signal).catch(() => null)) ?? null;
  signal.throwIfAborted();
  const tokens = line.runningContext ?? Math.min(usualTokens, line.trainedContext ?? usualTokens);
  const total = bytesFor({ weights, kvPerToken, tokens });
  return {
    weights,
    context: (kvPerToken ?? usualKvPerToken) * tokens,
    tokens,
    guess: kvPerToken === null,
    total,
    fits: total <= memory.total - kept,
    now: line.loaded || total <= memory.available - kept,
  };
}
