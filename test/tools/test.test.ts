// The test tool on real projects with the real runners, where they are installed.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findTest } from "../../src/tools/project.ts";
import { test, testTool } from "../../src/tools/test.ts";
import { hands, place } from "./hands.ts";

function has(program: string, ...args: string[]): boolean {
  const there = spawnSync(program, args, { stdio: "ignore" }).status === 0;
  if (!there) console.warn(`${program} ${args.join(" ")} does not work here: its tests are skipped`);
  return there;
}
const nodeProject = {
  "package.json": JSON.stringify({ name: "x", type: "module", scripts: { test: "node --test" } }),
  "add.js": "export const add = (a, b) => a - b;\n",
  "test/add.test.js":
    'import { test } from "node:test";\nimport assert from "node:assert";\nimport { add } from "../add.js";\ntest("zero", () => assert.equal(add(0, 0), 0));\ntest("adds two", () => assert.equal(add(1, 2), 3));\n',
};

describe("running a project's tests", () => {
  it("node --test through npm: only what failed, and the counts", async () => {
    const { root, write } = place(nodeProject);
    const mine = hands(root);
    const red = await test.execute({}, mine);
    expect(red).toMatchObject({ ok: false, detail: { kind: "tested", count: { command: "npm test", ok: false, passed: 1, failed: 1 } } });
    expect(red.text).toMatch(/^npm test: 1 passed, 1 failed, exit 1\n/);
    expect(red.text).toContain("adds two");
    expect(red.text).not.toContain("zero");
    expect((await test.execute({ filter: "zero" }, mine)).detail).toMatchObject({ count: { ok: true, passed: 1, failed: 0 } });
    expect((await test.execute({ filter: "test/add.test.js" }, mine)).detail).toMatchObject({ count: { command: "npm test -- test/add.test.js", failed: 1 } });
    write("add.js", "export const add = (a, b) => a + b;\n");
    expect(await test.execute({}, mine)).toEqual({
      ok: true,
      text: "npm test: 2 passed, 0 failed",
      detail: { kind: "tested", count: { command: "npm test", ok: true, passed: 2, failed: 0 } },
    });
    expect(mine.sandbox.ran.at(-1)).toMatchObject({ cwd: root, env: { CI: "true" } });
    write("add.js", "export const add = (a b) => a + b;\n");
    expect((await test.execute({}, mine)).text).toContain("SyntaxError");
  });

  it.skipIf(!has("python3", "-m", "pytest", "--version"))("pytest", async () => {
    const { root, write } = place({
      "pyproject.toml": "[tool.pytest.ini_options]\n",
      "calc.py": "def add(a, b):\n    return a - b\n",
      "tests/test_calc.py": "from calc import add\n\ndef test_zero():\n    assert add(0, 0) == 0\n\ndef test_two():\n    assert add(1, 2) == 3\n",
    });
    const mine = hands(root);
    const red = await test.execute({}, mine);
    expect(red.detail).toMatchObject({ count: { command: "python3 -m pytest", ok: false, passed: 1, failed: 1 } });
    expect(red.text).toMatch(/\n==== FAILURES ====\n____ test_two ____\n[\s\S]*assert -1 == 3/);
    expect(red.text).not.toContain("short test summary");
    expect((await test.execute({ filter: "zero" }, mine)).text).toBe("python3 -m pytest -k zero: 1 passed, 0 failed");
    expect((await test.execute({ filter: "tests/test_calc.py::test_two" }, mine)).detail).toMatchObject({ count: { failed: 1, passed: 0 } });
    write("tests/test_calc.py", "import nothing_there\n");
    expect((await test.execute({}, mine)).detail).toMatchObject({ count: { ok: false, failed: 1 } });
  });

  it.skipIf(!has("python3", "--version"))("unittest", async () => {
    const { root } = place({
      "setup.py": "",
      "test_a.py": "import unittest\nclass T(unittest.TestCase):\n    def test_good(self):\n        pass\n    def test_bad(self):\n        self.assertEqual(1, 2)\n",
    });
    const outcome = await test.execute({}, hands(root));
    expect(outcome.detail).toMatchObject({ count: { command: "python3 -m unittest", ok: false, passed: 1, failed: 1 } });
    expect(outcome.text).toMatch(/FAIL: test_bad[\s\S]*AssertionError: 1 != 2/);
  });

  it.skipIf(!has("go", "version"))("go test, also verbose and not compiling", async () => {
    const { root, write } = place({
      "go.mod": "module example.invalid/x\n\ngo 1.20\n",
      "add.go": "package x\n\nfunc Add(a, b int) int { return a - b }\n",
      "add_test.go":
        'package x\n\nimport "testing"\n\nfunc TestZero(t *testing.T) {\n\tif Add(0, 0) != 0 {\n\t\tt.Fatal("zero")\n\t}\n}\nfunc TestTwo(t *testing.T) {\n\tif got := Add(1, 2); got != 3 {\n\t\tt.Fatalf("got %d", got)\n\t}\n}\n',
    });
    const mine = hands(root);
    const red = await test.execute({}, mine);
    expect(red.detail).toMatchObject({ count: { command: "go test ./...", ok: false, passed: null, failed: 1 } });
    expect(red.text).toMatch(/--- FAIL: TestTwo[\s\S]*got -1/);
    expect((await test.execute({ command: "go test -v ./..." }, mine)).detail).toMatchObject({ count: { passed: 1, failed: 1 } });
    expect(await test.execute({ filter: "TestZero" }, mine)).toMatchObject({ text: "go test ./... -run TestZero: all passed", detail: { count: { ok: true, failed: 0 } } });
    expect((await test.execute({ filter: "TestNothing" }, mine)).text).toBe("go test ./... -run TestNothing: 0 passed, 0 failed, no tests were run");
    write("add.go", "package x\n\nfunc Add(a, b int) int { return c }\n");
    expect(await test.execute({}, mine)).toMatchObject({ ok: false, text: expect.stringMatching(/undefined: c/), detail: { count: { failed: 1 } } });
  });

  it.skipIf(!has("cargo", "--version"))("cargo test, also not compiling", async () => {
    const { root, write } = place({
      "Cargo.toml": '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n',
      "src/lib.rs": "pub fn add(a: i32, b: i32) -> i32 { a - b }\n#[test] fn zero() { assert_eq!(add(0, 0), 0) }\n#[test] fn two() { assert_eq!(add(1, 2), 3) }\n",
    });
    const mine = hands(root);
    const red = await test.execute({}, mine);
    expect(red.detail).toMatchObject({ count: { command: "cargo test", ok: false, passed: 1, failed: 1 } });
    expect(red.text).toMatch(/---- two stdout ----/);
    expect(red.text).not.toContain("stack backtrace:");
    write("src/lib.rs", "pub fn add(a: i32) -> i32 { b }\n");
    expect(await test.execute({}, mine)).toMatchObject({ ok: false, text: expect.stringMatching(/cannot find value/) });
  });

  it("says what to do about a runner that isn't there", async () => {
    const { root } = place(nodeProject);
    const { text } = await test.execute({ command: "no-such-runner-here" }, hands(root));
    expect(text).toMatch(/^no-such-runner-here: no test counts in the output, exit 127: .*pass another "command"\n/);
  });

  it.skipIf(!has("make", "--version"))("a Makefile's target, and output nobody can count", async () => {
    const { root } = place({ Makefile: "test: all\n\t@echo checked\nall:\n\t@true\n" });
    expect(await test.execute({}, hands(root))).toEqual({
      ok: true,
      text: "make test: no test counts in the output, exit 0\nchecked",
      detail: { kind: "tested", count: { command: "make test", ok: true, passed: null, failed: null } },
    });
  });
});

