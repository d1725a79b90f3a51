// Works through the open tasks of a bench, one after the other, and keeps each result at once.
import { existsSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Paths } from "../../config/paths.ts";
import { AuraError, toFailure } from "../../core/error.ts";
import type { Chosen } from "./choose.ts";
import type { Progress } from "./report.ts";
import { logFolder, saveResult } from "./result.ts";
import { type RunNeeds, runTask } from "./run.ts";
import type { Result } from "./shape.ts";
import type { Task } from "./task.ts";
import { benchEnv } from "./toolchains.ts";

export interface Work {
  paths: Paths;
  result: Result;
  wanted: readonly Task[];
  chosen: Chosen;
  sandboxOff: boolean;
  signal: AbortSignal;
  progress: Progress;
}

/** Builds of the runs and of the judge lie apart: what the judge compiled holds the hidden tests. */
export const caches = (paths: Paths): { run: string; judge: string } => ({ run: join(paths.cache, "bench", "run"), judge: join(paths.cache, "bench", "judge") });

/** Where this program lies: its bundles and sources hold the hidden tests. */
function programFolders(): string[] {
  let root = import.meta.dirname;
  while (!existsSync(join(root, "package.json")) && root !== dirname(root)) root = dirname(root);
  return ["dist", "src", "test", ".git"].map((name) => join(root, name)).flatMap((path) => (existsSync(path) ? [realpathSync(path)] : []));
}

/** Works on every open task, saving after each. Returns what stopped it before the end: the server that went away, a full disk. */
export async function workThrough({ paths, result, wanted, chosen, sandboxOff, signal, progress }: Work): Promise<unknown> {
  const { run: cacheDir, judge } = caches(paths);
  const own = programFolders();
  const logs = logFolder(paths, result);
  const needs: Omit<RunNeeds, "started"> = {
    ...{ paths, user: chosen.user, model: chosen.model, url: chosen.url, limits: result.limits, env: benchEnv(process.env), sandboxOff, cacheDir, logs, signal },
    hidden: [...own, judge],
    judge: { hidden: [paths.config, paths.state, paths.runtime, ...own], cacheDir: judge },
    saw: progress.saw,
    judging: progress.judging,
  };
  saveResult(paths, result);
  try {
    for (const [at, row] of result.tasks.entries()) {
      const task = wanted.find((one) => one.name === row.name);
      if (row.state !== "open" || !task || signal.aborted) continue;
      progress.begins(task.name, at + 1, result.tasks.length);
      const started = (place: string): void => {
        result.working = { task: task.name, place };
        saveResult(paths, result);
      };
      const done = await runTask(task, { ...needs, started }).catch((error: unknown) => {
        progress.ends(null);
        throw error;
      });
      result.working = null;
      if (done) {
        const { primed, ...outcome } = done;
        result.tasks[at] = { ...row, ...outcome };
        if (primed) Object.assign(result, { context: primed.context, profile: primed.profile ?? null, form: primed.form ?? null });
        result.finished = result.tasks.every((one) => one.state !== "open");
      }
      saveResult(paths, result);
      progress.ends(done && (result.tasks[at] ?? null));
    }
    return null;
  } catch (error) {
    result.working = null;
    saveResult(paths, result);
    if (!(error instanceof AuraError)) throw error;
    const { code, message, hint } = toFailure(error);
    return new AuraError(code, message, { hint: `${hint ? `${hint}; ` : ""}aura bench goes on from there`, exit: error.exit });
  } finally {
    rmSync(join(paths.cache, "bench"), { recursive: true, force: true, maxRetries: 2 });
  }
}
