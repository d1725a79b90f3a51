// The person's own hooks around a commit: where they are, and the message file they may change. They only ever run in the sandbox.
import { constants } from "node:fs";
import { access, lstat, open, unlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { randomId } from "../core/time.ts";
import type { GitPlace } from "./find.ts";
import type { GitNeeds } from "./git.ts";
import type { ConfigEntry } from "./guard.ts";

const messageBytes = 256 * 1024;

/** The absolute path of a hook that exists and is executable, else null. */
export async function hookPath(name: string, place: GitPlace, config: ConfigEntry[]): Promise<string | null> {
  const set = config.findLast((entry) => entry.key === "core.hookspath")?.value;
  const folder = set ? resolve(place.top, set.replace(/^~(?=\/|$)/, homedir())) : join(place.commonDir, "hooks");
  const path = join(folder, name);
  try {
    await access(path, constants.X_OK);
    return (await lstat(path)).isDirectory() ? null : path;
  } catch {
    return null;
  }
}

export interface HookRun {
  ok: boolean;
  text: string;
}
/** Runs a hook if there is one. */
export async function runHookIfAny(name: string, args: string[], env: Record<string, string>, place: GitPlace, config: ConfigEntry[], needs: GitNeeds): Promise<HookRun | null> {
  const path = await hookPath(name, place, config);
  if (path === null) return null;
  const run = await needs.runHook(path, args, env);
  const lost = /read-only file system|index\.lock|unable to (create|write)|insufficient permission/i.test(run.text);
  return { ok: run.ok, text: lost && !run.ok ? `${run.text.trim()}\n[hooks run in the sandbox, where .git is read-only: one that stages files can't]` : run.text.trim() };
}

/** Lets the message hooks see and change the message, in a file they can write; resolves with the message, or with the hook that failed. */
export async function throughMessageHooks(
  message: string,
  env: Record<string, string>,
  place: GitPlace,
  config: ConfigEntry[],
  needs: GitNeeds,
): Promise<{ message: string; text: string } | { failed: string; text: string }> {
  const names = ["prepare-commit-msg", "commit-msg"];
  const present = await Promise.all(names.map((name) => hookPath(name, place, config)));
  if (present.every((path) => path === null)) return { message, text: "" };
  const file = join(place.top, `.aura-message-${randomId(8)}`); // .git can't be written from inside the sandbox
  const texts: string[] = [];
  try {
    const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    await handle.writeFile(`${message}\n`);
    await handle.close();
    for (const name of names) {
      const run = await runHookIfAny(name, name === "prepare-commit-msg" ? [file, "message"] : [file], env, place, config, needs);
      if (run?.text) texts.push(run.text);
      if (run && !run.ok) return { failed: name, text: texts.join("\n") };
    }
    return { message: (await readMessage(file)) ?? message, text: texts.join("\n") };
  } finally {
    await unlink(file).catch(() => {});
  }
}

/** A hook may have put anything in the file's place: only a plain small file counts. */
async function readMessage(file: string): Promise<string | null> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile() || stat.size > messageBytes || stat.nlink > 1) return null;
      return (await handle.readFile("utf8")).replace(/\0/g, "");
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}
