// The index of one repository while its worker lives: rows on disk, the same in memory for search, kept up with the tree.
//
//   names ─ scan ─> changed files ─ read ─> memory (found at once) ──> store, in batches, behind
//   watch ──────────^                       a file's old rows go out of the store before its new ones come in
import { AuraError } from "../core/error.ts";
import { type IndexState, noIndex } from "../core/indexing.ts";
import { note } from "../core/note.ts";
import { type CodeReader, type Learned, openReader } from "../languages/read.ts";
import { readHistory } from "./history.ts";
import { isManifest, readManifests } from "./packages.ts";
import { readForIndex } from "./readfile.ts";
import type { Read } from "./records.ts";
import { look, type Seen, scan } from "./scan.ts";
import { openStore, type Store } from "./store.ts";

/** What is searched: filled file by file, asked at any time. Never throws for what files hold. */
export interface Memory {
  put(read: Read): void;
  remove(path: string): void;
  /** The repository's own packages and aliases, for imports. */
  manifests(found: Awaited<ReturnType<typeof readManifests>>): void;
  history(commits: readonly import("./records.ts").CommitRow[]): void;
  readonly counts: { files: number; lines: number; chunks: number; symbols: number; commits: number };
  wordsOf(text: string): string;
}
export interface EngineNeeds {
  root: string;
  /** The index's own folder. */
  folder: string;
  memory: Memory;
  learned: readonly Learned[];
  /** The names of the tree, relative to the root: what the ignore rules leave. */
  list(signal: AbortSignal): Promise<string[]>;
  /** Runs git in the root and gives its output, "" where there is no repository. */
  git(args: readonly string[], signal: AbortSignal): Promise<string>;
}
export interface Engine {
  state(): IndexState;
  /** Brings all of it up to date; resolves when it is. Calls in a row share one pass. */
  refresh(): Promise<void>;
  /** These paths changed (a folder stands for what is in it); null: look at everything. Resolves when they are searchable. */
  update(paths: readonly string[] | null): Promise<void>;
  /** Resolves with the rows in the store, too. */
  settled(): Promise<void>;
  readonly store: Store;
  close(): Promise<void>;
}

/** Files that go to the store together. */
const batchFiles = 400;
/** After so many files were rewritten the store is tidied. */
const tidyAfter = 500;

