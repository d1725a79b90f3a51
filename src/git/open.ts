// Aura's git for one repository: read-only questions and the commit, each through the hardened call.
import { type GitCaller, openCaller, outcomeOf } from "./call.ts";
import { commit } from "./commit.ts";
import { findGit, type GitPlace } from "./find.ts";
import type { Git, GitNeeds, GitOutcome } from "./git.ts";

const diffArgs = ["--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short", "--ignore-submodules=dirty"];
const absent: GitOutcome = { ok: false, text: "this folder is not a git repository", exit: null };
const failed = (text: string): GitOutcome => ({ ok: false, text, exit: null });

/** Starts nothing until it is asked something. `needs.root` is a real path; a repository that appears later is found. */
export function openGit(needs: GitNeeds): Git {
  let opened: { place: GitPlace; caller: GitCaller } | null = null;
  const here = (): { place: GitPlace; caller: GitCaller } | null => {
    if (opened) return opened;
    const place = findGit(needs.root);
    if (place) opened = { place, caller: openCaller(place, needs.root, needs.env ?? process.env) };
    return opened;
  };
  const ask = async (args: string[], signal: AbortSignal): Promise<GitOutcome> => {
    const git = here();
    return git ? outcomeOf(await git.caller.call(args, signal)) : absent;
  };

  return {
    get present() {
      return here() !== null;
    },
    status: (signal) => ask(["status", "--porcelain=v1", "--branch", "--untracked-files=normal", "--ignore-submodules=dirty", "--", "."], signal),
    async diff({ paths, staged, base }, signal) {
      if (base?.startsWith("-")) return failed(`${base} is not a revision`);
      const what = [...(staged ? ["--cached"] : []), ...(base ? [base] : [])];
      return ask(["diff", ...diffArgs, ...what, "--", ...(paths ?? [])], signal);
    },
    async log({ count, paths, range }, signal) {
      if (range?.startsWith("-")) return failed(`${range} is not a range of commits`);
      const git = here();
      if (git && !range) {
        const head = await git.caller.call(["rev-parse", "--verify", "--quiet", "HEAD"], signal);
        if (head.exit === 1) return { ok: true, text: "no commits yet", exit: 0 };
      }
      const args = [
        "log",
        "--no-color",
        "--no-show-signature",
        "--no-ext-diff",
        "--no-textconv",
        "--date=short",
        "--format=%h %ad %an: %s",
        `--max-count=${Math.max(1, Math.floor(count))}`,
      ];
      return ask([...args, ...(range ? [range] : []), "--", ...(paths ?? [])], signal);
    },
    async commit(options, signal) {
      const git = here();
      return git ? commit(git.caller, git.place, needs, options, signal) : absent;
    },
    async line(signal) {
      const git = here();
      if (!git) return null;
      const { exit, out } = await git.caller.call(["status", "--porcelain=v2", "--branch", "--untracked-files=normal", "--ignore-submodules=dirty"], signal);
      return exit === 0 ? parseLine(out) : null;
    },
  };
}

/** The status line's share of `git status --porcelain=v2 --branch`. */
export function parseLine(text: string): { branch: string; ahead: number; behind: number; dirty: number } {
  const head = /^# branch\.head (.*)$/m.exec(text)?.[1] ?? "";
  const commitId = /^# branch\.oid ([0-9a-f]+)$/m.exec(text)?.[1] ?? "";
  const [, ahead, behind] = /^# branch\.ab \+(\d+) -(\d+)$/m.exec(text) ?? [];
  const dirty = text.split("\n").filter((line) => /^[12u?] /.test(line)).length;
  return { branch: head === "(detached)" ? commitId.slice(0, 8) : head, ahead: Number(ahead ?? 0), behind: Number(behind ?? 0), dirty };
}
