// The Unix socket under the wire: one folder that is ours alone, on both sides.
import { chmodSync, lstatSync, type Stats, unlinkSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { dirname } from "node:path";
import { AuraError, errnoOf } from "../core/error.ts";
import { checkPrivate, privateFolderOf } from "../core/paths.ts";
import type { Connection } from "./wire.ts";

/** A socket with more than this unsent belongs to a slow reader. */
const fullBytes = 256 * 1024;

function connectionOf(socket: Socket): Connection {
  const closed = Promise.withResolvers<void>();
  const waiting: (() => void)[] = [];
  let open = true;
  let corked = false;
  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  socket.on("drain", wake);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    open = false;
    wake();
    closed.resolve();
  });
  // the other side has left: nobody reads what is still to be said
  socket.on("end", () => socket.destroy());
  return {
    closed: closed.promise,
    write(bytes) {
      if (!open || socket.writableEnded) return;
      // frames of one turn of the loop leave together
      if (!corked) {
        corked = true;
        socket.cork();
        process.nextTick(() => {
          corked = false;
          socket.uncork();
        });
      }
      socket.write(bytes);
    },
    drained() {
      if (!open || socket.writableLength < fullBytes) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    onBytes: (listener) => void socket.on("data", listener),
    close: () => void socket.end(),
    drop: () => void socket.destroy(),
  };
}

function statOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw new AuraError("socket.path", `${path} can't be looked at: ${errnoOf(error) ?? String(error)}`, { cause: error });
  }
}

/**
 * Connects to the socket; null when nobody listens there. Throws AuraError `folder.unsafe` when somebody else could have put
 * it there, `socket.connect` for anything else.
 */
export async function connectSocket(path: string): Promise<Connection | null> {
  if (!statOf(dirname(path))) return null;
  checkPrivate(dirname(path));
  if (!statOf(path)) return null;
  const socket = connect(path);
  try {
    await new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
  } catch (error) {
    socket.destroy();
    const why = errnoOf(error);
    // reset: it died between taking the connection and answering
    if (why === "ENOENT" || why === "ECONNREFUSED" || why === "ECONNRESET") return null;
    throw new AuraError("socket.connect", `the daemon's socket ${path} can't be reached: ${why ?? String(error)}`, { hint: "aura daemon stop, then try again", cause: error });
  }
  return connectionOf(socket);
}

export interface Listening {
  /** Whether the socket at the path is still the one that was put there. */
  isThere(): boolean;
  /** Takes no more connections and removes the socket. Those that exist go on. */
  close(): void;
}

/**
 * Listens at the path (folder 0700, socket 0600). What lies there is replaced when it is a socket: whoever calls this holds
 * the daemon's lock, so nobody listens on it. Throws AuraError `folder.unsafe` or `socket.listen`.
 */
export async function listenSocket(path: string, onConnection: (connection: Connection) => void): Promise<Listening> {
  privateFolderOf(path);
  const old = statOf(path);
  if (old?.isSocket()) unlinkSync(path);
  const server = createServer((socket) => onConnection(connectionOf(socket)));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
  } catch (error) {
    server.close();
    throw new AuraError("socket.listen", `can't listen at ${path}: ${errnoOf(error) ?? String(error)}`, { hint: "look at what lies there", cause: error });
  }
  const inode = statOf(path)?.ino;
  const isThere = (): boolean => statOf(path)?.ino === inode;
  return {
    isThere,
    close() {
      // node unlinks the path when it closes, whoever's socket lies there by then: the lock is still held, so it is ours
      server.close();
    },
  };
}
