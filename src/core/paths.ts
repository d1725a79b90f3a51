// Where the daemon and its clients meet, and that nobody else can come there. Nothing is created until somebody needs it.
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AuraError, errnoOf } from "./error.ts";

/** The daemon's places, from the user's state and runtime folders. */
export interface DaemonPaths {
  state: string;
  /** In `runtime`, or in a short folder of ours under the temp folder when that path is too long for a socket. */
  socket: string;
  /** Always in `runtime`: whoever holds it is the daemon. */
  daemonLock: string;
  /** What the daemon's process itself printed: node's own words when it crashes. */
  daemonLog: string;
}

/** A socket's path may have 107 bytes on Linux, 103 on macOS. */
const maxSocketBytes = process.platform === "darwin" ? 103 : 107;
const uid = (): number => process.getuid?.() ?? 0;

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

/** Named for this machine, as a home may be shared by several. Creates nothing. */
export function daemonPaths(user: { state: string; runtime: string }): DaemonPaths {
  const name = join(user.runtime, `daemon-${shortHash(hostname())}`);
  return {
    state: user.state,
    socket: shortSocket(`${name}.sock`),
    daemonLock: `${name}.lock`,
    daemonLog: join(user.state, "daemon.log"),
  };
}
/** The path itself, or a place in a short folder of ours where it is too long for a socket. */
export function shortSocket(path: string): string {
  if (Buffer.byteLength(path) <= maxSocketBytes) return path;
  const short = (folder: string): string => join(folder, `aura-${uid()}-${shortHash(path)}`, "s");
  return Buffer.byteLength(short(tmpdir())) <= maxSocketBytes ? short(tmpdir()) : short("/tmp");
}

/** Creates the folder 0700, its parents too. What exists keeps its mode. Throws AuraError `folder.create`. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AuraError("folder.create", `the folder ${path} can't be created: ${errnoOf(error) ?? String(error)}`, { hint: "AURA_HOME names another place", cause: error });
  }
}

/** Throws AuraError `folder.unsafe` unless the folder is real, ours, and closed to everybody else. */
export function checkPrivate(path: string): void {
  const stat = lstatSync(path);
  const fault = !stat.isDirectory() ? "is not a real folder" : stat.uid !== uid() ? "belongs to somebody else" : (stat.mode & 0o077) !== 0 ? "is open to others" : null;
  if (fault) throw new AuraError("folder.unsafe", `${path} ${fault}, so nothing is said there`, { hint: `chmod 700 ${path}, or remove it` });
}

/** The folder of the socket, created if need be and checked: whoever can enter it can command the daemon. */
export function privateFolderOf(file: string): string {
  const folder = dirname(file);
  makeFolder(folder);
  checkPrivate(folder);
  return folder;
}
