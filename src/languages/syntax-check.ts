// The syntax check of one edit: what it broke, and nothing that was broken before or that only the grammar doesn't know. Runs in a worker.
import * as module from "node:module";
import type { Tree } from "web-tree-sitter";
import { openGrammars } from "./grammar.ts";
import type { GrammarName } from "./language.ts";
import { type Fault, type Faults, faultsOf, type Range } from "./syntax-faults.ts";

export interface Edited {
  grammar: GrammarName;
  /** null: a new file. */
  before: string | null;
  after: string;
}
export interface Checked {
  /** New ones, most telling first, at most three. */
  faults: Fault[];
  /** Lines the edit changed, 1-based, inclusive. */
  edited: { from: number; to: number };
}
export const mostFaults = 3;
/** With more errors than this before the edit it is the grammar that doesn't know the language. */
const mostBefore = 2;

/** Throws where a grammar can't be loaded. The grammars' memory is kept for the next check. */
export async function checkSyntax({ grammar, before, after }: Edited): Promise<Checked> {
  const grammars = await openGrammars();
  const read = async <T>(name: GrammarName, text: string, use: (tree: Tree) => T): Promise<T> => {
    const tree = await grammars.parse(name, text);
    try {
      return use(tree);
    } finally {
      tree.delete();
    }
  };
  const range = changedRange(before, after);
  const edited = { from: range.from + 1, to: range.to + 1 };
  const now = isOther(grammar, after) ? { faults: [], loose: 0 } : await read(grammar, after, (tree) => faultsOf(grammar, tree, after, before === null ? null : range));
  if (now.faults.length === 0) return { faults: [], edited };
  const then = before === null ? { faults: [], loose: 0 } : await read(grammar, before, (tree) => faultsOf(grammar, tree, before, null));
  const faults = newFaults(now, then, range);
  if (faults.length === 0) return { faults, edited };
  // a second opinion: what another parser of the family takes is no error
  if (grammar === "javascript" && (await read("tsx", after, (tree) => !tree.rootNode.hasError))) return { faults: [], edited };
  if ((grammar === "javascript" || grammar === "typescript") && isTaken(after)) return { faults: [], edited };
  return { faults: faults.slice(0, mostFaults), edited };
}

/** Scripts of other shells under the same name. */
const isOther = (grammar: GrammarName, text: string): boolean => grammar === "bash" && /^#!.*\b(zsh|fish|csh|tcsh)\b/.test(text);

/** Node's own reader of TypeScript, where this Node has one: about 0.3 s the first time. */
function isTaken(text: string): boolean {
  if (typeof module.stripTypeScriptTypes !== "function") return false;
  try {
    module.stripTypeScriptTypes(text, { mode: "transform" });
    return true;
  } catch {
    return false;
  }
}

/** A text that was broken before, or that the grammar doesn't know all of: only what is surely of this edit. */
function newFaults(now: Faults, then: Faults, { from, to }: Range): Fault[] {
  if (then.faults.length === 0) return now.faults;
  if (now.loose > 0) return now.loose > then.loose ? without(now.faults, then.faults) : [];
  if (now.faults.length <= then.faults.length || then.faults.length > mostBefore) return [];
  return without(now.faults, then.faults).filter(({ line }) => line >= from && line <= to + 2);
}
function without(now: readonly Fault[], then: readonly Fault[]): Fault[] {
  const keyOf = ({ what, quote }: Fault): string => `${what} ${quote}`;
  const known = new Map<string, number>();
  for (const fault of then) known.set(keyOf(fault), (known.get(keyOf(fault)) ?? 0) + 1);
  return now.filter((fault) => {
    const times = known.get(keyOf(fault)) ?? 0;
    known.set(keyOf(fault), times - 1);
    return times <= 0;
  });
}

/** What lies between the lines that both texts begin and end with. */
function changedRange(before: string | null, after: string): Range {
  const now = after.split("\n");
  const last = now.length - 1;
  if (before === null) return { from: 0, to: last };
  const old = before.split("\n");
  let from = 0;
  while (from < now.length && from < old.length && now[from] === old[from]) from++;
  let same = 0;
  while (same < now.length - from && same < old.length - from && now[last - same] === old[old.length - 1 - same]) same++;
  return { from: Math.min(from, last), to: Math.max(Math.min(from, last), last - same) };
}
