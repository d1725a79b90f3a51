// Making a commit so that nothing is half-done: staged in an index of its own, hooks in the sandbox, HEAD moved only from where it was.
import { constants } from "node:fs";
import { access, copyFile, open, rename, rm, stat, unlink, utimes } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { errnoOf } from "../core/error.ts";
import { randomId } from "../core/time.ts";
import { type GitCaller, GitRefusal } from "./call.ts";
import type { GitPlace } from "./find.ts";
import type { GitNeeds, GitOutcome } from "./git.ts";
import { runHookIfAny, throughMessageHooks } from "./hooks.ts";
import { changedPaths, type StageNeeds, stageInto } from "./stage.ts";

const failed = (text: string): GitOutcome => ({ ok: false, text, exit: null });
/** git's own rule for a message that was not edited: no blank lines around, one at most between, no spaces at line ends. */
export const cleanMessage = (message: string): string =>
  message
    .replace(/\r\n?/g, "\n")
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();

/**
 * With `paths` only those get into the commit, whatever else is staged (and stays so); without, all changes below the root.
 * The real index is locked meanwhile, as git itself would.
 */
export async function commit(caller: GitCaller, place: GitPlace, needs: GitNeeds, options: { message: string; paths?: string[] }, signal: AbortSignal): Promise<GitOutcome> {
  if (cleanMessage(options.message) === "") return failed("a commit needs a message");
  const busy = await inProgress(place);
  if (busy) return failed(`a ${busy} is in progress: it has to be finished or aborted by hand first`);
  const lock = join(place.gitDir, "index.lock");
  try {
    await (await open(lock, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o666)).close();
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return failed("another git process is at work in this repository (.git/index.lock exists): try again when it is done");
    return failed(`the repository can't be written: ${errnoOf(error) ?? String(error)}`);
  }
  const temporary = [join(place.gitDir, `aura-index-${randomId(8)}`), join(place.gitDir, `aura-index-${randomId(8)}`)] as const;
  try {
    return await locked(caller, place, needs, options, signal, lock, temporary);
  } catch (error) {
    if (error instanceof GitRefusal) return failed(error.message);
    throw error;
  } finally {
    await unlink(lock).catch(() => {}); // gone already when it became the index
    for (const path of temporary) await Promise.all([rm(path, { force: true }), rm(`${path}.lock`, { force: true })]);
  }
}

