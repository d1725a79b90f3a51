// What a model is shown when its old text isn't in the file: the place most like it, with line numbers, and the first thing that differs.
import { isBlank } from "./lines.ts";
import { spacingKey } from "./rungs.ts";

const mostLines = 8;
const mostWidth = 160;
const clip = (line: string): string => (line.length > mostWidth ? `${line.slice(0, mostWidth)}...` : line);

/** Lines first..first+count (0-based) as `12| text`. */
export function quote(file: readonly string[], first: number, count: number): string {
  const shown = file.slice(first, first + Math.min(count, mostLines)).map((line, i) => `${first + i + 1}| ${clip(line)}`);
  return shown.join("\n") + (count > mostLines ? "\n..." : "");
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
  let best: number | null = null;
  let most = 5;
  for (const [first, count] of votes) if (count > most) [best, most] = [first, count];
  if (best !== null) return Math.max(0, Math.min(best, file.length - 1));
  const longest = wanted.reduce((index, key, j) => (key.length > (wanted[index] ?? "").length ? j : index), 0);
  const like = likest(keys, wanted[longest] ?? "");
  return like === null ? null : Math.max(0, like - longest);
}

/** The line sharing most pairs of letters with `wanted` (Dice >= 0.4). */
function likest(keys: readonly string[], wanted: string): number | null {
  if (wanted.length < 3) return null;
  const mine = wanted.slice(0, 300);
  const left = new Int16Array(4096);
  const slot = (text: string, i: number): number => (text.charCodeAt(i) * 61 + text.charCodeAt(i + 1)) & 4095;
  let best: number | null = null;
  let most = 0.4;
  for (const [i, key] of keys.entries()) {
    const size = Math.min(key.length, 300);
    if (size < 3 || (2 * Math.min(size, mine.length)) / (size + mine.length) <= most) continue;
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
    const dice = (2 * shared) / (mine.length - 1 + size - 1);
    if (dice > most) [best, most] = [i, dice];
  }
  return best;
}
