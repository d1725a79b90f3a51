// Every task of the bench is fair: the project as it is fails, the solution passes, and each mutant is noticed by good tests. With the real toolchains.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { judge, mutated, type Verdict } from "../../../src/app/bench/judge.ts";
import { makePlace, makeProject, removePlace, writeTexts } from "../../../src/app/bench/project.ts";
import { kinds, parseTask, type Task, type Texts, tongues } from "../../../src/app/bench/task.ts";
import { selectTasks, tasks } from "../../../src/app/bench/tasks.ts";
import { benchEnv, readVersion, toolchains } from "../../../src/app/bench/toolchains.ts";
import { solutionOf } from "./solution.ts";

/** Go builds its standard library first, on a machine that others use too. */
const coldBuildMs = 300_000;
const env = benchEnv(process.env);
const cache = realpathSync(mkdtempSync(join(tmpdir(), "aura-judging-")));
afterAll(() => rmSync(cache, { recursive: true, force: true }));
const needs = { env, cacheDir: cache, hidden: [], off: false, signal: new AbortController().signal };

const isThere = (task: Task): boolean => {
  const toolchain = toolchains[task.language];
  const { status, stdout, stderr } = spawnSync("sh", ["-c", toolchain.version], { encoding: "utf8", env });
  return readVersion(toolchain, { exit: status, text: `${stdout}${stderr}` }).version !== null;
};
async function judged(task: Task, solution: Texts, before: (root: string) => void = () => {}): Promise<Verdict> {
  const place = makePlace();
  try {
    const root = join(place, task.project);
    writeTexts(root, task.files);
    writeTexts(root, solution);
    before(root);
    return await judge(task, root, needs);
  } finally {
    removePlace(place);
  }
}

it("has twelve tasks: three in each language, two of each kind", () => {
  expect(tasks.map((task) => task.name)).toEqual([...new Set(tasks.map((task) => task.name))]);
  for (const language of tongues) expect(tasks.filter((task) => task.language === language)).toHaveLength(3);
  for (const kind of kinds) expect(tasks.filter((task) => task.kind === kind)).toHaveLength(2);
  const papers = readdirSync(join(import.meta.dirname, "../../../src/app/bench/tasks"));
  expect(papers.sort()).toEqual(tasks.map((task) => `${task.name}.md`).sort());
});

it("keeps what is hidden out of the project and the prompt", () => {
  for (const task of tasks) {
    for (const path of Object.keys(task.hidden)) expect(task.files).not.toHaveProperty([path]);
    expect(`${task.prompt}${Object.values(task.files).join()}`).not.toMatch(/hidden/i);
  }
});

it("has long files where a task is about one", () => {
  for (const task of tasks.filter((one) => one.kind === "long-file")) expect(Math.max(...Object.values(task.files).map((text) => text.split("\n").length))).toBeGreaterThan(600);
});

it("is picked by name, language or kind", () => {
  const names = (words: string[] | null): string[] => selectTasks(words).map((task) => task.name);
  expect(names(null)).toHaveLength(12);
  expect(names(["rust-fix", "python"])).toEqual(["python-fix", "rust-fix", "python-refactor", "python-long"]);
  expect(names(["test"])).toEqual(["go-test", "typescript-test"]);
  expect(() => selectTasks(["pyton-fix"])).toThrow("did you mean python-fix?");
});

it("refuses papers that say too little", () => {
  expect(() => parseTask("# x\n- language: cobol\n")).toThrow("the task x knows no language cobol");
  expect(() => parseTask("# x\n- language: go\n- kind: fix\n- title: t\n- project: p\n## Prompt\ndo\n## Project\n### a\n```\nx\n```\n")).toThrow("needs hidden tests or mutants");
  expect(() => parseTask("# x\n- language: go\n- kind: fix\n- title: t\n- project: p\n## Project\n```\nx\n```\n")).toThrow("without a heading");
});

for (const task of tasks) {
  describe.runIf(isThere(task))(task.name, () => {
    it("is not solved as it is", { timeout: coldBuildMs }, async () => {
      const verdict = await judged(task, {});
      expect(verdict).toMatchObject({ solved: false, why: expect.any(String) });
      expect(verdict.why).not.toContain("did not end");
    });
    it("is solved by the solution", { timeout: coldBuildMs }, async () => {
      expect(await judged(task, solutionOf(task))).toEqual({ solved: true, failed: [], why: null });
    });
    it("has faults that differ from the right code, each in one place", () => {
      for (const mutant of task.mutants) expect(mutated(task, mutant)).not.toBe(task.files[mutant.path]);
    });
  });
}

describe("the judge", () => {
  const task = (name: string): Task => selectTasks([name])[0] as Task;
  it("names the hidden tests that fail", async () => {
    const solution = solutionOf(task("python-fix"));
    const broken = { "hours/schedule.py": (solution["hours/schedule.py"] ?? "").replace("(day - 1) % 7", "day - 1 if day > 0 else 0") };
    expect(await judged(task("python-fix"), broken)).toEqual({
      solved: false,
      failed: ["test_the_week_goes_round", "test_time_left_over_midnight"],
      why: "fails test_the_week_goes_round, test_time_left_over_midnight",
    });
  });
  it("says when nothing can be loaded", async () => {
    expect((await judged(task("python-fix"), { "hours/schedule.py": "def broken(:\n" })).why).toBe("can't be built or loaded: SyntaxError: invalid syntax");
    expect((await judged(task("typescript-add"), { "src/duration.ts": "export const units = {};\n" })).why).toMatch(
      /can't be built or loaded: SyntaxError.*parseDuration|formatDuration/,
    );
  });
  it("is not fooled by a program that ends early and content", async () => {
    expect(await judged(task("python-fix"), { "hours/__init__.py": "import os\nos._exit(0)\n" })).toMatchObject({ solved: false });
  });
  it("does not follow links out of the copy, nor run the model's own Go tests", async () => {
    const outside = join(cache, "outside.py");
    writeFileSync(outside, "untouched\n");
    const verdict = await judged(task("python-fix"), solutionOf(task("python-fix")), (root) => symlinkSync(outside, join(root, "hidden_test.py")));
    expect(verdict.solved).toBe(true);
    expect(readFileSync(outside, "utf8")).toBe("untouched\n");
  });
  it("tells missing tests from tests that notice too little", async () => {
    expect(await judged(task("typescript-test"), {})).toMatchObject({ why: "changed nothing" });
    const lax = 'import assert from "node:assert";\nimport { test } from "node:test";\ntest("nothing", () => assert.ok(true));\n';
    const verdict = await judged(task("typescript-test"), { "test/version.test.ts": lax });
    expect(verdict.failed).toEqual(task("typescript-test").mutants.map((mutant) => mutant.name));
    const wrong = lax.replace("assert.ok(true)", "assert.ok(false)");
    expect((await judged(task("typescript-test"), { "test/version.test.ts": wrong })).why).toBe("its tests fail on the right code: fails nothing");
  });
});

it("commits the project, and removes only places of its own", () => {
  const place = makePlace();
  const root = join(place, "p");
  writeTexts(root, { "a/b.txt": "x\n" });
  makeProject(root, { "a/b.txt": "y\n" });
  expect(spawnSync("git", ["log", "--format=%s"], { cwd: root, encoding: "utf8" }).stdout).toBe("The project as it is\n");
  removePlace(cache);
  removePlace("/");
  expect(readdirSync(cache)).toBeDefined();
  removePlace(place);
  expect(() => readdirSync(place)).toThrow("ENOENT");
});
