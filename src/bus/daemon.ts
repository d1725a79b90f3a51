// The daemon: one per user, owner of the sessions that the screens show. It holds the lock, listens, and knows when to go.
import { setTimeout } from "node:timers/promises";
import { AuraError } from "../core/error.ts";
import { type Lock, takeLock } from "../core/lock.ts";
import { note } from "../core/note.ts";
import { type DaemonPaths, makeFolder, privateFolderOf } from "../core/paths.ts";
import type { Core } from "../core/port.ts";
import { type Served, serve } from "./serve.ts";
import { connectSocket, type Listening, listenSocket } from "./socket.ts";
import type { ByeWhy, Connection, Control, Program } from "./wire.ts";

/** The core as the daemon keeps it. */
export interface DaemonCore {
  core: Core;
  /** Something runs that a retiring daemon waits for. False while a run only waits for an approval. */
  busy(): boolean;
  /** Something would be lost by an idle exit: a waiting approval, a background command. */
  holds?(): boolean;
  close(): Promise<void>;
}
export interface DaemonNeeds {
  paths: DaemonPaths;
  me: Program;
  /** Called once, with the first client, so that an unasked daemon stays small. */
  openCore(): Promise<DaemonCore>;
  /** Without clients and work for so long, it ends. */
  idleMs?: number;
}
export interface DaemonStatus extends Program {
  pid: number;
  startedAt: number;
  clients: number;
  busy: boolean;
  retiring: boolean;
}
export interface Daemon {
  /** When everything is closed and the lock given back. */
  readonly ended: Promise<ByeWhy>;
  /** Ends in order: sessions are closed, clients told. Idempotent. */
  stop(): void;
}

const checkMs = 5_000;
const settleMs = 100;
/** A successor waits so long for one that is just closing. */
const lockPatienceMs = 15_000;
const closeGraceMs = 10_000;
const byeGraceMs = 500;

/** The daemon's lock; null when another daemon serves already. Waits for one that is on its way out. Throws AuraError `daemon.locked`. */
async function lockOrNull(paths: DaemonPaths): Promise<Lock | null> {
  for (const end = Date.now() + lockPatienceMs; ; await setTimeout(20)) {
    const { lock, owner } = takeLock(paths.daemonLock, "daemon");
    if (lock) return lock;
    const other = await connectSocket(paths.socket);
    other?.drop();
    if (other) return null;
    if (Date.now() > end)
      throw new AuraError("daemon.locked", `process ${owner.pid} holds ${paths.daemonLock}, but doesn't answer at ${paths.socket}`, {
        hint: `end it (kill ${owner.pid}) and try again`,
      });
  }
}

/** Becomes the daemon; null when there is one. */
export async function openDaemon(needs: DaemonNeeds): Promise<Daemon | null> {
  const { paths, me, idleMs = 10 * 60_000 } = needs;
  makeFolder(paths.state);
  privateFolderOf(paths.daemonLock);
  const taken = await lockOrNull(paths);
  if (!taken) return null;
  let lock = taken;

  const startedAt = Date.now();
  const clients = new Map<Connection, Served>();
  const ended = Promise.withResolvers<ByeWhy>();
  let opening: Promise<DaemonCore> | null = null;
  let core: DaemonCore | null = null;
  let lastUse = Date.now();
  let retiring = false;
  let ending = false;

  function open(): Promise<DaemonCore> {
    opening ??= needs.openCore().then(
      (opened) => {
        core = opened;
        return opened;
      },
      (error) => {
        opening = null; // the next client tries again
        throw error;
      },
    );
    return opening;
  }
  async function control(what: Control): Promise<unknown> {
    if (what === "retire") retire();
    if (what === "stop") setImmediate(() => end("stopped"));
    const status: DaemonStatus = { ...me, pid: process.pid, startedAt, clients: clients.size, busy: core?.busy() ?? false, retiring };
    return what === "status" ? status : undefined;
  }
  function welcome(connection: Connection): void {
    if (ending) {
      connection.drop();
      return;
    }
    const served = serve(connection, {
      me,
      core: async () => (await open()).core,
      control,
      onHello: (client) => {
        clients.set(connection, served);
        if (client.build === me.build) open().catch((error) => note("bus", "the core didn't open", { error: String(error) }, "error"));
      },
    });
    void connection.closed.then(() => {
      clients.delete(connection);
      lastUse = Date.now();
    });
  }

  let listening: Listening;
  try {
    listening = await listenSocket(paths.socket, welcome);
  } catch (error) {
    lock.release();
    throw error;
  }
  // somebody, or a temp folder's cleaner, may take away the lock or the socket: without it a second daemon comes, or nobody comes in
  async function look(): Promise<void> {
    if (clients.size > 0 || core?.busy() || core?.holds?.()) lastUse = Date.now();
    if (Date.now() - lastUse >= idleMs) return end("idle");
    if (!lock.held()) {
      const again = takeLock(paths.daemonLock, "daemon");
      if (!again.lock) return end("retired");
      lock = again.lock;
    }
    if (listening.isThere()) return;
    note("bus", "the socket was gone", { socket: paths.socket }, "warn");
    listening.close();
    listening = await listenSocket(paths.socket, welcome);
  }
  const timer = setInterval(() => look().catch((error) => note("bus", "can't listen", { error: String(error) }, "error")), Math.min(checkMs, Math.max(20, idleMs / 4)));

  function retire(): void {
    if (retiring) return;
    retiring = true;
    note("bus", "retiring", {}, "info");
    const settle = setInterval(() => {
      if (core?.busy() && !ending) return;
      clearInterval(settle);
      end("retired");
    }, settleMs);
  }
  function end(why: ByeWhy): void {
    if (ending) return;
    ending = true;
    clearInterval(timer);
    void close(why).then(() => ended.resolve(why));
  }
  async function close(why: ByeWhy): Promise<void> {
    note("bus", "the daemon ends", { why }, "info");
    listening.close();
    try {
      const opened = await opening;
      await Promise.race([opened?.close(), setTimeout(closeGraceMs, undefined, { ref: false })]);
    } catch (error) {
      note("bus", "the core didn't close", { error: String(error) }, "error");
    }
    for (const served of clients.values()) served.bye(why);
    await Promise.race([Promise.all([...clients.keys()].map((connection) => connection.closed)), setTimeout(byeGraceMs, undefined, { ref: false })]);
    for (const connection of clients.keys()) connection.drop();
    lock.release();
  }
  return { ended: ended.promise, stop: () => end("stopped") };
}
