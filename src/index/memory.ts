// The index in memory: filled file by file, searched at any time. What is found is fused from many kinds of evidence (rank.ts).
import { join } from "node:path";
import type { SearchHit } from "../core/indexing.ts";
import type { ImportTree } from "../languages/resolve.ts";
import type { Memory } from "./engine.ts";
import { type Doc, openFields } from "./fields.ts";
import { edgesOf } from "./graph.ts";
import { importTree, type Manifests } from "./packages.ts";
import { openPast, type Past } from "./past.ts";
import { best, demoted, type Edge, type Evidence, pageRank, pooled, scaled, weights } from "./rank.ts";
import type { ChunkRow, Read } from "./records.ts";
import { bestChunk, snippetOf, whyOf } from "./shown.ts";
import { type Counts, queryCounts, wordsOf, writtenAs } from "./words.ts";

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

/** Seeds of what comes second: neighbours by history and by use. */
const seeds = 10;
/** Slots of files that went are cleared away when they are this many, and more than those that are there. */
const mostDead = 2_000;

export function openMemory(): SearchMemory {
  const docs = new Map<string, Doc>();
  let fields = openFields();
  let past: Past = openPast([]);
  let found: Manifests = { packages: [], aliases: [] };
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
    derived ??= derivedOf(docs, importTree(docs.keys(), found), slotOf);
    return derived;
  };

  /** Each kind of evidence for each slot, 0 to 1, and their sum. */
  function evidenceFor(query: Counts, words: string, inPlay: readonly string[]): { sum: Float64Array; of: Record<Evidence, Float64Array>; pieces: Float64Array } {
    const count = fields.paths.length;
    const { edges, subjects, defining } = derive();
    const bySlot = (byPath: ReadonlyMap<string, number>): Float64Array => {
      const scores = new Float64Array(count);
      for (const [path, score] of byPath) {
        const slot = slotOf(path);
        if (slot !== undefined) scores[slot] = score;
      }
      return scores;
    };
    const pieces = fields.chunks.score(query, 1.2, 0.75);
    const ofPieces = pooled(pieces, fields.owners, count);
    const tests = new Float64Array(count);
    for (const [test, subject] of subjects) tests[subject] = Math.max(tests[subject] as number, ofPieces[test] as number);
    const exact = new Float64Array(count);
    for (const name of namesIn(words)) {
      const slots = defining.get(name.toLowerCase());
      if (slots && slots.size <= 20) for (const slot of slots) exact[slot] = (exact[slot] as number) + 1 / slots.size;
    }
    const of: Record<Evidence, Float64Array> = {
      pieces: scaled(ofPieces),
      history: scaled(bySlot(past.byMessages(query))),
      text: scaled(fields.text.score(query, 1.2, 0.75)),
      path: scaled(fields.path.score(query, 0.8, 0.5)),
      symbols: scaled(fields.names.score(query, 1.2, 0.75)),
      told: scaled(bySlot(past.byStory(query))),
      tests: scaled(tests),
      exact: scaled(exact),
      together: new Float64Array(count),
      graph: new Float64Array(count),
      inPlay: bySlot(new Map(inPlay.map((path) => [path, 1]))),
    };
    const sum = new Float64Array(count);
    const add = (kind: Evidence): void => {
      const scores = of[kind];
      for (let at = 0; at < count; at++) sum[at] = (sum[at] as number) + weights[kind] * (scores[at] as number);
    };
    for (const kind of Object.keys(of) as Evidence[]) add(kind);
    // what comes second: neighbours of the best so far
    const first = best(sum, seeds);
    const top = sum[first[0] ?? 0] || 1;
    const seeded = new Float64Array(count);
    for (const slot of first) seeded[slot] = ((sum[slot] as number) / top) ** 3;
    for (const slot of first) {
      for (const [path, share] of past.together(fields.paths[slot] as string)) {
        const other = slotOf(path);
        if (other !== undefined) of.together[other] = (of.together[other] as number) + (seeded[slot] as number) * share;
      }
    }
    of.together = scaled(of.together);
    of.graph = scaled(pageRank(edges, seeded));
    add("together");
    add("graph");
    const wantsTests = query.has("test") || query.has("spec");
    for (const { read, slot } of docs.values()) {
      const { test, generated, vendored, prose } = read.file;
      const factor = (test && !wantsTests ? demoted.test : 1) * (generated ? demoted.generated : 1) * (vendored ? demoted.vendored : 1) * (prose ? demoted.prose : 1);
      sum[slot] = (sum[slot] as number) * factor;
    }
    return { sum, of, pieces };
  }

  const memory: SearchMemory = {
    put,
    remove,
    manifests(now) {
      found = now;
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
      const { sum } = evidenceFor(queryCounts(words), words, inPlay);
      return best(sum, sum.length).map((slot) => ({ path: fields.paths[slot] as string, score: sum[slot] as number }));
    },
    around: (path, line) => docs.get(path)?.read.chunks.find((chunk) => chunk.line <= line && line <= chunk.endLine),
    async search({ root, words, limit, inPlay }) {
      const query = queryCounts(words);
      const { sum, of, pieces } = evidenceFor(query, words, inPlay);
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
            snippet: chunk ? await snippetOf(join(root, path), chunk, query) : "",
          };
        }),
      );
    },
  };
  return memory;
}

/** Words that are surely names: they look like it, or there is little else. In a sentence `test` and `error` are words. */
function namesIn(words: string): Set<string> {
  const all = words.match(/[\p{L}_$][\p{L}\p{N}_$]+/gu) ?? [];
  return new Set(all.length <= 2 ? all : all.filter((word) => /\p{Ll}\p{Lu}|[_$\d]|^\p{Lu}{2,}\p{Ll}/u.test(word)));
}

interface Derived {
  edges: Edge[];
  /** Slot of a test file -> slot of what it tests. */
  subjects: [test: number, subject: number][];
  /** Files that define a name, in small letters. */
  defining: Map<string, Set<number>>;
}
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
