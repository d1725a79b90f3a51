// Files of the user's own: folders 0700, files 0600, replaced in one step. Foreign files are read without following links or waiting.
import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, constants, fstatSync, fsyncSync, mkdirSync, openSync, readSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { AuraError, errnoOf } from "../core/error.ts";

/** Makes the folder (0700) where it is missing; closes one of ours that stands open to others. Throws AuraError. */
export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const { mode, uid } = statSync(path);
    if ((mode & 0o077) !== 0 && uid === process.getuid?.()) chmodSync(path, 0o700);
  } catch (cause) {
    throw new AuraError("folder", `Can't make the folder ${path}: ${errnoOf(cause) ?? String(cause)}`, {
      hint: "Make room or rights there, or point AURA_HOME to another folder",
      cause,
    });
  }
}

/** Replaces the file's content in one step, readers see the old or the new one; its folder must exist. A link is followed: its target is replaced. Throws AuraError. */
export function replaceFile(file: string, text: string, mode = 0o600): void {
  let target = file;
  try {
    target = realpathSync(file);
  } catch {
    // a new file
  }
  const draft = join(dirname(target), `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const fd = openSync(draft, "wx", mode);
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, target);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw new AuraError("write", `Can't write ${file}: ${errnoOf(cause) ?? String(cause)}`, { hint: "Check the folder's rights and the room on the disk", cause });
  }
}

/** As `replaceFile`, making the 0700 folder first. */
export function writePrivate(file: string, text: string): void {
  makePrivateFolder(dirname(file));
  replaceFile(file, text);
}

/**
 * Text of a regular file, null when there is none. `links: false` refuses a symbolic link (a repository's file could point anywhere).
 * Throws AuraError for a pipe, a device, a folder, a file over `maxBytes`, or one that can't be read.
 */
export function readSmall(file: string, options: { maxBytes?: number; links?: boolean } = {}): string | null {
  const maxBytes = options.maxBytes ?? 1_000_000;
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | (options.links === false ? constants.O_NOFOLLOW : 0));
  } catch (cause) {
    const code = errnoOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    if (code === "ELOOP") throw new AuraError("foreign-file", `${file} is a symbolic link; Aura doesn't follow links there`, { hint: "Put a plain file in its place", exit: 2 });
    throw new AuraError("unreadable", `Can't read ${file}: ${code ?? String(cause)}`, { hint: "Check its rights", exit: 2, cause });
  }
  try {
    const stat = fstatSync(fd);
    const size = stat.size;
    if (!stat.isFile()) throw new AuraError("foreign-file", `${file} is not a regular file`, { hint: "Move it away and put a plain file in its place", exit: 2 });
    if (size > maxBytes) throw new AuraError("foreign-file", `${file} has ${size} bytes; at most ${maxBytes} are read there`, { hint: "Move it away", exit: 2 });
    const bytes = Buffer.alloc(Math.min(size, maxBytes));
    let at = 0;
    for (let count = 1; at < bytes.length && count > 0; at += count) count = readSync(fd, bytes, at, bytes.length - at, at);
    return bytes.subarray(0, at).toString("utf8");
  } finally {
    closeSync(fd);
  }
}
