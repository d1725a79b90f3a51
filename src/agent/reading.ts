// How fast a server reads, learned from what it tells, and how far one that says nothing has probably come.
import type { Usage } from "../core/events.ts";
import type { Session } from "./session.ts";

/** Fewer tokens and ms say more about the machine's other work than about its speed. */
const leastTokens = 150;
const leastMs = 100;
/** The newest reading counts for so much. */
const weight = 0.5;

/** Takes an answer's figures. `expected`: tokens that were new to the server by our own count, where it doesn't say; `waitedMs`: from the request to the first word. */
export function learnReading(session: Session, usage: Usage, expected: number, waitedMs: number): void {
  const fresh = usage.promptTokens !== null && usage.cachedTokens !== null ? usage.promptTokens - usage.cachedTokens : expected;
  // without the server's own time the wait holds other things too: then only a long reading tells
  const ms = usage.promptMs ?? (fresh >= 4 * leastTokens ? waitedMs - (usage.loadMs ?? 0) : 0);
  if (fresh < leastTokens || ms < leastMs) return;
  const perS = (fresh * 1000) / ms;
  session.readPerS = session.readPerS === null || session.readRoughly ? perS : session.readPerS * (1 - weight) + perS * weight;
  session.readRoughly = false;
}
/** A first impression: what was found out another day, or how long the server took altogether (less than a second tells of its cache). */
export function learnRoughly(session: Session, from: { perS: number } | { tokens: number; ms: number }): void {
  if (session.readPerS !== null || ("ms" in from && (from.tokens < leastTokens || from.ms < 1_000))) return;
  session.readPerS = "perS" in from ? from.perS : (from.tokens * 1000) / from.ms;
  session.readRoughly = true;
}

/** ms that reading so many tokens should take; null while the speed isn't known. */
export const expectedMs = (session: Session, tokens: number): number | null => (session.readPerS === null ? null : (tokens * 1000) / session.readPerS);

/** From this share on the guess slows down: it may be wrong, and must never say that all is read. */
const slowFrom = 0.8;
const most = 0.99;
/** How far the reading has come after `spentMs` of `wholeMs`. Pure. */
export function guessReading(spentMs: number, wholeMs: number): { part: number; leftMs?: number } {
  const share = wholeMs > 0 ? spentMs / wholeMs : 1;
  const part = share <= slowFrom ? share : 1 - (1 - slowFrom) * Math.exp((slowFrom - share) / (1 - slowFrom));
  return { part: Math.min(most, part), ...(share < 1 ? { leftMs: Math.round(wholeMs - spentMs) } : {}) };
}
