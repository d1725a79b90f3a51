// One task: the project in a folder of its own, the agent let loose on it as `aura --yes` would, then the judge.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { debugLogFile, type Paths } from "../../config/paths.ts";
import type { UserConfig } from "../../config/schema.ts";
import { AuraError, type Failure } from "../../core/error.ts";
import type { Entry, ModelId, Opening } from "../../core/events.ts";
import { note } from "../../core/note.ts";
import { newSessionId } from "../../core/time.ts";
import { compose } from "../compose.ts";
import { runHeadless } from "../headless.ts";
import { figuresOf } from "./figures.ts";
import { type JudgeNeeds, judge, type Verdict } from "./judge.ts";
import { makePlace, makeProject, removePlace } from "./project.ts";
import type { Row } from "./shape.ts";
import type { Task } from "./task.ts";

export interface RunNeeds {
  paths: Paths;
  user: UserConfig;
  model: ModelId;
  url: string | null;
  limits: { maxTurns: number; maxTimeMs: number };
  env: Record<string, string>;
  sandboxOff: boolean;
  /** What the commands of a run must not see, and where they may keep their builds. */
  hidden: readonly string[];
  cacheDir: string;
  judge: Pick<JudgeNeeds, "hidden" | "cacheDir">;
  /** Where the session's log is kept. */
  logs: string;
  signal: AbortSignal;
  /** The folder is made: whoever finds it after a kill may remove it. */
  started(place: string): void;
  saw(entry: Entry): void;
  judging(): void;
}
type Done = Pick<Row, "state" | "why" | "failed" | "ended" | "figures"> & { primed: Extract<Entry, { type: "primed" }> | null };

/** Faults that say nothing about the model: the bench stops there, and goes on another day. */
const gone = new Set([
  "server.down",
  "model.none",
  "model.several",
  "model.refused",
  "model.down",
  "model.no-model",
  "model.file",
  "engine.none",
  "address.refused",
  "model.refused-address",
  "log.write",
  "log.full",
]);

/** null when it was stopped by `signal`: the task counts as not begun. Throws AuraError when the server or the model is gone. */
export async function runTask(task: Task, needs: RunNeeds): Promise<Done | null> {
  const place = makePlace();
  needs.started(place);
  const root = join(place, task.project);
  const entries: Entry[] = [];
  try {
    makeProject(root, task.files);
    const failure = await work(task, root, entries, needs);
    if (needs.signal.aborted) return null;
    const ended = entries.findLast((entry) => entry.type === "ended") ?? null;
    const error = ended?.error ?? failure;
    if (error && gone.has(error.code)) throw new AuraError(error.code, error.message, { ...(error.hint ? { hint: error.hint } : {}), exit: 3 });
    needs.judging();
    const verdict = await judge(task, root, { ...needs.judge, env: needs.env, off: needs.sandboxOff, signal: needs.signal });
    return {
      state: verdict.solved ? "solved" : "failed",
      why: verdict.solved ? null : whyOf(verdict, ended, error ?? null),
      failed: verdict.failed,
      ended: ended?.why ?? "failed",
      figures: figuresOf(entries),
      primed: entries.find((entry) => entry.type === "primed") ?? null,
    };
  } catch (error) {
    if (needs.signal.aborted) return null;
    throw error;
  } finally {
    removePlace(place);
  }
}

/** Runs the agent to its end and keeps its log. Returns what went wrong before there was a run, else null. */
async function work(task: Task, root: string, entries: Entry[], needs: RunNeeds): Promise<Failure | null> {
  const open = compose({ paths: needs.paths, user: needs.user, apart: { hidden: needs.hidden, cacheDir: needs.cacheDir } });
  const session = newSessionId();
  const opening: Opening = {
    root,
    cwd: root,
    env: needs.env,
    policy: "auto",
    limits: needs.limits,
    model: needs.model,
    headless: true,
    ...(needs.url === null ? {} : { url: needs.url }),
    ...(needs.sandboxOff ? { sandbox: "off" } : {}),
  };
  let failure: Failure | null = null;
  try {
    await runHeadless({
      ...{ core: open.core, session, opening, task: task.prompt, fresh: true, json: true, quiet: true },
      logFile: debugLogFile(needs.paths),
      out: () => {},
      err: () => {},
      entry: (entry) => {
        entries.push(entry);
        needs.saw(entry);
      },
      refused: (error) => {
        failure = error;
      },
      signal: needs.signal,
    });
  } finally {
    await open.close();
    try {
      copyFileSync(join(root, ".aura", "log", `${session}.jsonl`), join(needs.logs, `${task.name}.jsonl`));
    } catch (error) {
      note("bench", "a session's log can't be kept", { task: task.name, error: String(error) }, "warn");
    }
  }
  return failure;
}

/** What kept the task from being solved: how the run ended where it didn't end by itself, and what the judge says. */
function whyOf(verdict: Verdict, ended: Extract<Entry, { type: "ended" }> | null, error: Failure | null): string {
  const limit = error?.code === "limit.time" ? "time was up" : "too many turns";
  const ending = ended?.why === "done" ? "" : ended?.why === "limit" ? limit : (error?.message.replace(/\.$/, "") ?? ended?.why ?? "");
  return [ending, verdict.why ?? ""].filter((part) => part !== "").join("; ");
}
