// One file, read for the index: its bytes, what they are, its outline, its pieces.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CodeReader } from "../languages/read.ts";
import { cutsOf } from "./chunk.ts";
import { countLines, kindByName, mostParsedBytes, readText } from "./files.ts";
import type { FileRow, Read } from "./records.ts";
import type { Seen } from "./scan.ts";

export interface ReadNeeds {
  root: string;
  reader: CodeReader;
  /** The words of a text as search compares them, with a space between. */
  wordsOf(text: string): string;
}
/** A generated table of a million rows isn't worth its pieces. */
const mostChunks = 4_000;

/** null: the file went or can't be read; the next scan sees it again. Never throws. */
export async function readForIndex(needs: ReadNeeds, seen: Seen): Promise<Read | null> {
  const named = kindByName(seen.path, seen.size);
  const row = (over: Partial<FileRow>): FileRow => ({
    ...seen,
    hash: "",
    language: needs.reader.languageOf(seen.path) ?? "",
    lines: 0,
    generated: named.generated,
    vendored: named.vendored,
    test: named.test,
    prose: named.prose,
    skipped: named.skipped ?? "",
    uses: "",
    ...over,
  });
  const nameOnly = (file: FileRow): Read => ({ file, chunks: [], symbols: [], references: [], imports: [] });
  if (named.skipped) return nameOnly(row({}));
  let bytes: Buffer;
  try {
    bytes = await readFile(join(needs.root, seen.path));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? null : nameOnly(row({ skipped: "unreadable" }));
  }
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  const { kind, text } = readText(bytes, named);
  const known = { hash, lines: countLines(text), generated: kind.generated, skipped: kind.skipped ?? ("" as const) };
  if (kind.skipped) return nameOnly(row(known));
  const { path } = seen;
  const outline = text.length <= mostParsedBytes ? await needs.reader.read(path, text) : null;
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  const symbols = outline?.symbols ?? [];
  const cuts = cutsOf(
    lines,
    symbols.filter(({ kind }) => kind !== "field" && kind !== "variable" && kind !== "constant"),
  ).slice(0, mostChunks);
  return {
    file: row({ ...known, uses: usesOf(outline?.references ?? []) }),
    chunks: cuts.map(({ line, endLine, symbol }) => ({ path, line, endLine, symbol: symbol ?? "", words: needs.wordsOf(lines.slice(line - 1, endLine).join("\n")) })),
    symbols: symbols.map((symbol) => ({ ...symbol, path, container: symbol.container ?? "" })),
    references: (outline?.references ?? []).map((reference) => ({ ...reference, path })),
    imports: (outline?.imports ?? []).map(({ module, names, line, child }) => ({ path, module, names: names.join(" "), line, child })),
  };
}

function usesOf(references: readonly { name: string }[]): string {
  const counts = new Map<string, number>();
  for (const { name } of references) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name} ${count}`).join("\n");
}
