// Lines named by number and a short hash of what they hold, `12:x7f-14:q0a`: an edit that quotes nothing and still can't hit a changed line.
import { type Lines, splitLines } from "./lines.ts";
import { type Splice, spliceLines } from "./splice.ts";

export interface Anchor {
  line: number;
  hash: string;
}
/** Three characters from the line without trailing space (FNV-1a, base 36). */
export function lineHash(line: string): string {
  let hash = 0x811c9dc5;
  for (const char of line.trimEnd()) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return (hash % 46_656).toString(36).padStart(3, "0");
}

/** `12:x7f` or `12:x7f-14:q0a` (also `..`, `to`, a comma), whatever follows after a bar; null = it is ordinary text. */
export function anchorsIn(old: string): { from: Anchor; to: Anchor } | null {
  const one = String.raw`(\d+):([0-9a-z]{3})(?:\|[^\n]*)?`;
  const found = new RegExp(String.raw`^\s*${one}(?:\s*(?:-|\.\.|,|to|\n)\s*${one})?\s*$`).exec(old);
  if (!found) return null;
  const from = { line: Number(found[1]), hash: found[2] ?? "" };
  return { from, to: found[3] === undefined ? from : { line: Number(found[3]), hash: found[4] ?? "" } };
}

export function placeAnchored(file: Lines, range: { from: Anchor; to: Anchor }, neu: string): { ok: true; splice: Splice } | { ok: false; message: string } {
  if (range.to.line < range.from.line) return { ok: false, message: `Line ${range.to.line} comes before line ${range.from.line}.` };
  for (const { line, hash } of [range.from, range.to]) {
    const there = file.lines[line - 1];
    if (there === undefined) return { ok: false, message: `There is no line ${line}: the file has ${file.lines.length}. Read it again.` };
    if (lineHash(there) === hash) continue;
    const moved = file.lines.flatMap((text, i) => (lineHash(text) === hash ? [i + 1] : [])).slice(0, 3);
    const where = moved.length > 0 ? ` ${hash} is now at line ${moved.join(", ")}.` : "";
    return { ok: false, message: `Line ${line} isn't ${hash} any more, it is ${line}:${lineHash(there)}| ${there.trim().slice(0, 100)}.${where} Read it again.` };
  }
  const tagged = /^[ \t]*\d+:[0-9a-z]{3}\| ?/;
  const lines = splitLines(neu).lines;
  const written = lines.length > 0 && lines.every((line) => tagged.test(line)) ? lines.map((line) => line.replace(tagged, "")) : lines;
  const first = range.from.line - 1;
  return { ok: true, splice: spliceLines(file, first, file.lines.slice(first, range.to.line), written, { reindent: false }) };
}
