// What the rest of Aura knows of the sandbox: it runs commands, confined at a level that was really tried, and says which.
import type { JobId, JobLine, SandboxLevel } from "../core/events.ts";

export interface RunOptions {
  /** Handed to `bash -c` (sh where there is no bash). */
  command: string;
  /** Absolute, inside the root. */
  cwd: string;
  timeoutMs: number;
  /** Extra environment, already allowed. */
  env?: Record<string, string>;
  /** true: outside the box, on the person's own yes for this very command. */
  outside?: boolean;
  /** Leave it running after `settleMs` without an exit; the outcome then carries its job. */
  background?: { settleMs: number };
  signal: AbortSignal;
  /** Raw output as it comes. */
  onOutput?(chunk: string): void;
  /** The pty's screen as plain text lines, at most 10 times a second, only once it is wanted (see `Running.wantScreen`). */
  onScreen?(lines: string[]): void;
  /** Called once with a handle for keys, size and screen while it runs. */
  onStart?(running: Running): void;
}
export interface Running {
  write(bytes: string): void;
  resize(columns: number, rows: number): void;
  /** From now on `onScreen` is called; a program that draws on the whole screen starts it by itself. */
  wantScreen(): void;
}
export interface RunOutcome {
  /** Everything it wrote, control sequences resolved to plain text, capped in the middle at `limits.outputBytes`. */
  text: string;
  /** 128 + n after signal n, as shells say it. null when ended by us (a limit, a stop), or still running. */
  exit: number | null;
  timedOut: boolean;
  /** Why it was ended by us: a limit that was reached, in words for the model. */
  killed?: string;
  job?: JobId;
  ms: number;
  level: SandboxLevel | "outside";
}
export interface Sandbox {
  /** A guess until `ready`. */
  readonly level: SandboxLevel;
  /** The level in force, once it has been tried. Never rejects. */
  readonly ready: Promise<SandboxLevel>;
  /** Why a better level isn't in force, for doctor and the status line. Empty when at the best. */
  readonly why: string[];
  /** At level none it runs unconfined: whoever calls has asked before. Never throws for the command's faults; throws AuraError when nothing could be started. The whole process tree is gone when it resolves, unless it became a job. */
  run(options: RunOptions): Promise<RunOutcome>;
  jobs(): JobLine[];
  /** Output of a job since it started (capped), or null if unknown. */
  readJob(job: JobId): { text: string; exit: number | null } | null;
  stopJob(job: JobId): Promise<boolean>;
  /** Ends every job and process. */
  close(): Promise<void>;
}
