// All that speaks for a file being the one that is asked for, kind by kind, and the sum of it.
import type { Asked } from "./asked.ts";
import type { Doc, Fields } from "./fields.ts";
import type { Past } from "./past.ts";
import { best, demoted, type Edge, type Evidence, pageRank, pooled, scaled, weights } from "./rank.ts";

export interface Sources {
  docs: ReadonlyMap<string, Doc>;
  fields: Fields;
  past: Past;
  edges: readonly Edge[];
  /** Slot of a test file -> slot of what it tests. */
  subjects: readonly [test: number, subject: number][];
  /** Files that define a name, in small letters. */
  defining: ReadonlyMap<string, ReadonlySet<number>>;
}
/** By slot. Each kind of evidence is 0 to 1. */
export interface Found {
  sum: Float64Array;
  of: Record<Evidence, Float64Array>;
  /** By slot of a piece. */
  pieces: Float64Array;
}

/** Seeds of what comes second: neighbours by history and by use. */
const seeds = 10;
/** A name that is defined in more files than this names none of them. */
const mostDefining = 20;
/** BM25: how soon repeating a word stops helping, and how much length counts. A path says each word once. */
const prose = [1.2, 0.75] as const;
const short = [0.8, 0.5] as const;

export function evidenceOf({ words, area, names }: Asked, inPlay: readonly string[], { docs, fields, past, edges, subjects, defining }: Sources): Found {
  const count = fields.paths.length;
  const none = (): Float64Array => new Float64Array(count);
  const bySlot = (byPath: ReadonlyMap<string, number>): Float64Array => {
    const scores = none();
    for (const [path, score] of byPath) {
      const slot = docs.get(path)?.slot;
      if (slot !== undefined) scores[slot] = score;
    }
    return scores;
  };
  const pieces = fields.chunks.score(words, ...prose);
  const { one, three } = pooled(pieces, fields.owners, count);
  const tests = none();
  for (const [test, subject] of subjects) tests[subject] = Math.max(tests[subject] as number, three[test] as number);
  const exact = none();
  for (const name of names) {
    const slots = defining.get(name.toLowerCase());
    if (slots && slots.size <= mostDefining) for (const slot of slots) exact[slot] = (exact[slot] as number) + 1 / Math.sqrt(slots.size);
  }
  const of: Record<Evidence, Float64Array> = {
    piece: scaled(one),
    // only near the most does it tell that a file has much of it
    pieces: scaled(three).map((score) => score ** 2),
    path: scaled(fields.path.score(words, ...short)),
    area: scaled(fields.path.score(area, ...short)),
    exact: scaled(exact),
    symbols: scaled(fields.names.score(words, ...prose)),
    history: scaled(bySlot(past.byMessages(words))),
    // the nearest commits are far ahead: their powers are taken back by half
    meaning: scaled(bySlot(past.byMeaning(words))).map(Math.sqrt),
    told: scaled(bySlot(past.byStory(words))),
    tests: scaled(tests),
    together: none(),
    graph: none(),
    inPlay: bySlot(new Map(inPlay.map((path) => [path, 1]))),
  };
  const sum = none();
  const add = (kind: Evidence): void => {
    const scores = of[kind];
    for (let at = 0; at < count; at++) sum[at] = (sum[at] as number) + weights[kind] * (scores[at] as number);
  };
  for (const kind of Object.keys(of) as Evidence[]) add(kind);
  // what comes second: neighbours of the best so far
  const first = best(sum, seeds);
  const top = sum[first[0] ?? 0] || 1;
  const seeded = none();
  for (const slot of first) seeded[slot] = ((sum[slot] as number) / top) ** 3;
  for (const slot of first) {
    for (const [path, share] of past.together(fields.paths[slot] as string)) {
      const other = docs.get(path)?.slot;
      if (other !== undefined) of.together[other] = (of.together[other] as number) + (seeded[slot] as number) * share;
    }
  }
  of.together = scaled(of.together);
  of.graph = scaled(pageRank(edges, seeded));
  add("together");
  add("graph");
  const wantsTests = words.has("test") || words.has("spec");
  for (const { read, slot } of docs.values()) {
    const { test, generated, vendored, prose } = read.file;
    const factor = (test && !wantsTests ? demoted.test : 1) * (generated ? demoted.generated : 1) * (vendored ? demoted.vendored : 1) * (prose ? demoted.prose : 1);
    sum[slot] = (sum[slot] as number) * factor;
  }
  return { sum, of, pieces };
}
