// Compaction: when the history no longer fits, what is old becomes a summary, beside what is pinned. Nothing is deleted from the log.
//
//   head | pinned + summary | newest turns, word for word | room to work
//   all of it in fractions of the window; between two compactions requests only grow
import type { Entry, Fact, Seq } from "../core/events.ts";
import type { Model } from "../models/model.ts";
import { instructionsIn } from "./head.ts";
import { pinnedText } from "./pinned.ts";
import { headOf, lastSpoken, requestWith } from "./prompt.ts";
import type { AgentNeeds, Session } from "./session.ts";
import { charactersOf, type Sized, windowOf } from "./size.ts";
import { type Summary, summarise } from "./summary.ts";

/** A request over this share of the window is compacted before it is sent. */
const dueAt = 0.8;
/** What a compaction aims at, newest turns included. */
const aim = 0.62;
/** One that brings less than this isn't worth a summary. */
const worthAt = 0.92;

export const isDue = (sized: Sized): boolean => sized.used > sized.window * dueAt;

/**
 * Writes a `compacted` fact and a note to the person. "nothing": it would bring too little, nothing was written. `hard`: the server refused
 * the request, so anything that brings it down will do; `again`: and it refused what the last compaction had left.
 */
export async function compact(
  needs: AgentNeeds,
  session: Session,
  model: Model,
  signal: AbortSignal,
  how: { hard: boolean; again: boolean },
): Promise<"done" | "nothing" | "stopped"> {
  const entries = session.log.entries;
  const head = headOf(entries);
  if (!head) return "nothing";
  const whole = windowOf(session, model) * session.perToken * (how.again ? 0.5 : 1);
  const headSize = charactersOf(requestWith(head, []));
  const room = Math.floor(Math.max(whole / 16, Math.min(whole / 4, whole * 0.55 - headSize)));
  const most = Math.floor(room / 2);
  const earlier = entries.findLast((entry) => entry.type === "compacted");
  const from = earlier?.upTo ?? 0;
  const answersUpTo = (upTo: Seq): number => entries.filter((entry) => entry.type === "said" && entry.seq > from && entry.seq <= upTo).length;
  const before = charactersBehind(entries, from);
  const cutFor = (summary: string): Cut & { total: number } => {
    const pinned = pinnedText(entries, { upTo: entries.length, summary, room }).length;
    // after a refusal at most half stays word for word, after a second one nothing
    const verbatim = how.again ? 0 : Math.min(whole / 4, how.hard ? before / 2 : before);
    const cut = cutOf(entries, from, Math.max(0, Math.min(verbatim, whole * aim - headSize - pinned)));
    return { ...cut, total: pinned + cut.size };
  };
  const guess = cutFor("x".repeat(most));
  if (guess.upTo <= from) return "nothing";
  if (!how.hard && guess.total > before * worthAt) return "nothing";

  // where only the newest results are too long there is nothing new to sum up
  const same: Summary = { text: earlier?.summary ?? "Nothing was done yet but what follows.", by: earlier?.by ?? "log" };
  const summary = answersUpTo(guess.upTo) === 0 ? same : await summarise(needs, session, model, { most, upTo: guess.upTo }, signal);
  if (!summary) return "stopped";
  const cut = cutFor(summary.text);
  if (cut.total >= before) return "nothing";
  const turns = answersUpTo(cut.upTo);
  const fact: Fact = { type: "compacted", upTo: cut.upTo, summary: summary.text, by: summary.by, room, trim: cut.trim, ...(summary.usage ? { usage: summary.usage } : {}) };
  session.append(fact, {
    type: "noted",
    level: "info",
    text: `The context was nearly full: ${shortened(turns, summary.by)}. Your words, the plan and the changes stay, the log keeps all.`,
  });
  // instructions of deeper folders went with the reads they came with: told again at the next one
  session.told = new Set(instructionsIn(head.system));
  return "done";
}

const shortened = (turns: number, by: Summary["by"]): string => {
  if (turns === 0) return "the newest results were shortened";
  return `${turns === 1 ? "the earlier answer is" : `${turns} earlier answers are`} now a summary${by === "model" ? "" : " made from the log"}`;
};

interface Cut {
  upTo: Seq;
  trim: number | null;
  /** Characters that stay word for word. */
  size: number;
}

const sizeOfEntry = (entry: Entry): number => {
  switch (entry.type) {
    case "asked":
    case "shelled":
    case "said":
    case "tool.returned":
      return entry.text.length + 16;
    case "tool.called":
      return JSON.stringify(entry.args).length + entry.name.length + 24;
    default:
      return 0;
  }
};
const charactersBehind = (entries: readonly Entry[], from: Seq): number => {
  const earlier = entries.findLast((entry) => entry.type === "compacted");
  const start = earlier?.type === "compacted" ? pinnedText(entries.slice(0, earlier.seq - 1), earlier).length : 0;
  return entries.reduce((sum, entry) => (entry.seq > from ? sum + sizeOfEntry(entry) : sum), start);
};

/** As many of the newest turns as fit into `budget` characters; of a newest one that alone is too large, the results shortened. */
function cutOf(entries: readonly Entry[], from: Seq, budget: number): Cut {
  let size = 0;
  let results: number[] = [];
  let cut: Cut | null = null;
  for (let at = entries.length - 1; at >= from; at--) {
    const entry = entries[at];
    if (!entry) break;
    size += sizeOfEntry(entry);
    if (entry.type === "tool.returned") results.push(entry.text.length);
    if (entry.type !== "said") continue;
    if (size > budget) {
      if (cut) break;
      const trim = trimOf(results, budget - (size - results.reduce((sum, length) => sum + length, 0)));
      return trim === null ? { upTo: lastSpoken(entries), trim: null, size: 0 } : { upTo: entry.seq - 1, trim, size: budget };
    }
    cut = { upTo: entry.seq - 1, trim: null, size };
    results = [];
  }
  return cut ?? { upTo: from, trim: null, size: 0 };
}

/** Below this a result says nothing. */
const leastResult = 300;
/** The most characters for each result so that together they take at most `budget`; null where that is too few. */
function trimOf(results: readonly number[], budget: number): number | null {
  if (results.length === 0) return null;
  let left = budget;
  let share = 0;
  for (const [at, length] of [...results].sort((one, other) => one - other).entries()) {
    share = Math.floor(left / (results.length - at));
    if (length > share) break;
    left -= length;
  }
  return share < leastResult ? null : share;
}
