// The index in memory: filled file by file, searched at any time. What is found is fused from many kinds of evidence (rank.ts).
import { join } from "node:path";
import type { SearchHit } from "../core/indexing.ts";
import type { ImportTree } from "../languages/resolve.ts";
import { type Asked, askedOf } from "./asked.ts";
import type { Memory } from "./engine.ts";
import { evidenceOf, type Found, type Sources } from "./evidence.ts";
import { type Doc, openFields } from "./fields.ts";
import { edgesOf } from "./graph.ts";
import { importTree, type Manifests } from "./packages.ts";
import { openPast, type Past } from "./past.ts";
import { best } from "./rank.ts";
import type { ChunkRow, Read } from "./records.ts";
import { bestChunk, snippetOf, whyOf } from "./shown.ts";
import { wordsOf, writtenAs } from "./words.ts";

export interface SearchNeeds {
  root: string;
  words: string;
  limit: number;
  /** Paths that this session has read or changed. */
  inPlay: readonly string[];
}
export interface SearchMemory extends Memory {
  /** Best first, one hit a file. Reads the files of the hits for what is shown of them; one that went meanwhile has no snippet. */
  search(needs: SearchNeeds): Promise<SearchHit[]>;
  /** The fused score of every file that has one. Pure but for what is in memory. */
  rank(words: string, inPlay?: readonly string[]): { path: string; score: number }[];
  /** The piece of a file that a line lies in. */
  around(path: string, line: number): ChunkRow | undefined;
}

/** Slots of files that went are cleared away when they are this many, and more than those that are there. */
const mostDead = 2_000;

export function openMemory(): SearchMemory {
  const docs = new Map<string, Doc>();
  let fields = openFields();
  let past: Past = openPast([]);
  let manifests: Manifests = { packages: [], aliases: [] };
  /** Made when it is asked for, thrown away when files change. */
  let derived: Derived | null = null;
  let lines = 0;
  let symbols = 0;
  let chunkCount = 0;

  const put = (read: Read): void => {
    remove(read.file.path);
    const chunks = read.chunks.map((chunk) => fields.addChunk(read.file.path, chunk, fields.paths.length));
    docs.set(read.file.path, { read, slot: fields.addFile(read), chunks });
    lines += read.file.lines;
    symbols += read.symbols.length;
    chunkCount += read.chunks.length;
    derived = null;
  };
  const remove = (path: string): void => {
    const doc = docs.get(path);
    if (!doc) return;
    docs.delete(path);
    fields.remove(doc);
    lines -= doc.read.file.lines;
    symbols -= doc.read.symbols.length;
    chunkCount -= doc.read.chunks.length;
    derived = null;
    if (fields.dead > mostDead && fields.dead > docs.size) {
      const kept = [...docs.values()].map(({ read }) => read);
      docs.clear();
      fields = openFields();
      lines = symbols = chunkCount = 0;
      for (const read of kept) put(read);
    }
  };
  const slotOf = (path: string): number | undefined => docs.get(path)?.slot;
  const derive = (): Derived => {
    derived ??= derivedOf(docs, importTree(docs.keys(), manifests), slotOf);
    return derived;
  };

  const found = (asked: Asked, inPlay: readonly string[]): Found => evidenceOf(asked, inPlay, { docs, fields, past, ...derive() });

  const memory: SearchMemory = {
    put,
    remove,
    manifests(now) {
      manifests = now;
      derived = null;
    },
    history(commits) {
      past = openPast(commits);
    },
    wordsOf: (text) => wordsOf(text).join(" "),
    get counts() {
      return { files: docs.size, lines, chunks: chunkCount, symbols, commits: past.commits };
    },
    rank(words, inPlay = []) {
      const { sum } = found(askedOf(words), inPlay);
      return best(sum, sum.length).map((slot) => ({ path: fields.paths[slot] as string, score: sum[slot] as number }));
    },
    around: (path, line) => docs.get(path)?.read.chunks.find((chunk) => chunk.line <= line && line <= chunk.endLine),
    async search({ root, words, limit, inPlay }) {
      const asked = askedOf(words);
      const { sum, of, pieces } = found(asked, inPlay);
      const written = writtenAs(words);
      const order = best(sum, limit);
      const top = sum[order[0] ?? 0] || 1;
      return Promise.all(
        order.map(async (slot) => {
          const path = fields.paths[slot] as string;
          const doc = docs.get(path) as Doc;
          const chunk = bestChunk(doc, pieces, words);
          return {
            path,
            line: chunk?.line ?? 1,
            endLine: chunk?.endLine ?? Math.max(1, doc.read.file.lines),
            symbol: chunk && chunk.symbol !== "" ? chunk.symbol : null,
            score: Math.round(((sum[slot] as number) / top) * 1000) / 1000,
            why: whyOf(slot, of, written, doc),
            snippet: chunk ? await snippetOf(join(root, path), chunk, asked.words) : "",
          };
        }),
      );
    },
  };
  return memory;
}

type Derived = Pick<Sources, "edges" | "subjects" | "defining">;
function derivedOf(docs: ReadonlyMap<string, Doc>, tree: ImportTree, slotOf: (path: string) => number | undefined): Derived {
  const defining = new Map<string, Set<number>>();
  const byStem = new Map<string, number[]>();
  for (const { read, slot } of docs.values()) {
    for (const { name } of read.symbols) {
      const key = name.toLowerCase();
      const slots = defining.get(key) ?? new Set<number>();
      defining.set(key, slots.add(slot));
    }
    if (read.file.test || read.file.prose) continue;
    const stem = stemOfPath(read.file.path);
    byStem.set(stem, [...(byStem.get(stem) ?? []), slot]);
  }
  const subjects: [number, number][] = [];
  for (const { read, slot } of docs.values()) {
    const tested = read.file.test ? (byStem.get(stemOfPath(read.file.path)) ?? []) : [];
    if (tested.length <= 3) for (const subject of tested) subjects.push([slot, subject]);
  }
  return {
    edges: edgesOf(
      [...docs.values()].map(({ read }) => read),
      tree,
      slotOf,
    ),
    subjects,
    defining,
  };
}
/** `test/cart.test.ts` and `src/cart.ts` have the same. */
const stemOfPath = (path: string): string =>
  path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/\.[^.]+$/, "")
    .replace(/[._-](test|spec|bench|d)$|^test_|_tests?$|Tests?$|_spec$/gi, "")
    .toLowerCase();
