// Completion in the prompt: which word asks for it, how candidates are ranked, what taking one does. Pure; asking for files is the caller's.
import type { PromptState } from "./state.ts";

/** A word that wants completing: `/mo`, `@src/ca`. `words` is what follows its sign, `from`..`to` its place in the prompt. */
export interface Trigger {
  kind: "command" | "file";
  words: string;
  from: number;
  to: number;
}

/** The word at the cursor that wants completing, or null. A command only at the very start, a file after a blank. */
export function triggerOf(prompt: PromptState): Trigger | null {
  const { text, cursor } = prompt;
  if (text.startsWith("/") && !text.includes("\n")) {
    const words = text.slice(1);
    // a path is no command; a command's name is typed without a blank, only /policy has a closed set of arguments
    if (/^[a-z]*$/i.test(words) || /^policy [a-z-]*$/.test(words)) return { kind: "command", words, from: 0, to: text.length };
    return null;
  }
  const head = text.slice(Math.max(0, cursor - 512), cursor);
  const match = /(?:^|[\s("'`])@([^\s@]*)$/u.exec(head);
  if (!match) return null;
  const words = match[1] ?? "";
  const rest = /^[^\s]*/u.exec(text.slice(cursor))?.[0].length ?? 0;
  return { kind: "file", words, from: cursor - words.length - 1, to: cursor + rest };
}

/** The prompt with the word replaced by what was chosen, and a blank behind it. */
export function take(prompt: PromptState, trigger: Trigger, value: string): PromptState {
  const sign = trigger.kind === "file" ? "@" : "/";
  const quoted = /\s/.test(value) && trigger.kind === "file" ? `"${value}"` : value;
  const rest = prompt.text.slice(trigger.to);
  const inserted = `${sign}${quoted}${rest.startsWith(" ") ? "" : " "}`;
  return { text: prompt.text.slice(0, trigger.from) + inserted + rest, cursor: trigger.from + inserted.length + (rest.startsWith(" ") ? 1 : 0) };
}

/** How well `words` fit, higher is better; null when a letter is missing. Whole runs, starts of words and short texts count more. */
export function fitness(words: string, text: string): number | null {
  if (words === "") return 0;
  const needle = words.toLowerCase();
  const hay = text.toLowerCase();
  const run = hay.indexOf(needle);
  if (run >= 0) return 1000 - Math.min(400, run) + (run === 0 ? 200 : /[\s/._-]/.test(hay[run - 1] ?? "") ? 100 : 0) - Math.min(99, hay.length / 10);
  let at = -1;
  let score = 400;
  for (const char of needle) {
    if (char === " ") continue;
    const next = hay.indexOf(char, at + 1);
    if (next < 0) return null;
    score -= Math.min(20, next - at - 1);
    at = next;
  }
  return score - Math.min(99, hay.length / 10);
}

/** The candidates that fit, best first; equals keep their order. */
export function rank<T>(words: string, candidates: readonly T[], textOf: (candidate: T) => string, limit = 50): T[] {
  const scored: { candidate: T; score: number }[] = [];
  for (const candidate of candidates) {
    const score = fitness(words, textOf(candidate));
    if (score !== null) scored.push({ candidate, score });
  }
  if (words !== "") scored.sort((a, b) => b.score - a.score);
  return scored.slice(0, limit).map(({ candidate }) => candidate);
}
