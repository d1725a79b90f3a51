// The task that every program is given: a repository with a one-line bug, and a script that reads, edits, tests and says so.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Asked, ScriptedCall, Step } from "../src/app/demo/script.ts";

export const prompt = "The test in test/add.test.js fails. Fix the bug in src/add.js, run the tests, and tell me what you changed.";
const wrong = "export function add(a, b) {\n  return a - b;\n}\n";
const files: Record<string, string> = {
  "package.json": `${JSON.stringify({ name: "demo", version: "1.0.0", type: "module", scripts: { test: "node --test" } }, null, 2)}\n`,
  "README.md": "# demo\nA tiny package.\n",
  "src/add.js": wrong,
  "test/add.test.js": `import assert from "node:assert";\nimport test from "node:test";\nimport { add } from "../src/add.js";\ntest("adds", () => assert.equal(add(2, 3), 5));\n`,
};

export interface Place {
  /** The repository. */
  project: string;
  /** HOME of the measured program; what it writes there stays for its next run. */
  home: string;
  env: Record<string, string>;
  /** The bug is back. */
  reset(): void;
  solved(): boolean;
  remove(): void;
}

/** A repository and a home of its own in a temporary folder; nothing of the person's configuration reaches the measured program. */
export function openPlace(home?: string): Place {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "aura-bench-")));
  const project = join(base, "project");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  const own = home ?? join(base, "home");
  mkdirSync(own, { recursive: true });
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH ?? "/usr/bin:/bin"}`,
    HOME: own,
    TERM: "xterm-256color",
    COLORTERM: "truecolor",
    LANG: "C.UTF-8",
    SHELL: "/bin/sh",
  };
  const git = (...args: string[]): void => void execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@localhost", ...args], { cwd: project, env, stdio: "ignore" });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "A sum that subtracts");
  return {
    project,
    home: own,
    env,
    reset: () => writeFileSync(join(project, "src/add.js"), wrong),
    solved: () => readFileSync(join(project, "src/add.js"), "utf8").includes("a + b"),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

type Parameters = { properties?: Record<string, unknown> };
const wanted: { tool: RegExp; fields: [RegExp, string][] }[] = [
  { tool: /^(read|read_file|view)$/i, fields: [[/path|file/i, "src/add.js"]] },
  {
    tool: /^(edit|edit_file|replace|str_replace)$/i,
    fields: [
      [/path|file/i, "src/add.js"],
      [/^old/i, "  return a - b;"],
      [/^new/i, "  return a + b;"],
    ],
  },
  { tool: /^(run|bash|shell|run_shell_command|run_terminal_command)$/i, fields: [[/^(command|cmd)$/i, "node --test"]] },
];

/** The call of turn `turn` in the words of the asking program's own tools; null when it has none that fits. */
function callFor(turn: number, tools: unknown): ScriptedCall | null {
  const want = wanted[turn];
  if (!want || !Array.isArray(tools)) return null;
  for (const tool of tools as { function?: { name?: string; parameters?: Parameters } }[]) {
    const name = tool.function?.name ?? "";
    if (!want.tool.test(name)) continue;
    const args: Record<string, unknown> = {};
    // some take a list of edits
    const nested = (tool.function?.parameters?.properties?.edits as { items?: Parameters } | undefined)?.items?.properties;
    for (const [field, value] of want.fields) {
      const key = Object.keys(tool.function?.parameters?.properties ?? {}).find((one) => field.test(one));
      const inner = Object.keys(nested ?? {}).find((one) => field.test(one));
      if (key) args[key] = value;
      else if (inner) args.edits = [{ ...((args.edits as object[] | undefined)?.[0] ?? {}), [inner]: value }];
    }
    return { name, args };
  }
  return null;
}

/** read, edit, test, answer. */
export function fixIt(asked: Asked): Step {
  const call = callFor(asked.results, asked.body.tools);
  return call ? { calls: [call] } : { say: "Fixed: `add` in src/add.js now returns a + b; `node --test` passes." };
}
