// Puts new lines in the place of old ones: lines the edit keeps stay the file's own bytes, changed ones take the file's indentation and line ends.
import { diffLines, type Run } from "./diff.ts";
import { eolOf, indentOf, isBlank, type Lines, lineStop } from "./lines.ts";

/** Lines first..last (0-based, inclusive) become `text`, which carries its terminators. */
export interface Splice {
  from: number;
  to: number;
  text: string;
}
export interface SpliceOptions {
  /** Shift changed lines by what the file's indentation differs from the old text's. */
  reindent: boolean;
  /** A written last line ends with a terminator even where the file's last line had none (patch formats can't say otherwise). */
  closeLast?: boolean;
}

/** `old` stands for the file's lines from `first` on, one to one. Never changes a line that `neu` has unchanged. */
export function spliceLines(file: Lines, first: number, old: readonly string[], neu: readonly string[], options: SpliceOptions): Splice {
  const last = first + old.length - 1;
  const eol = eolOf(file, first, last);
  const shift = options.reindent ? shifter(file.lines.slice(first, last + 1), old, { there: stepOf(file.lines), here: stepOf([...old, "", ...neu]) }) : null;
  // trailing space that the old text has and the file hasn't is the model's habit, not the edit's
  const trailing = old.some((line, i) => /\s$/.test(line) && (file.lines[first + i] ?? "") === (file.lines[first + i] ?? "").trimEnd());
  const out: { line: string; end: string | null }[] = [];
  const keep = (from: number, to: number): void => {
    for (let i = from; i < to; i++) out.push({ line: file.lines[first + i] ?? "", end: file.ends[first + i] || null });
  };
  let kept = 0;
  for (const run of diffLines(old, neu)) {
    keep(kept, run.aFrom);
    for (let j = run.bFrom; j < run.bTo; j++) {
      const line = neu[j] ?? "";
      const twin = run.aTo - run.aFrom === run.bTo - run.bFrom ? run.aFrom + j - run.bFrom : -1;
      const written = shift ? shift(line, twin, run, j) : line;
      out.push({ line: trailing ? written.trimEnd() : written, end: null });
    }
    kept = run.aTo;
  }
  keep(kept, old.length);
  const lastEnd = file.ends[last] ?? "";
  const texts = out.map(({ line, end }, index) => {
    if (index < out.length - 1) return line + (end ?? eol);
    return line + (lastEnd || (options.closeLast && end === null && last === file.lines.length - 1 && neu.at(-1) !== old.at(-1) ? eol : ""));
  });
  return { from: file.starts[first] ?? file.text.length, to: lineStop(file, last), text: texts.join("") };
}

/**
 * Does indentation nest alike on both sides? An old text without any is taken as one that lost it, one whose first line alone has
 * none as copied from the middle of that line. Anything else where one depth of the one is two of the other says another thing.
 */
export const sameNesting = (file: readonly string[], old: readonly string[]): boolean =>
  consistent(file, old) || lostFirst(file, old) || old.every((line) => isBlank(line) || indentOf(line) === "");
function consistent(file: readonly string[], old: readonly string[]): boolean {
  const there = new Map<string, string>();
  const back = new Map<string, string>();
  for (const [i, line] of old.entries()) {
    if (isBlank(line)) continue;
    const [here, now] = [indentOf(line), indentOf(file[i] ?? "")];
    if ((there.get(here) ?? now) !== now || (back.get(now) ?? here) !== here) return false;
    there.set(here, now);
    back.set(now, here);
  }
  return true;
}
const lostFirst = (file: readonly string[], old: readonly string[]): boolean =>
  old.length > 1 &&
  indentOf(old[0] ?? "") === "" &&
  indentOf(file[0] ?? "") !== "" &&
  old.some((line, i) => i > 0 && !isBlank(line) && indentOf(line) !== "") &&
  (old.every((line, i) => i === 0 || isBlank(line) || indentOf(line) === indentOf(file[i] ?? "")) || (!consistent(file, old) && consistent(file.slice(1), old.slice(1))));

