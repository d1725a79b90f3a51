// The folders of one project's private cache, and the empty folders that stand in the repository for what must not come into being.
import { chmodSync, existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { privateFolders } from "./home.ts";

/** Makes what the plan's mounts come from. Cheap when it is there already. */
export function prepareCache(cacheDir: string): void {
  const empty = join(cacheDir, "empty");
  for (const name of [...privateFolders.map(([, folder]) => join("home", folder)), "stage/source", "stage/root", "none", "held"])
    mkdirSync(join(cacheDir, name), { recursive: true, mode: 0o700 });
  if (existsSync(empty)) return;
  writeFileSync(empty, "");
  chmodSync(empty, 0o444);
  chmodSync(join(cacheDir, "none"), 0o555);
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

export interface Placeholders {
  /** Makes the folders; they stay until the returned function was called by the last command that needs one, here or in another process. */
  hold(paths: string[]): () => void;
}
const opened = new Map<string, Placeholders>();
/** A folder that is removed loses the mounts on it in every namespace: so it goes only when no process of this user runs commands in this project. */
export function openPlaceholders(cacheDir: string): Placeholders {
  const known = opened.get(cacheDir);
  if (known) return known;
  const held = join(cacheDir, "held");
  const mine = join(held, String(process.pid));
  const wanted = new Set<string>();
  let commands = 0;
  function release(): void {
    rmSync(mine, { force: true });
    const others = readdirSync(held).filter((name) => Number(name) !== process.pid && alive(Number(name)));
    if (others.length > 0) return;
    for (const path of wanted) {
      try {
        rmdirSync(path); // only ever an empty one
      } catch {
        // no longer empty, or gone: not ours any more
      }
    }
    wanted.clear();
  }
  const placeholders: Placeholders = {
    hold(paths) {
      commands++;
      writeFileSync(mine, "");
      for (const path of paths) {
        wanted.add(path);
        mkdirSync(path, { recursive: true });
      }
      let released = false;
      return () => {
        if (released) return;
        released = true;
        if (--commands === 0) release();
      };
    },
  };
  opened.set(cacheDir, placeholders);
  return placeholders;
}
