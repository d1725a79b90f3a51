// What a run cost, added up from its facts: turns, tokens, calls, edits, time. Pure.
import type { Entry, Usage } from "../../core/events.ts";
import { parseArgs, tools } from "../../tools/index.ts";
import type { Figures } from "./shape.ts";

export const noFigures: Figures = {
  ...{ turns: 0, promptTokens: null, cachedTokens: null, cachedGuess: false, outputTokens: null, readPerS: null, writePerS: null },
  ...{ calls: 0, malformed: 0, edits: 0, failedEdits: 0, changes: 0, compactions: 0, ms: 0 },
};

const plus = (one: number | null, other: number | null): number | null => (one === null ? other : other === null ? one : one + other);
interface Speed {
  tokens: number;
  ms: number;
}
const perSecond = ({ tokens, ms }: Speed): number | null => (ms > 0 && tokens > 0 ? Math.round((tokens / ms) * 10_000) / 10 : null);

/** The figures of one run's session. */
export function figuresOf(entries: readonly Entry[]): Figures {
  const figures: Figures = { ...noFigures };
  const reading: Speed = { tokens: 0, ms: 0 };
  const writing: Speed = { tokens: 0, ms: 0 };
  const editing = new Set<string>();
  const used = (usage: Usage): void => {
    figures.promptTokens = plus(figures.promptTokens, usage.promptTokens);
    figures.cachedTokens = plus(figures.cachedTokens, usage.cachedTokens);
    figures.outputTokens = plus(figures.outputTokens, usage.outputTokens);
    figures.cachedGuess ||= usage.cachedGuess === true;
    if (usage.promptTokens !== null && usage.cachedTokens !== null && usage.promptMs !== null) {
      reading.tokens += usage.promptTokens - usage.cachedTokens;
      reading.ms += usage.promptMs;
    }
    if (usage.outputTokens !== null && usage.outputMs !== null) {
      writing.tokens += usage.outputTokens;
      writing.ms += usage.outputMs;
    }
  };
  for (const entry of entries) {
    switch (entry.type) {
      case "said":
        figures.turns++;
        used(entry.usage);
        break;
      case "tool.called": {
        figures.calls++;
        const tool = tools.find((one) => one.name === entry.name);
        if (entry.bad !== undefined || !tool || "error" in parseArgs(tool, entry.args)) figures.malformed++;
        else if (tool.draft) {
          figures.edits++;
          editing.add(entry.call);
        }
        break;
      }
      case "tool.returned":
        if (editing.has(entry.call) && !entry.ok) figures.failedEdits++;
        break;
      case "changed":
        figures.changes++;
        break;
      case "compacted":
        figures.compactions++;
        if (entry.usage) used(entry.usage);
        break;
      case "ended":
        figures.ms += entry.ms;
        break;
      default:
        break;
    }
  }
  return { ...figures, readPerS: perSecond(reading), writePerS: perSecond(writing) };
}

/** Sums; speeds are weighed by the tokens they were measured on. */
export function addUp(all: readonly Figures[]): Figures {
  const sum: Figures = { ...noFigures };
  const reading: Speed = { tokens: 0, ms: 0 };
  const writing: Speed = { tokens: 0, ms: 0 };
  for (const one of all) {
    for (const key of ["turns", "calls", "malformed", "edits", "failedEdits", "changes", "compactions", "ms"] as const) sum[key] += one[key];
    for (const key of ["promptTokens", "cachedTokens", "outputTokens"] as const) sum[key] = plus(sum[key], one[key]);
    sum.cachedGuess ||= one.cachedGuess;
    weigh(reading, one.readPerS, (one.promptTokens ?? 0) - (one.cachedTokens ?? 0));
    weigh(writing, one.writePerS, one.outputTokens ?? 0);
  }
  return { ...sum, readPerS: perSecond(reading), writePerS: perSecond(writing) };
}
function weigh(speed: Speed, rate: number | null, tokens: number): void {
  if (rate === null || tokens <= 0) return;
  speed.tokens += tokens;
  speed.ms += (tokens / rate) * 1000;
}

/** How much of what was sent the server knew already: 0 to 1, null = not known. */
export const reuseOf = ({ promptTokens, cachedTokens }: Figures): number | null => (promptTokens && cachedTokens !== null ? cachedTokens / promptTokens : null);
