// A command's processes, seen from the host: counting them and ending them all.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

const fieldsOf = (pid: number | string): string[] | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
};
/** A process that can't be mistaken: numbers are used again, and quickly when a command makes thousands of processes. */
export interface Leader {
  pid: number;
  /** When it started, in ticks since boot; null where that isn't known. */
  born: string | null;
}
export const leaderOf = (pid: number): Leader => ({ pid, born: fieldsOf(pid)?.[19] ?? null });
const isStill = ({ pid, born }: Leader): boolean => born === null || fieldsOf(pid)?.[19] === born;

/** Process 1 of the namespace that `holder` (bwrap or unshare) keeps, as the host numbers it; null while there is none. */
export function initOf(holder: number): number | null {
  try {
    const first = Number.parseInt(readFileSync(`/proc/${holder}/task/${holder}/children`, "utf8"), 10);
    return Number.isNaN(first) ? null : first;
  } catch {
    return null;
  }
}
/** How many processes live in the namespace of `init`: one look into its own /proc. null when that can't be seen. */
export function countIn(init: number): number | null {
  try {
    let count = 0;
    for (const name of readdirSync(`/proc/${init}/root/proc`)) if (name.charCodeAt(0) >= 48 && name.charCodeAt(0) <= 57) count++;
    return count;
  } catch {
    return null;
  }
}

const readCall: Record<string, string> = { x64: "0", arm64: "63" };
/** Whether some process of `init`'s namespace (or, unconfined, of the session) sits in a read from its terminal. */
export function waitsForInput(holder: number, boxed: boolean): boolean {
  const number = readCall[process.arch];
  const init = boxed ? initOf(holder) : null;
  if (number === undefined || (boxed && init === null)) return false;
  const proc = boxed ? `/proc/${init}/root/proc` : "/proc";
  try {
    const pids = boxed ? readdirSync(proc).filter((name) => /^\d+$/.test(name)) : familyOf(holder).map(String);
    return pids.slice(0, 200).some((pid) => {
      try {
        const [call, file] = readFileSync(`${proc}/${pid}/syscall`, "utf8").split(" ");
        return call === number && /^\/dev\/(pts\/\d+|console|tty)$/.test(readlinkSync(`${proc}/${pid}/fd/${Number(file)}`));
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

/** Everything that descends from `leader` or belongs to its session, newest first. Linux only; elsewhere just the leader. */
function familyOf(leader: number): number[] {
  const parents = new Map<number, { parent: number; session: number }>();
  try {
    for (const name of readdirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const fields = fieldsOf(name);
      if (fields) parents.set(Number(name), { parent: Number(fields[1]), session: Number(fields[3]) });
    }
  } catch {
    return [leader];
  }
  const family = new Set([leader]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const [pid, { parent, session }] of parents) if (session === leader || family.has(parent)) family.add(pid);
  }
  return [...family].reverse();
}

/** What a person does with ^C, to every process of the terminal. */
export function interrupt(leader: Leader): void {
  if (isStill(leader)) send(-leader.pid, "SIGINT");
}

/** Ends a confined command at once: with its first process dies everything in the namespace. */
export function killBox(holder: Leader): void {
  if (!isStill(holder)) return;
  const init = initOf(holder.pid);
  if (init !== null) send(init, "SIGKILL");
  send(holder.pid, "SIGKILL");
}
/** Ends an unconfined command and whatever it started, twice, so that a fork in between isn't missed. */
export function killFamily(leader: Leader): void {
  if (!isStill(leader)) return;
  for (let round = 0; round < 2; round++) for (const pid of familyOf(leader.pid)) send(pid, "SIGKILL");
}
/** What an unconfined command left running in its session after its end. Its number isn't given out again while the session has members. */
export function killSession(leader: Leader): void {
  if (fieldsOf(leader.pid) !== null) return;
  if (process.platform !== "linux") send(-leader.pid, "SIGKILL");
  for (const pid of familyOf(leader.pid)) if (pid !== leader.pid) send(pid, "SIGKILL");
}

/** Open files of this process that a child would inherit: those it was started with. Node marks its own as not to be inherited. */
export function leakedFiles(): number[] {
  try {
    return readdirSync("/proc/self/fd")
      .map(Number)
      .filter((fd) => {
        if (fd <= 2) return false;
        try {
          const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
          return flags !== undefined && (Number.parseInt(flags, 8) & 0o2000000) === 0;
        } catch {
          return false;
        }
      });
  } catch {
    return [];
  }
}
