// The index on disk: LanceDB behind a few functions. One writer; a file's row is written last and taken out first, so that whatever a
// crash leaves behind belongs to a file that counts as not indexed.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Connection, Table } from "@lancedb/lancedb";
import { AuraError, errnoOf } from "../core/error.ts";
import { note } from "../core/note.ts";
import type { ChunkRow, CommitRow, FileRow, ImportRow, Read, ReferenceRow, SymbolRow } from "./records.ts";

export interface Rows {
  files: FileRow;
  chunks: ChunkRow;
  symbols: SymbolRow;
  references: ReferenceRow;
  imports: ImportRow;
  commits: CommitRow;
}
export type TableName = keyof Rows;
type Type = "text" | "number" | "flag";
/** Columns of every table; the order is the order on disk. */
const columns: { [T in TableName]: { [C in keyof Rows[T]]-?: Type } } = {
  files: {
    path: "text",
    size: "number",
    mtime: "number",
    hash: "text",
    language: "text",
    lines: "number",
    skipped: "text",
    generated: "flag",
    vendored: "flag",
    test: "flag",
    prose: "flag",
    uses: "text",
  },
  chunks: { path: "text", line: "number", endLine: "number", symbol: "text", words: "text" },
  symbols: {
    path: "text",
    name: "text",
    kind: "text",
    container: "text",
    line: "number",
    endLine: "number",
    signature: "text",
    doc: "text",
    exported: "flag",
    test: "flag",
  },
  references: { path: "text", name: "text", kind: "text", line: "number" },
  imports: { path: "text", module: "text", names: "text", line: "number", child: "flag" },
  commits: { hash: "text", time: "number", message: "text", paths: "text" },
};
const ofFiles = ["chunks", "symbols", "references", "imports"] as const;
/** Another shape of the tables is another index: the old one is built anew. */
export const storeVersion = 1;

export interface Store {
  /** Every row of a table, only the columns named. */
  all<T extends TableName, C extends keyof Rows[T] & string>(table: T, names: readonly C[]): Promise<Pick<Rows[T], C>[]>;
  /** Rows where a text column has one of these values. */
  where<T extends TableName>(table: T, column: keyof Rows[T] & string, values: readonly string[], limit: number): Promise<Rows[T][]>;
  /** Takes in files that are in none of the tables yet. */
  add(reads: readonly Read[]): Promise<void>;
  /** Takes everything of these files out. */
  remove(paths: readonly string[]): Promise<void>;
  addCommits(rows: readonly CommitRow[]): Promise<void>;
  clearCommits(): Promise<void>;
  /** Rows that belong to no file, left by a crash: their paths. */
  orphans(): Promise<string[]>;
  /** Joins small pieces and drops old versions. */
  tidy(): Promise<void>;
  /** Bytes on disk. */
  bytes(): number;
  close(): void;
}

/** Deletes name so many paths at once. */
const pathsAtOnce = 400;
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const listOf = (texts: readonly string[]): string => texts.map(quoted).join(", ");

/**
 * Opens the index in `folder`, or makes it. One that can't be opened, or has another version, is set aside and made anew: `fresh` says why, null
 * when it was there and whole. Throws AuraError `index.store` when the folder can't be written.
 */
export async function openStore(folder: string): Promise<{ store: Store; fresh: string | null }> {
  const { connect } = await import("@lancedb/lancedb");
  const { Bool, Field, Float64, Schema, Utf8 } = await import("apache-arrow");
  const place = join(folder, `v${storeVersion}`);
  const made = !existsSync(place);
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw writeFault(folder, error);
  }
  const typeOf = (type: Type): InstanceType<typeof Utf8> | InstanceType<typeof Float64> | InstanceType<typeof Bool> =>
    type === "text" ? new Utf8() : type === "number" ? new Float64() : new Bool();
  const schemaOf = (table: TableName): InstanceType<typeof Schema> =>
    new Schema(Object.entries(columns[table]).map(([name, type]) => new Field(name, typeOf(type as Type), false)));

  const openAll = async (): Promise<{ db: Connection; tables: Record<TableName, Table> }> => {
    const db = await connect(place);
    const there = new Set(await db.tableNames());
    const tables = {} as Record<TableName, Table>;
    for (const name of Object.keys(columns) as TableName[]) tables[name] = there.has(name) ? await db.openTable(name) : await db.createEmptyTable(name, schemaOf(name));
    // opening reads little: a table that can't be counted can't be read
    for (const table of Object.values(tables)) await table.countRows();
    return { db, tables };
  };
  let fresh = made ? "there was none" : null;
  const opened = await openAll().catch(async (error: unknown) => {
    if (isFull(error)) throw writeFault(folder, error);
    note("index", "the index could not be opened and is built anew", { error: String(error) }, "warn");
    fresh = "the old one could not be read";
    const aside = `${place}.broken`;
    rmSync(aside, { recursive: true, force: true });
    renameSync(place, aside);
    mkdirSync(place, { recursive: true, mode: 0o700 });
    const again = await openAll().catch((error: unknown) => {
      throw writeFault(folder, error);
    });
    rmSync(aside, { recursive: true, force: true });
    return again;
  });
  for (const name of readdirSync(folder)) if (/^v\d+/.test(name) && name !== `v${storeVersion}`) rmSync(join(folder, name), { recursive: true, force: true });
  return { store: storeOf(opened.db, opened.tables, place), fresh };
}

