// AGENTS.md files for the head of the prompt: the user's own, the repository's, and those of its folders. Read once per session.
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { note } from "../core/note.ts";

export interface Instruction {
  /** Shown to the model: `AGENTS.md`, `web/AGENTS.md`, `~/AGENTS.md`. */
  shown: string;
  text: string;
}
const names = ["AGENTS.md", "CLAUDE.md"];
const skipped = new Set(["node_modules", "vendor", "target", "dist", "build", "out", "venv", "__pycache__", "site-packages"]);
const maxFolders = 400;
const maxDepth = 3;
const maxBytes = 64 * 1024;

/** Regular files only: a link planted in a repository must not pull a file of the person's into the prompt. */
function readPlain(path: string): string | null {
  try {
    const stat = lstatSync(path);
    if (!stat.isFile() || stat.size > maxBytes) {
      note("agent", "instructions skipped", { path, size: stat.size }, "warn");
      return null;
    }
    return readFileSync(path, "utf8")
      .replace(/^\uFEFF/, "")
      .trim();
  } catch {
    return null;
  }
}
function inFolder(folder: string, shownFolder: string, present?: Set<string>): Instruction | null {
  for (const name of names) {
    if (present && !present.has(name)) continue;
    const text = readPlain(join(folder, name));
    if (text) return { shown: shownFolder ? `${shownFolder}/${name}` : name, text };
  }
  return null;
}

/** The user's own first, then from the root inwards; nested folders breadth first, bounded in depth and number. Deterministic. */
export function readInstructions(options: { root: string; userConfig: string | null }): Instruction[] {
  const found: Instruction[] = [];
  if (options.userConfig) {
    const own = inFolder(options.userConfig, "~");
    if (own) found.push(own);
  }
  const queue: { folder: string; depth: number }[] = [{ folder: options.root, depth: 0 }];
  for (let at = 0; at < queue.length && at < maxFolders; at++) {
    const { folder, depth } = queue[at] as { folder: string; depth: number };
    let entries: import("node:fs").Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      continue;
    }
    const present = new Set(entries.filter((entry) => entry.isFile()).map((entry) => entry.name));
    if (names.some((name) => present.has(name))) {
      const one = inFolder(folder, relative(options.root, folder).split(sep).join("/"), present);
      if (one) found.push(one);
    }
    if (depth >= maxDepth) continue;
    const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !skipped.has(entry.name)).map((entry) => entry.name);
    for (const name of folders.sort()) queue.push({ folder: join(folder, name), depth: depth + 1 });
  }
  return found;
}

/** Instructions deeper than `readInstructions` looked, between a touched file and the root: told with the first read there. */
export function instructionsFor(root: string, path: string, known: ReadonlySet<string>): Instruction[] {
  const found: Instruction[] = [];
  for (let folder = dirname(join(root, path)); folder.startsWith(root + sep); folder = dirname(folder)) {
    const shown = relative(root, folder).split(sep).join("/");
    if (names.some((name) => known.has(`${shown}/${name}`))) continue;
    const one = inFolder(folder, shown);
    if (one) found.unshift(one);
  }
  return found;
}
