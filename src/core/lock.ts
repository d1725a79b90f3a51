// A lock file that says who holds it. A holder that died (or whose process id went to somebody else) is noticed and replaced.
import { linkSync, readFileSync, readlinkSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { AuraError, errnoOf } from "./error.ts";
import { isRecord } from "./shapes.ts";
import { randomId } from "./time.ts";

/** Who holds a lock. `start` tells a process from a later one with the same id; `boot` and `space` say where that id counts. */
export interface Holder {
  pid: number;
  /** What the holder is, in the person's words: `daemon`, `headless`. */
  what: string;
  since: number;
  host: string;
  boot: string;
  space: string;
  start: string;
  token: string;
}
export interface Lock {
  readonly path: string;
  /** Still ours, or has somebody removed the file? */
  held(): boolean;
  /** Idempotent; never removes a lock that is no longer ours. */
  release(): void;
}
export type Taking = { lock: Lock; owner: null } | { lock: null; owner: Holder };

const textOf = (path: string): string | null => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
};
const removed = (path: string): void => {
  try {
    unlinkSync(path);
  } catch {
    // somebody else was quicker
  }
};

/** The start time of a process in clock ticks (field 22 of its stat), "" where the system doesn't tell, null when there is no such process. */
function startOf(pid: number): string | null {
  const stat = textOf(`/proc/${pid}/stat`);
  // the command's name may hold spaces and brackets: fields count from behind the last bracket
  if (stat !== null) {
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? "");
  }
  try {
    process.kill(pid, 0);
    return "";
  } catch (error) {
    return errnoOf(error) === "EPERM" ? "" : null;
  }
}
function pidSpace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
const bootId = (): string => textOf("/proc/sys/kernel/random/boot_id")?.trim() ?? "";

function ourselves(what: string): Holder {
  return { pid: process.pid, what, since: Date.now(), host: hostname(), boot: bootId(), space: pidSpace(), start: startOf(process.pid) ?? "", token: randomId(16) };
}

/** Whether the holder may still be there. One on another machine or in another container can't be looked at: it counts as there. */
function isAlive(holder: Holder): boolean {
  const boot = bootId();
  if (holder.boot !== boot) return holder.host !== hostname();
  if (holder.space !== pidSpace()) return true;
  const start = startOf(holder.pid);
  return start !== null && (start === holder.start || start === "" || holder.start === "");
}

/** Who holds the lock at `path` now; null when nobody does, or only somebody dead. */
export function lockHolder(path: string): Holder | null {
  const holder = readHolder(path);
  return holder && isAlive(holder) ? holder : null;
}
function readHolder(path: string): Holder | null {
  try {
    const value: unknown = JSON.parse(textOf(path) ?? "null");
    if (!isRecord(value)) return null;
    const { pid, what, since, host, boot, space, start, token } = value;
    if (!Number.isSafeInteger(pid) || typeof pid !== "number" || pid < 1 || typeof since !== "number") return null;
    if (typeof what !== "string" || typeof host !== "string" || typeof boot !== "string" || typeof space !== "string") return null;
    if (typeof start !== "string" || typeof token !== "string" || !/^[a-z0-9]{1,32}$/.test(token)) return null;
    return { pid, what: what.slice(0, 40), since, host: host.slice(0, 80), boot, space, start, token };
  } catch {
    return null;
  }
}

/**
 * Takes the lock file at `path`, whose folder must exist, or says who has it. A lock file appears whole (it is linked into
 * place); of several that find a dead holder exactly one takes over. Throws only for the file system's own trouble.
 */
export function takeLock(path: string, what: string): Taking {
  const mine = ourselves(what);
  const draft = `${path}.${mine.token}`;
  writeFileSync(draft, `${JSON.stringify(mine)}\n`, { mode: 0o600, flag: "wx" });
  const held = (): boolean => readHolder(path)?.token === mine.token;
  const lock: Lock = {
    path,
    held,
    release() {
      if (held()) removed(path);
    },
  };
  try {
    for (let attempt = 0; attempt < 100; attempt++) {
      if (linked(draft, path)) return { lock, owner: null };
      const holder = readHolder(path);
      if (holder && isAlive(holder)) return { lock: null, owner: holder };
      // Taking over: only who holds the claim on this very dead holder may replace it, so nobody replaces a live one.
      const claim = `${path}.after-${holder?.token ?? "unreadable"}`;
      if (!linked(draft, claim)) {
        const claimer = readHolder(claim);
        if (claimer && isAlive(claimer)) return { lock: null, owner: claimer };
        removed(claim);
        continue;
      }
      try {
        const now = readHolder(path);
        if (now?.token !== holder?.token) continue;
        if (textOf(path) === null) continue;
        renameSync(draft, path);
        return { lock, owner: null };
      } finally {
        removed(claim);
      }
    }
    throw new AuraError("lock.stuck", `the lock ${path} can't be taken nor read`, { hint: "look at what lies there and remove it" });
  } finally {
    removed(draft);
  }
}
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** The holder in words, for an error: `daemon (process 4711)`. */
export const holderName = (holder: Holder): string =>
  holder.host === hostname() ? `${holder.what} (process ${holder.pid})` : `${holder.what} (process ${holder.pid} on ${holder.host})`;

/** Sends a signal to the holder if it is a living process of this machine; says whether it was. */
export function signalHolder(holder: Holder, signal: NodeJS.Signals): boolean {
  if (holder.boot !== bootId() || holder.space !== pidSpace() || !isAlive(holder)) return false;
  try {
    return process.kill(holder.pid, signal);
  } catch {
    return false;
  }
}
