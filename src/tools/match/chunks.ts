// Finds the place of each chunk of a patch in one file: by its lines, after the chunk before it, narrowed by the lines it is said to follow.
import { type Edited, type Placed, refuse } from "../match.ts";
import { applySplices, byHint } from "./find.ts";
import { dominantEol, indentOf, isBlank, type Lines, lineAt, splitLines } from "./lines.ts";
import { describeNearest, lineList, tellApart } from "./nearest.ts";
import type { Chunk } from "./patch.ts";
import { placeholdersIn, tongueOf } from "./placeholder.ts";
import { enoughToGoBy, findLines, lineRungs, punctuationKey, type Rung, spacingKey } from "./rungs.ts";
import { findSimilar } from "./similar.ts";
import { type Splice, sameNesting, spliceLines } from "./splice.ts";

export function placeChunks(file: Lines, chunks: readonly Chunk[], path: string): Edited {
  const splices: Splice[] = [];
  const placed: { rung: Rung; splice: Splice }[] = [];
  let after = 0;
  for (const [index, chunk] of chunks.entries()) {
    const which = chunks.length > 1 ? `chunk ${index + 1} of ${chunks.length}: ` : "";
    const [left] = placeholdersIn(chunk.new, chunk.old, file.lines, tongueOf(path));
    if (left !== undefined) return refuse("placeholder", `${which}a line stands for code left out (${(chunk.new[left] ?? "").trim().slice(0, 80)}). Write the code itself.`);
    const at = chunk.old.length === 0 ? insertion(file, chunk) : search(file, chunk, after);
    if (!("rung" in at)) return refuse(at.why, which + at.message);
    if (splices.some((other) => other.from < at.splice.to && at.splice.from < other.to)) return refuse("form", `${which}it overlaps another chunk. Put both into one.`);
    splices.push(at.splice);
    placed.push(at);
    after = at.after;
  }
  const text = applySplices(file.text, splices);
  if (text === file.text) return refuse("same", "the file already reads like that: nothing to change.");
  return { ok: true, text, placed: placed.map(({ rung, splice }) => told(file, rung, splice, splices)) };
}

function told(file: Lines, rung: Rung, splice: Splice, all: readonly Splice[]): Placed {
  const count = (text: string): number => splitLines(text).lines.length;
  const shift = all.filter((other) => other.from < splice.from).reduce((sum, other) => sum + count(other.text) - count(file.text.slice(other.from, other.to)), 0);
  const first = splice.from >= file.text.length && file.text !== "" ? file.lines.length : lineAt(file, splice.from);
  return { rung, line: first + 1 + shift, lines: count(splice.text), places: 1 };
}

type At = { rung: Rung; splice: Splice; after: number } | { why: "missing" | "ambiguous"; message: string };

/** New lines without old ones go after the line named, else to the end of the file. */
function insertion(file: Lines, chunk: Chunk): At {
  const eol = dominantEol(file.ends);
  const text = chunk.new.join(eol) + (chunk.open ? "" : eol);
  const context = chunk.contexts.at(-1);
  if (context !== undefined && !chunk.eof) {
    const found = placesOf(file, context, 0);
    const [line, ...others] = found;
    if (line === undefined) return { why: "missing", message: `${context.trim()} isn't in the file. ${describeNearest(file.lines, [context])}` };
    if (others.length > 0) return { why: "ambiguous", message: `${context.trim()} is at ${lineList(found)}. Give the lines around the new ones.` };
    const from = file.starts[line + 1] ?? file.text.length;
    return { rung: "exact", splice: { from, to: from, text: (file.ends[line] === "" ? eol : "") + text }, after: line + 1 };
  }
  const end = file.text.length;
  return { rung: "exact", splice: { from: end, to: end, text: (file.lines.length > 0 && file.ends.at(-1) === "" ? eol : "") + text }, after: file.lines.length };
}

