// One call of git, hardened: an environment of its own, no repository setting that runs anything, output capped, gone on abort.
import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, isAbsolute, join, relative } from "node:path";
import type { GitPlace } from "./find.ts";
import type { GitOutcome } from "./git.ts";
import { type ConfigEntry, overrides, parseConfig } from "./guard.ts";

const outputBytes = 4 * 1024 * 1024;
const kept = /^(HOME|USER|LOGNAME|TMPDIR|TZ|XDG_CONFIG_HOME|EMAIL|GIT_CONFIG_GLOBAL|GIT_CONFIG_SYSTEM|GIT_CONFIG_NOSYSTEM|GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE))$/;

export interface GitResult {
  exit: number | null;
  out: string;
  err: string;
  /** Output over the cap was dropped. */
  cut: boolean;
}
export interface CallOptions {
  stdin?: string | Buffer;
  env?: Record<string, string>;
  /** The setting whose configuration was read a moment ago: saves reading it again. */
  config?: ConfigEntry[];
  /** Bytes of output that are kept; 4 MB when absent. */
  maxBytes?: number;
}
/** Never throws for git's faults; throws the signal's reason when aborted. */
export type CallGit = (args: string[], signal: AbortSignal, options?: CallOptions) => Promise<GitResult>;
export interface GitCaller {
  call: CallGit;
  /** Throws GitRefusal when git is missing, too old, or its configuration can't be read. */
  config(signal: AbortSignal): Promise<ConfigEntry[]>;
}

/** `cwd` is a real folder inside `place.top`. */
export function openCaller(place: GitPlace, cwd: string, environment: Record<string, string | undefined>): GitCaller {
  const safePath = (environment.PATH ?? "")
    .split(delimiter)
    .filter((entry) => isAbsolute(entry) && !inside(place.top, entry))
    .join(delimiter);
  const base: Record<string, string> = {
    PATH: safePath,
    LC_ALL: "C.UTF-8",
    GIT_DIR: place.gitDir,
    GIT_WORK_TREE: place.top,
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: "",
    GIT_NO_LAZY_FETCH: "1",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_PAGER: "cat",
    GIT_EDITOR: "false",
    GIT_SEQUENCE_EDITOR: "false",
    GIT_ASKPASS: "false",
    SSH_ASKPASS: "false",
    GIT_SSH_COMMAND: "false",
  };
  for (const [name, value] of Object.entries(environment)) if (value !== undefined && kept.test(name)) base[name] = value;
  const program = findProgram(safePath);

  const start = (args: string[], signal: AbortSignal, env: Record<string, string>, stdin?: string | Buffer, maxBytes = outputBytes): Promise<GitResult> => {
    if (program === null) return Promise.resolve({ exit: null, out: "", err: "git is not installed", cut: false });
    return spawnGit(program, args, cwd, env, signal, maxBytes, stdin);
  };
  let version: Promise<GitResult> | null = null;
  const config = async (signal: AbortSignal): Promise<ConfigEntry[]> => {
    version ??= start(["version"], AbortSignal.timeout(10_000), base);
    const said = await version;
    const [, major, minor] = /(\d+)\.(\d+)/.exec(said.out) ?? [];
    if (major === undefined || minor === undefined) throw new GitRefusal(said.err.trim() || "git doesn't say its version");
    // the settings below travel in GIT_CONFIG_COUNT, which older ones ignore
    if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 31)) throw new GitRefusal(`git ${major}.${minor} is too old: Aura needs 2.31 or newer`);
    const listed = await start(["config", "--list", "--show-scope", "-z"], signal, base);
    if (listed.exit !== 0 || listed.cut) throw new GitRefusal(listed.err.trim() || "the repository's git configuration can't be read");
    return parseConfig(listed.out);
  };
  return {
    config,
    async call(args, signal, options = {}) {
      let entries: ConfigEntry[];
      try {
        entries = options.config ?? (await config(signal));
      } catch (error) {
        if (error instanceof GitRefusal) return { exit: null, out: "", err: error.message, cut: false };
        throw error;
      }
      const settings = overrides(entries);
      const env: Record<string, string> = { ...base, GIT_CONFIG_COUNT: String(settings.length), ...options.env };
      for (const [index, [key, value]] of settings.entries()) {
        env[`GIT_CONFIG_KEY_${index}`] = key;
        env[`GIT_CONFIG_VALUE_${index}`] = value;
      }
      return start(["--no-pager", ...args], signal, env, options.stdin, options.maxBytes);
    },
  };
}

/** Why Aura doesn't let git work here at all; a sentence. */
export class GitRefusal extends Error {}

/** git's own words for a result, for the model and the person. */
export function outcomeOf(result: GitResult): GitOutcome {
  const ok = result.exit === 0;
  const text = [result.out.replace(/\s+$/, ""), ok ? "" : result.err.trim(), result.cut ? "[output cut]" : ""].filter((part) => part !== "").join("\n");
  return { ok, text, exit: result.exit };
}

/** A git on PATH that no repository could have put there. */
function findProgram(path: string): string | null {
  for (const folder of path.split(delimiter)) {
    const program = join(folder, "git");
    try {
      accessSync(program, constants.X_OK);
      return program;
    } catch {
      // the next one
    }
  }
  return null;
}

function inside(top: string, path: string): boolean {
  let real = path;
  try {
    real = realpathSync(path);
  } catch {
    return true; // not there: nothing lost by leaving it out
  }
  const rest = relative(top, real);
  return rest === "" || (!rest.startsWith("..") && !isAbsolute(rest));
}

async function spawnGit(
  program: string,
  args: string[],
  cwd: string,
  env: Record<string, string>,
  signal: AbortSignal,
  maxBytes: number,
  stdin?: string | Buffer,
): Promise<GitResult> {
  const { spawn } = await import("node:child_process"); // it loads half the network stack: not before git is really asked
  return await new Promise((done, fail) => {
    signal.throwIfAborted();
    const child = spawn(program, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    const onAbort = (): void => void child.kill("SIGTERM"); // git removes its lock files on SIGTERM
    signal.addEventListener("abort", onAbort, { once: true });
    const out: Buffer[] = [];
    let size = 0;
    let err = "";
    child.stdout.on("data", (piece: Buffer) => {
      if (size < maxBytes) out.push(piece.subarray(0, maxBytes - size));
      size += piece.length;
    });
    child.stderr.on("data", (piece: Buffer) => {
      if (err.length < 20_000) err += piece.toString("utf8");
    });
    child.stdin.on("error", () => {}); // it may end before it has read everything
    child.stdin.end(stdin ?? "");
    child.on("error", (cause) => {
      signal.removeEventListener("abort", onAbort);
      done({ exit: null, out: "", err: `git can't be started: ${cause.message}`, cut: false });
    });
    child.on("close", (exit) => {
      signal.removeEventListener("abort", onAbort);
      if (signal.aborted) fail(signal.reason);
      else done({ exit, out: Buffer.concat(out).toString("utf8"), err, cut: size > maxBytes });
    });
  });
}