describe("choosing", () => {
  it("shows the person the very command, and remembers it without the filter", async () => {
    const { root } = place(nodeProject);
    const mine = hands(root);
    expect(await test.risk({}, mine)).toEqual({ kind: "run", command: "npm test", outside: false, key: "npm test" });
    expect(await test.risk({ filter: "it's; rm -rf /" }, mine)).toEqual({
      kind: "run",
      command: "node --test --test-name-pattern='it'\\''s; rm -rf /'",
      outside: false,
      key: "npm test",
    });
    expect(await test.risk({ command: "make x && y" }, mine)).toEqual({ kind: "run", command: "make x && y", outside: false, key: null });
    // a configured command that can't be taken apart is remembered whole: another one is asked for again
    expect(await testTool("make x && y").risk({}, mine)).toMatchObject({ key: "make x && y" });
    expect(await testTool("make check").risk({}, mine)).toEqual({ kind: "run", command: "make check", outside: false, key: "make check" });
  });
  it("takes the nearest project, then those above, then a single one below", async () => {
    const { root } = place({
      "package.json": '{"scripts":{"test":"vitest"}}',
      "packages/a/package.json": '{"scripts":{"test":"jest"}}',
      "packages/b/package.json": '{"name":"b"}',
      "pnpm-lock.yaml": "",
    });
    const from = async (cwd: string) => {
      const { command, folder } = await findTest(hands(root, { cwd: join(root, cwd) }));
      return [command, folder.slice(root.length)];
    };
    expect(await from("packages/a")).toEqual(["pnpm test", "/packages/a"]);
    expect(await from("packages/b")).toEqual(["pnpm test", ""]);
    const below = place({ "backend/go.mod": "module x\n", "docs/x.md": "" });
    expect((await findTest(hands(below.root))).folder).toBe(join(below.root, "backend"));
    below.write("web/package.json", '{"scripts":{"test":"jest"}}');
    await expect(findTest(hands(below.root))).rejects.toThrow(/several projects[\s\S]*cd backend && go test \.\/\.\.\.\ncd web && npm test/);
    await expect(findTest(hands(place({ "a.txt": "" }).root))).rejects.toThrow(/no test command was found/);
  });
});
