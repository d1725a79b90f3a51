// Where a repository's git folders lie, read from the disk without starting git (which would already believe the configuration).
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export interface GitPlace {
  /** Top of the work tree, a real path. */
  top: string;
  /** This work tree's own git folder. */
  gitDir: string;
  /** Where objects, refs and config are: the same, but for a linked worktree. */
  commonDir: string;
}

/**
 * The repository `root` lies in, or null. Only a `.git` counts: a folder that merely looks like a bare repository does not. One above
 * `root` counts only when it is this user's own: anybody could have put one into a shared folder.
 */
export function findGit(root: string): GitPlace | null {
  for (let top = root; ; top = dirname(top)) {
    const gitDir = gitDirAt(top);
    if (gitDir && (top === root || isMine(gitDir))) return { top, gitDir, commonDir: commonDirOf(gitDir) };
    if (dirname(top) === top) return null;
  }
}

function gitDirAt(top: string): string | null {
  const path = join(top, ".git");
  try {
    if (statSync(path).isDirectory()) return isGitDir(path) ? realpathSync(path) : null;
    const target = /^gitdir: (.+?)\s*$/.exec(readFileSync(path, "utf8").slice(0, 4096))?.[1];
    if (target === undefined) return null;
    const gitDir = realpathSync(resolve(top, target));
    return isGitDir(gitDir) ? gitDir : null;
  } catch {
    return null;
  }
}

const isMine = (path: string): boolean => process.geteuid === undefined || statSync(path).uid === process.geteuid();

function isGitDir(path: string): boolean {
  try {
    readFileSync(join(path, "HEAD"), "utf8");
    return true;
  } catch {
    return false;
  }
}

function commonDirOf(gitDir: string): string {
  try {
    return realpathSync(resolve(gitDir, readFileSync(join(gitDir, "commondir"), "utf8").trim()));
  } catch {
    return gitDir;
  }
}
