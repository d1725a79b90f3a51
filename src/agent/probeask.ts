// One question of a probe: the answer collected, its time taken, and what its figures say of the model's speed.
import type { Usage } from "../core/events.ts";
import type { Fault, Model, Piece, Request } from "../models/model.ts";

export interface Answered {
  text: string;
  thought: string;
  /** Those that can be run. */
  calls: Extract<Piece, { type: "call" }>[];
  usage: Usage | null;
  fault: Fault | null;
  /** From the request to the first words, and to the end; ms. */
  firstMs: number | null;
  ms: number;
  /** Pieces of text and thought: about as many as tokens, where the server doesn't count. */
  pieces: number;
}

/** Never throws; aborting `signal` gives fault `aborted`. */
export async function askModel(model: Model, request: Request, signal: AbortSignal): Promise<Answered> {
  const began = performance.now();
  const answered: Answered = { text: "", thought: "", calls: [], usage: null, fault: null, firstMs: null, ms: 0, pieces: 0 };
  for await (const piece of model.stream(request, signal)) {
    if (piece.type !== "progress" && piece.type !== "fault") answered.firstMs ??= performance.now() - began;
    if (piece.type === "text") {
      answered.text += piece.delta;
      answered.pieces++;
    } else if (piece.type === "thought") {
      answered.thought += piece.delta;
      answered.pieces++;
    } else if (piece.type === "was.thought") Object.assign(answered, { text: "", thought: piece.thought });
    else if (piece.type === "call" && piece.bad === undefined) answered.calls.push(piece);
    else if (piece.type === "end") answered.usage = piece.usage;
    else if (piece.type === "fault") answered.fault = piece.fault;
  }
  answered.ms = performance.now() - began;
  return answered;
}

/** Tokens per second, by the server's own clock where it has one; null where nothing can be said. */
export interface Speeds {
  read: number | null;
  write: number | null;
  /** Tokens of prompt that were read afresh: the more, the surer is `read`. */
  fresh: number;
}
/** Fewer tokens say more about the server's start than about its speed. */
const leastFresh = 100;
const leastWritten = 8;

export function speedsOf({ usage, firstMs, ms, pieces }: Answered): Speeds {
  if (!usage || firstMs === null) return { read: null, write: null, fresh: 0 };
  const fresh = Math.max(0, (usage.promptTokens ?? 0) - (usage.cachedGuess ? 0 : (usage.cachedTokens ?? 0)));
  const readMs = usage.promptMs ?? firstMs - (usage.loadMs ?? 0);
  const written = usage.outputTokens ?? pieces;
  const writeMs = usage.outputMs ?? ms - firstMs;
  return {
    read: fresh >= leastFresh && readMs > 0 ? rounded((fresh * 1000) / readMs) : null,
    write: written >= leastWritten && writeMs > 0 ? rounded((written * 1000) / writeMs) : null,
    fresh,
  };
}
const rounded = (value: number): number => Math.round(value * 10) / 10;
