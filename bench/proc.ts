// What processes cost, read from /proc (Linux; elsewhere nothing is found and the figures are left out).
import { readdirSync, readFileSync } from "node:fs";

export interface Cost {
  name: string;
  rssMb: number;
  /** User and system time so far. */
  cpuS: number;
}
interface Stat extends Cost {
  parent: number;
}
const pageBytes = 4096;
const ticksPerS = 100;

function statOf(pid: number): Stat | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // the name may hold spaces and brackets
    const end = stat.lastIndexOf(")");
    const fields = stat.slice(end + 2).split(" ");
    if (fields[0] === "Z") return null;
    const number = (at: number): number => Number(fields[at] ?? 0);
    return { name: stat.slice(stat.indexOf("(") + 1, end), parent: number(1), rssMb: (number(21) * pageBytes) / 1048576, cpuS: (number(11) + number(12)) / ticksPerS };
  } catch {
    return null;
  }
}

/** The process and all below it. Pages that several share count for each: a bound from above. */
export function treeOf(root: number): Map<number, Cost> {
  const all = new Map<number, Stat>();
  for (const name of readdirNumbers()) {
    const stat = statOf(name);
    if (stat) all.set(name, stat);
  }
  const below = (pid: number): boolean => {
    for (let at = pid, hops = 0; at > 1 && hops < 64; at = all.get(at)?.parent ?? 0, hops++) if (at === root) return true;
    return false;
  };
  return new Map([...all].filter(([pid]) => below(pid)));
}
function readdirNumbers(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** One process; null when it is gone. */
export const costOf = (pid: number): Cost | null => statOf(pid);

/** Processes whose environment holds `text`: finds a daemon by the home it was given. */
export function withEnvironment(text: string): number[] {
  return readdirNumbers().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(text);
    } catch {
      return false;
    }
  });
}
