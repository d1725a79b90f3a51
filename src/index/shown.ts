// What is shown of a hit: the piece, some of its lines, and why it was found.
import { readFile } from "node:fs/promises";
import type { Doc } from "./fields.ts";
import { type Evidence, weights } from "./rank.ts";
import type { ChunkRow } from "./records.ts";
import { type Counts, wordsOf } from "./words.ts";

const snippetLines = 6;

/** The piece that a hit shows: a definition named in the query, else the one that reads most like it. */
export function bestChunk(doc: Doc, pieces: Float64Array, words: string): ChunkRow | undefined {
  const said = new Set(words.toLowerCase().match(/[\p{L}_$][\p{L}\p{N}_$]+/gu) ?? []);
  const named = doc.read.symbols.find(({ name, kind }) => said.has(name.toLowerCase()) && kind !== "variable" && kind !== "field");
  if (named) return { path: named.path, line: named.line, endLine: named.endLine, symbol: named.container === "" ? named.name : `${named.container}.${named.name}`, words: "" };
  let most = -1;
  for (const [at, slot] of doc.chunks.entries()) if (most < 0 || (pieces[slot] ?? 0) > (pieces[doc.chunks[most] as number] ?? 0)) most = at;
  return doc.read.chunks[most];
}

const mostWhys = 3;
const leastShare = 0.12;
/** `query`: each of its words with how it was written. */
export function whyOf(slot: number, of: Record<Evidence, Float64Array>, query: ReadonlyMap<string, string>, doc: Doc): string[] {
  const share = (kind: Evidence): number => weights[kind] * (of[kind][slot] as number);
  const kinds = (Object.keys(of) as Evidence[]).filter((kind) => share(kind) > 0).sort((one, other) => share(other) - share(one));
  const total = kinds.reduce((sum, kind) => sum + share(kind), 0);
  const common = (words: Iterable<string>): string => {
    const there = new Set(words);
    const shared = [...query].filter(([word]) => there.has(word)).map(([, written]) => written);
    return [...new Set(shared)].slice(0, 4).join(" ");
  };
  const text = (): string => common(doc.read.chunks.flatMap(({ words }) => words.split(" ")));
  const said: Record<Evidence, () => string> = {
    piece: () => `text: ${text()}`,
    pieces: () => `text: ${text()}`,
    history: () => "earlier commits like it changed this file",
    path: () => `path: ${common(wordsOf(doc.read.file.path))}`,
    symbols: () => `defines: ${common(doc.read.symbols.flatMap(({ name, doc }) => [...wordsOf(name), ...wordsOf(doc)]))}`,
    area: () => "lies in the area that is named",
    meaning: () => "earlier commits that mean the like changed this file",
    told: () => "commit messages about this file",
    tests: () => "its test reads like it",
    together: () => "changes together with the best",
    graph: () => "used by, or uses, the best",
    exact: () => "defines that very name",
    inPlay: () => "in play in this session",
  };
  const whys = kinds.filter((kind, at) => at === 0 || share(kind) > total * leastShare).map((kind) => said[kind]());
  // pieces are found by the path they lie at, too: then there is no text to tell of
  return [...new Set(whys.filter((why) => !why.endsWith(": ")))].slice(0, mostWhys);
}

/** Some lines of the piece, from the one that has most of the query's words. */
export async function snippetOf(file: string, chunk: ChunkRow, query: Counts): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  const lines = text.split("\n").slice(chunk.line - 1, chunk.endLine);
  let from = 0;
  let most = 0;
  for (const [at, line] of lines.entries()) {
    const hits = new Set(wordsOf(line).filter((word) => query.has(word))).size;
    if (hits > most) [from, most] = [at, hits];
  }
  // near the top the definition's own line is worth more
  if (from < snippetLines) from = 0;
  return lines
    .slice(from, from + snippetLines)
    .map((line) => line.trimEnd().slice(0, 200))
    .join("\n");
}
