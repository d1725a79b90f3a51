// Staging into an index of our own: which paths changed, and whether any of them needs a filter that Aura must not run.
import type { CallGit } from "./call.ts";
import { type ConfigEntry, foreignFilters } from "./guard.ts";

export interface Changed {
  /** Relative to the top of the work tree. */
  path: string;
  unmerged: boolean;
}

/** Changed and untracked paths of a `git status --porcelain=v1 -z --no-renames`. */
export function parseStatus(text: string): Changed[] {
  return text
    .split("\0")
    .filter((line) => line.length > 3)
    .map((line) => ({ path: line.slice(3), unmerged: /^(DD|AU|UD|UA|DU|AA|UU)/.test(line) }));
}

export interface StageNeeds {
  /** Top of the work tree: what git's status names its paths by. */
  top: string;
  call: CallGit;
  config: ConfigEntry[];
  signal: AbortSignal;
}
/** What would be staged for `paths` (relative to where git is called; everything below there when absent). */
export async function changedPaths(paths: string[] | undefined, { call, config, signal }: StageNeeds): Promise<{ changed: Changed[] } | { error: string }> {
  const args = ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=dirty", "--", ...(paths ?? ["."])];
  const status = await call(args, signal, { config });
  if (status.exit !== 0) return { error: status.err.trim() };
  if (status.cut) return { error: "too many changed files to commit in one go: name the paths" };
  return { changed: parseStatus(status.out).filter(({ path }) => !path.endsWith("/")) }; // a slash: a repository of its own
}

/** Puts the files' present state into the index `env.GIT_INDEX_FILE` names. Resolves with an error, or null. */
export async function stageInto(index: string, changed: Changed[], { top, call, config, signal }: StageNeeds): Promise<string | null> {
  if (changed.length === 0) return null;
  const stdin = changed.map(({ path }) => `${path}\0`).join("");
  const foreign = foreignFilters(config);
  if (foreign.size > 0) {
    const asked = await call(["-C", top, "check-attr", "-z", "--stdin", "filter"], signal, { config, stdin });
    const fields = asked.out.split("\0");
    for (let at = 0; at + 2 < fields.length; at += 3) {
      const [path, name] = [fields[at] ?? "", fields[at + 2] ?? ""];
      if (foreign.has(name))
        return `${path} goes through the filter "${name}", a program from this repository's own git configuration, which Aura does not run: commit that file by hand`;
    }
    if (asked.exit !== 0) return asked.err.trim();
  }
  const staged = await call(["-C", top, "update-index", "-z", "--add", "--replace", "--remove", "--stdin"], signal, { config, stdin, env: { GIT_INDEX_FILE: index } });
  return staged.exit === 0 ? null : staged.err.trim();
}
