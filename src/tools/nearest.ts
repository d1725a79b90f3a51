// "Did you mean": the existing names nearest to one that doesn't exist.
import { readdir } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { type PathPolicy, within } from "../sandbox/policy.ts";
import { accessHere } from "./place.ts";
import { ripgrep } from "./rg.ts";

/** Up to four paths as a model would write them, nearest first. Never throws. */
export async function nearestPaths(missing: string, policy: PathPolicy): Promise<string[]> {
  const { root } = policy;
  if (!within(root, missing)) return [];
  const wanted = basename(missing);
  const found: { path: string; far: number }[] = [];
  let folder = dirname(missing);
  let names = await namesIn(folder);
  const gone = names === null;
  while (names === null && within(root, dirname(folder))) {
    folder = dirname(folder);
    names = await namesIn(folder);
  }
  if (!gone) for (const name of names ?? []) found.push({ path: join(folder, name), far: distance(wanted.toLowerCase(), name.toLowerCase()) });
  const listed = await ripgrep(root, ["--files", "-0"], AbortSignal.timeout(1500)).catch(() => null);
  for (const path of listed?.text.split("\0") ?? []) {
    const name = basename(path);
    if (name.toLowerCase() === wanted.toLowerCase()) found.push({ path: join(root, path), far: 0 });
    else if (gone && stem(name) === stem(wanted)) found.push({ path: join(root, path), far: 1 });
  }
  const most = Math.max(2, Math.floor(wanted.length / 3));
  const near = found.filter(({ path, far }) => far <= most && accessHere(policy, path).access !== "hidden").sort((a, b) => a.far - b.far || (a.path < b.path ? -1 : 1));
  return [...new Set(near.map(({ path }) => relative(root, path)))].slice(0, 4);
}

const stem = (name: string): string => name.toLowerCase().replace(/\.[^.]*$/, "");

async function namesIn(folder: string): Promise<string[] | null> {
  try {
    return await readdir(folder);
  } catch {
    return null;
  }
}

/** Edits (insert, remove, replace) from one short text to the other. */
export function distance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 20) return 99;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const swap = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
