// What has changed on disk since the index saw it: names against rows, by size and time, without reading a file.
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { FileRow } from "./records.ts";

/** A regular file as it is on disk now. */
export interface Seen {
  path: string;
  size: number;
  mtime: number;
}
export interface Changes {
  /** New, or no longer what the index has; those that were touched last come first. */
  changed: Seen[];
  gone: string[];
}

/** Files looked at together: enough to keep the disk busy, few enough not to fill the thread pool's queue. */
const atOnce = 64;

/** The file at `path`, or null: it is gone, or no regular file. Links are not followed: what they lead to has its own name, or lies outside. */
export async function look(root: string, path: string): Promise<Seen | null> {
  try {
    const stat = await lstat(join(root, path));
    return stat.isFile() ? { path, size: stat.size, mtime: stat.mtimeMs } : null;
  } catch {
    return null;
  }
}

/** Compares all of a tree. Aborting `signal` throws its reason. */
export async function scan(root: string, names: readonly string[], known: ReadonlyMap<string, Pick<FileRow, "size" | "mtime">>, signal: AbortSignal): Promise<Changes> {
  const changed: Seen[] = [];
  const there = new Set<string>();
  for (let at = 0; at < names.length; at += atOnce) {
    signal.throwIfAborted();
    for (const seen of await Promise.all(names.slice(at, at + atOnce).map((name) => look(root, name)))) {
      if (!seen) continue;
      there.add(seen.path);
      const row = known.get(seen.path);
      if (row?.size !== seen.size || row.mtime !== seen.mtime) changed.push(seen);
    }
  }
  changed.sort((one, other) => other.mtime - one.mtime || (one.path < other.path ? -1 : 1));
  return { changed, gone: [...known.keys()].filter((path) => !there.has(path)) };
}