function storeOf(db: Connection, tables: Record<TableName, Table>, place: string): Store {
  const guarded = async <R>(work: () => Promise<R>): Promise<R> => {
    try {
      return await work();
    } catch (error) {
      throw writeFault(place, error);
    }
  };
  const rowsOf = async (table: TableName, rows: readonly object[]): Promise<void> => {
    if (rows.length > 0) await tables[table].add(rows as Record<string, unknown>[]);
  };
  const each = async (paths: readonly string[], work: (list: string) => Promise<unknown>): Promise<void> => {
    for (let at = 0; at < paths.length; at += pathsAtOnce) await work(listOf(paths.slice(at, at + pathsAtOnce)));
  };
  return {
    async all(table, names) {
      const rows = await tables[table]
        .query()
        .select([...names])
        .toArray();
      return rows.map((row) => Object.fromEntries(names.map((name) => [name, (row as Record<string, unknown>)[name]]))) as never;
    },
    async where(table, column, values, limit) {
      if (values.length === 0) return [];
      const rows = await tables[table]
        .query()
        .where(`\`${column}\` IN (${listOf(values)})`)
        .limit(limit)
        .toArray();
      const names = Object.keys(columns[table]);
      return rows.map((row) => Object.fromEntries(names.map((name) => [name, (row as Record<string, unknown>)[name]]))) as never;
    },
    add: (reads) =>
      guarded(async () => {
        for (const table of ofFiles)
          await rowsOf(
            table,
            reads.flatMap((read): object[] => read[table]),
          );
        await rowsOf(
          "files",
          reads.map(({ file }) => file),
        );
      }),
    remove: (paths) =>
      guarded(async () => {
        await each(paths, (list) => tables.files.delete(`path IN (${list})`));
        for (const table of ofFiles) await each(paths, (list) => tables[table].delete(`path IN (${list})`));
      }),
    addCommits: (rows) => guarded(() => rowsOf("commits", rows)),
    clearCommits: () => guarded(async () => void (await tables.commits.delete("true"))),
    async orphans() {
      const known = new Set((await tables.files.query().select(["path"]).toArray()).map(({ path }) => path as string));
      const lost = new Set<string>();
      for (const table of ofFiles) for (const { path } of await tables[table].query().select(["path"]).toArray()) if (!known.has(path as string)) lost.add(path as string);
      return [...lost];
    },
    async tidy() {
      for (const table of Object.values(tables)) await table.optimize({ cleanupOlderThan: new Date() });
    },
    bytes: () => bytesIn(place),
    close() {
      for (const table of Object.values(tables)) table.close();
      db.close();
    },
  };
}

function bytesIn(folder: string): number {
  let bytes = 0;
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  } catch {
    // a file that goes while it is looked at
  }
  return bytes;
}

const isFull = (error: unknown): boolean => /no space left|ENOSPC|disk quota/i.test(String(error));
function writeFault(folder: string, error: unknown): AuraError {
  if (error instanceof AuraError) return error;
  const full = isFull(error);
  const why = full ? "the disk is full" : (errnoOf(error) ?? (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]?.slice(0, 300));
  return new AuraError("index.store", `the index in ${folder} can't be written: ${why}`, {
    hint: full ? "make room; search goes on with what is there, and the rest is indexed at the next start" : "remove the folder: the index is built anew",
    cause: error,
  });
}
