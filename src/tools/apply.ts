// Writing drafts to the disk: all or nothing, each file swapped in atomically, nothing ever outside the folder that was checked.
import { createHash } from "node:crypto";
import { closeSync, constants, fchmodSync, fchownSync, fstatSync, openSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import { ToolError } from "../core/error.ts";
import { randomId } from "../core/time.ts";
import { type HeldFolder, holdChild, holdFolder, readEntry } from "./hold.ts";
import { limits } from "./limits.ts";
import { diskError, present } from "./place.ts";
import type { Draft } from "./tool.ts";

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const hashOf = (bytes: Buffer | null): string | null => (bytes === null ? null : createHash("sha256").update(bytes).digest("hex"));

interface Prepared {
  draft: Draft;
  shown: string;
  name: string;
  folder: HeldFolder;
  /** Name of the file with the new bytes, null for a removal. */
  fresh: string | null;
  owner: { mode: number; uid: number; gid: number } | null;
}

/** `check` says whether a real path may be written, by throwing; it is asked right before each use. */
export async function applyDrafts(drafts: Draft[], root: string, check: (real: string, shown: string) => Promise<void>): Promise<void> {
  const prepared: Prepared[] = [];
  const made: { parent: HeldFolder; name: string }[] = [];
  const held: HeldFolder[] = [];
  const done: Prepared[] = [];
  try {
    const seen = new Set<string>();
    for (const draft of drafts) {
      const shown = draft.change.path;
      if (seen.has(draft.realPath)) throw new ToolError(`${shown} is changed twice in one step`);
      seen.add(draft.realPath);
      await check(draft.realPath, shown);
      const folder = await parentOf(draft.realPath, root, shown, made, held);
      prepared.push(await prepare(draft, shown, folder));
    }
    for (const item of prepared) {
      await unchanged(item);
      await swap(item);
      done.push(item);
    }
  } catch (error) {
    const lost = await restore(done);
    for (const { fresh, folder } of prepared) if (fresh) dropFile(folder.at(fresh));
    for (const { parent, name } of made.reverse()) await rmdir(parent.at(name)).catch(() => {});
    if (lost.length === 0) throw diskError(error, drafts[0]?.change.path ?? "", "written");
    throw new ToolError(`${error instanceof Error ? error.message : String(error)}; and ${lost.join(", ")} could not be put back as it was`);
  } finally {
    for (const folder of held) await folder.handle.close().catch(() => {});
  }
}

/** The held folder a file lives in; missing ones are made one by one, each through the one before. */
async function parentOf(real: string, root: string, shown: string, made: { parent: HeldFolder; name: string }[], held: HeldFolder[]): Promise<HeldFolder> {
  const missing: string[] = [];
  let at = dirname(real);
  while (!present(at) && dirname(at) !== at) {
    missing.unshift(basename(at));
    at = dirname(at);
  }
  let folder = await holdFolder(at, relative(root, at) || ".");
  held.push(folder);
  for (const name of missing) {
    const child = await holdChild(folder, name, shown);
    held.push(child.folder);
    if (child.made) made.push({ parent: folder, name });
    folder = child.folder;
  }
  return folder;
}

async function prepare(draft: Draft, shown: string, folder: HeldFolder): Promise<Prepared> {
  const name = basename(draft.realPath);
  const now = readEntry(folder, name, shown, Math.max(limits.editBytes, draft.before?.length ?? 0));
  const item: Prepared = { draft, shown, name, folder, fresh: null, owner: now };
  compare(item, now?.bytes ?? null);
  if (draft.after !== null) item.fresh = putAside(item, draft.after);
  return item;
}

function compare({ draft, shown }: Prepared, bytes: Buffer | null): void {
  if (hashOf(bytes) === draft.change.before) return;
  if (draft.change.before === null) throw new ToolError(`${shown} exists by now: read it first`);
  throw new ToolError(`${shown} ${bytes === null ? "was removed" : "changed on disk"} since it was read: read it again`);
}

async function unchanged(item: Prepared): Promise<void> {
  const now = readEntry(item.folder, item.name, item.shown, limits.editBytes);
  compare(item, now?.bytes ?? null);
}

/** Writes `bytes` beside the file under a name of its own, with the file's mode and owner; returns that name. */
function putAside({ name, folder, shown, owner }: Prepared, bytes: Buffer): string {
  const fresh = `.${name.slice(0, 100)}.${randomId(8)}.tmp`;
  try {
    const fd = openSync(folder.at(fresh), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, owner ? 0o600 : 0o666);
    try {
      writeFileSync(fd, bytes);
      if (owner) {
        giveTo(fd, owner);
        fchmodSync(fd, owner.mode);
      }
    } catch (error) {
      dropFile(folder.at(fresh));
      throw error;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw diskError(error, shown, "written");
  }
  return fresh;
}
function dropFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // what went wrong before is told
  }
}
function giveTo(fd: number, owner: { uid: number; gid: number }): void {
  const mine = fstatSync(fd);
  if (mine.uid === owner.uid && mine.gid === owner.gid) return;
  try {
    fchownSync(fd, owner.uid, owner.gid);
  } catch {
    // only root may
  }
}

async function swap(item: Prepared): Promise<void> {
  try {
    await item.folder.verify();
    if (item.fresh === null) unlinkSync(item.folder.at(item.name));
    else renameSync(item.folder.at(item.fresh), item.folder.at(item.name));
    item.fresh = null;
  } catch (error) {
    throw diskError(error, item.shown, "written");
  }
}

/** Puts files back as they were before; names those that were changed by somebody else meanwhile. */
async function restore(done: Prepared[]): Promise<string[]> {
  const lost: string[] = [];
  for (const item of done.reverse()) {
    try {
      const now = readEntry(item.folder, item.name, item.shown, Number.MAX_SAFE_INTEGER);
      if (hashOf(now?.bytes ?? null) !== item.draft.change.after) throw new ToolError("changed meanwhile");
      item.fresh = item.draft.before === null ? null : putAside(item, item.draft.before);
      await swap(item);
    } catch {
      lost.push(item.shown);
    }
  }
  return lost;
}
