// Holding on to a file or folder so that it can't be swapped for another between the check and the use.
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync, realpathSync } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, ToolError } from "../core/error.ts";
import { diskError } from "./place.ts";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

/** A folder held open. `at` names an entry of exactly this folder, wherever its path may lead by now. */
export interface HeldFolder {
  handle: FileHandle;
  real: string;
  at(name: string): string;
  /** Throws ToolError when its path no longer leads to it. On Linux `at` makes this needless; elsewhere it narrows the gap. */
  verify(): Promise<void>;
}

/** Where an open file lies now; throws ToolError when that isn't `real`. */
async function verifyPlace(handle: FileHandle, real: string, shown: string): Promise<void> {
  if (process.platform === "linux") {
    if (readlinkSync(`/proc/self/fd/${handle.fd}`) === real) return;
  } else {
    const [held, there] = [fstatSync(handle.fd), lstatSync(real)];
    if (held.ino === there.ino && held.dev === there.dev && realpathSync.native(real) === real) return;
  }
  throw new ToolError(`${shown} was moved or replaced while it was being used; try again`);
}

/** Opens the regular file at a real path for reading. Pipes, devices and sockets are refused without opening them. The caller closes. */
export async function holdFile(real: string, shown: string): Promise<FileHandle> {
  let handle: FileHandle | null = null;
  try {
    const seen = lstatSync(real);
    if (seen.isDirectory()) throw new ToolError(`${shown} is a folder; use list`);
    if (!seen.isFile() && !seen.isSymbolicLink()) throw new ToolError(`${shown} is ${kindOf(seen)}, not a regular file`);
    handle = await open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const held = fstatSync(handle.fd);
    if (!held.isFile()) throw new ToolError(`${shown} is ${kindOf(held)}, not a regular file`);
    await verifyPlace(handle, real, shown);
    return handle;
  } catch (error) {
    await handle?.close();
    throw diskError(error, shown, "read");
  }
}

/** Opens the folder at a real path. The caller closes its handle. */
export async function holdFolder(real: string, shown: string): Promise<HeldFolder> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(real, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
    await verifyPlace(handle, real, shown);
    return held(handle, real, shown);
  } catch (error) {
    await handle?.close();
    throw diskError(error, shown, "opened");
  }
}

/** The folder `name` in a held one, made when it isn't there. `made` says whether it was. */
export async function holdChild(parent: HeldFolder, name: string, shown: string): Promise<{ folder: HeldFolder; made: boolean }> {
  let made = false;
  let handle: FileHandle | null = null;
  try {
    await mkdir(parent.at(name)).then(
      () => {
        made = true;
      },
      (error: unknown) => {
        if (errnoOf(error) !== "EEXIST") throw error;
      },
    );
    const real = join(parent.real, name);
    handle = await open(parent.at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
    await verifyPlace(handle, real, shown);
    return { folder: held(handle, real, shown), made };
  } catch (error) {
    await handle?.close();
    throw diskError(error, shown, "made");
  }
}

function held(handle: FileHandle, real: string, shown: string): HeldFolder {
  const base = process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : real;
  return { handle, real, at: (name) => `${base}/${name}`, verify: () => verifyPlace(handle, real, shown) };
}

/** Bytes of an entry of a held folder, null when there is none. Never follows a link. */
export function readEntry(folder: HeldFolder, name: string, shown: string, most: number): { bytes: Buffer; mode: number; uid: number; gid: number } | null {
  let fd: number | null = null;
  try {
    const seen = lstatSync(folder.at(name), { throwIfNoEntry: false });
    if (seen === undefined) return null;
    if (seen.isDirectory()) throw new ToolError(`${shown} is a folder`);
    if (!seen.isFile()) throw new ToolError(`${shown} is ${kindOf(seen)}, not a regular file`);
    fd = openSync(folder.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new ToolError(`${shown} is ${kindOf(stat)}, not a regular file`);
    return { bytes: readAll({ fd }, shown, most), mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid };
  } catch (error) {
    throw diskError(error, shown, "read");
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** The whole of an open file, which may grow while it is read. Throws ToolError over `most` bytes. */
export function readAll({ fd }: { fd: number }, shown: string, most: number): Buffer {
  const { size } = fstatSync(fd);
  const tooLarge = (bytes: number): ToolError => new ToolError(`${shown} is too large for this: ${bytes} bytes, at most ${most}; use a range, search or a command`);
  if (size > most) throw tooLarge(size);
  const pieces: Buffer[] = [];
  let total = 0;
  for (;;) {
    const piece = Buffer.allocUnsafe(Math.max(4096, Math.min(1 << 20, size - total + 1)));
    const bytesRead = readSync(fd, piece, 0, piece.length, null);
    if (bytesRead === 0) break;
    pieces.push(piece.subarray(0, bytesRead));
    total += bytesRead;
    if (total > most) throw tooLarge(total);
  }
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, total);
}

function kindOf(stat: { isFIFO(): boolean; isSocket(): boolean; isBlockDevice(): boolean; isCharacterDevice(): boolean; isSymbolicLink(): boolean }): string {
  if (stat.isFIFO()) return "a named pipe";
  if (stat.isSocket()) return "a socket";
  if (stat.isSymbolicLink()) return "a symbolic link";
  return stat.isBlockDevice() || stat.isCharacterDevice() ? "a device" : "something else";
}
