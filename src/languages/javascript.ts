// JavaScript: package.json, its package managers, and the test runners people use with it (TypeScript shares all of this).
import { between, type Folder, isPath, type Language, lastAt, quoted, type ReportParser, sum, type TestCommand } from "./language.ts";
import { type Manifest, managerOf, parseManifest } from "./manifest.ts";
import { nodeChecks } from "./node-checks.ts";
import { scriptRules } from "./resolve.ts";
import { nodeTest } from "./tap.ts";

type Runner = "vitest" | "jest" | "mocha" | "ava" | "node" | "bun" | "other";

function runnerOf(script: string, { dependencies }: Manifest): Runner {
  if (/\bvitest\b/.test(script)) return "vitest";
  if (/\bjest\b|react-scripts test/.test(script)) return "jest";
  if (/\bmocha\b/.test(script)) return "mocha";
  if (/\bava\b/.test(script)) return "ava";
  if (/\bnode\b.*--test\b/.test(script)) return "node";
  if (/\bbun test\b/.test(script)) return "bun";
  return (["vitest", "jest", "mocha", "ava"] as const).find((name) => dependencies.includes(name)) ?? "other";
}

function argsFor(runner: Runner, filter: string): string {
  if (isPath(filter)) return quoted(filter);
  switch (runner) {
    case "vitest":
    case "jest":
    case "bun":
      return `-t ${quoted(filter)}`;
    case "mocha":
      return `-f ${quoted(filter)}`;
    case "ava":
      return `--match=${quoted(`*${filter}*`)}`;
    case "node":
      return `--test-name-pattern=${quoted(filter)}`;
    case "other":
      return quoted(filter);
  }
}

const testFile = /\.(test|spec)\.[cm]?[jt]sx?$/;

/** The `test` script, else a runner that is a dependency, else node's own where there are test files. */
export async function nodeTestCommand(folder: Folder): Promise<TestCommand | null> {
  if (!folder.names.has("package.json")) return null;
  const manifest = parseManifest(await folder.text("package.json"));
  if (!manifest) return null;
  const manager = managerOf(folder, manifest);
  const name = ["test", "test:unit", "tests", "unit"].find((script) => manifest.scripts[script] !== undefined && !/no test specified/.test(manifest.scripts[script]));
  if (name !== undefined) {
    const script = manifest.scripts[name] ?? "";
    const runner = runnerOf(script, manifest);
    const command = name === "test" && manager !== "bun" ? `${manager} test` : `${manager} run ${name}`;
    return {
      command,
      narrow(filter) {
        // node takes its own options only before the files
        if (runner === "node" && !isPath(filter) && /^node\b[^&|;]*--test\b/.test(script)) return script.replace(/--test(?=\s|$)/, (flag) => `${flag} ${argsFor(runner, filter)}`);
        return `${command}${manager === "npm" ? " --" : ""} ${argsFor(runner, filter)}`;
      },
    };
  }
  const runner = runnerOf("", manifest);
  const direct: Partial<Record<Runner, string>> = { vitest: "npx vitest run", jest: "npx jest", mocha: "npx mocha", ava: "npx ava" };
  let command = direct[runner];
  if (command === undefined) {
    const inTest = [...(await folder.list("test")), ...(await folder.list("tests")), ...(await folder.list("src"))].some((entry) => testFile.test(entry));
    if (!inTest && !folder.names.has("test.js") && ![...folder.names].some((entry) => testFile.test(entry))) return null;
    command = manager === "bun" ? "bun test" : "node --test";
  }
  const kind: Runner = command === "node --test" ? "node" : command === "bun test" ? "bun" : runner;
  return { command, narrow: (filter) => `${command} ${argsFor(kind, filter)}` };
}

const vitest: ReportParser = (output) => {
  const at = lastAt(output, /^ *Test Files {2}/gm);
  if (at === -1) return null;
  const passed = sum(output, /^ *Tests {2}.*?(\d+) passed/gm) ?? 0;
  const failed = sum(output, /^ *Tests {2}.*?(\d+) failed/gm) ?? 0;
  const broken = failed > 0 ? failed : (sum(output, /^ *Test Files {2}.*?(\d+) failed/gm) ?? 0);
  const errors = sum(output, /^ *Errors {2}(\d+) error/gm) ?? 0;
  return { passed, failed: broken + errors, failures: between(output, /^ *(⎯+ (Failed (Suites|Tests)|Unhandled Errors?)|FAIL )/m, /^ *Test Files {2}/m), at };
};

const jest: ReportParser = (output) => {
  const at = lastAt(output, /^Tests: +.*\d+ total/gm);
  if (at === -1) return null;
  const passed = sum(output, /^Tests: +.*?(\d+) passed/gm) ?? 0;
  const failed = sum(output, /^Tests: +.*?(\d+) failed/gm) ?? 0;
  const broken = failed > 0 ? failed : (sum(output, /^Test Suites: +.*?(\d+) failed/gm) ?? 0);
  const summary = between(output, /^Summary of all failing tests/m, /^Test Suites:/m);
  const failures = summary || between(output, /^(FAIL |\s*● )/m, /^Test Suites:/m);
  return { passed, failed: broken, failures: failures.replace(/^PASS .*\n?/gm, "").trim(), at };
};

const mocha: ReportParser = (output) => {
  const at = lastAt(output, /^ +\d+ passing \(/gm);
  if (at === -1) return null;
  return { passed: sum(output, /^ +(\d+) passing \(/gm), failed: sum(output, /^ +(\d+) failing$/gm) ?? 0, failures: between(output, /^ +\d+ failing$/m), at };
};

const bun: ReportParser = (output) => {
  const at = lastAt(output, /^Ran \d+ tests? across \d+ files?\./gm);
  if (at === -1) return null;
  const kept = output.split("\n").filter((line) => !/^\(pass\)/.test(line));
  const failed = sum(output, /^ *(\d+) fail$/gm) ?? 0;
  return { passed: sum(output, /^ *(\d+) pass$/gm), failed, failures: failed > 0 ? kept.join("\n").trim() : "", at };
};

export const javascript: Language = {
  name: "javascript",
  extensions: [".js", ".mjs", ".cjs", ".jsx"],
  grammar: "javascript",
  manifests: ["package.json"],
  toolchain: "node",
  comment: { line: "//", block: ["/*", "*/"] },
  testCommand: nodeTestCommand,
  reports: [vitest, jest, mocha, bun, nodeTest],
  checks: nodeChecks,
  code: scriptRules,
};
