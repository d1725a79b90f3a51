// What is known of a repository's index, and what a search finds: shared by the worker, the daemon and whoever shows it.

export type IndexPhase = "absent" | "opening" | "scanning" | "reading" | "ready" | "failed";
/** Durations in ms. */
export interface IndexState {
  is: IndexPhase;
  /** Files of the tree, and how many of those that changed have been read by now. */
  files: number;
  toRead: number;
  read: number;
  /** Files per second while it reads; null before it is known. */
  perS: number | null;
  leftMs: number | null;
  lines: number;
  chunks: number;
  symbols: number;
  commits: number;
  /** Files of which only the name is known, by why. */
  skipped: Record<string, number>;
  languages: Record<string, number>;
  /** Bytes on disk; null while it is not known. */
  bytes: number | null;
  /** What a person should know: built anew and why, a language that can't be used, a full disk. */
  notes: string[];
}

export interface SearchHit {
  path: string;
  line: number;
  endLine: number;
  symbol: string | null;
  /** 0 to 1, the best of an answer being near 1; comparable within one answer only. */
  score: number;
  /** Why it was found, the strongest reason first: `defines Cart`, `text: http header`, `changed with src/a.ts`. */
  why: string[];
  snippet: string;
}
export interface SearchAnswer {
  results: SearchHit[];
  /** The index is still being built: there may be more. */
  partial: boolean;
}

export const noIndex: IndexState = {
  is: "absent",
  files: 0,
  toRead: 0,
  read: 0,
  perS: null,
  leftMs: null,
  lines: 0,
  chunks: 0,
  symbols: 0,
  commits: 0,
  skipped: {},
  languages: {},
  bytes: null,
  notes: [],
};
