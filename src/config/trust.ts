// What a repository brings in its .aura folder, and whether this person said it may: kept by real path and content in the user's own state.
import { createHash } from "node:crypto";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { AuraError, errnoOf } from "../core/error.ts";
import { type Paths, projectConfigFile } from "./paths.ts";
import { readSmall } from "./private.ts";
import { changeMemory, readMemory } from "./remember.ts";

/** `trust`: `new` = never asked about this content. Anything but `yes` means: don't use it. */
export interface Brought {
  /** Changes with every byte that could matter. */
  hash: string;
  /** Relative to the root, sorted. */
  files: string[];
  trust: "yes" | "no" | "new";
}

const folders = ["prompts", "commands", "languages"];
const mostFiles = 500;

/**
 * What the repository at `root` (a real path) brings, null when nothing; one system call where there is no .aura.
 * `configText` is the very text the hash was made of. Throws AuraError on foreign files.
 */
export function lookAtProject(paths: Paths, root: string): { brought: Brought; configText: string | null } | null {
  const home = join(root, ".aura");
  if (!isFolder(home)) return null;
  const files: string[] = [];
  const hash = createHash("sha256");
  const add = (path: string): string | null => {
    const text = readSmall(join(root, path), { links: false });
    if (text === null) return null;
    files.push(path);
    hash.update(`${path}\0${text.length}\0`).update(text);
    return text;
  };
  const configText = add(".aura/config.json");
  for (const folder of folders) {
    if (!isFolder(join(home, folder))) continue;
    const entries = readdirSync(join(home, folder), { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
    if (entries.length > mostFiles) throw new AuraError("foreign-file", `${join(home, folder)} holds ${entries.length} files; at most ${mostFiles} are read there`, { exit: 2 });
    const names = entries.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)).sort();
    for (const name of names) add(name);
  }
  if (files.length === 0) return null;
  const content = hash.digest("hex");
  const answer = readMemory(paths, root).trust;
  return { brought: { hash: content, files, trust: answer?.hash === content ? (answer.yes ? "yes" : "no") : "new" }, configText };
}

/** Keeps the person's answer for exactly this content. */
export function saveTrust(paths: Paths, root: string, brought: Pick<Brought, "hash">, yes: boolean): void {
  changeMemory(paths, root, (memory) => ({ ...memory, trust: { hash: brought.hash, yes } }));
}

function isFolder(path: string): boolean {
  try {
    const stat = lstatSync(path);
    if (stat.isDirectory()) return true;
    throw new AuraError("foreign-file", `${path} is not a folder`, { hint: "Move it away; Aura keeps its own folder there", exit: 2 });
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return false;
    throw error;
  }
}

/** The question's body: what the repository's files set, one sentence per line. */
export async function describeProject(root: string, brought: Pick<Brought, "files">): Promise<string[]> {
  const { parseConfig, problemLine, shownValue } = await import("./parse.ts");
  const lines: string[] = [];
  const file = projectConfigFile(root);
  const text = readSmall(file, { links: false });
  if (text !== null) {
    const { config, problems } = parseConfig("project", file, text);
    for (const [key, value] of Object.entries(config)) if (key !== "$schema") lines.push(`${key}: ${shownValue(value)}`);
    for (const problem of problems) lines.push(problemLine(problem));
  }
  for (const name of brought.files) if (name !== ".aura/config.json") lines.push(`brings ${shownValue(name).slice(1, -1)}`);
  return lines;
}
