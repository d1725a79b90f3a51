// A text as lines that remember their terminators and places, so that everything an edit doesn't touch can be copied byte for byte.

export type Eol = "\n" | "\r\n" | "\r";
/** `lines` without terminators, `ends` the terminators ("" after a last line without one), `starts` offsets into the text. An empty text has no lines. */
export interface Lines {
  text: string;
  lines: string[];
  ends: string[];
  starts: number[];
}

export function splitLines(text: string): Lines {
  const lines: string[] = [];
  const ends: string[] = [];
  const starts: number[] = [];
  let at = 0;
  const terminator = /\r\n|\n|\r/g;
  for (let found = terminator.exec(text); found; found = terminator.exec(text)) {
    lines.push(text.slice(at, found.index));
    ends.push(found[0]);
    starts.push(at);
    at = terminator.lastIndex;
  }
  if (at < text.length) {
    lines.push(text.slice(at));
    ends.push("");
    starts.push(at);
  }
  return { text, lines, ends, starts };
}

/** Offset just before the terminator of line `index`. */
export const lineEnd = (of: Lines, index: number): number => (of.starts[index] ?? 0) + (of.lines[index] ?? "").length;
/** Offset just after the terminator of line `index`. */
export const lineStop = (of: Lines, index: number): number => lineEnd(of, index) + (of.ends[index] ?? "").length;

/** The line (0-based) an offset lies in; the last one for offsets at the end. */
export function lineAt(of: Lines, offset: number): number {
  let low = 0;
  let high = of.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((of.starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The terminator most lines have; LF when there is none. */
export function dominantEol(ends: readonly string[]): Eol {
  const count = { "\n": 0, "\r\n": 0, "\r": 0 };
  for (const end of ends) if (end !== "") count[end as Eol]++;
  if (count["\r\n"] > count["\n"] && count["\r\n"] >= count["\r"]) return "\r\n";
  return count["\r"] > count["\n"] ? "\r" : "\n";
}

/** The terminator of a stretch where it has only one kind, else that of the whole. */
export function eolOf(of: Lines, first: number, last: number): Eol {
  const here = new Set(of.ends.slice(first, last + 1).filter((end) => end !== ""));
  if (here.size === 1) return [...here][0] as Eol;
  return dominantEol(of.ends);
}

export const withEol = (text: string, eol: Eol): string => text.replace(/\r\n|\n/g, eol);
/** Line breaks as LF; a lone CR stays, it may be meant. */
export const toLf = (text: string): string => (text.includes("\r") ? text.replaceAll("\r\n", "\n") : text);
export const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? "";
export const isBlank = (line: string): boolean => line.trim() === "";

const bom = "\uFEFF";
export const splitBom = (text: string): { bom: string; body: string } => (text.startsWith(bom) ? { bom, body: text.slice(1) } : { bom: "", body: text });
