// The append-only log of a session: one JSON line per fact, written before the effect it allows. Everything else is a fold of it.
import { closeSync, constants, fdatasyncSync, fsyncSync, ftruncateSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { AuraError, errnoOf } from "./error.ts";
import type { Entry, Fact, SessionId } from "./events.ts";
import { openKeep } from "./keep.ts";
import { holderName, type Lock, lockHolder, takeLock } from "./lock.ts";
import { bytesOf, checkSessionName, ensureAuraFolder, openPlain, openToRead, scanLog, writeTrouble } from "./logfile.ts";
import { note } from "./note.ts";
import { type Clock, randomId } from "./time.ts";

export interface Log {
  readonly session: SessionId;
  readonly path: string;
  /** All facts, in order: entry `seq` is at `seq - 1`. Grows in place. */
  readonly entries: readonly Entry[];
  /**
   * Numbers and stamps the facts and writes all their lines with one write() before it returns; then the listeners hear of
   * them. Facts must not be changed afterwards. Throws AuraError `log.full` (no room), `log.write` or `log.closed`; then none
   * of the facts is in the log.
   */
  append(...facts: Fact[]): Entry[];
  /** fdatasync: what was appended survives a power cut. Throws AuraError `log.write`. */
  sync(): void;
  /** Returns how to stop listening. A listener may append; others hear of it afterwards, in order. */
  onAppend(listener: (entries: Entry[]) => void): () => void;
  /** Keeps bytes for undo beside the log under their SHA-256 (0600, written before the `changed` fact that names them); returns the hash. */
  keep(bytes: Buffer): string;
  /** Bytes kept earlier; null when they are missing or damaged. */
  kept(hash: string): Buffer | null;
  /** Closes the file and gives the session's lock back. Idempotent. */
  close(): void;
}

const place = (dir: string, session: SessionId): string => join(dir, `${session}.jsonl`);

/** What kind of process runs a session. */
export type LogOwner = "daemon" | "headless";
function lockSession(dir: string, session: SessionId, as: LogOwner): Lock {
  const path = join(dir, `${session}.lock`);
  const { lock, owner } = orTrouble(path, () => takeLock(path, as));
  if (lock) return lock;
  throw new AuraError("session.owned", `session ${session} is run by ${holderName(owner)}`, {
    hint: `watch it with: aura attach ${session}; if that process is gone for good, remove ${path}`,
  });
}

function orTrouble<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw errnoOf(error) === undefined ? error : writeTrouble(path, "written", error);
  }
}

/** Who holds a session's lock now, null when nobody does. A holder that died doesn't count. */
export function logOwner(dir: string, session: SessionId): LogOwner | null {
  const holder = lockHolder(join(dir, `${session}.lock`));
  if (!holder) return null;
  return holder.what === "headless" ? "headless" : "daemon";
}

/** Starts a log in `dir` (`<root>/.aura/log`): creates the folders (0700) and the file (0600) and takes the session's lock. */
export function createLog(dir: string, session: SessionId, clock: Clock, as: LogOwner = "daemon"): Log {
  checkSessionName(session);
  ensureAuraFolder(dir);
  const lock = lockSession(dir, session, as);
  try {
    const path = place(dir, session);
    return logOf(openPlain(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL), { dir, session, path, lock, clock, entries: [], size: 0 });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Opens an existing log for writing and takes the session's lock. A torn end is cut off, kept in a side file and told in
 * `repaired` (a sentence). Throws AuraError `session.unknown`, `session.owned`, `log.newer`, `log.corrupt`; then the file is untouched.
 */
export function openLog(dir: string, session: SessionId, clock: Clock, as: LogOwner = "daemon"): { log: Log; repaired: string | null } {
  checkSessionName(session);
  const path = place(dir, session);
  closeSync(openToRead(path));
  ensureAuraFolder(dir);
  const lock = lockSession(dir, session, as);
  let fd: number | null = null;
  try {
    fd = openPlain(path, constants.O_RDWR | constants.O_APPEND);
    const bytes = bytesOf(fd);
    const { entries, good } = scanLog(bytes, path);
    let repaired: string | null = null;
    if (good < bytes.length) {
      const side = join(dir, `${session}.torn-${randomId(6)}`);
      writeFileSync(side, bytes.subarray(good, good + 1_000_000), { mode: 0o600, flag: "wx" });
      ftruncateSync(fd, good);
      repaired = `The last line of the log was torn (${bytes.length - good} bytes, probably a crash or a full disk); it was cut off and kept in ${side}.`;
    }
    return { log: logOf(fd, { dir, session, path, lock, clock, entries, size: good }), repaired };
  } catch (error) {
    if (fd !== null) closeSync(fd);
    lock.release();
    throw error;
  }
}

/** All facts of a log somebody else may be writing; a torn end is ignored. Throws as `openLog` does, touches nothing. */
export function readLog(path: string): Entry[] {
  const fd = openToRead(path);
  try {
    return scanLog(bytesOf(fd), path).entries;
  } finally {
    closeSync(fd);
  }
}

function logOf(fd: number, from: { dir: string; session: SessionId; path: string; lock: Lock; clock: Clock; entries: Entry[]; size: number }): Log {
  const { session, path, clock, entries } = from;
  const kept = openKeep(join(from.dir, `${session}.kept`));
  const listeners = new Set<(entries: Entry[]) => void>();
  const untold: Entry[][] = [];
  let { size } = from;
  let torn = false;
  /** The folder's entry for the file is on disk too. */
  let named = false;
  let telling = false;
  let closed = false;

  function write(bytes: Buffer): void {
    try {
      if (torn) ftruncateSync(fd, size);
      torn = true;
      // a short write means that something runs out: the next one says what
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      size += bytes.length;
      torn = false;
    } catch (error) {
      try {
        ftruncateSync(fd, size);
        torn = false;
      } catch {
        // the next append tries again, and so does the next opening
      }
      throw writeTrouble(path, "written", error);
    }
  }
  function tell(fresh: Entry[]): void {
    untold.push(fresh);
    if (telling) return;
    telling = true;
    for (let batch = untold.shift(); batch; batch = untold.shift()) {
      for (const listener of [...listeners]) {
        try {
          listener(batch);
        } catch (error) {
          note("core", "a log listener failed", { error: String(error) }, "error");
        }
      }
    }
    telling = false;
  }

  return {
    session,
    path,
    entries,
    append(...facts) {
      if (closed) throw new AuraError("log.closed", `the log of session ${session} is closed`);
      if (facts.length === 0) return [];
      const at = clock.now();
      const fresh = facts.map((fact, index): Entry => ({ seq: entries.length + 1 + index, at, ...fact }));
      write(Buffer.from(fresh.map((entry) => `${JSON.stringify(entry)}\n`).join("")));
      entries.push(...fresh);
      tell(fresh);
      return fresh;
    },
    sync() {
      if (closed) return;
      try {
        fdatasyncSync(fd);
        if (!named) syncFolder(from.dir);
        named = true;
      } catch (error) {
        throw writeTrouble(path, "synced to disk", error);
      }
    },
    onAppend(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    keep: kept.keep,
    kept: kept.kept,
    close() {
      if (closed) return;
      closed = true;
      listeners.clear();
      closeSync(fd);
      from.lock.release();
    },
  };
}

function syncFolder(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
