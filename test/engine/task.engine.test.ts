// The demo's task on a model that really runs: every word is sampled, nothing is scripted, and the tests of the project judge.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoTask, makeDemoProject } from "../../src/app/demo/project.ts";
import type { Entry } from "../../src/core/events.ts";

const main = join(import.meta.dirname, "..", "..", "dist", "main.js");
const model = join(import.meta.dirname, "tool-loop.gguf");
let home: string;
let root: string;
beforeAll(() => {
  if (!existsSync(main)) throw new Error("dist/main.js is missing: npm run build first");
  home = mkdtempSync(join(tmpdir(), "aura-engine-test-"));
  root = makeDemoProject();
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
  rmSync(dirname(root), { recursive: true, force: true });
});

interface Ran {
  exit: number | null;
  facts: Entry[];
  stderr: string;
}
async function aura(...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [main, "--yes", "--json", ...args], { cwd: root, env: { ...process.env, AURA_HOME: home }, stdio: ["ignore", "pipe", "pipe"] });
  let [out, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const exit = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const facts = out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Entry);
  return { exit, facts, stderr };
}
const of = <T extends Entry["type"]>(facts: Entry[], type: T): Extract<Entry, { type: T }>[] => facts.filter((fact): fact is Extract<Entry, { type: T }> => fact.type === type);

describe("the demo's task on the real engine", () => {
  it("is solved: read, edited, tested, done", async () => {
    const { exit, facts, stderr } = await aura("--max-turns", "12", "--model", `embedded/${model}`, demoTask);
    expect(
      of(facts, "tool.called").map(({ name }) => name),
      stderr,
    ).toEqual(["read", "edit", "edit", "test"]);
    expect(of(facts, "tool.returned").every(({ ok }) => ok)).toBe(true);
    expect(of(facts, "ended")).toMatchObject([{ why: "done", tests: { ok: true, passed: 3, failed: 0 } }]);
    expect(exit).toBe(0);
    const cart = readFileSync(join(root, "src", "cart.js"), "utf8");
    expect(cart).toContain("return Math.round((sum * percent) / 100);");
    expect(cart).toContain("return Math.max(0, sum - discount(sum));");
  });

  it("is solved in the smallest profile too, with three tools, calls and results as text", async () => {
    const small = makeDemoProject();
    try {
      writeFileSync(join(home, "config.json"), '{"profile": "nano"}\n');
      const { exit, facts } = await aura("--cwd", small, "--max-turns", "12", "--model", `embedded/${model}`, demoTask);
      expect(of(facts, "primed")).toMatchObject([{ profile: "nano", tools: [{}, {}, {}] }]);
      expect(of(facts, "tool.called").map(({ name }) => name)).toEqual(["read", "edit", "edit", "test"]);
      expect(of(facts, "ended")).toMatchObject([{ why: "done", tests: { ok: true } }]);
      expect(exit).toBe(0);
    } finally {
      rmSync(join(home, "config.json"));
      rmSync(dirname(small), { recursive: true, force: true });
    }
  });

  it("reads no part of the prompt twice: each request goes on where the one before ended", async () => {
    const { facts } = await aura("--model", `embedded/${model}`, "fix src/cart.js");
    const usages = of(facts, "said").map(({ usage }) => usage);
    expect(usages[0]?.cachedTokens).toBe(0);
    expect(usages.length).toBeGreaterThan(2);
    // at most what the template adds behind the last message differs
    for (const [at, usage] of usages.slice(1).entries()) expect(usage.cachedTokens).toBeGreaterThanOrEqual((usages[at]?.promptTokens ?? 0) - 4);
  });

  it("says clearly what is wrong with a file that is no model", async () => {
    const { exit, stderr } = await aura("--model", `embedded/${main}`, "hello");
    expect(exit).toBe(3);
    expect(stderr).toContain("is not a GGUF file");
    expect((await aura("--model", "embedded/nowhere.gguf", "hello")).stderr).toMatch(/There is no file .*nowhere\.gguf/);
  });
});