/** How an indentation of the old text reads in the file, learned from the lines that are there, the nearest first. */
function shifter(file: readonly string[], old: readonly string[], steps: { there: number; here: number }): (line: string, twin: number, run: Run, index: number) => string {
  const lost = lostFirst(file, old);
  const known = indents(file, old, lost);
  const unit = unitOf(known) ?? scaled(known, steps);
  const map = (indent: string): string => {
    const exact = known.get(indent);
    if (exact !== undefined) return exact;
    let base: string | null = null;
    let shortest: string | null = null;
    for (const key of known.keys()) {
      if (indent.startsWith(key) && (base === null || key.length > base.length)) base = key;
      if (shortest === null || key.length < shortest.length) shortest = key;
    }
    if (base !== null) return (known.get(base) ?? "") + convert(indent.slice(base.length), unit);
    if (shortest === null) return indent;
    const there = known.get(shortest) ?? "";
    if (!shortest.startsWith(indent)) return there;
    const less = convert(shortest.slice(indent.length), unit);
    return there.slice(0, Math.max(0, there.length - less.length));
  };
  const kept = (indent: string, run: Run): string | null => {
    const here = (i: number): boolean => !(lost && i === 0) && !isBlank(old[i] ?? "") && indentOf(old[i] ?? "") === indent;
    for (let i = run.aFrom - 1; i >= 0; i--) if (here(i)) return indentOf(file[i] ?? "");
    for (let i = run.aTo; i < old.length; i++) if (here(i)) return indentOf(file[i] ?? "");
    return null;
  };
  return (line, twin, run, index) => {
    if (isBlank(line)) return line;
    const indent = indentOf(line);
    if (lost && index === 0 && indent === "")
      return (
        indentOf(
          file[
            Math.max(
              0,
              old.findIndex((one) => one.trim() === line.trim()),
            )
          ] ?? "",
        ) + line
      );
    const same = (i: number): boolean => old[i] !== undefined && !isBlank(old[i]) && indentOf(old[i]) === indent;
    const bare = line.slice(indent.length);
    if (same(twin) && alike(old[twin] ?? "", line)) return indentOf(file[twin] ?? "") + bare;
    for (let i = run.aFrom; i < run.aTo; i++) if (same(i) && !(lost && i === 0)) return indentOf(file[i] ?? "") + bare;
    return (kept(indent, run) ?? map(indent)) + bare;
  };
}

/** What each indentation of the old text mostly is in the file. */
function indents(file: readonly string[], old: readonly string[], lost: boolean): Map<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const [i, line] of old.entries()) {
    if (isBlank(line) || (lost && i === 0)) continue;
    const there = counts.get(indentOf(line)) ?? new Map<string, number>();
    const own = indentOf(file[i] ?? "");
    counts.set(indentOf(line), there.set(own, (there.get(own) ?? 0) + 1));
  }
  const most = (indent: string, there: Map<string, number>): string =>
    [...there].reduce((best, one) => (one[1] > best[1] || (one[1] === best[1] && one[0] === indent) ? one : best))[0];
  return new Map([...counts].map(([indent, there]) => [indent, most(indent, there)]));
}

/** The step one side indents by for each step of the other; null when they agree or can't be told. */
function unitOf(known: Map<string, string>): { from: string; to: string } | null {
  const steps = [...known].sort(([a], [b]) => a.length - b.length);
  for (const [index, [from, to]] of steps.entries()) {
    const [lowFrom, lowTo] = steps[index - 1] ?? ["", ""];
    const stepFrom = from.slice(lowFrom.length);
    const stepTo = to.slice(lowTo.length);
    const nested = index > 0 && from.startsWith(lowFrom) && to.startsWith(lowTo) && stepFrom !== "" && stepTo !== "";
    if (nested && stepFrom !== stepTo) return smallest(stepFrom, stepTo);
  }
  for (const [from, to] of steps) {
    if (/^\t+$/.test(to) && /^ +$/.test(from) && from.length % to.length === 0) return { from: " ".repeat(from.length / to.length), to: "\t" };
    if (/^\t+$/.test(from) && /^ +$/.test(to) && to.length % from.length === 0) return { from: "\t", to: " ".repeat(to.length / from.length) };
  }
  return null;
}
/** Two tabs for eight spaces are one for four. */
function smallest(from: string, to: string): { from: string; to: string } {
  const shared = /^(?: +|\t+)$/.test(from) && /^(?: +|\t+)$/.test(to) ? divisor(from.length, to.length) : 1;
  return { from: from.slice(0, from.length / shared), to: to.slice(0, to.length / shared) };
}
const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** Both sides indent by spaces, by other steps, and every line that is on both sides is as many steps deep here as there. */
function scaled(known: Map<string, string>, { there, here }: { there: number; here: number }): { from: string; to: string } | null {
  const pairs = [...known].filter(([from, to]) => from !== "" || to !== "");
  if (pairs.length === 0 || there === 0 || here === 0 || there === here) return null;
  const alike = pairs.every(([from, to]) => /^ *$/.test(from + to) && from.length * there === to.length * here);
  return alike ? { from: " ".repeat(here), to: " ".repeat(there) } : null;
}
/** By how many spaces lines mostly go in; 0 where none do. */
function stepOf(lines: readonly string[]): number {
  const counts = new Map<number, number>();
  let before: string | null = null;
  for (const line of lines) {
    if (isBlank(line)) continue;
    const step = before === null ? 0 : indentOf(line).length - before.length;
    if (step > 0 && /^ *$/.test(indentOf(line))) counts.set(step, (counts.get(step) ?? 0) + 1);
    before = indentOf(line);
  }
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), [0, 0])[0] ?? 0;
}
const convert = (indent: string, unit: { from: string; to: string } | null): string => (unit ? indent.replaceAll(unit.from, unit.to) : indent);

/** Do two lines share at least half of their words? */
function alike(a: string, b: string): boolean {
  const words = (line: string): string[] => line.match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
  const [inA, inB] = [new Set(words(a)), new Set(words(b))];
  let shared = 0;
  for (const word of inA) if (inB.has(word)) shared++;
  return shared * 2 >= Math.max(inA.size, inB.size);
}
