// What the index holds, as plain rows: one table each. Lines are 1-based and inclusive, paths relative to the root with slashes.
import type { SymbolKind } from "../languages/outline.ts";
import type { Kind, Skipped } from "./files.ts";

export interface FileRow {
  path: string;
  size: number;
  /** As the file system tells it, in ms: with the size it says whether a file is still the one that was read. */
  mtime: number;
  /** Of the bytes, 16 hex digits. */
  hash: string;
  /** Name of its language, "" where none is known. */
  language: string;
  lines: number;
  skipped: Skipped | "";
  generated: boolean;
  vendored: boolean;
  test: boolean;
  prose: boolean;
  /** The names it uses, each once with how often: `add 3\ntotal 1`. */
  uses: string;
}
export interface ChunkRow {
  path: string;
  line: number;
  endLine: number;
  /** The definition it is, "" outside of any. */
  symbol: string;
  /** Its words as search compares them, with a space between: identifiers split, stems. */
  words: string;
}
export interface SymbolRow {
  path: string;
  name: string;
  kind: SymbolKind;
  /** "" at the top. */
  container: string;
  line: number;
  endLine: number;
  signature: string;
  doc: string;
  exported: boolean;
  test: boolean;
}
export interface ReferenceRow {
  path: string;
  name: string;
  kind: "call" | "base" | "type";
  line: number;
}
export interface ImportRow {
  path: string;
  /** As it is written; which file is meant depends on what others there are, so it is found out when it is asked for. */
  module: string;
  /** Names taken from it, with a space between. */
  names: string;
  line: number;
  /** Rust's `mod x;`. */
  child: boolean;
}
export interface CommitRow {
  hash: string;
  /** Seconds since 1970. */
  time: number;
  message: string;
  /** Paths it changed, under the names they have now, one a line. */
  paths: string;
}
/** All that one file gives. */
export interface Read {
  file: FileRow;
  chunks: ChunkRow[];
  symbols: SymbolRow[];
  references: ReferenceRow[];
  imports: ImportRow[];
}

export const kindOf = (row: FileRow): Kind => ({
  skipped: row.skipped === "" ? null : row.skipped,
  generated: row.generated,
  vendored: row.vendored,
  test: row.test,
  prose: row.prose,
});
