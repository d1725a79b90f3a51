// `aura bench`: how well a model works with Aura on this machine. Twelve tasks one after the other, each result kept at once, so that it can be gone on with.
import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";
import { findPaths, type Paths } from "../../config/paths.ts";
import { makePrivateFolder } from "../../config/private.ts";
import { AuraError, type ExitCode } from "../../core/error.ts";
import { holderName, takeLock } from "../../core/lock.ts";
import { installGuard } from "../../models/guard.ts";
import type { Parsed } from "../args.ts";
import { openDebugLog } from "../debuglog.ts";
import { openOutput } from "../output.ts";
import { version } from "../version.ts";
import { chooseForBench } from "./choose.ts";
import { type Looked, lookAround } from "./look.ts";
import { removePlace } from "./project.ts";
import { openProgress, renderResult } from "./report.ts";
import { type Asked, lockFile, resultsFor, totalOf, unfinishedOf } from "./result.ts";
import type { Result, Row } from "./shape.ts";
import type { Task } from "./task.ts";
import { selectTasks, suite } from "./tasks.ts";
import { caches, workThrough } from "./work.ts";

type BenchParsed = Extract<Parsed, { command: "bench" }>;
/** For each task, where the person says nothing else. */
const usualLimits = { maxTurns: 50, maxTimeMs: 15 * 60_000 };

export async function runBench(parsed: BenchParsed): Promise<ExitCode> {
  installGuard();
  process.on("SIGHUP", () => {});
  const { flags } = parsed;
  const wanted = selectTasks(parsed.only);
  const paths = findPaths(process.env);
  const debug = openDebugLog({ paths, verbose: flags.verbose });
  const output = openOutput({ stdout: process.stdout, stderr: process.stderr, env: process.env, color: flags.color });
  const stop = new AbortController();
  const interrupt = (): void => {
    // a second Ctrl-C doesn't wait for the end to be written
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const unlock = lockBench(paths);
  try {
    const chosen = await chooseForBench({ paths, flags, signal: stop.signal });
    const before = resultsFor(paths, chosen.model);
    for (const result of before) if (result.working) removePlace(result.working.place);
    const asked: Asked = { model: chosen.model, url: chosen.url, version, suite, limits: flags.limits, names: wanted.map((task) => task.name) };
    const resumed = parsed.fresh ? null : unfinishedOf(before, asked);
    const found = await lookAround({ paths, cacheDir: caches(paths).judge, wanted, off: flags.sandbox === "off", signal: stop.signal });
    const result = resumed ? goOn(resumed, found.languages) : begin(asked, wanted, found);
    const done = result.tasks.filter((row) => row.state === "solved" || row.state === "failed").length;
    if (!flags.quiet) for (const line of opening(result, resumed !== null, done)) output.err(line);
    if (done === 0 && result.tasks.every((row) => row.state === "skipped")) {
      throw new AuraError("bench.nothing", "None of these tasks can be run here", {
        hint: Object.values(result.languages)
          .map(({ why }) => why)
          .join("\n      "),
        exit: 1,
      });
    }
    const progress = openProgress({
      tty: process.stderr.isTTY === true,
      quiet: flags.quiet,
      columns: process.stderr.columns ?? 80,
      err: output.err,
      raw: (text) => void process.stderr.write(text),
    });
    const broke = await workThrough({ paths, result, wanted, chosen, sandboxOff: flags.sandbox === "off", signal: stop.signal, progress });
    const last = before.find((one) => one.finished && one.suite === suite && one.startedAt !== result.startedAt) ?? null;
    if (flags.json) output.json({ ...result, total: totalOf(result), last: last && { startedAt: last.startedAt, version: last.version, ...totalOf(last) } });
    else for (const line of renderResult(result, last)) output.out(line);
    if (stop.signal.aborted) output.err(`aura: stopped; aura bench goes on with the ${totalOf(result).open} that are left`);
    if (broke) throw broke;
    return stop.signal.aborted ? 130 : 0;
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
    unlock();
    debug.close();
  }
}

/** One bench at a time: two would slow each other down and write the same file. Throws AuraError while another runs. */
function lockBench(paths: Paths): () => void {
  const file = lockFile(paths);
  makePrivateFolder(dirname(file));
  const { lock, owner } = takeLock(file, "bench");
  if (!lock) throw new AuraError("bench.owned", `Another bench is running: ${holderName(owner)}`, { hint: "Two at a time would measure each other", exit: 1 });
  return () => lock.release();
}

function begin(asked: Asked, wanted: readonly Task[], found: Looked): Result {
  const [cpu] = cpus();
  const { names: _, ...same } = asked;
  return {
    v: 1,
    ...same,
    ...{ context: null, profile: null, form: null, startedAt: Date.now(), changedAt: Date.now(), finished: false, working: null },
    limits: { ...usualLimits, ...asked.limits },
    machine: { cpu: cpu?.model ?? "unknown", cores: cpus().length, memoryBytes: totalmem(), platform: `${process.platform} ${process.arch}` },
    sandbox: found.level,
    languages: found.languages,
    tasks: wanted.map(({ name, language, kind }) => skipWhereMissing({ name, language, kind, state: "open", why: null, failed: [], ended: null, figures: null }, found.languages)),
  };
}
/** The tasks done stay done; toolchains may have come or gone. */
const goOn = (result: Result, languages: Result["languages"]): Result => ({
  ...result,
  languages: { ...result.languages, ...languages },
  tasks: result.tasks.map((row) => (row.state === "skipped" || row.state === "open" ? skipWhereMissing({ ...row, state: "open", why: null }, languages) : row)),
});
const skipWhereMissing = (row: Row, languages: Result["languages"]): Row => {
  const why = languages[row.language]?.why ?? null;
  return why === null ? row : { ...row, state: "skipped", why };
};

function opening(result: Result, resumed: boolean, done: number): string[] {
  const { maxTimeMs, maxTurns } = result.limits;
  const each = `each at most ${maxTimeMs >= 60_000 ? `${Math.round(maxTimeMs / 6_000) / 10} min` : `${maxTimeMs / 1000} s`} and ${maxTurns} turns`;
  const what = resumed ? `goes on where it was broken off: ${done} of ${result.tasks.length} are done` : `${result.tasks.length} ${result.tasks.length === 1 ? "task" : "tasks"}`;
  return [`aura: bench of ${result.model}: ${what}, ${each}. Ctrl-C stops it, the next aura bench goes on.`];
}
