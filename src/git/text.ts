// Git's output as text for who reads a repository's past: hardened like every call, and of any length up to what memory bears.
import { openCaller } from "./call.ts";
import { findGit } from "./find.ts";

const mostBytes = 256 * 1024 * 1024;

/** Runs git in `root`, a real path; "" where there is no repository, no git, or git fails. Throws only the signal's reason. */
export function openGitText(root: string, env: Record<string, string | undefined>): (args: readonly string[], signal: AbortSignal) => Promise<string> {
  const place = findGit(root);
  const caller = place ? openCaller(place, root, env) : null;
  return async (args, signal) => {
    const result = await caller?.call([...args], signal, { maxBytes: mostBytes });
    return result?.exit === 0 ? result.out : "";
  };
}