function search(file: Lines, chunk: Chunk, after: number): At {
  for (const { rung, firsts } of rungsOf(file, chunk)) {
    if (firsts.length === 0) continue;
    const chosen = choose(file, chunk, firsts, after);
    if (chosen === null) {
      const apart = tellApart(file.lines, firsts, chunk.old.length);
      return { why: "ambiguous", message: `its old lines fit ${firsts.length} places, at ${lineList(firsts)}${apart}\nAdd context lines until only one fits.` };
    }
    const closeLast = !chunk.open;
    const splice = spliceLines(file, chosen, chunk.old, chunk.new, { reindent: !["exact", "trailing"].includes(rung), closeLast });
    if (chunk.open && chosen + chunk.old.length === file.lines.length) splice.text = splice.text.replace(/\r?\n$/, "");
    return { rung, splice, after: chosen + chunk.old.length };
  }
  // an empty line before the next marker may be the patch's layout and not the file's
  if (chunk.old.length > 1 && chunk.old.at(-1) === "" && chunk.new.at(-1) === "")
    return search(file, { ...chunk, old: chunk.old.slice(0, -1), new: chunk.new.slice(0, -1) }, after);
  return { why: "missing", message: `its old lines aren't in the file. ${describeNearest(file.lines, chunk.old)}` };
}

function* rungsOf(file: Lines, chunk: Chunk): Generator<{ rung: Rung; firsts: number[] }> {
  const by = (key: (line: string) => string): number[] => findLines(file.lines.map(key), chunk.old.map(key));
  for (const { rung, key } of lineRungs) if (rung !== "indentation") yield { rung, firsts: by(key) };
  if (!enoughToGoBy(chunk.old)) return;
  const nested = (firsts: number[]): number[] => firsts.filter((first) => sameNesting(file.lines.slice(first, first + chunk.old.length), chunk.old));
  yield { rung: "indentation", firsts: nested(by((line) => line.trim())) };
  yield { rung: "punctuation", firsts: nested(by(punctuationKey)) };
  yield { rung: "spacing", firsts: nested(by(spacingKey)) };
  yield { rung: "similar", firsts: nested(findSimilar(file.lines, chunk.old)) };
}

/** The one place meant, or null: the end of the file if the chunk says so, the only one, the only one later on, the one under its context, the one at its line. */
function choose(file: Lines, chunk: Chunk, firsts: number[], after: number): number | null {
  if (chunk.eof) {
    const last = firsts.find((first) => first + chunk.old.length === file.lines.length);
    if (last !== undefined) return last;
  }
  if (firsts.length === 1) return firsts[0] ?? null;
  const later = firsts.filter((first) => first >= after);
  const under = underContext(file, chunk.contexts, later, after);
  if (under !== null) return under;
  const meant = byHint(firsts, chunk.hint);
  if (meant !== null) return firsts[meant] ?? null;
  return later.length === 1 && after > 0 ? (later[0] ?? null) : null;
}

/** The first place under a context line that stands once, unless a second one lies in the same block of indentation. */
function underContext(file: Lines, contexts: readonly string[], firsts: readonly number[], after: number): number | null {
  let from = after;
  let line: number | null = null;
  for (const context of contexts) {
    const found: number[] = placesOf(file, context, line === null ? 0 : from);
    const [first, ...others] = found;
    if (first === undefined || (others.length > 0 && line === null)) return null;
    line = first;
    from = first + 1;
  }
  const head = line;
  if (head === null) return null;
  const [first, second] = firsts.filter((place) => place >= head);
  if (first === undefined) return null;
  return second === undefined || !sameBlock(file, head, second) ? first : null;
}
function sameBlock(file: Lines, head: number, line: number): boolean {
  const depth = indentOf(file.lines[head] ?? "").length;
  for (let i = head + 1; i <= line; i++) {
    const text = file.lines[i] ?? "";
    if (!isBlank(text) && indentOf(text).length <= depth && !/^\s*[})\]]/.test(text)) return false;
  }
  return true;
}
/** Lines a context names: as written, but for space around, or the only ones that hold it. */
function placesOf(file: Lines, context: string, from: number): number[] {
  const wanted = context.trim();
  const where = (test: (line: string) => boolean): number[] => file.lines.flatMap((line, i) => (i >= from && test(line) ? [i] : []));
  const exact = where((line) => line.trim() === wanted);
  if (exact.length > 0) return exact;
  const begins = where((line) => line.trim().startsWith(wanted));
  return begins.length > 0 ? begins : where((line) => line.includes(wanted));
}
