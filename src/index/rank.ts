// How much each kind of evidence counts. Few weights, each with a name: they were not fitted query by query (docs/decisions/040-ranking.md).

export const weights = {
  /** The best piece of the file, by its words: what a search is about stands together. */
  piece: 3,
  /** The best three of them. */
  pieces: 1,
  path: 1,
  /** The area the question names, in the path. */
  area: 1,
  /** A definition named exactly as a word of the question that is surely a name. */
  exact: 1,
  /** Earlier commits whose messages read like the question, and the files they changed. */
  history: 1,
  /** Earlier commits that mean the like, in whatever words. */
  meaning: 1,
  /** All that was ever said of the file in commit messages. */
  told: 1,
  /** What the file defines, by names and docs. */
  symbols: 0.5,
  /** A test that reads like the question speaks for what it tests. */
  tests: 0.5,
  /** Read or changed in this session. */
  inPlay: 0.5,
  /** Files that change together with the best ones. */
  together: 0.3,
  /** Files that import or use the best ones, or are used by them. */
  graph: 0.3,
};
export type Evidence = keyof typeof weights;

/** What is seldom meant when code is asked for, as a factor. */
export const demoted = { test: 0.55, generated: 0.5, vendored: 0.4, prose: 0.55 };

/** The largest becomes 1; nothing stays nothing. */
export function scaled(scores: Float64Array): Float64Array {
  let most = 0;
  for (const score of scores) if (score > most) most = score;
  return most > 0 ? scores.map((score) => score / most) : scores;
}

/** The best `count` indices, best first; ties in order. */
export function best(scores: ArrayLike<number>, count: number): number[] {
  const order: number[] = [];
  for (let at = 0; at < scores.length; at++) if ((scores[at] as number) > 0) order.push(at);
  order.sort((one, other) => (scores[other] as number) - (scores[one] as number) || one - other);
  return order.slice(0, count);
}

/** For each owner its best score, and the sum of its best three, the second counting a half, the third a third. */
export function pooled(scores: Float64Array, owners: readonly number[], count: number): { one: Float64Array; three: Float64Array } {
  const first = new Float64Array(count);
  const second = new Float64Array(count);
  const third = new Float64Array(count);
  for (let at = 0; at < scores.length; at++) {
    const score = scores[at] as number;
    if (score === 0) continue;
    const owner = owners[at] as number;
    if (score > (first[owner] as number)) {
      third[owner] = second[owner] as number;
      second[owner] = first[owner] as number;
      first[owner] = score;
    } else if (score > (second[owner] as number)) {
      third[owner] = second[owner] as number;
      second[owner] = score;
    } else if (score > (third[owner] as number)) third[owner] = score;
  }
  return { one: first, three: first.map((score, at) => score + (second[at] as number) / 2 + (third[at] as number) / 3) };
}

/** A directed edge with its weight; both ways count. */
export type Edge = readonly [from: number, to: number, weight: number];
const rounds = 8;
const follow = 0.5;
/** PageRank that begins anew at the seeds: what is near them, without themselves. */
export function pageRank(edges: readonly Edge[], seeds: Float64Array): Float64Array {
  const out = new Float64Array(seeds.length);
  let total = 0;
  for (const seed of seeds) total += seed;
  if (total === 0 || edges.length === 0) return new Float64Array(seeds.length);
  for (const [from, to, weight] of edges) {
    out[from] = (out[from] as number) + weight;
    out[to] = (out[to] as number) + weight;
  }
  const start = seeds.map((seed) => seed / total);
  let rank = start;
  for (let round = 0; round < rounds; round++) {
    const next = start.map((seed) => seed * (1 - follow));
    for (const [from, to, weight] of edges) {
      next[to] = (next[to] as number) + (follow * (rank[from] as number) * weight) / (out[from] as number);
      next[from] = (next[from] as number) + (follow * (rank[to] as number) * weight) / (out[to] as number);
    }
    rank = next;
  }
  return rank.map((value, at) => Math.max(0, value - (1 - follow) * (start[at] as number)));
}