async function locked(
  { call, config: readConfig }: GitCaller,
  place: GitPlace,
  needs: GitNeeds,
  { message, paths }: { message: string; paths?: string[] },
  signal: AbortSignal,
  lock: string,
  [index, rest]: readonly [string, string],
): Promise<GitOutcome> {
  const config = await readConfig(signal);
  const stage: StageNeeds = { top: place.top, call, config, signal };
  const found = await changedPaths(paths, stage);
  if ("error" in found) return failed(found.error);
  const unmerged = found.changed.filter((entry) => entry.unmerged);
  if (unmerged.length > 0) return failed(`unmerged: ${unmerged.map(({ path }) => path).join(", ")}; resolve the conflicts first`);

  const head = (await call(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], signal, { config })).out.trim();
  const real = join(place.gitDir, "index");
  const env = { GIT_INDEX_FILE: index };
  if (paths === undefined) await copyIndex(real, index);
  else if (head !== "") {
    const read = await call(["read-tree", head], signal, { config, env });
    if (read.exit !== 0) return failed(read.err.trim());
  }
  const problem = await stageInto(index, found.changed, stage);
  if (problem) return failed(problem);
  const writeTree = () => call(["write-tree"], signal, { config, env });
  const written = await writeTree();
  if (written.exit !== 0) return failed(written.err.trim());
  const tree = written.out.trim();
  const before = head === "" ? "" : (await call(["rev-parse", `${head}^{tree}`], signal, { config })).out.trim();
  if (tree === before || (head === "" && found.changed.length === 0 && (await isEmpty(call, tree, signal)))) {
    return failed(paths ? `nothing to commit in ${paths.join(", ")}` : "nothing to commit");
  }

  const hookEnv = { GIT_INDEX_FILE: index, GIT_EDITOR: ":", GIT_PREFIX: prefixOf(needs.root, place.top) };
  const said: string[] = [];
  const pre = await runHookIfAny("pre-commit", [], hookEnv, place, config, needs);
  if (pre?.text) said.push(pre.text);
  if (pre && !pre.ok) return failed(`the pre-commit hook refused, nothing was committed:\n${pre.text}`);
  signal.throwIfAborted();
  const worded = await throughMessageHooks(cleanMessage(message), hookEnv, place, config, needs);
  if (worded.text) said.push(worded.text);
  if ("failed" in worded) return failed(`the ${worded.failed} hook refused, nothing was committed:\n${worded.text}`);
  const text = cleanMessage(worded.message.replace(/^# -+ >8 -+[\s\S]*/m, ""));
  if (text === "") return failed("a hook left the message empty, nothing was committed");
  signal.throwIfAborted();

  const made = await call(["commit-tree", tree, ...(head === "" ? [] : ["-p", head]), "-F", "-"], signal, { config, stdin: `${text}\n` });
  if (made.exit !== 0) return failed(made.err.trim());
  const id = made.out.trim();
  const subject = text.split("\n")[0] ?? "";
  // the index to leave behind: everything staged when all was committed, else what the person had, with these paths
  let next = index;
  if (paths !== undefined) {
    await copyIndex(real, rest);
    const mended = await stageInto(rest, found.changed, stage);
    if (mended) return failed(mended);
    next = rest;
  }
  signal.throwIfAborted();
  await rename(next, lock); // not copied: its time must stay that of its last look at the files
  const moved = await call(["update-ref", "-m", `commit${head === "" ? " (initial)" : ""}: ${subject}`, "HEAD", id, head], new AbortController().signal, { config });
  if (moved.exit !== 0) return failed(`HEAD could not be moved, nothing was committed: ${moved.err.trim()}`);
  await rename(lock, real);

  const post = await runHookIfAny("post-commit", [], { GIT_EDITOR: ":", GIT_PREFIX: hookEnv.GIT_PREFIX }, place, config, needs).catch(() => null);
  if (post?.text) said.push(post.text);
  if (config.findLast((entry) => entry.key === "commit.gpgsign")?.value.match(/^(true|yes|on|1)$/i)) said.push("[not signed: sign it with git commit --amend -S]");
  const summary = await call(["diff-tree", "--root", "--no-commit-id", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "--shortstat", id], signal, { config });
  const branch = (await call(["symbolic-ref", "--short", "--quiet", "HEAD"], signal, { config })).out.trim() || "detached HEAD";
  return { ok: true, text: [`[${branch} ${id.slice(0, 8)}] ${subject}`, summary.out.trim(), ...said].filter((part) => part !== "").join("\n"), exit: 0 };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
/**
 * Copies an index with its age. Git compares a file's bytes, not only its times, when the index is no younger than the file: a copy
 * that looks younger would hide an edit made in the same tick. Rounded down, because older only means that more is compared.
 */
async function copyIndex(from: string, to: string): Promise<void> {
  if (!(await exists(from))) return;
  await copyFile(from, to);
  const second = Math.floor((await stat(from)).mtimeMs / 1000);
  await utimes(to, second, second);
}
const isEmpty = async (call: GitCaller["call"], tree: string, signal: AbortSignal): Promise<boolean> => (await call(["ls-tree", tree], signal)).out === "";

/** As git sets it for hooks: the folder below the top, with a slash at its end. */
const prefixOf = (root: string, top: string): string => (relative(top, root) === "" ? "" : `${relative(top, root)}/`);

async function inProgress({ gitDir }: GitPlace): Promise<string | null> {
  const signs: [file: string, what: string][] = [
    ["MERGE_HEAD", "merge"],
    ["CHERRY_PICK_HEAD", "cherry-pick"],
    ["REVERT_HEAD", "revert"],
    ["rebase-merge", "rebase"],
    ["rebase-apply", "rebase"],
  ];
  for (const [file, what] of signs) if (await exists(join(gitDir, basename(file)))) return what;
  return null;
}
