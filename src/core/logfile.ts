// What a log looks like on disk: its folder, its lines, and what a crash may have left at its end.
import { chmodSync, closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AuraError, errnoOf } from "./error.ts";
import type { Entry, SessionId } from "./events.ts";
import { factFault, isRecord, knowsFact } from "./shapes.ts";

/** The newest version of the log's format this program understands. */
export const logVersion = 1;

/** The bytes of a log, understood: its facts, and where a torn end starts (`good` = the length of what is whole). */
export interface Scan {
  entries: Entry[];
  good: number;
}

const corrupt = (path: string, line: number, fault: string): AuraError =>
  new AuraError("log.corrupt", `${path}:${line}: this line of the session's log ${fault}`, { hint: "mend or remove the line, or move the file away and start a new session" });
const newer = (path: string, what: string): AuraError =>
  new AuraError("log.newer", `${path} was written by a newer Aura (${what})`, { hint: "open it with that version; nothing in it was touched" });

/**
 * One line as the entry number `seq`. Throws AuraError `log.corrupt` naming file and line, or `log.newer` for a format or a
 * fact this version doesn't know.
 */
export function parseLine(line: string, path: string, seq: number): Entry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw corrupt(path, seq, "is not JSON");
  }
  if (!isRecord(value) || typeof value.seq !== "number" || typeof value.at !== "number" || typeof value.type !== "string") throw corrupt(path, seq, "is not a fact");
  if (value.seq !== seq) throw corrupt(path, seq, `has number ${value.seq} where ${seq} belongs`);
  if (seq === 1 && value.type !== "opened") throw corrupt(path, seq, "is not the opening of a session");
  if (value.type === "opened" && typeof value.v === "number" && value.v > logVersion) throw newer(path, `format ${value.v}, this one knows ${logVersion}`);
  if (!knowsFact(value.type)) throw newer(path, `line ${seq} is a fact of a kind unknown here`);
  const fault = factFault(value);
  if (fault) throw corrupt(path, seq, fault);
  return value as Entry;
}

/**
 * Reads all lines. A half line at the end, and lines there that hold NUL bytes (blocks the disk never got), are what a crash
 * leaves: they are not part of the log, and anything else that is wrong throws as `parseLine` does.
 */
export function scanLog(bytes: Buffer, path: string): Scan {
  const entries: Entry[] = [];
  const nul = bytes.indexOf(0);
  const end = nul === -1 ? bytes.length : nul;
  let good = 0;
  for (let next = bytes.indexOf(10); next !== -1 && next < end; next = bytes.indexOf(10, good)) {
    entries.push(parseLine(bytes.toString("utf8", good, next), path, entries.length + 1));
    good = next + 1;
  }
  if (nul !== -1 && hasFactAfter(bytes, nul)) throw corrupt(path, entries.length + 1, "holds NUL bytes");
  return { entries, good };
}
function hasFactAfter(bytes: Buffer, from: number): boolean {
  for (const line of bytes.toString("utf8", from).split("\n").slice(1, -1)) {
    try {
      if (isRecord(JSON.parse(line))) return true;
    } catch {
      // part of the torn end
    }
  }
  return false;
}

/** Opens a log for reading, without following a link that a repository brought along. Throws as `openPlain` does. */
export function openToRead(path: string): number {
  const fd = openPlain(path, constants.O_RDONLY);
  try {
    const dir = dirname(path);
    for (const folder of basename(dirname(dir)) === ".aura" ? [dirname(dir), dir] : [dir]) checkFolder(folder);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Opens a regular file without following a link in its last place and without waiting for a pipe's other end. */
export function openPlain(path: string, flags: number): number {
  let fd: number;
  try {
    fd = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  } catch (error) {
    const why = errnoOf(error);
    if (why === "ENOENT") throw new AuraError("session.unknown", `there is no session log ${path}`, { hint: "aura sessions lists those that exist", cause: error });
    if (why === "EEXIST") throw new AuraError("session.exists", `the session log ${path} exists already`, { cause: error });
    if (why === "ELOOP" || why === "EMLINK")
      throw new AuraError("log.link", `${path} is a symbolic link; logs are only kept in real files`, { hint: "remove the link", cause: error });
    throw new AuraError("log.open", `the session log ${path} can't be opened: ${why ?? String(error)}`, { cause: error });
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new AuraError("log.open", `${path} is not a regular file`, { hint: "move it away" });
}

const maxLogBytes = 1_000_000_000;
/** All bytes of an open file, from an offset. */
export function bytesOf(fd: number, from = 0): Buffer {
  const size = Math.max(0, fstatSync(fd).size - from);
  if (size > maxLogBytes) throw new AuraError("log.size", `a session's log or file of ${size} bytes is more than Aura reads (${maxLogBytes})`, { hint: "start a new session" });
  const bytes = Buffer.allocUnsafe(size);
  let got = 0;
  while (got < size) {
    const count = readSync(fd, bytes, got, size - got, from + got);
    if (count === 0) break;
    got += count;
  }
  return bytes.subarray(0, got);
}

/** A session's name is part of file names: only letters, digits, `-` and `_`. Throws AuraError `session.name`. */
export function checkSessionName(session: SessionId): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/.test(session)) throw new AuraError("session.name", "a session's name consists of letters, digits and dashes", { exit: 2 });
}

/** A real folder at `path`, created 0700 if need be; a link planted there is refused. Returns whether it was created. */
export function ensureFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    const why = errnoOf(error);
    if (why !== "EEXIST")
      throw new AuraError("log.folder", `the folder ${path} can't be created: ${why ?? String(error)}`, {
        hint: "Aura keeps a session's log there: make it writable",
        cause: error,
      });
  }
  checkFolder(path);
  return false;
}
function checkFolder(path: string): void {
  if (lstatSync(path).isDirectory()) return;
  throw new AuraError("log.link", `${path} is not a real folder (a link or a file lies there), so Aura keeps nothing in it`, { hint: "look at what it is and remove it" });
}

/** `<root>/.aura/log` or its like: both real folders, `.aura` ignoring itself unless a `.gitignore` says otherwise, the inner one 0700. */
export function ensureAuraFolder(dir: string): void {
  const aura = dirname(dir);
  ensureFolder(aura);
  try {
    writeFileSync(join(aura, ".gitignore"), "*\n", { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw writeTrouble(join(aura, ".gitignore"), "written", error);
  }
  if (!ensureFolder(dir) && (lstatSync(dir).mode & 0o077) !== 0) chmodSync(dir, 0o700);
}

const noRoom = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
/** A failed write as the person should hear of it: `log.full` or `log.write`. `done` is the past participle of what failed. */
export function writeTrouble(path: string, done: string, error: unknown): AuraError {
  const why = errnoOf(error) ?? String(error);
  if (noRoom.has(why)) return new AuraError("log.full", `${path} can't be ${done}: the disk is full (${why})`, { hint: "make room and go on with: aura --continue", cause: error });
  return new AuraError("log.write", `${path} can't be ${done}: ${why}`, { cause: error });
}
