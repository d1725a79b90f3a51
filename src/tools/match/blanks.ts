// Finds old text that has fewer or more blank lines than the file, and changes its other lines only: the file's own blank lines stay.
import { diffLines } from "./diff.ts";
import { isBlank, type Lines } from "./lines.ts";
import { findLines } from "./rungs.ts";
import { type Splice, sameNesting, spliceLines } from "./splice.ts";

export interface Spread {
  first: number;
  splice(): Splice;
}

/** Places where the lines of `old` that aren't blank follow each other, indentation aside. Fewer than two such lines are found nowhere. */
export function findSpread(file: Lines, old: readonly string[], neu: readonly string[]): Spread[] {
  const full = old.filter((line) => !isBlank(line));
  if (full.length < 2) return [];
  const at = file.lines.flatMap((line, i) => (isBlank(line) ? [] : [i]));
  const dense = at.map((i) => file.lines[i] ?? "");
  return findLines(
    dense.map((line) => line.trim()),
    full.map((line) => line.trim()),
  )
    .filter((start) => sameNesting(dense.slice(start, start + full.length), full))
    .map((start) => {
      const places = at.slice(start, start + full.length);
      return { first: places[0] ?? 0, splice: () => spliceSpread(file, places, old, neu) };
    });
}

/** `places`: the file's line for each line of `old` that isn't blank. */
function spliceSpread(file: Lines, places: readonly number[], old: readonly string[], neu: readonly string[]): Splice {
  const first = places[0] ?? 0;
  const last = places.at(-1) ?? first;
  const full = old.filter((line) => !isBlank(line));
  const aligned: string[] = new Array(last - first + 1).fill("");
  for (const [i, at] of places.entries()) aligned[at - first] = full[i] ?? "";
  const into: string[] = [];
  let next = 0;
  let reached = first - 1;
  /** Moves on to the file's line of the next full old line, over the blank ones before it. */
  const advance = (): void => {
    const at = places[next++] ?? last;
    const there = into.length - 1 - into.findLastIndex((line) => !isBlank(line));
    for (let blank = at - reached - 1 - there; blank > 0; blank--) into.push("");
    reached = at;
  };
  const keep = (from: number, to: number): void => {
    for (const line of old.slice(from, to)) {
      if (isBlank(line)) continue;
      advance();
      into.push(line);
    }
  };
  let kept = 0;
  for (const run of diffLines(old, neu)) {
    keep(kept, run.aFrom);
    const gone = old.slice(run.aFrom, run.aTo).filter((line) => !isBlank(line)).length;
    if (gone > 0 && run.bTo > run.bFrom) advance();
    else if (gone > 0) [next, reached] = [next + 1, places[next] ?? last];
    for (let i = 1; i < gone; i++) reached = places[next++] ?? last;
    into.push(...neu.slice(run.bFrom, run.bTo));
    kept = run.aTo;
  }
  keep(kept, old.length);
  return spliceLines(file, first, aligned, into, { reindent: true });
}
