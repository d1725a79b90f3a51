// Finds the repository around a folder; apart from everything else, because the first frame needs it.
import { realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest folder upwards that holds `.git` (a folder, or a worktree's file), else the folder itself. Real paths. */
export function findRoot(cwd: string): string {
  const start = realpathSync(cwd);
  for (let folder = start; ; folder = dirname(folder)) {
    if (statSync(join(folder, ".git"), { throwIfNoEntry: false })) return folder;
    if (folder === dirname(folder)) return start;
  }
}
