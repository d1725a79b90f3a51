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
  const shift = options.reindent ? shifter(file.lines.slice(first, last + 1), old) : null;
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
  old.some((line, i) => i > 0 && indentOf(line) !== "") &&
  !consistent(file, old) &&
  consistent(file.slice(1), old.slice(1));

/** How an indentation of the old text reads in the file, learned from the lines that are there, the nearest first. */
function shifter(file: readonly string[], old: readonly string[]): (line: string, twin: number, run: Run, index: number) => string {
  const known = new Map<string, string>();
  const lost = lostFirst(file, old);
  for (const [i, line] of old.entries()) if (!(lost && i === 0) && !isBlank(line) && !known.has(indentOf(line))) known.set(indentOf(line), indentOf(file[i] ?? ""));
  const unit = unitOf(known);
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
    if (lost && index === 0 && indent === "") return indentOf(file[0] ?? "") + line;
    const same = (i: number): boolean => old[i] !== undefined && !isBlank(old[i]) && indentOf(old[i]) === indent;
    const bare = line.slice(indent.length);
    if (same(twin) && alike(old[twin] ?? "", line)) return indentOf(file[twin] ?? "") + bare;
    for (let i = run.aFrom; i < run.aTo; i++) if (same(i) && !(lost && i === 0)) return indentOf(file[i] ?? "") + bare;
    return (kept(indent, run) ?? map(indent)) + bare;
  };
}

/** The step one side indents by for each step of the other; null when they agree or can't be told. */
function unitOf(known: Map<string, string>): { from: string; to: string } | null {
  const steps = [...known].sort(([a], [b]) => a.length - b.length);
  for (const [index, [from, to]] of steps.entries()) {
    const [lowFrom, lowTo] = steps[index - 1] ?? ["", ""];
    const stepFrom = from.slice(lowFrom.length);
    const stepTo = to.slice(lowTo.length);
    const nested = index > 0 && from.startsWith(lowFrom) && to.startsWith(lowTo) && stepFrom !== "" && stepTo !== "";
    if (nested && stepFrom !== stepTo) return { from: stepFrom, to: stepTo };
  }
  for (const [from, to] of steps) {
    if (/^\t+$/.test(to) && /^ +$/.test(from) && from.length % to.length === 0) return { from: " ".repeat(from.length / to.length), to: "\t" };
    if (/^\t+$/.test(from) && /^ +$/.test(to) && to.length % from.length === 0) return { from: "\t", to: " ".repeat(to.length / from.length) };
  }
  return null;
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
