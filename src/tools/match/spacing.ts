// Finds old text that differs from the file in white space alone, wherever that is: `f( a )` for `f(a)`, one line for three.
import { eolOf, indentOf, isBlank, type Lines, lineAt, lineEnd, splitLines, toLf, withEol } from "./lines.ts";
import { spacingKey } from "./rungs.ts";
import { type Splice, sameNesting, spliceLines } from "./splice.ts";

const word = /[\p{L}\p{N}_]/u;
const fewest = 3;

export interface Stretch {
  from: number;
  to: number;
}
/** Stretches of `file` equal to `old` but for white space, not beginning or ending inside a word. At most `most` are looked for. */
export function findSpaced(file: Lines, old: string, most = 20): Stretch[] {
  const wanted = spacingKey(old);
  if (wanted.length < fewest) return [];
  const text = file.text;
  const dense = text.replace(/\s+/g, "");
  let hit = dense.indexOf(wanted);
  if (hit < 0) return [];
  // a line break at the edge of the old text says that a line begins or ends there
  const ends = { before: /^\s*[\n\r]/.test(old) ? /(?:^|[\n\r])[^\S\n\r]*$/ : /(?:)/, after: /[\n\r]\s*$/.test(old) ? /^[^\S\n\r]*(?:[\n\r]|$)/ : /(?:)/ };
  const offsets = new Int32Array(dense.length);
  for (let i = 0, n = 0; i < text.length; i++) if (!/\s/.test(text[i] as string)) offsets[n++] = i;
  const found: Stretch[] = [];
  for (; hit >= 0 && found.length < most; hit = dense.indexOf(wanted, hit + 1)) {
    const from = offsets[hit] as number;
    const to = (offsets[hit + wanted.length - 1] as number) + 1;
    const cuts = (left: string | undefined, right: string | undefined): boolean => left !== undefined && right !== undefined && word.test(left) && word.test(right);
    if (
      !cuts(text[from - 1], text[from]) &&
      !cuts(text[to - 1], text[to]) &&
      ends.before.test(text.slice(Math.max(0, from - 200), from)) &&
      ends.after.test(text.slice(to, to + 200))
    )
      found.push({ from, to });
  }
  return found;
}

/** Does it cover whole lines, but for their indentation and trailing space? */
export function coversLines(file: Lines, place: Stretch): boolean {
  const first = lineAt(file, place.from);
  const last = lineAt(file, place.to - 1);
  return isBlank(file.text.slice(file.starts[first] ?? 0, place.from)) && isBlank(file.text.slice(place.to, lineEnd(file, last)));
}

/** Do old text and stretch agree in nesting, as far as both have the same lines? */
export function nestsAlike(file: Lines, place: Stretch, old: string): boolean {
  const lines = splitLines(trimEdges(old)).lines;
  const first = lineAt(file, place.from);
  const there = file.lines.slice(first, lineAt(file, place.to - 1) + 1);
  return !coversLines(file, place) || lines.length !== there.length || sameNesting(there, lines);
}

export function spliceSpaced(file: Lines, place: Stretch, old: string, neu: string): Splice {
  const first = lineAt(file, place.from);
  const last = lineAt(file, place.to - 1);
  const oldLines = splitLines(toLf(trimEdges(old))).lines;
  if (coversLines(file, place) && oldLines.length === last - first + 1) {
    const neuLines = splitLines(toLf(trimEdges(neu))).lines;
    return spliceLines(file, first, oldLines, neuLines, { reindent: true });
  }
  const indent = indentOf(file.lines[first] ?? "");
  const own = indentOf(splitLines(neu).lines.find((line) => !isBlank(line)) ?? "");
  const lead = coversLines(file, place) || /^\s/.test(old) ? neu.replace(/^\s+/, "") : neu;
  const body = /\s$/.test(old) ? lead.trimEnd() : lead;
  const shifted = body
    .split(/\r?\n/)
    .map((line, i) => (i === 0 || isBlank(line) ? line : indent + (line.startsWith(own) ? line.slice(own.length) : line.trimStart())))
    .join("\n");
  return { from: place.from, to: place.to, text: withEol(shifted, eolOf(file, first, last)) };
}

/** Without blank lines around and without trailing space at the end; the first line keeps its indentation. */
const trimEdges = (text: string): string => text.replace(/^(?:[ \t]*\r?\n)+/, "").trimEnd();
