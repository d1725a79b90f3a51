// What the rest of Aura knows of git: Aura's own calls, hardened; a repository's configuration never makes them run anything.

export interface GitOutcome {
  ok: boolean;
  /** stdout, and stderr after it when it failed. */
  text: string;
  exit: number | null;
}
export interface GitNeeds {
  root: string;
  /** PATH, HOME, identity; only what git needs is taken from it. Absent = this process's own. */
  env?: Record<string, string>;
  /**
   * Runs one of the repository's hooks inside the sandbox, in the top folder of the work tree; resolves with its output. Absent hooks are
   * never asked for. `hook` is the absolute path of its file, the name of the hook its last part; `args` are absolute paths or single words.
   */
  runHook(hook: string, args: string[], env: Record<string, string>): Promise<{ ok: boolean; text: string }>;
}
export interface Git {
  /** False in a plain folder. */
  readonly present: boolean;
  /** Porcelain status, short. */
  status(signal: AbortSignal): Promise<GitOutcome>;
  /** `paths` relative to the root; `staged`, or against `base` (a revision). */
  diff(options: { paths?: string[]; staged?: boolean; base?: string }, signal: AbortSignal): Promise<GitOutcome>;
  log(options: { count: number; paths?: string[]; range?: string }, signal: AbortSignal): Promise<GitOutcome>;
  /** Stages `paths` (all changes when absent) and commits; pre-commit and commit-msg hooks run in the sandbox. Nothing is half-done when a hook fails. */
  commit(options: { message: string; paths?: string[] }, signal: AbortSignal): Promise<GitOutcome>;
  /** Branch, ahead/behind and dirty count for the status line; null in a plain folder. */
  line(signal: AbortSignal): Promise<{ branch: string; ahead: number; behind: number; dirty: number } | null>;
}
