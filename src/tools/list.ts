// The list tool: a folder as a tree, broad before deep, without what .gitignore names.
import * as z from "zod/mini";
import { ToolError } from "../core/error.ts";
import { limits } from "./limits.ts";
import { ripgrep } from "./rg.ts";
import type { Hands, Outcome, Tool } from "./tool.ts";

const args = z.object({ path: z.optional(z.string()) });
export type ListArgs = z.infer<typeof args>;

interface Branch {
  folders: Map<string, Branch>;
  files: string[];
  /** Files in it, at any depth. */
  count: number;
  open: boolean;
}
const branch = (): Branch => ({ folders: new Map(), files: [], count: 0, open: false });

export const list: Tool<ListArgs> = {
  name: "list",
  about: "List a folder's files as a tree.",
  args,
  title: ({ path }) => path ?? ".",
  async risk({ path }, { files }) {
    return { kind: "read", outside: (await files.locate(path ?? ".")).access === "outside" };
  },
  async execute({ path = "." }, hands): Promise<Outcome> {
    const options = { allowOutside: hands.outside };
    const names = await hands.files.list(path, options); // also what makes a missing folder, a file, a forbidden place an error
    const { realPath, shown } = await hands.files.locate(path);
    const seen = await treeOf(realPath, hands);
    const room = Math.min(hands.room, limits.listChars);
    if (seen === null || (seen.tree.count === 0 && names.length > 0)) return plain(shown, names, room);
    if (names.length === 0) return { ok: true, text: `${shown} is empty` };
    const text = draw(seen.tree, room - 100);
    const left = names.filter((name) => (name.endsWith("/") ? !seen.tree.folders.has(name.slice(0, -1)) : !seen.tree.files.includes(name)) && name !== ".git/");
    const notes = left.length > 0 ? [`empty or ignored: ${left.slice(0, 8).join(" ")}${left.length > 8 ? ` and ${left.length - 8} more` : ""}`] : [];
    if (seen.cut) notes.push("too many files: only a part was looked at");
    return { ok: true, text: [text, ...notes.map((note) => `[${note}]`)].join("\n"), detail: { kind: "found", count: seen.tree.count } };
  },
};

async function treeOf(folder: string, { signal, root }: Hands): Promise<{ tree: Branch; cut: boolean } | null> {
  const hidden = folder === root ? ["--glob=!/.aura/log", "--glob=!/.aura/index"] : [];
  const { text, cut } = await ripgrep(folder, ["--files", "-0", ...hidden], signal).catch((error: unknown) => {
    if (error instanceof ToolError) return { text: null, cut: null };
    throw error;
  });
  if (text === null) return null;
  const tree = branch();
  for (const path of text.split("\0")) {
    if (path === "") continue;
    const parts = path.split("/");
    const name = parts.pop() ?? "";
    let at = tree;
    at.count++;
    for (const part of parts) {
      const next = at.folders.get(part) ?? branch();
      at.folders.set(part, next);
      next.count++;
      at = next;
    }
    at.files.push(name);
  }
  return { tree, cut: cut !== null };
}

/** Opens folders level by level while their lines fit; a folder that stays closed says how much is in it. */
function draw(tree: Branch, room: number): string {
  tree.open = true;
  let used = costOf(tree, 0);
  let level = [{ at: tree, depth: 0 }];
  while (level.length > 0) {
    const below: typeof level = [];
    for (const { at, depth } of level) {
      for (const next of [...at.folders.values()].sort((a, b) => a.count - b.count)) {
        const cost = costOf(next, depth + 1);
        if (used + cost > room) continue;
        used += cost;
        next.open = true;
        below.push({ at: next, depth: depth + 1 });
      }
    }
    level = below;
  }
  const lines: string[] = [];
  write(tree, 0, lines, Math.max(20, Math.floor(room / 30)));
  return lines.join("\n");
}

const costOf = (at: Branch, depth: number): number => [...at.folders.keys(), ...at.files].reduce((sum, name) => sum + name.length + depth * 2 + 12, 0);

function write(at: Branch, depth: number, lines: string[], most: number): void {
  const indent = "  ".repeat(depth);
  for (const [name, next] of [...at.folders].sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`${indent}${safe(name)}/${next.open ? "" : ` (${next.count} file${next.count === 1 ? "" : "s"})`}`);
    if (next.open) write(next, depth + 1, lines, most);
  }
  const files = [...at.files].sort();
  for (const name of files.slice(0, most)) lines.push(`${indent}${safe(name)}`);
  if (files.length > most) lines.push(`${indent}[${files.length - most} more files]`);
}

function plain(shown: string, names: string[], room: number): Outcome {
  const folders = names.filter((name) => name.endsWith("/"));
  const sorted = [...folders, ...names.filter((name) => !name.endsWith("/"))].map(safe);
  let used = 0;
  const kept = sorted.filter((name) => {
    used += name.length + 1;
    return used < room;
  });
  const more = sorted.length - kept.length;
  return {
    ok: true,
    text: [...kept, more > 0 ? `[${more} more]` : "", `[${shown}: .gitignore leaves all of this out]`].filter((line) => line !== "").join("\n"),
    detail: { kind: "found", count: names.length },
  };
}

/** A name may hold a line break. */
const safe = (name: string): string => name.replace(/[\n\r]/g, "?");
