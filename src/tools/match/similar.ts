// Finds old text whose words a model mistyped slightly: all lines but one in five stand as given, the others differ in a letter or two.
import { spacingKey } from "./rungs.ts";

const mostEdits = 2;
/** A line found more often than this (`}`) says nothing about the place. */
const mostPlaces = 500;
/** Only letters, quotes and separators may differ: a digit, an operator or a bracket means another thing. */
const harmless = /^[\p{L}_'"`,;. ]*$/u;

/** First lines of the stretches like `old`. Fewer than three lines that aren't blank are too little to go by. */
export function findSimilar(file: readonly string[], old: readonly string[]): number[] {
  const wanted = old.map(spacingKey);
  const full = wanted.filter((line) => line !== "").length;
  if (full < 3) return [];
  const allowed = Math.max(1, Math.floor(full / 5));
  const keys = file.map(spacingKey);
  const places = new Map<string, number[]>();
  for (const [i, key] of keys.entries()) {
    const there = places.get(key);
    if (!there) places.set(key, [i]);
    else if (there.length < mostPlaces) there.push(i);
  }
  const votes = new Map<number, number>();
  for (const [j, key] of wanted.entries()) if (key !== "") for (const i of places.get(key) ?? []) if (i >= j) votes.set(i - j, (votes.get(i - j) ?? 0) + 1);
  const found: number[] = [];
  for (const [first, count] of votes) {
    if (count < full - allowed || first + old.length > file.length) continue;
    if (wanted.every((key, j) => key === keys[first + j] || near(key, keys[first + j] ?? "", file[first + j] ?? "", old[j] ?? ""))) found.push(first);
  }
  return found.sort((a, b) => a - b);
}

function near(a: string, b: string, there: string, here: string): boolean {
  if (a.length < 8 || b.length < 8 || Math.abs(a.length - b.length) > mostEdits) return false;
  let head = 0;
  while (head < a.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const [left, right] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  if (left.length > mostEdits || right.length > mostEdits) return false;
  return harmless.test(left) && harmless.test(right) && !swapsWords(here, there);
}
/** A short word that became another short word (`get` for `set`, `in` for `is`) isn't a slip of the hand. */
function swapsWords(here: string, there: string): boolean {
  const words = (line: string): string[] => line.match(/[\p{L}\p{N}_]+/gu) ?? [];
  const [a, b] = [words(here), words(there)];
  return a.length === b.length && a.some((one, i) => one !== b[i] && Math.min(one.length, (b[i] ?? "").length) < 5);
}
