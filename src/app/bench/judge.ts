// Judges what a run left behind: a fresh copy, the hidden tests put into it, everything run in a sandbox of its own. The run is over by then.
import { readFileSync, realpathSync } from "node:fs";
import { extname, join } from "node:path";
import { parseReport } from "../../languages/index.ts";
import { openSandbox } from "../../sandbox/open.ts";
import { repositoryPolicy } from "../../sandbox/policy.ts";
import type { RunOutcome, Sandbox } from "../../sandbox/sandbox.ts";
import { copyPlain, makePlace, removePlace, writeTexts } from "./project.ts";
import type { Mutant, Task } from "./task.ts";
import { type Toolchain, toolchains } from "./toolchains.ts";

export interface Verdict {
  solved: boolean;
  /** Hidden tests that failed, or mutants that the model's tests let pass. */
  failed: string[];
  /** In a few words why not, null when solved. */
  why: string | null;
}
/** Said instead of the tests that fail where the project is as it was. */
const untouched = "changed nothing";
export interface JudgeNeeds {
  env: Record<string, string>;
  cacheDir: string;
  hidden: string[];
  /** `--sandbox off`. */
  off: boolean;
  signal: AbortSignal;
}
/** For one run of tests: a cold build takes its time. */
const testMs = 5 * 60_000;

/** `root`: the folder that the model worked in. Throws AuraError where no command can be started at all. */
export async function judge(task: Task, root: string, needs: JudgeNeeds): Promise<Verdict> {
  const place = makePlace();
  const toolchain = toolchains[task.language];
  const copy = join(place, task.project);
  let sandbox: Sandbox | null = null;
  try {
    const drop = task.mutants.length === 0 ? toolchain.alongside : null;
    const paths: string[] = [];
    copyPlain(root, copy, (path) => paths.push(path) > 0 && drop?.test(path) !== true);
    sandbox = await openSandbox({
      root: realpathSync(copy),
      cwd: copy,
      env: needs.env,
      cacheDir: needs.cacheDir,
      policy: repositoryPolicy(copy),
      hidden: needs.hidden,
      off: needs.off,
    });
    const run = (command: string): Promise<RunOutcome> => (sandbox as Sandbox).run({ command, cwd: copy, timeoutMs: testMs, signal: needs.signal });
    const verdict = task.mutants.length > 0 ? await judgeTests(task, toolchain, copy, run) : await judgeResult(task, toolchain, copy, run);
    needs.signal.throwIfAborted();
    return !verdict.solved && isUntouched(task, root, paths) ? { ...verdict, why: untouched } : verdict;
  } finally {
    await sandbox?.close();
    removePlace(place);
  }
}

/** Nothing written and nothing added, but for what builds leave behind. */
function isUntouched(task: Task, root: string, paths: readonly string[]): boolean {
  const kinds = new Set(Object.keys(task.files).map((path) => extname(path)));
  const same = Object.entries(task.files).every(([path, text]) => paths.includes(path) && readFileSync(join(root, path), "utf8") === text);
  return same && paths.every((path) => task.files[path] !== undefined || !kinds.has(extname(path)));
}

type Run = (command: string) => Promise<RunOutcome>;

async function judgeResult(task: Task, toolchain: Toolchain, copy: string, run: Run): Promise<Verdict> {
  writeTexts(copy, task.hidden);
  const outcome = await run(toolchain.hidden);
  if (isGreen(outcome)) return { solved: true, failed: [], why: null };
  const failed = namesOf(toolchain, outcome.text);
  return { solved: false, failed, why: whyRed(toolchain, outcome, failed) };
}

/** The model's own tests: green on the project as it was, red on every mutant. */
async function judgeTests(task: Task, toolchain: Toolchain, copy: string, run: Run): Promise<Verdict> {
  const sources = Object.fromEntries(task.mutants.map((mutant): [string, string] => [mutant.path, task.files[mutant.path] ?? ""]));
  writeTexts(copy, sources);
  const outcome = await run(toolchain.own);
  if (!isGreen(outcome)) {
    if (parseReport(outcome.text)?.failed === 0 && outcome.exit === 0) return { solved: false, failed: [], why: "wrote no tests" };
    const failed = namesOf(toolchain, outcome.text);
    return { solved: false, failed: [], why: `its tests fail on the right code: ${whyRed(toolchain, outcome, failed)}` };
  }
  const missed: string[] = [];
  for (const mutant of task.mutants) {
    writeTexts(copy, { ...sources, [mutant.path]: mutated(task, mutant) });
    if (isGreen(await run(toolchain.own))) missed.push(mutant.name);
  }
  return { solved: missed.length === 0, failed: missed, why: missed.length === 0 ? null : `its tests don't notice: ${missed.join("; ")}` };
}

/** The file with the fault in it. Throws a plain Error when the paper is wrong. */
export function mutated(task: Pick<Task, "name" | "files">, mutant: Mutant): string {
  const parts = (task.files[mutant.path] ?? "").split(mutant.old);
  if (parts.length !== 2) throw new Error(`${task.name}: the place of "${mutant.name}" stands ${parts.length - 1} times in ${mutant.path}`);
  return parts.join(mutant.new);
}

/** A program that ends early and content has run no test. */
const isGreen = (outcome: RunOutcome): boolean => {
  const report = parseReport(outcome.text);
  return outcome.exit === 0 && (report?.failed ?? 0) === 0 && (report?.passed ?? 0) > 0;
};
function namesOf(toolchain: Toolchain, text: string): string[] {
  return [...new Set([...text.matchAll(toolchain.failed)].map((match) => (match[1] ?? "").trim()))].slice(0, 50);
}
function whyRed(toolchain: Toolchain, outcome: RunOutcome, failed: string[]): string {
  if (outcome.timedOut) return `the tests did not end within ${testMs / 1000} s`;
  if (outcome.killed) return outcome.killed;
  const broken = [...outcome.text.matchAll(toolchain.broken)].map((match) => (match[1] ?? "").trim());
  const loaded = failed.some((name) => !/^hidden(_test|\.test\.ts)?$/.test(name));
  if (failed.length > 0 && loaded) return `fails ${failed.slice(0, 3).join(", ")}${failed.length > 3 ? ` and ${failed.length - 3} more` : ""}`;
  return `can't be built or loaded: ${(broken[0] ?? `exit ${outcome.exit}`).slice(0, 200)}`;
}
