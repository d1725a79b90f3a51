// A real repository folder in a temporary place, and hands to work in it: the disk, git and processes are the real ones.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach } from "vitest";
import type { CallId, JobId, Live, Plan } from "../../src/core/events.ts";
import { openGit } from "../../src/git/open.ts";
import { repositoryPolicy } from "../../src/sandbox/policy.ts";
import type { RunOptions, Sandbox } from "../../src/sandbox/sandbox.ts";
import { openFiles } from "../../src/tools/files.ts";
import type { Hands } from "../../src/tools/tool.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export interface Place {
  root: string;
  write(path: string, text: string | Buffer): void;
  read(path: string): string;
}
/** A folder that is gone after the test. */
export function place(files: Record<string, string | Buffer> = {}): Place {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "aura-tools-")));
  made.push(root);
  const write = (path: string, text: string | Buffer): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  return { root, write, read: (path) => readFileSync(join(root, path), "utf8") };
}

/** Runs commands as real processes without a box: what a tool does with the outcome is under test, not confinement. */
export function bareSandbox(): Sandbox & { ran: RunOptions[] } {
  const ran: RunOptions[] = [];
  const jobs = new Map<string, { command: string; text: string; exit: number | null; stop(): void }>();
  return {
    level: "none",
    ready: Promise.resolve("none" as const),
    why: [],
    ran,
    run: (options) =>
      new Promise((done) => {
        ran.push(options);
        const startedAt = Date.now();
        const child = spawn("bash", ["-c", options.command], { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
        let text = "";
        const kill = (): void => {
          try {
            if (child.pid) process.kill(-child.pid, "SIGKILL");
          } catch {
            // gone already
          }
        };
        let timedOut = false;
        const timer = setTimeout(() => {
          timedOut = true;
          kill();
        }, options.timeoutMs);
        options.signal.addEventListener("abort", kill, { once: true });
        const job = { command: options.command, text: "", exit: null as number | null, stop: kill };
        const onData = (piece: Buffer): void => {
          text += piece.toString("utf8");
          job.text = text;
          options.onOutput?.(piece.toString("utf8"));
        };
        child.stdout.on("data", onData);
        child.stderr.on("data", onData);
        const settle = options.background
          ? setTimeout(() => {
              const id = `j${jobs.size + 1}`;
              jobs.set(id, job);
              clearTimeout(timer);
              done({ text, exit: null, timedOut: false, job: id as JobId, ms: Date.now() - startedAt, level: "none" });
            }, options.background.settleMs)
          : null;
        child.on("close", (exit) => {
          clearTimeout(timer);
          if (settle) clearTimeout(settle);
          job.exit = exit;
          done({ text, exit: timedOut ? null : exit, timedOut, ms: Date.now() - startedAt, level: options.outside ? "outside" : "none" });
        });
      }),
    jobs: () => [...jobs].map(([job, { command, exit }]) => ({ job: job as JobId, command, startedAt: 0, exit })),
    readJob: (job) => jobs.get(job) ?? null,
    stopJob: async (job) => {
      jobs.get(job)?.stop();
      return jobs.has(job);
    },
    close: async () => {
      for (const job of jobs.values()) job.stop();
    },
  };
}

export interface TestHands extends Hands {
  lives: Live[];
  sandbox: ReturnType<typeof bareSandbox>;
}
export function hands(root: string, options: Partial<Hands> = {}): TestHands {
  let plan: Plan = [];
  const lives: Live[] = [];
  return {
    call: "c1" as CallId,
    root,
    cwd: root,
    policy: "auto",
    signal: new AbortController().signal,
    files: openFiles({ policy: repositoryPolicy(root), root }),
    git: openGit({ root, runHook: async () => ({ ok: true, text: "" }) }),
    room: 8000,
    outside: false,
    plan: () => plan,
    setPlan: (next) => {
      plan = next;
    },
    live: (live) => void lives.push(live),
    lives,
    ...options,
    sandbox: bareSandbox(),
  };
}
