// What the test model is worth: projects x wordings x {tests can pass, tests fail whatever one does}, each a real `aura --yes` on the real engine, sampled.
//   node scripts/engine-model/evaluate.ts [--model FILE] [--only WORD] [--json]      AURA_ENGINE names the engine's folder
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { demoTask, makeDemoProject } from "../../src/app/demo/project.ts";

interface Case {
  path: string;
  name: string;
  text: string;
  /** What must stand there afterwards. */
  mended: string;
  test: string;
  /** Names that never came in training: it must copy what it reads. */
  strange?: boolean;
}
const js = (path: string, name: string, params: string, body: string, mended: string, call: string, strange = false): Case => ({
  path,
  name,
  text: `export function ${name}(${params}) {\n${body}\n}\n`,
  mended,
  test: `import assert from "node:assert/strict";\nimport { test } from "node:test";\nimport { ${name} } from "../${path}";\n\ntest("${name}", () => assert.deepEqual(${call}));\n`,
  ...(strange ? { strange } : {}),
});
const cases: Case[] = [
  js("src/calc.js", "add", "a, b", "  return a - b;", "return a + b;", "add(2, 3), 5"),
  js("src/sum.js", "sum", "values", "  let total = 1;\n  for (const value of values) total += value;\n  return total;", "let total = 0;", "sum([1, 2]), 3"),
  js("src/range.js", "range", "start, end", "  const out = [];\n  for (let i = start; i <= end; i++) out.push(i);\n  return out;", "i < end", "range(1, 3), [1, 2]"),
  js("lib/max.js", "max", "list", "  let best = list[0];\n  for (const x of list) if (x < best) best = x;\n  return best;", "if (x > best)", "max([1, 5, 2]), 5"),
  js("src/even.js", "isEven", "n", "  return n % 2 === 1;", "n % 2 === 0", "isEven(4), true"),
  js("src/clamp.js", "clamp", "value, low, high", "  return Math.max(low, value);", "Math.max(low, Math.min(high, value))", "clamp(9, 1, 5), 5"),
  js("src/first.js", "first", "items", "  return items[1];", "return items[0];", "first([7, 8]), 7"),
  js("lib/abs.mjs", "abs", "n", "  return n < 0 ? n : -n;", "return n > 0 ? n : -n;", "abs(-3), 3"),
  js("lib/kilims.js", "joinery", "gongs, burrs", "  return gongs - burrs;", "return gongs + burrs;", "joinery(2, 3), 5", true),
  js("server/teacups.js", "paired", "saucers", "  return saucers % 2 === 1;", "saucers % 2 === 0", "paired(4), true", true),
  js("src/shop/gauge.js", "hemmed", "needle, moss, rafters", "  return Math.max(moss, needle);", "Math.max(moss, Math.min(rafters, needle))", "hemmed(9, 1, 5), 5", true),
];
const wordings = [
  "Fix the failing test in {p}.",
  "fix the bug in {p}",
  "{f} in {p} returns the wrong result. Fix it.",
  "There is a bug in {p}; find it, fix it, then run the tests.",
  "please repair {p}, {f} is wrong",
];
const cartWordings = [
  demoTask,
  "the cart total ignores the discount, fix it",
  "Fix the failing tests of the cart.",
  "fix the bug in src/cart.js",
  "take the discount off the cart's total, and never go below zero",
];

const { values } = parseArgs({
  options: { model: { type: "string", default: "test/engine/tool-loop.gguf" }, only: { type: "string" }, json: { type: "boolean", default: false } },
});
const home = mkdtempSync(join(tmpdir(), "aura-evaluate-"));

function makeProject(one: Case): string {
  const root = mkdtempSync(join(home, "project-"));
  const files = { "package.json": '{"name":"project","type":"module","scripts":{"test":"node --test"}}\n', [one.path]: one.text, [`test/${one.name}.test.js`]: one.test };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  execFileSync("git", ["init", "-q", root]);
  return root;
}

