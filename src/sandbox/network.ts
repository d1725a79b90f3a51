// A network of loopback alone, kept by a small process, for the commands of one sandbox to share: a server left running is reached by the next command.
import type { ChildProcess } from "node:child_process";
import type { Programs } from "./confine.ts";

export interface SharedNetwork {
  /** The process that keeps it, started on the first call; null where that doesn't work (each command then has its own). */
  open(): Promise<number | null>;
  /** The same, only when it is already there. */
  current(): number | null;
  close(): void;
}
const readyMs = 5000;

export function openNetwork(programs: () => Programs): SharedNetwork {
  let child: ChildProcess | null = null;
  let pid: number | null = null;
  let opening: Promise<number | null> | null = null;
  async function start(): Promise<number | null> {
    const { unshare, nsenter, sh } = programs();
    if (!unshare || !nsenter) return null;
    const { spawn } = await import("node:child_process");
    return new Promise((resolve) => {
      // It ends with its standard input, so with us.
      const script = "PATH=/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin; ip link set lo up && echo up && exec cat";
      const holder = spawn(unshare, ["--user", "--map-root-user", "--net", sh, "-c", script], { stdio: ["pipe", "pipe", "ignore"], env: {}, cwd: "/", detached: true });
      const timer = setTimeout(() => holder.kill("SIGKILL"), readyMs);
      child = holder;
      holder.on("error", () => resolve(null));
      holder.on("exit", () => {
        clearTimeout(timer);
        pid = null;
        opening = null;
        resolve(null);
      });
      holder.stdout?.on("data", () => {
        clearTimeout(timer);
        pid = holder.pid ?? null;
        holder.unref();
        for (const pipe of [holder.stdin, holder.stdout]) if (pipe && "unref" in pipe && typeof pipe.unref === "function") pipe.unref(); // it must not keep us alive
        resolve(pid);
      });
    });
  }
  return {
    open: () => (opening ??= start()),
    current: () => pid,
    close() {
      child?.kill("SIGKILL");
      pid = null;
    },
  };
}
