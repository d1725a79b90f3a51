// Where git keeps what it would act on: every path that must not be written, or come into being, while a command runs.
import { closeSync, openSync, readdirSync, readFileSync, readSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { within } from "./policy.ts";

const pointerBytes = 4096;
const indexBytes = 64 << 20;
/** The start of a small text file, or null. */
function head(path: string): string | null {
  try {
    const fd = openSync(path, "r");
    try {
      const buffer = Buffer.alloc(pointerBytes);
      return buffer.toString("utf8", 0, readSync(fd, buffer, 0, pointerBytes, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
/** The git folder that `dotGit` is or points to (a worktree's or submodule's `gitdir:` file), or null. */
function folderOf(dotGit: string): string | null {
  if (isFolder(dotGit)) return real(dotGit);
  const pointer = head(dotGit)?.match(/^gitdir: (.+?)\r?\n?$/m)?.[1];
  if (!pointer) return null;
  return real(isAbsolute(pointer) ? pointer : join(dirname(dotGit), pointer));
}

/**
 * Paths of the submodules (gitlinks) in an index, versions 2 to 4. Read here rather than by git, because git would first
 * read configuration. An index that isn't understood yields none.
 */
export function gitlinksOf(index: Buffer): string[] {
  if (index.length < 12 || index.toString("latin1", 0, 4) !== "DIRC") return [];
  const version = index.readUInt32BE(4);
  const count = index.readUInt32BE(8);
  if (version < 2 || version > 4) return [];
  const links: string[] = [];
  let name: Buffer = Buffer.alloc(0);
  let at = 12;
  for (let entry = 0; entry < count; entry++) {
    if (at + 62 > index.length) return links;
    const start = at;
    const mode = index.readUInt32BE(at + 24);
    const hashAt = at + 40;
    const extended = (index.readUInt16BE(hashAt + 20) & 0x4000) !== 0;
    at = hashAt + 22 + (extended && version >= 3 ? 2 : 0);
    let strip = 0;
    if (version === 4) {
      let byte = index[at++] ?? 0;
      strip = byte & 127;
      while (byte & 128) {
        byte = index[at++] ?? 0;
        strip = ((strip + 1) << 7) | (byte & 127);
      }
    }
    const end = index.indexOf(0, at);
    if (end < 0) return links;
    const rest = index.subarray(at, end);
    name = version === 4 ? Buffer.concat([name.subarray(0, name.length - strip), rest]) : rest;
    if ((mode & 0o170000) === 0o160000) links.push(name.toString("utf8"));
    at = version === 4 ? end + 1 : start + Math.ceil((end - start + 1) / 8) * 8;
  }
  return links;
}

/** `<worktree>/.git` of every linked worktree. */
function worktreesOf(common: string): string[] {
  try {
    return readdirSync(join(common, "worktrees")).flatMap((name) => head(join(common, "worktrees", name, "gitdir"))?.trim() || []);
  } catch {
    return [];
  }
}
const read = new Map<string, { stamp: string; links: string[] }>();
/** Read again only when the index changed. */
function submodulesOf(folder: string): string[] {
  const path = join(folder, "index");
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat || stat.size > indexBytes) return [];
  const stamp = `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
  const known = read.get(path);
  if (known?.stamp === stamp) return known.links;
  const links = gitlinksOf(readFileSync(path));
  read.set(path, { stamp, links });
  return links;
}

/**
 * Every path git would trust for the repository at `root` (a real path): its git folder and the common one, the `.git` of
 * worktrees and submodules that lie inside the root, and the one above when `root` is a subfolder. Absolute; some may not
 * exist yet. A repository that holds `home` doesn't count. Reads files only, never runs git.
 */
export function gitPaths(root: string, home: string | null = null): string[] {
  const found = new Set<string>([join(root, ".git")]);
  let top = root;
  while (folderOf(join(top, ".git")) === null && dirname(top) !== top) top = dirname(top);
  if (home !== null && within(top, home)) return [...found]; // a repository of the whole home is not this one's, and not to be shown
  const own = folderOf(join(top, ".git"));
  if (!own) return [...found];
  found.add(own);
  const pointer = head(join(own, "commondir"))?.trim();
  const common = pointer ? real(resolve(own, pointer)) : own;
  found.add(common);
  for (const path of worktreesOf(common)) if (within(root, path) && isFolder(dirname(path))) found.add(path);
  for (const name of submodulesOf(own)) {
    const path = join(top, name, ".git");
    if (!within(root, path) || !isFolder(dirname(path))) continue;
    found.add(path);
    const folder = folderOf(path);
    if (folder) found.add(folder);
  }
  return [...found];
}
