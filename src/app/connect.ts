// How a client comes to its daemon: connects, or starts one and connects; has an older build's daemon make room.
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { DaemonStatus } from "../bus/daemon.ts";
import { type Closed, openRemote, type Remote } from "../bus/remote.ts";
import { connectSocket } from "../bus/socket.ts";
import type { Program } from "../bus/wire.ts";
import { AuraError } from "../core/error.ts";
import { lockHolder, signalHolder } from "../core/lock.ts";
import { type DaemonPaths, makeFolder } from "../core/paths.ts";
import type { Core } from "../core/port.ts";
import { permitSocketPath } from "../models/guard.ts";
import { build, version } from "./version.ts";

/** How a daemon is started: `execPath ...flags script ...args`, detached, in `/`. */
export interface Spawn {
  execPath: string;
  script: string;
  args?: string[];
}
export interface ConnectNeeds {
  paths: DaemonPaths;
  spawn: Spawn;
  env: Record<string, string | undefined>;
  me?: Program;
  /** Gives up waiting; throws what `signal` was aborted with. */
  signal?: AbortSignal;
  /** Hears, once, that an older build's daemon finishes its turn first. */
  onWait?(why: string): void;
  /** How long a started daemon may take until it answers. */
  patienceMs?: number;
}
export interface Connected {
  core: Core;
  daemon: Program & { pid: number };
  /** Why the connection ended. After `retired` a newer build has taken over: don't come back with this one. */
  closed: Promise<Closed>;
  /** Leaves; what runs goes on running. */
  stop(): void;
}

const ourselves: Program = { version, build };
/** MB for new objects: the daemon lives long and passes much through, 3.5 MB less after a session of 11,000 items; idle it changes nothing. */
const nodeFlags = ["--max-semi-space-size=2"];
const firstPollMs = 4;
const maxPollMs = 25;
const maxCrashes = 2;
const maxDaemonLogBytes = 256 * 1024;

async function reach(paths: DaemonPaths, me: Program): Promise<Remote | null> {
  permitSocketPath(paths.socket);
  const connection = await connectSocket(paths.socket);
  if (!connection) return null;
  try {
    return await openRemote(connection, me);
  } catch (error) {
    if (error instanceof AuraError && error.code === "daemon.lost") return null; // it was just going
    throw error;
  }
}

/**
 * Connects to the user's daemon, starting it when there is none. Of clients that do so at once, one's daemon stays. A daemon
 * of another build is asked to retire and waited for. Throws AuraError `daemon.crashed`, `daemon.silent` or `folder.unsafe`.
 */
export async function connectDaemon(needs: ConnectNeeds): Promise<Connected> {
  const { paths, me = ourselves, signal, patienceMs = 15_000 } = needs;
  let started: Started | null = null;
  let crashes = 0;
  let pollMs = firstPollMs;
  for (let end = Date.now() + patienceMs; ; ) {
    signal?.throwIfAborted();
    const remote = await reach(paths, me);
    if (remote && remote.daemon.build === me.build) {
      // of several clients' daemons another one was quicker: ours must not come up when that one has gone
      if (started && started.pid !== remote.daemon.pid) started.cancel();
      return { core: remote.core, daemon: remote.daemon, closed: remote.closed, stop: remote.stop };
    }
    if (remote) {
      started?.cancel();
      started = null;
      await retire(remote, needs);
      end = Date.now() + patienceMs;
      continue;
    }
    if (started && started.exit() !== null) {
      if (started.exit() !== 0 && ++crashes >= maxCrashes) throw crashed(paths, started.exit());
      started = null;
    }
    if (Date.now() > end) {
      throw new AuraError("daemon.silent", `the daemon doesn't answer at ${paths.socket}`, { hint: `look into ${paths.daemonLog}, or try: aura daemon stop` });
    }
    started ??= await start(needs);
    await setTimeout(pollMs);
    pollMs = Math.min(maxPollMs, pollMs * 1.5);
  }
}

async function retire(remote: Remote, needs: ConnectNeeds): Promise<void> {
  needs.onWait?.(`waiting until the daemon of Aura ${remote.daemon.version} has finished its turn (aura daemon stop ends it at once)`);
  const onAbort = (): void => remote.stop();
  needs.signal?.addEventListener("abort", onAbort);
  await remote.control("retire").catch(() => {});
  await remote.closed;
  needs.signal?.removeEventListener("abort", onAbort);
}

interface Started {
  pid: number | undefined;
  cancel(): void;
  /** Its exit code, -1 for a signal, null while it runs. */
  exit(): number | null;
}
async function start(needs: ConnectNeeds): Promise<Started> {
  const { paths, spawn } = needs;
  const child_process = await import("node:child_process");
  makeFolder(paths.state);
  const out = openSync(paths.daemonLog, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    if (fstatSync(out).size > maxDaemonLogBytes) ftruncateSync(out);
    // a debugger's or a test runner's options are meant for the client
    const { NODE_OPTIONS: _, NODE_V8_COVERAGE: __, ...env } = needs.env;
    const child = child_process.spawn(spawn.execPath, [...nodeFlags, spawn.script, ...(spawn.args ?? ["daemon", "run"])], {
      detached: true,
      stdio: ["ignore", out, out],
      cwd: "/",
      env,
    });
    let exit: number | null = null;
    child.on("exit", (code) => {
      exit = code ?? -1;
    });
    child.on("error", () => {
      exit = -1;
    });
    child.unref();
    return { pid: child.pid, exit: () => exit, cancel: () => void child.kill() };
  } finally {
    closeSync(out);
  }
}
function crashed(paths: DaemonPaths, exit: number | null): AuraError {
  let said = "";
  try {
    const lines = readFileSync(paths.daemonLog, "utf8").slice(-4_000).trimEnd().split("\n");
    said = lines.findLast((line) => /\w*Error\b/.test(line)) ?? lines.at(-1) ?? "";
  } catch {
    // then without its words
  }
  return new AuraError("daemon.crashed", `the daemon ends as soon as it starts (${exit === -1 ? "killed" : `exit ${exit}`})${said ? `: ${said.trim().slice(0, 200)}` : ""}`, {
    hint: `what it printed is in ${paths.daemonLog}`,
    exit: 70,
  });
}

/** What the daemon says of itself; null when there is none. Works with a daemon of any build. */
export async function daemonStatus(paths: DaemonPaths, me: Program = ourselves): Promise<DaemonStatus | null> {
  const remote = await reach(paths, me);
  if (!remote) return null;
  try {
    return (await remote.control("status")) as DaemonStatus;
  } finally {
    remote.stop();
  }
}

/**
 * Has the daemon end at once, in order: runs are stopped and go on when their session is opened again. Resolves when it is
 * gone; false when there was none. One that doesn't answer gets SIGTERM. Throws AuraError `daemon.stuck` when it stays.
 */
export async function stopDaemon(paths: DaemonPaths, me: Program = ourselves): Promise<boolean> {
  const remote = await reach(paths, me);
  const holder = lockHolder(paths.daemonLock);
  if (remote) await remote.control("stop").catch(() => {});
  else if (!holder || !signalHolder(holder, "SIGTERM")) return false;
  await remote?.closed;
  for (const end = Date.now() + 15_000; holder && lockHolder(paths.daemonLock)?.token === holder.token; await setTimeout(10)) {
    if (Date.now() < end) continue;
    throw new AuraError("daemon.stuck", `the daemon (process ${holder.pid}) doesn't end`, { hint: `kill -9 ${holder.pid}` });
  }
  return true;
}
