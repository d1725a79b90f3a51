// Where a path the model wrote really leads: tolerant of how it is written, strict about what it means.
// Asks the disk without the thread pool, whose round trips cost more than the answers; the session's log is on the same disk and written the same way.
import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { errnoOf, ToolError } from "../core/error.ts";
import { type Access, accessOf, type PathPolicy, within } from "../sandbox/policy.ts";

/** The absolute paths `path` may mean, likeliest first: as written, then without quotes, escapes, `file://` and the like. `fresh` is what a new file would get. */
export function readings(path: string, root: string): { ways: string[]; fresh: string } {
  if (path.length > 4096) throw new ToolError("the path is longer than 4096 characters");
  let plain = path.trim().replace(/^(["'`])(.*)\1$/s, "$2");
  if (/^file:\/\//i.test(plain)) {
    plain = plain.replace(/^file:\/\/(localhost)?/i, "");
    try {
      plain = decodeURIComponent(plain);
    } catch {
      // a stray % stays as it is
    }
  }
  if (path.includes("\0") || plain.includes("\0")) throw new ToolError("a path can't contain a NUL character");
  if (plain === "~" || plain.startsWith("~/")) plain = join(homedir(), plain.slice(1));
  const slashed = plain.replace(/\\ /g, " ").replace(/\\+/g, "/");
  const ways = [path, plain, slashed];
  if (slashed.startsWith("/")) ways.push(slashed.slice(1)); // `/src/a.ts` for `src/a.ts`
  const lineless = slashed.replace(/:\d+([-:]\d+)?$/, ""); // `src/a.ts:12`
  if (lineless !== "") ways.push(lineless);
  const absolute = (way: string): string => resolve(root, way === "" ? "." : way);
  return { ways: [...new Set(ways.map(absolute))], fresh: absolute(slashed) };
}

/** The reading that exists; else where a new file would go. */
export async function chooseReading(path: string, root: string): Promise<string> {
  const { ways, fresh } = readings(path, root);
  for (const way of ways) if (present(way)) return way;
  if (within(root, fresh)) return fresh;
  // `/src/new.ts` where the disk has no /src but the repository does
  const first = fresh.split("/")[1] ?? "";
  return first !== "" && !present(`/${first}`) && present(join(root, first)) ? join(root, fresh) : fresh;
}

/** Something lies at `path`, be it a link that leads nowhere. */
export function present(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** The real path of something that may not exist yet: every symlink on the way is followed, dangling ones too. Throws ToolError for loops and files used as folders. */
export async function realPlace(path: string, hops = 0): Promise<{ real: string; exists: boolean }> {
  try {
    return { real: realpathSync.native(path), exists: true };
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ELOOP" || hops > 40) throw new ToolError(`${path}: too many symbolic links`);
    if (code === "ENOTDIR") throw new ToolError(`${path}: a part of this path is a file, not a folder`);
    if (code === "EACCES" || code === "EPERM") throw new ToolError(`${path}: permission denied`);
    if (code === "ENAMETOOLONG") throw new ToolError(`${path}: the name is too long`);
    if (code !== "ENOENT") throw new ToolError(`${path}: ${code ?? String(error)}`);
  }
  if (dirname(path) === path) return { real: path, exists: false };
  const parent = await realPlace(dirname(path), hops);
  const here = join(parent.real, basename(path));
  let target: string;
  try {
    target = readlinkSync(here);
  } catch {
    return { real: here, exists: false };
  }
  return realPlace(resolve(parent.real, target), hops + 1);
}

/** accessOf, and on file systems that fold case, `.GIT` is `.git`. */
export function accessHere(policy: PathPolicy, real: string): { access: Access; why: string } {
  const plain = accessOf(policy, real);
  if (process.platform !== "darwin" || plain.access !== "write") return plain;
  const folded = relative(policy.root, real)
    .split("/")
    .map((part) => (/^\.(git|aura)$/i.test(part) ? part.toLowerCase() : part))
    .join("/");
  return accessOf(policy, join(policy.root, folded));
}

/** Relative to the root where it lies inside, else as it is. */
export const shownPath = (root: string, real: string): string => (within(root, real) ? relative(root, real) || "." : real);

/** A system error of the disk as a sentence for the model. */
export function diskError(error: unknown, shown: string, doing: string): ToolError {
  if (error instanceof ToolError) return error;
  const code = errnoOf(error);
  const words: Record<string, string> = {
    EACCES: "permission denied",
    EPERM: "permission denied",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of the path is a file, not a folder",
    ELOOP: "a symbolic link changed while it was being used; try again",
    ENOSPC: "the disk is full",
    EROFS: "the file system is read-only",
    ENAMETOOLONG: "the name is too long",
    ENOENT: "it is gone",
    ENXIO: "it is not a regular file",
  };
  return new ToolError(`${shown} can't be ${doing}: ${(code && words[code]) ?? code ?? String(error)}`);
}
