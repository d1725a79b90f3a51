// Who imports and who uses whom, as edges between files.
import { grammarOf, languageOf } from "../languages/index.ts";
import type { ImportTree } from "../languages/resolve.ts";
import type { Edge } from "./rank.ts";
import type { Read } from "./records.ts";

/** A name that is defined in more files than this tells nothing. */
const mostDefining = 5;
const importWeight = 1;

/** `slotOf`: a file's number. A file without a known language has no edges. */
export function edgesOf(reads: Iterable<Read>, tree: ImportTree, slotOf: (path: string) => number | undefined): Edge[] {
  const all = [...reads];
  const defining = new Map<string, Set<number>>();
  for (const { file, symbols } of all) {
    const slot = slotOf(file.path);
    if (slot === undefined) continue;
    for (const { name, kind } of symbols) {
      if (name.length < 3 || kind === "field" || kind === "variable" || kind === "test") continue;
      const slots = defining.get(name) ?? new Set<number>();
      defining.set(name, slots.add(slot));
    }
  }
  const edges: Edge[] = [];
  for (const { file, imports } of all) {
    const from = slotOf(file.path);
    if (from === undefined) continue;
    const resolve = grammarOf(file.path) === null ? undefined : languageOf(file.path)?.code.resolve;
    if (resolve) {
      const targets = new Set(imports.flatMap(({ module, names, line, child }) => resolve(file.path, { module, names: names === "" ? [] : names.split(" "), line, child }, tree)));
      for (const target of targets) {
        const to = slotOf(target);
        if (to !== undefined && to !== from) edges.push([from, to, importWeight]);
      }
    }
    for (const use of file.uses === "" ? [] : file.uses.split("\n")) {
      const slots = defining.get(use.slice(0, use.lastIndexOf(" ")));
      if (!slots || slots.size > mostDefining || slots.has(from)) continue;
      for (const to of slots) edges.push([from, to, 1 / slots.size]);
    }
  }
  return edges;
}
