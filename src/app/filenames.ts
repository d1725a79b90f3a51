// @file completion: the names git doesn't ignore, kept for some seconds, ranked fuzzily.
import { treeNames } from "../tools/rg.ts";

/** The part of the package that is used; its own declarations don't resolve under Node's rules. */
interface FzfModule {
  Fzf: new (list: readonly string[], options: { limit: number; tiebreakers: unknown[] }) => { find(words: string): { item: string }[] };
  byLengthAsc: unknown;
}
const keepMs = 5_000;
const most = 200_000;
let kept: { root: string; at: number; names: Promise<string[]> } | null = null;

/** Paths relative to the root, best first. With no words: the first ones in order. Never throws: no ripgrep, no names. */
export async function matchFiles(root: string, words: string, limit: number): Promise<string[]> {
  if (!kept || kept.root !== root || Date.now() - kept.at > keepMs) kept = { root, at: Date.now(), names: namesOf(root) };
  const names = await kept.names;
  if (words === "") return names.slice(0, limit);
  const { Fzf, byLengthAsc } = (await import("fzf")) as unknown as FzfModule;
  return new Fzf(names, { limit, tiebreakers: [byLengthAsc] }).find(words).map((found) => found.item);
}

async function namesOf(root: string): Promise<string[]> {
  try {
    const names = await treeNames(root, AbortSignal.timeout(10_000));
    return names.slice(0, most).sort((a, b) => a.split("/").length - b.split("/").length || (a < b ? -1 : 1));
  } catch {
    return [];
  }
}