/** Opens what is on disk, all of it searchable when this resolves; `refresh` finds out what has changed since. Throws AuraError `index.store`. */
export async function openEngine(needs: EngineNeeds): Promise<Engine> {
  const { root, memory } = needs;
  const { store, fresh } = await openStore(needs.folder);
  const reader: CodeReader = openReader(needs.learned);
  const stop = new AbortController();
  const known = new Map<string, { size: number; mtime: number; lines: number; skipped: string; language: string }>();
  const state: IndexState = { ...structuredClone(noIndex), is: "opening" };
  if (fresh !== null && fresh !== "there was none") state.notes.push(`the index is built anew: ${fresh}`);
  let rewritten = 0;

  /** The store's own work, in order, behind the memory's. */
  let storing: Promise<void> = Promise.resolve();
  const later = (work: () => Promise<void>): void => {
    storing = storing.then(work).catch((error: unknown) => {
      const message = error instanceof AuraError ? `${error.message} (${error.hint ?? ""})` : String(error);
      if (!state.notes.includes(message)) state.notes.push(message);
      note("index", "rows could not be stored", { error: message }, "warn");
    });
  };

  await loadAll(store, memory, known);
  const lost = await store.orphans();
  if (lost.length > 0) {
    note("index", "rows left by a crash are taken out", { files: lost.length }, "info");
    state.notes.push(`the last indexing was interrupted; it goes on with ${lost.length} files`);
    await store.remove(lost);
  }

  const remember = (read: Read): void => {
    const { path, size, mtime, lines, skipped, language } = read.file;
    known.set(path, { size, mtime, lines, skipped, language });
    // single uses are asked of the store; in memory their counts are enough
    memory.put({ ...read, references: [] });
  };
  const forget = (path: string): void => {
    known.delete(path);
    memory.remove(path);
  };

  async function take(changed: readonly Seen[], gone: readonly string[]): Promise<void> {
    const signal = stop.signal;
    for (const path of gone) forget(path);
    if (gone.length > 0) later(() => store.remove(gone));
    const started = performance.now();
    state.toRead = changed.length;
    state.read = 0;
    let batch: Read[] = [];
    const flush = (): void => {
      const reads = batch;
      batch = [];
      if (reads.length === 0) return;
      const old = reads.map(({ file }) => file.path).filter((path) => stored.has(path));
      for (const { file } of reads) stored.add(file.path);
      rewritten += old.length;
      later(async () => {
        if (old.length > 0) await store.remove(old);
        await store.add(reads);
      });
    };
    for (const seen of changed) {
      signal.throwIfAborted();
      const read = await readForIndex({ root, reader, wordsOf: memory.wordsOf }, seen);
      if (read) {
        remember(read);
        batch.push(read);
      } else if (known.has(seen.path)) {
        forget(seen.path);
        later(() => store.remove([seen.path]));
      }
      state.read++;
      const spentMs = performance.now() - started;
      if (state.read % 20 === 0 && spentMs > 200) {
        state.perS = Math.round((state.read * 1000) / spentMs);
        state.leftMs = Math.round((spentMs / state.read) * (changed.length - state.read));
        // whoever asks something meanwhile is answered
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (batch.length >= batchFiles) {
        flush();
        // memory isn't filled faster than the disk takes it
        await storing;
      }
    }
    flush();
    if (rewritten > tidyAfter) {
      rewritten = 0;
      later(() => store.tidy());
    }
  }
  const stored = new Set(known.keys());

  async function everything(): Promise<void> {
    state.is = "scanning";
    const names = await needs.list(stop.signal);
    const manifests = await readManifests(root, names);
    memory.manifests(manifests);
    const { changed, gone } = await scan(root, names, known, stop.signal);
    state.files = names.length;
    state.is = "reading";
    // history is small and tells much: it comes first
    await takeHistory();
    await take(changed, gone);
    state.files = known.size;
    state.is = "ready";
    state.leftMs = null;
  }
  async function takeHistory(): Promise<void> {
    const head = (await needs.git(["rev-parse", "--verify", "--quiet", "HEAD"], stop.signal)).trim();
    if (head === lastHead) return;
    const commits = head === "" ? [] : await readHistory((args) => needs.git(args, stop.signal));
    lastHead = head;
    memory.history(commits);
    state.commits = commits.length;
    later(async () => {
      await store.clearCommits();
      await store.addCommits(commits);
    });
  }
  let lastHead: string | null = null;

  async function some(paths: readonly string[]): Promise<void> {
    if (paths.some(isManifest)) return everything();
    const changed: Seen[] = [];
    const gone: string[] = [];
    for (const path of paths) {
      const seen = await look(root, path);
      if (seen) {
        const row = known.get(path);
        if (row?.size !== seen.size || row.mtime !== seen.mtime) changed.push(seen);
      } else if (known.has(path)) gone.push(path);
      // a folder that came or went stands for all in it
      else if (!path.includes(".") || [...known.keys()].some((one) => one.startsWith(`${path}/`))) return everything();
    }
    const fresh = changed.filter(({ path }) => !known.has(path));
    if (fresh.length > 0) {
      // a new name may be an ignored one: the list knows
      const listed = new Set(await needs.list(stop.signal));
      for (const seen of fresh) if (!listed.has(seen.path)) changed.splice(changed.indexOf(seen), 1);
    }
    await take(changed, gone);
  }

  /** One pass at a time; what comes in meanwhile is one pass more. */
  let running: Promise<void> = Promise.resolve();
  let waiting: { paths: Set<string> | null; done: Promise<void> } | null = null;
  function update(paths: readonly string[] | null): Promise<void> {
    if (waiting) {
      if (paths === null) waiting.paths = null;
      else for (const path of paths) waiting.paths?.add(path);
      return waiting.done;
    }
    const next = { paths: paths === null ? null : new Set(paths), done: Promise.resolve() };
    waiting = next;
    next.done = running.then(async () => {
      waiting = null;
      if (stop.signal.aborted) return;
      try {
        await (next.paths === null ? everything() : some([...next.paths]));
      } catch (error) {
        if (stop.signal.aborted) return;
        state.is = "failed";
        state.notes.push(error instanceof Error ? error.message : String(error));
        note("index", "indexing failed", { error: error instanceof Error ? error.stack : String(error) }, "error");
        throw error;
      }
    });
    running = next.done.catch(() => {});
    return next.done;
  }

  return {
    store,
    state() {
      const { counts } = memory;
      const skipped: Record<string, number> = {};
      const languages: Record<string, number> = {};
      for (const { skipped: why, language } of known.values()) {
        if (why !== "") skipped[why] = (skipped[why] ?? 0) + 1;
        else languages[language || "text"] = (languages[language || "text"] ?? 0) + 1;
      }
      return { ...state, ...counts, files: Math.max(state.files, counts.files), skipped, languages, notes: [...state.notes, ...reader.faults] };
    },
    refresh: () => update(null),
    update,
    settled: async () => {
      await running;
      await storing;
      state.bytes = store.bytes();
    },
    async close() {
      stop.abort();
      await running;
      await storing;
      store.close();
    },
  };
}

/** Everything that was stored, into memory. */
async function loadAll(store: Store, memory: Memory, known: Map<string, { size: number; mtime: number; lines: number; skipped: string; language: string }>): Promise<void> {
  const [files, chunks, symbols, imports, commits] = await Promise.all([
    store.all("files", ["path", "size", "mtime", "hash", "language", "lines", "skipped", "generated", "vendored", "test", "prose", "uses"]),
    store.all("chunks", ["path", "line", "endLine", "symbol", "words"]),
    store.all("symbols", ["path", "name", "kind", "container", "line", "endLine", "signature", "doc", "exported", "test"]),
    store.all("imports", ["path", "module", "names", "line", "child"]),
    store.all("commits", ["hash", "time", "message", "paths"]),
  ]);
  const reads = new Map<string, Read>();
  for (const file of files) reads.set(file.path, { file, chunks: [], symbols: [], references: [], imports: [] });
  for (const row of chunks) reads.get(row.path)?.chunks.push(row);
  for (const row of symbols) reads.get(row.path)?.symbols.push(row);
  for (const row of imports) reads.get(row.path)?.imports.push(row);
  for (const read of reads.values()) {
    const { path, size, mtime, lines, skipped, language } = read.file;
    known.set(path, { size, mtime, lines, skipped, language });
    memory.put(read);
  }
  if (commits.length > 0) memory.history(commits);
}
