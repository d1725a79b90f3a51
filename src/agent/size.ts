// How large a request is, in tokens: characters over a ratio that the server's own counts teach. And what is left for the answer.
import type { Entry } from "../core/events.ts";
import type { Message, Model, Request } from "../models/model.ts";
import { headOf, messagesOf, requestWith } from "./prompt.ts";
import type { Session } from "./session.ts";

/** Characters of a request as they are counted here: an estimate's numerator, never compared with bytes on a wire. */
export function charactersOf(request: Pick<Request, "messages" | "tools" | "format">): number {
  let characters = request.format === "text" ? 0 : JSON.stringify(request.tools).length;
  for (const message of request.messages) characters += charactersOfMessage(message);
  return characters;
}
export function charactersOfMessage(message: Message): number {
  let characters = message.text.length + 16;
  if (message.role === "assistant") for (const call of message.calls) characters += JSON.stringify(call.args).length + call.name.length + 24;
  return characters;
}

export interface Sized {
  characters: number;
  /** Tokens: estimated, or as the server counted them (`exact`). */
  used: number;
  exact?: boolean;
  /** Tokens that the server really holds, as far as is known. */
  window: number;
}
export function sizeOf(session: Session, model: Model, request: Request): Sized {
  const characters = charactersOf(request);
  return { characters, used: Math.ceil(characters / session.perToken), window: windowOf(session, model) };
}
/** From this share of the window on an estimate may stand on the wrong side of a border: a compaction due at 0.8, a request that doesn't fit. Beyond the other it can't. */
const countedShare = { from: 0.7, to: 1.15 };
/** A count takes a few ms; a server too busy for it is not waited for. */
const countMs = 1_500;

/** The same with the server's own count where it matters and the server has one. Never throws. */
export async function exactly(session: Session, model: Model, request: Request, sized: Sized, signal: AbortSignal): Promise<Sized> {
  const share = sized.used / sized.window;
  if (!model.count || share < countedShare.from || share > countedShare.to) return sized;
  const tokens = await count(session, model, request, sized.characters, signal);
  return tokens === null ? sized : { ...sized, used: tokens, exact: true };
}
/** The server's count of a request, which also teaches the ratio; null where it has none. */
export async function count(session: Session, model: Model, request: Request, characters: number, signal: AbortSignal): Promise<number | null> {
  const tokens = (await model.count?.(request, AbortSignal.any([signal, AbortSignal.timeout(countMs)]))) ?? null;
  if (tokens === null || tokens <= 0) return null;
  session.perToken = clamped(characters / tokens);
  session.counted = true;
  return tokens;
}

/** The server's word, unless an overflow taught better. */
export const windowOf = (session: Session, model: Model): number => Math.min(model.context, session.window ?? model.context);

/** Enough for a short answer, where an estimate's margin would leave none. */
const least = 256;
/** What a template puts around the answer, in tokens. */
const slack = 64;
/**
 * Most tokens to write, so that prompt and answer fit. Absent for Ollama, which ends an answer at the end of its context by itself; others
 * write a few hundred by default, or refuse a request that asks for more than is left.
 */
export function maxTokensFor(session: Session, model: Model, sized: Sized): { maxTokens?: number } {
  if (session.uncapped || model.id.startsWith("ollama/")) return {};
  // before the server has counted once, an estimate may be off by a fifth
  const margin = sized.exact ? slack : Math.max(slack, Math.ceil(sized.used / (session.counted ? 16 : 4)));
  const left = Math.floor(sized.window - sized.used);
  return { maxTokens: Math.max(1, left - margin, Math.min(least, left - slack)) };
}

const clamped = (perToken: number): number => Math.min(6, Math.max(1.5, perToken));

/** The server read so much less than was sent that it must have cut: a share of our own count, which its earlier counts taught. */
const cutBelow = 0.6;

/** Takes the server's count of a prompt: teaches the ratio, or tells that the prompt was cut behind our back. */
export function countPrompt(session: Session, sized: Sized, promptTokens: number | null): "cut" | null {
  if (!promptTokens || promptTokens < 50) return null;
  if (session.counted && sized.used > 1_000 && promptTokens < sized.used * cutBelow) return "cut";
  session.perToken = clamped(sized.characters / promptTokens);
  session.counted = true;
  return null;
}

/** The server refused this request as too long: either a token is shorter than was thought, or the window is smaller. */
export function learnOverflow(session: Session, sized: Sized): void {
  if (session.counted || sized.used < sized.window / 2) session.window = Math.floor(sized.used * 0.95);
  else session.perToken = clamped(sized.characters / (sized.window * 1.05));
}

/** What the last process had learned, out of the log: the newest answer with a count. */
export function relearn(session: Session, entries: readonly Entry[]): void {
  const said = entries.findLast((entry) => entry.type === "said" && (entry.usage.promptTokens ?? 0) >= 50);
  if (said?.type !== "said") return;
  const before = entries.slice(0, said.upTo);
  const head = headOf(before);
  if (!head) return;
  const request = requestWith(head, messagesOf(before));
  const characters = charactersOf(request);
  session.perToken = clamped(characters / (said.usage.promptTokens ?? 1));
  session.counted = true;
  const primed = before.findLast((entry) => entry.type === "primed");
  if (primed?.type === "primed") session.sent = { at: said.at, model: primed.model, request, upTo: said.upTo, characters, promptTokens: said.usage.promptTokens };
}
