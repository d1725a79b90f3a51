// An inverted index in memory with BM25 over it: documents come and go, scores are those of an index built anew.
import type { Counts } from "./words.ts";

interface Posting {
  slots: number[];
  counts: number[];
  /** Documents that are still there. */
  alive: number;
}
export interface Inverted {
  /** Adds a document and gives its slot. */
  add(counts: Counts): number;
  /** Takes the document out; its counts are those it was added with. */
  remove(slot: number, counts: Counts): void;
  /** A score for each slot; 0 where no word matches or the document has gone. `k1`: how soon repeating a word stops helping; `b`: how much length counts. */
  score(query: Counts, k1: number, b: number): Float64Array;
  /** How telling a word is: 0 and up. */
  idf(word: string): number;
  readonly slots: number;
  /** So many slots are dead weight. */
  readonly dead: number;
}

export function openInverted(): Inverted {
  const postings = new Map<string, Posting>();
  /** 0 = gone. */
  const lengths: number[] = [];
  let total = 0;
  let alive = 0;
  const idfOf = (count: number): number => Math.log(1 + (alive - count + 0.5) / (count + 0.5));
  return {
    add(counts) {
      const slot = lengths.length;
      let length = 0;
      for (const [word, count] of counts) {
        length += count;
        const posting = postings.get(word);
        if (posting) {
          posting.slots.push(slot);
          posting.counts.push(count);
          posting.alive++;
        } else postings.set(word, { slots: [slot], counts: [count], alive: 1 });
      }
      // a document without words is still one
      lengths.push(Math.max(length, 1e-9));
      total += length;
      alive++;
      return slot;
    },
    remove(slot, counts) {
      if (!lengths[slot]) return;
      total -= lengths[slot] ?? 0;
      lengths[slot] = 0;
      alive--;
      for (const word of counts.keys()) {
        const posting = postings.get(word);
        if (posting && --posting.alive === 0) postings.delete(word);
      }
    },
    score(query, k1, b) {
      const scores = new Float64Array(lengths.length);
      const mean = alive === 0 ? 1 : Math.max(total / alive, 1e-9);
      for (const [word, weight] of query) {
        const posting = postings.get(word);
        if (!posting) continue;
        const idf = idfOf(posting.alive) * weight;
        for (let at = 0; at < posting.slots.length; at++) {
          const slot = posting.slots[at] as number;
          const length = lengths[slot] as number;
          if (length === 0) continue;
          const count = posting.counts[at] as number;
          scores[slot] = (scores[slot] as number) + (idf * count * (k1 + 1)) / (count + k1 * (1 - b + (b * length) / mean));
        }
      }
      return scores;
    },
    idf: (word) => idfOf(postings.get(word)?.alive ?? 0),
    get slots() {
      return lengths.length;
    },
    get dead() {
      return lengths.length - alive;
    },
  };
}
