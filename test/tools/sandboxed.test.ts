// Tools and hooks in the real sandbox: what they find inside, and what they can't reach.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { openGit } from "../../src/git/open.ts";
import { openSandbox } from "../../src/sandbox/open.ts";
import { repositoryPolicy } from "../../src/sandbox/policy.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { run } from "../../src/tools/run.ts";
import { test } from "../../src/tools/test.ts";
import { folder, repo } from "../git/repo.ts";
import { hands } from "./hands.ts";

const opened: Sandbox[] = [];
afterEach(async () => {
  for (const sandbox of opened.splice(0)) await sandbox.close();
});
async function box(root: string): Promise<Sandbox | null> {
  const cacheDir = join(folder(), "cache");
  const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "/" };
  const sandbox = await openSandbox({ root, cwd: root, env, cacheDir, policy: repositoryPolicy(root, [join(root, ".git")]), hidden: [], off: false });
  opened.push(sandbox);
  if ((await sandbox.ready) !== "none") return sandbox;
  console.warn("no sandbox level works here: its tests are skipped");
  return null;
}
const signal = new AbortController().signal;

it("runs a commit's hooks inside: they see the staged state, word the message, and can't write .git", async () => {
  const made = repo();
  const sandbox = await box(made.root);
  if (!sandbox) return;
  const marker = join(folder(), "escaped");
  made.script(".git/hooks/pre-commit", `git diff --cached --name-only; touch ${marker}; touch .git/planted; git config core.fsmonitor evil; true`);
  made.script(".git/hooks/commit-msg", 'echo "Change-Id: 7" >> "$1"');
  const git = openGit({
    root: made.root,
    async runHook(hook, args, env) {
      const outcome = await sandbox.run({ command: [hook, ...args].map((word) => `'${word}'`).join(" "), cwd: made.root, timeoutMs: 60_000, env, signal });
      return { ok: outcome.exit === 0, text: outcome.text };
    },
  });
  made.write("a.txt", "two\n");
  const outcome = await git.commit({ message: "Word" }, signal);
  expect(outcome.text).toMatch(/^\[main [0-9a-f]{8}\] Word/);
  expect(outcome.text).toContain("\na.txt\n");
  expect(made.git("log", "-1", "--format=%B")).toBe("Word\n\nChange-Id: 7".replace("\n\n", "\n"));
  expect(made.git("status", "--porcelain")).toBe("");
  expect(existsSync(marker)).toBe(false);
  expect(made.has(".git/planted")).toBe(false);
  expect(made.read(".git/config")).not.toContain("evil");

  made.script(".git/hooks/pre-commit", "git add -A || exit 1");
  made.write("b.txt", "b\n");
  const staging = await git.commit({ message: "Stage" }, signal);
  expect(staging).toMatchObject({ ok: false, text: expect.stringMatching(/pre-commit hook refused[\s\S]*\.git is read-only: one that stages files can't/) });
});

it("runs commands and tests inside", async () => {
  const made = repo({
    "package.json": '{"type":"module","scripts":{"test":"node --test"}}',
    "a.test.js": 'import { test } from "node:test";\ntest("good", () => {});\ntest("bad", () => { throw new Error("on purpose"); });\n',
  });
  const sandbox = await box(made.root);
  if (!sandbox) return;
  const mine = { ...hands(made.root), sandbox };
  expect((await run.execute({ command: "git commit --allow-empty -m x" }, mine)).text).toMatch(/inside the sandbox \.git is read-only: use the git tool\]$/);
  const outcome = await test.execute({}, mine);
  expect(outcome.detail).toMatchObject({ count: { command: "npm test", ok: false, passed: 1, failed: 1 } });
  expect(outcome.text).toContain("on purpose");
  expect(outcome.text).not.toContain("\r");
  const { text, detail } = await run.execute({ command: "echo up; sleep 60", background: true }, mine);
  expect(text).toMatch(/^up\n\[runs in the background as job /);
  const job = detail?.kind === "ran" ? detail.job : undefined;
  expect((await run.execute({ job: job ?? "" }, mine)).text).toMatch(/^up\n\[job .*: still running\]$/);
  expect((await run.execute({ job: job ?? "", stop: true }, mine)).text).toMatch(/: stopped\]$/);
});
