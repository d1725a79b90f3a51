// How much of a prompt a server had in its cache, for servers that only tell how long the reading took.
import type { Usage } from "../core/events.ts";

/** A load takes longer than this; a model that is there already answers this question in a few milliseconds. */
export const loadedAfresh = (usage: Usage): boolean => (usage.loadMs ?? 0) >= 500;

/** Shorter prompts and times say more about the machine's other work than about its speed. */
const leastTokens = 200;
const leastMs = 20;
/** No machine of a person reads a token faster than this: a prompt that took less was cached. */
const fastestMsPerToken = 0.04;

export interface CacheGuess {
  /** The same usage with `cachedTokens` reckoned, marked as a guess; as it was where the server counted itself, or while no speed is known. */
  add(usage: Usage): Usage;
  /** Milliseconds that reading a token takes, null = not known. */
  readonly msPerToken: number | null;
}

/**
 * For one open model. The prompt's count holds cached and read tokens, its time only the reading. Right after a load nothing can have been cached: that
 * teaches the speed. Until then the slowest reading so far stands for it, which guesses too little rather than too much. Deep in a long prompt reading
 * is slower, which also makes the guess small.
 */
export function openCacheGuess(): CacheGuess {
  let sure: number | null = null;
  let slowest: number | null = null;
  return {
    add(usage) {
      const { promptTokens, promptMs, cachedTokens } = usage;
      if (cachedTokens !== null || promptTokens === null || promptMs === null) return usage;
      const speed = sure ?? slowest;
      const each = promptTokens >= leastTokens && promptMs >= leastMs ? promptMs / promptTokens : null;
      if (each !== null && loadedAfresh(usage)) sure = each;
      else if (each !== null && each >= fastestMsPerToken) slowest = Math.max(slowest ?? 0, each);
      if (loadedAfresh(usage)) return { ...usage, cachedTokens: 0, cachedGuess: true };
      if (speed === null) return usage;
      const read = Math.min(promptTokens, Math.round(promptMs / speed));
      return { ...usage, cachedTokens: promptTokens - read, cachedGuess: true };
    },
    get msPerToken() {
      return sure ?? slowest;
    },
  };
}
