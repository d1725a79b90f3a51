// `aura bench` from the shell, against a scripted model on loopback: what it prints and keeps, where hidden tests are, and how it goes on after a kill.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { totalOf } from "../../../src/app/bench/result.ts";
import type { Figures, Result, Row } from "../../../src/app/bench/shape.ts";
import { tasks } from "../../../src/app/bench/tasks.ts";
import type { Entry } from "../../../src/core/events.ts";
import { type Answer, call, type FakeModel, openFakeModel } from "../../fake/model-server.ts";
import { prying, solving, stumbling, taskOf, turnOf } from "./scripted.ts";
import { solutionPaper } from "./solution.ts";

const packageRoot = join(import.meta.dirname, "../../..");
const distMain = join(packageRoot, "dist", "main.js");
const base = realpathSync(mkdtempSync(join(tmpdir(), "aura-benching-")));
const home = join(base, "home");
const temporary = join(base, "tmp");
mkdirSync(temporary);
afterAll(() => rmSync(base, { recursive: true, force: true }));
beforeAll(() => {
  if (!existsSync(distMain)) throw new Error("dist/main.js is missing: npm run build first");
});

type Printed = Result & { total: ReturnType<typeof totalOf>; last: (ReturnType<typeof totalOf> & { startedAt: number }) | null };
interface Started {
  pid: number;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  kill(signal: NodeJS.Signals): void;
}
function bench(model: FakeModel, ...args: string[]): Started {
  return benchIn({}, model, ...args);
}
function benchIn(env: Record<string, string>, model: FakeModel, ...args: string[]): Started {
  const child = spawn(process.execPath, [distMain, "bench", "--model", model.id, "--url", model.url, ...args], {
    cwd: base,
    env: { ...process.env, AURA_HOME: home, TMPDIR: temporary, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
  return { pid: child.pid ?? 0, ended, kill: (signal) => void child.kill(signal) };
}
/** What lies in the temporary folder that these benches have for themselves. */
const places = (): string[] => readdirSync(temporary);
const rowOf = (result: Result, name: string): Row => {
  const row = result.tasks.find((one) => one.name === name);
  if (!row) throw new Error(`no row for ${name}`);
  return row;
};
const figuresOf = (result: Result, name: string): Partial<Figures> => rowOf(result, name).figures ?? {};

describe("a bench of six tasks", () => {
  const pried: string[] = [];
  const scripts: Record<string, () => Answer[]> = {
    "python-fix": () => [
      prying(
        ["test_open_after_midnight", "test_the_week_goes_round"],
        ["dist", "src", "test", ".git"].map((name) => join(packageRoot, name)),
      ),
      ...stumbling,
      ...solving(task("python-fix")),
    ],
    "typescript-add": () => solving(task("typescript-add")),
    "python-refactor": () => [call("read", { path: "reports.py" }), "I have looked at it. All is well."],
    "typescript-multi": () => {
      const { changes } = solutionPaper(task("typescript-multi"));
      return [...changes.filter((change) => change.path !== "src/store.ts").map((change) => call("edit", { path: change.path, old: change.old, new: change.new })), "Done."];
    },
    "python-long": () => solving(task("python-long")),
    "typescript-test": () => [call("write", { path: "test/version.test.ts", content: 'import { test } from "node:test";\ntest("nothing", () => {});\n' }), "Done."],
  };
  const task = (name: string) => {
    const found = tasks.find((one) => one.name === name);
    if (!found) throw new Error(`no task ${name}`);
    return found;
  };
  let printed: Printed;
  let told = "";
  beforeAll(async () => {
    await using model = await openFakeModel({
      wire: "llama-server",
      otherwise: (asked) => {
        const result = asked.messages.findLast((message) => message.role === "tool")?.text ?? "";
        if (result.includes("searched")) pried.push(result);
        return scripts[taskOf(asked).name]?.()[turnOf(asked)] ?? "Done.";
      },
    });
    const { code, stdout, stderr } = await bench(model, "--only", "python,typescript", "--json").ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    printed = JSON.parse(stdout) as Printed;
    told = stderr;
  }, 300_000);

  it("says what was solved, and why the rest was not", () => {
    expect(printed.tasks.map(({ name, state, why }) => ({ name, state, why }))).toEqual([
      { name: "python-fix", state: "solved", why: null },
      { name: "typescript-add", state: "solved", why: null },
      { name: "python-refactor", state: "failed", why: "changed nothing" },
      { name: "typescript-multi", state: "failed", why: expect.stringMatching(/^fails store writes and reads the priority, /) },
      { name: "python-long", state: "solved", why: null },
      { name: "typescript-test", state: "failed", why: expect.stringMatching(/^its tests don't notice: a leading v is no longer read; /) },
    ]);
    expect(rowOf(printed, "typescript-multi").failed).toEqual(["store writes and reads the priority", "store reads files from before", "store refuses unknown priorities"]);
    expect(printed).toMatchObject({ v: 1, finished: true, working: null, context: 32_768, total: { solved: 3, failed: 3, open: 0, skipped: 0 }, last: null });
  });

  it("counts calls, edits and turns", () => {
    expect(figuresOf(printed, "python-fix")).toMatchObject({ turns: 6, calls: 5, malformed: 2, edits: 2, failedEdits: 1, changes: 1, compactions: 0 });
    expect(figuresOf(printed, "typescript-add")).toMatchObject({ turns: 2, calls: 1, malformed: 0, edits: 1, failedEdits: 0, changes: 1 });
    expect(figuresOf(printed, "python-refactor")).toMatchObject({ calls: 1, edits: 0, changes: 0 });
    expect(figuresOf(printed, "python-long")).toMatchObject({ turns: 4, edits: 3, failedEdits: 0 });
    expect(printed.total).toMatchObject({ malformed: 2, failedEdits: 1 });
  });

  it("adds up what the server counted, as the logs beside the result have it", () => {
    const folder = readdirSync(join(home, "state", "bench"), { withFileTypes: true }).find((entry) => entry.isDirectory());
    let [prompt, cached, output] = [0, 0, 0];
    for (const row of printed.tasks) {
      const lines = readFileSync(join(home, "state", "bench", folder?.name ?? "", `${row.name}.jsonl`), "utf8")
        .trim()
        .split("\n");
      const said = lines.map((line) => JSON.parse(line) as Entry).filter((entry) => entry.type === "said");
      expect(said).toHaveLength(row.figures?.turns ?? -1);
      for (const { usage } of said) {
        prompt += usage.promptTokens ?? 0;
        cached += usage.cachedTokens ?? 0;
        output += usage.outputTokens ?? 0;
      }
    }
    expect(printed.total).toMatchObject({ promptTokens: prompt, cachedTokens: cached, outputTokens: output, reuse: cached / prompt });
    expect(cached).toBeGreaterThan(0);
  });

  it("keeps the hidden tests from whoever looks for them during the run", () => {
    expect(pried).toHaveLength(1);
    expect(pried[0]).toMatch(/^searched\b/);
  });

  it("says one line for each task on stderr", () => {
    expect(told.split("\n").filter((line) => /^ +\d\/6 {2}/.test(line))).toHaveLength(6);
    expect(told).toMatch(/^aura: bench of llama-server\/fake: 6 tasks, each at most 15 min and 50 turns\./);
    expect(told).toMatch(/1\/6 {2}python-fix +solved +6 turns, /);
  });

  it("leaves nothing behind but the result and the logs", () => {
    expect(places()).toEqual([]);
    expect(existsSync(join(home, "state", "projects"))).toBe(false);
    expect(existsSync(join(home, "cache", "bench"))).toBe(false);
  });
}, 300_000);

describe("a bench that is broken off", () => {
  it("goes on after a kill, and starts over when told to", { timeout: 300_000 }, async () => {
    const reached = Promise.withResolvers<void>();
    const asked: string[] = [];
    let holding = true;
    await using model = await openFakeModel({
      wire: "ollama",
      otherwise: (request) => {
        const { name } = taskOf(request);
        asked.push(name);
        if (name === "typescript-multi" && holding)
          return { say: "Let me think about it", trouble: { is: "hold", after: 1, reached: () => reached.resolve(), gate: new Promise(() => {}) } };
        return "I can't do that.";
      },
    });
    const first = bench(model, "--only", "typescript");
    await reached.promise;
    first.kill("SIGKILL");
    await first.ended;
    expect(places()).toHaveLength(1);

    holding = false;
    asked.length = 0;
    const second = await bench(model, "--only", "typescript", "--json").ended;
    expect(second.code).toBe(0);
    expect(second.stderr).toContain("goes on where it was broken off: 1 of 3 are done");
    expect(new Set(asked)).toEqual(new Set(["typescript-multi", "typescript-test"]));
    const result = JSON.parse(second.stdout) as Printed;
    expect(result.total).toMatchObject({ solved: 0, failed: 3, open: 0 });
    expect(places()).toEqual([]);

    asked.length = 0;
    const third = await bench(model, "--only", "typescript-add", "--max-turns", "3").ended;
    expect(third.code).toBe(0);
    expect(new Set(asked)).toEqual(new Set(["typescript-add"]));
    expect(third.stdout).toContain("last time (");
    expect(third.stdout).toContain("0 of these 1 solved; the same ones");
    for (const line of third.stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it("ends with 130 after Ctrl-C, keeping what is done; and with 3 when the server goes away", { timeout: 300_000 }, async () => {
    let reached = Promise.withResolvers<void>();
    const model = await openFakeModel({
      wire: "ollama",
      otherwise: (request) => {
        if (taskOf(request).name === "python-fix") return "No.";
        return { say: "Hm", trouble: { is: "hold", after: 1, reached: () => reached.resolve(), gate: new Promise(() => {}) } };
      },
    });
    const first = bench(model, "--only", "python", "--fresh", "--json");
    await reached.promise;
    first.kill("SIGINT");
    const { code, stdout, stderr } = await first.ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ finished: false, total: { failed: 1, open: 2 } });
    expect(stderr).toContain("aura bench goes on with the 2 that are left");

    reached = Promise.withResolvers<void>();
    const second = bench(model, "--only", "python");
    await reached.promise;
    const refused = await bench(model, "--only", "python").ended;
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("Another bench is running") });
    await model.close();
    const gone = await second.ended;
    expect(gone.code).toBe(3);
    expect(gone.stderr).toContain("aura bench goes on from there");
    expect(gone.stdout).toContain("0 of 1 solved, 2 not worked on yet");
    expect(places()).toEqual([]);
  });
});

describe("a toolchain that is missing", () => {
  const bare = { PATH: "/usr/bin:/bin", HOME: base };
  it("is said, and its tasks are skipped; where nothing is left, nothing runs", { timeout: 300_000 }, async () => {
    await using model = await openFakeModel({ wire: "ollama", otherwise: () => "I can't do that." });
    const none = await benchIn(bare, model, "--only", "go", "--json").ended;
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("None of these tasks can be run here\n      Go is not installed, or can't be seen in the sandbox (go version)"),
    });
    expect(model.requests).toEqual([]);
    // Python where the system has one; this checkout's own Node can't be seen in the sandbox when the checkout lies in /tmp
    const other = existsSync("/usr/bin/python3") ? "python-refactor" : "typescript-add";
    const some = await benchIn(bare, model, "--only", `go-add,${other}`).ended;
    expect(some.code).toBe(0);
    expect(some.stdout).toMatch(/^go-add +skipped$/m);
    expect(some.stdout).toMatch(new RegExp(`^${other} +failed +1 `, "m"));
    expect(some.stdout).toContain("ollama/fake: 0 of 1 solved, 1 skipped\nskipped: Go is not installed");
  });
});