interface Told {
  type: string;
  name?: string;
  text?: string;
  ok?: boolean;
  why?: string;
  tests?: { ok: boolean };
}
async function run(root: string, task: string): Promise<{ facts: Told[]; exit: number | null; ms: number }> {
  const started = performance.now();
  const child = spawn(process.execPath, [resolve("dist/main.js"), "--yes", "--json", "--max-turns", "12", "--model", `embedded/${resolve(values.model)}`, task], {
    cwd: root,
    env: { ...process.env, AURA_HOME: join(home, "home") },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  const exit = await new Promise<number | null>((done) => child.on("close", done));
  const facts = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Told);
  return { facts, exit, ms: performance.now() - started };
}

interface Result {
  what: string;
  task: string;
  kind: "pass" | "fail";
  strange: boolean;
  good: boolean;
  why: string;
  ms: number;
}
async function judge(root: string, path: string, mended: string, task: string, kind: "pass" | "fail", strange: boolean): Promise<Result> {
  if (kind === "fail")
    writeFileSync(join(root, "test", "never.test.js"), 'import assert from "node:assert/strict";\nimport { test } from "node:test";\n\ntest("never", () => assert.equal(1, 2));\n');
  const { facts, exit, ms } = await run(root, task);
  const calls = facts.flatMap((fact) => (fact.type === "tool.called" ? [fact.name ?? ""] : []));
  const last = facts.findLast((fact) => fact.type === "said")?.text ?? "";
  const end = facts.findLast((fact) => fact.type === "ended");
  const wrong: string[] = [];
  if (!readFileSync(join(root, path), "utf8").includes(mended)) wrong.push("the file is not mended");
  if (!/^read (edit )+test$/.test(calls.join(" "))) wrong.push(`calls: ${calls.join(" ")}`);
  if (kind === "pass" && (exit !== 0 || end?.why !== "done" || !end.tests?.ok || !last.startsWith("Done: I fixed"))) wrong.push(`exit ${exit}, ${end?.why}, said: ${last}`);
  if (kind === "fail" && (end?.tests?.ok !== false || !last.startsWith("The tests still fail"))) wrong.push(`exit ${exit}, ${end?.why}, said: ${last}`);
  rmSync(root, { recursive: true, force: true });
  return { what: path, task, kind, strange, good: wrong.length === 0, why: wrong.join("; "), ms: Math.round(ms) };
}

const results: Result[] = [];
const add = (result: Result): void => {
  results.push(result);
  process.stderr.write(`${result.good ? "ok " : "NO "} ${result.ms} ms ${result.kind} ${result.what}: ${result.task}${result.why ? ` -> ${result.why}` : ""}\n`);
};
try {
  for (const kind of ["pass", "fail"] as const) {
    for (const task of cartWordings)
      if (!values.only || "src/cart.js".includes(values.only)) add(await judge(makeDemoProject(), "src/cart.js", "Math.max(0, sum - discount(sum))", task, kind, false));
    for (const one of cases) {
      if (values.only && !one.path.includes(values.only)) continue;
      for (const words of wordings) add(await judge(makeProject(one), one.path, one.mended, words.replace("{p}", one.path).replace("{f}", one.name), kind, one.strange === true));
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
const share = (of: Result[]): string => `${of.filter((one) => one.good).length}/${of.length}`;
const times = results.map((one) => one.ms).sort((a, b) => a - b);
const summary = {
  all: share(results),
  pass: share(results.filter((one) => one.kind === "pass")),
  fail: share(results.filter((one) => one.kind === "fail")),
  strangeNames: share(results.filter((one) => one.strange)),
  medianMs: times[Math.floor(times.length / 2)] ?? null,
  totalS: Math.round(times.reduce((sum, ms) => sum + ms, 0) / 1000),
};
process.stdout.write(`${JSON.stringify(values.json ? { summary, results } : summary, null, 1)}\n`);
