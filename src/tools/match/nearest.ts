// What a model is shown when its old text isn't in the file: the place most like it, with line numbers, and the first thing that differs.
import { isBlank } from "./lines.ts";
import { spacingKey } from "./rungs.ts";

const mostLines = 8;
const mostWidth = 160;
const mostAway = 30;
const mostRanked = 16;
const clip = (line: string): string => (line.length > mostWidth ? `${line.slice(0, mostWidth)}...` : line);

/** Lines first..first+count (0-based) as `12| text`. */
export function quote(file: readonly string[], first: number, count: number): string {
  const shown = file.slice(first, first + Math.min(count, mostLines)).map((line, i) => `${first + i + 1}| ${clip(line)}`);
  return shown.join("\n") + (count > mostLines ? "\n..." : "");
}

/**
 * The end of a sentence on places (0-based first lines) that all fit `count` lines of old text: their own first lines where those differ
 * or there is only one (old is part of a line), else the nearest line above or below each that does, so that it is known how far to quote.
 */
export function tellApart(file: readonly string[], firsts: readonly number[], count: number): string {
  const places = [...new Set(firsts)].slice(0, 3);
  const lineOf = (first: number, by: number): string => (file[first + by] ?? "").trim();
  const differ = (by: number): boolean => new Set(places.map((first) => lineOf(first, by))).size > 1;
  const shown = (line: number): string => (line < 0 ? "(start of the file)" : line < file.length ? quote(file, line, 1) : "(end of the file)");
  const at = (by: number): string => places.map((first) => shown(first + by)).join("\n");
  if (places.length === 1 || differ(0)) return `:\n${at(0)}`;
  for (let away = 1; away <= mostAway; away++) {
    for (const [by, side] of [[-away, "above"] as const, [count - 1 + away, "below"] as const]) if (differ(by)) return `; the lines ${side} first differ here:\n${at(by)}`;
  }
  return ".";
}

/** Lines of the numbers (0-based, first of each place) as `line 3 (twice)` or `lines 12, 40 and 7 more`. */
export function lineList(firsts: readonly number[]): string {
  const lines = [...new Set(firsts)];
  const shown = lines.slice(0, 8).map((first) => first + 1);
  if (lines.length === 1) return `line ${shown[0]}${firsts.length > 1 ? ` (${firsts.length} times)` : ""}`;
  return `lines ${shown.join(", ")}${lines.length > shown.length ? ` and ${lines.length - shown.length} more` : ""}`;
}

/** The nearest place as a quote with what differs, or a sentence that nothing is like it. `from`: the search began there. */
export function describeNearest(file: readonly string[], old: readonly string[]): string {
  const first = nearest(file, old);
  if (first === null) return file.length === 0 ? "The file is empty." : `Nothing in the file (${file.length} lines) is like it; read it again.`;
  const count = Math.min(Math.max(old.length, 1), file.length - first);
  const differs = firstDifference(file, old, first);
  return `Nearest, from line ${first + 1}:\n${quote(file, first, count)}${differs ? `\n${differs}` : ""}`;
}

function firstDifference(file: readonly string[], old: readonly string[], first: number): string {
  for (const [i, line] of old.entries()) {
    const there = file[first + i];
    if (there === undefined) return `The file ends after line ${first + i}; your old text has more lines.`;
    if (spacingKey(line) === spacingKey(there)) continue;
    return i < mostLines && isBlank(there)
      ? `Line ${first + i + 1} is blank, your old text has: ${clip(line.trim())}`
      : `Line ${first + i + 1} differs from yours: ${clip(line.trim())}${i < mostLines ? "" : `\nthere: ${clip(there.trim())}`}`;
  }
  return "";
}

/** First line of the stretch most like `old`, or null when none deserves the name. Bounded: one pass for equal lines, one for like ones. */
export function nearest(file: readonly string[], old: readonly string[]): number | null {
  const wanted = old.map(spacingKey);
  const weight = new Map<string, number[]>();
  for (const [j, key] of wanted.entries()) if (key.length > 1) weight.set(key, [...(weight.get(key) ?? []), j]);
  const votes = new Map<number, number>();
  const keys = file.map(spacingKey);
  for (const [i, key] of keys.entries()) for (const j of (weight.get(key) ?? []).slice(0, 20)) votes.set(i - j, (votes.get(i - j) ?? 0) + Math.min(key.length, 40));
  const voted = [...votes].filter(([, count]) => count > 5).sort(([, a], [, b]) => b - a);
  // equal lines alone don't choose: two closing braces speak for many places, the lines between them for one
  let best: number | null = null;
  let most = 0;
  for (const [first] of voted.slice(0, mostRanked)) {
    const score = wanted.reduce((sum, key, j) => sum + Math.min(key.length, 40) * likeness(key, keys[first + j] ?? ""), 0);
    if (score > most) [best, most] = [first, score];
  }
  if (best !== null) return Math.max(0, Math.min(best, file.length - 1));
  const longest = wanted.reduce((index, key, j) => (key.length > (wanted[index] ?? "").length ? j : index), 0);
  const like = likest(keys, wanted[longest] ?? "");
  return like === null ? null : Math.max(0, like - longest);
}

/** The line sharing most pairs of letters with `wanted`, at least 0.4 of them. */
function likest(keys: readonly string[], wanted: string): number | null {
  if (wanted.length < 3) return null;
  const like = likenessTo(wanted);
  let best: number | null = null;
  let most = 0.4;
  for (const [i, key] of keys.entries()) {
    const part = like(key, most);
    if (part > most) [best, most] = [i, part];
  }
  return best;
}

const likeness = (one: string, other: string): number => (one === other ? 1 : likenessTo(one)(other, 0));

/** Dice's coefficient of the pairs of letters, 0..1; 0 at once where it can't be more than `most`. Looks at the first 300 characters. */
function likenessTo(wanted: string): (key: string, most: number) => number {
  const mine = wanted.slice(0, 300);
  const left = new Int16Array(4096);
  const slot = (text: string, i: number): number => (text.charCodeAt(i) * 61 + text.charCodeAt(i + 1)) & 4095;
  return (key, most) => {
    const size = Math.min(key.length, 300);
    if (size < 3 || mine.length < 3 || (2 * Math.min(size, mine.length)) / (size + mine.length) <= most) return 0;
    for (let k = 0; k + 1 < mine.length; k++) left[slot(mine, k)] = (left[slot(mine, k)] as number) + 1;
    let shared = 0;
    for (let k = 0; k + 1 < size; k++) {
      const at = slot(key, k);
      if ((left[at] as number) > 0) {
        left[at] = (left[at] as number) - 1;
        shared++;
      }
    }
    for (let k = 0; k + 1 < mine.length; k++) left[slot(mine, k)] = 0;
    return (2 * shared) / (mine.length - 1 + size - 1);
  };
}
