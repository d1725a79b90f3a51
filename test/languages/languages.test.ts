// Which command a project's files mean, and what the runners' own outputs say.
import { describe, expect, it } from "vitest";
import { languageOf, languages, parseReport, testCommandOf } from "../../src/languages/index.ts";
import type { Folder } from "../../src/languages/language.ts";

function folder(files: Record<string, string>, above: string[] = []): Folder {
  const names = new Set(Object.keys(files).map((path) => (path.includes("/") ? `${path.split("/")[0]}/` : path)));
  return {
    names,
    above: new Set(above),
    text: async (name) => files[name] ?? null,
    list: async (name) =>
      Object.keys(files)
        .filter((path) => path.startsWith(`${name}/`))
        .map((path) => path.slice(name.length + 1)),
  };
}
const pack = (scripts: object, more: object = {}): string => JSON.stringify({ scripts, ...more });
const commandOf = async (files: Record<string, string>, filter?: string, above?: string[]): Promise<string | undefined> => {
  const found = await testCommandOf(folder(files, above));
  return filter === undefined ? found?.command : found?.narrow(filter);
};

describe("the test command", () => {
  it("of JavaScript and TypeScript projects", async () => {
    expect(await commandOf({ "package.json": pack({ test: "vitest" }) })).toBe("npm test");
    expect(await commandOf({ "package.json": pack({ test: "vitest" }) }, "adds two")).toBe("npm test -- -t 'adds two'");
    expect(await commandOf({ "package.json": pack({ test: "jest" }), "yarn.lock": "" }, "src/a.test.js")).toBe("yarn test src/a.test.js");
    expect(await commandOf({ "package.json": pack({ test: "mocha" }) }, "x y", ["pnpm-lock.yaml"])).toBe("pnpm test -f 'x y'");
    expect(await commandOf({ "package.json": pack({ test: "node --test --import tsx test/*.ts" }) }, "x y")).toBe("node --test --test-name-pattern='x y' --import tsx test/*.ts");
    expect(await commandOf({ "package.json": pack({ test: "x" }, { packageManager: "pnpm@9.0.0" }) })).toBe("pnpm test");
    expect(await commandOf({ "package.json": pack({ test: "bun test" }), "bun.lock": "" })).toBe("bun run test");
    expect(await commandOf({ "package.json": pack({ "test:unit": "vitest run" }) })).toBe("npm run test:unit");
    expect(await commandOf({ "package.json": pack({ test: 'echo "Error: no test specified" && exit 1' }, { devDependencies: { jest: "1" } }) })).toBe("npx jest");
    expect(await commandOf({ "package.json": pack({}, { devDependencies: { vitest: "1" } }) }, "-x")).toBe("npx vitest run -t '-x'");
    expect(await commandOf({ "package.json": "{}", "test/a.test.js": "" })).toBe("node --test");
    expect(await commandOf({ "package.json": "{}" })).toBeUndefined();
    expect(await commandOf({ "package.json": "not json" })).toBeUndefined();
    expect(await commandOf({ "package.json": "null" })).toBeUndefined();
    expect(await commandOf({ "deno.json": "{}" }, "adds")).toBe("deno test --filter=adds");
  });
  it("of Python, Go, Rust and make projects", async () => {
    expect(await commandOf({ "pyproject.toml": '[project.optional-dependencies]\ntest = ["pytest"]' })).toBe("python3 -m pytest");
    expect(await commandOf({ "pytest.ini": "", ".venv/pyvenv.cfg": "" }, "not slow")).toBe(".venv/bin/python -m pytest -k 'not slow'");
    expect(await commandOf({ "conftest.py": "", "poetry.lock": "" })).toBe("poetry run python -m pytest");
    expect(await commandOf({ "setup.py": "", "tests/test_a.py": "import unittest" })).toBe("python3 -m unittest discover -s tests -t .");
    expect(await commandOf({ "tests/test_a.py": "def test_a(): pass" })).toBe("python3 -m pytest");
    expect(await commandOf({ "manage.py": "" })).toBe("python3 manage.py test");
    expect(await commandOf({ "tox.ini": "[testenv]\ncommands = nose2" })).toBe("tox");
    expect(await commandOf({ "pyproject.toml": "[project]\n" })).toBeUndefined();
    expect(await commandOf({ "go.mod": "" }, "./pkg/a_test.go")).toBe("go test ./pkg");
    expect(await commandOf({ "go.mod": "" }, "a_test.go")).toBe("go test .");
    expect(await commandOf({ "go.mod": "" }, "Test A")).toBe("go test ./... -run 'Test A'");
    expect(await commandOf({ "Cargo.toml": "" }, "tests/api.rs")).toBe("cargo test --test api");
    expect(await commandOf({ "Cargo.toml": "" }, "parses")).toBe("cargo test parses");
    expect(await commandOf({ Makefile: "check:\n\ttrue\n" })).toBe("make check");
    expect(await commandOf({ Makefile: "test := x\n" })).toBeUndefined();
  });
  it("knows each language by its files", () => {
    expect(languageOf("src/a.test.ts")?.name).toBe("typescript");
    expect(languageOf("a.rs")?.name).toBe("rust");
    expect(languageOf("a.txt")).toBeUndefined();
    expect(languages.map(({ name }) => name).slice(0, 5)).toEqual(["javascript", "typescript", "go", "rust", "python"]);
  });
});

describe("the runners' outputs", () => {
  const counts = (output: string): unknown => {
    const report = parseReport(output);
    return report && { passed: report.passed, failed: report.failed };
  };
  it("vitest", () => {
    const output = ` ❯ a.test.ts (2 tests | 1 failed) 5ms
   ✓ zero 1ms
   × two 3ms

⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  a.test.ts > two
AssertionError: expected -1 to be 3

 Test Files  1 failed | 2 passed (3)
      Tests  1 failed | 5 passed | 1 skipped (7)
   Duration  301ms\r\n`;
    expect(counts(output)).toEqual({ passed: 5, failed: 1 });
    expect(parseReport(output)?.failures).toMatch(/^⎯+ Failed Tests 1 ⎯+\n\n FAIL {2}a\.test\.ts > two\nAssertionError: expected -1 to be 3$/);
    expect(counts(" FAIL  a.test.ts\nError: no module\n Test Files  1 failed (1)\n      Tests  no tests\n")).toEqual({ passed: 0, failed: 1 });
    expect(counts(" Test Files  1 passed (1)\n      Tests  2 passed (2)\n")).toEqual({ passed: 2, failed: 0 });
  });
  it("jest", () => {
    const output = `PASS ./b.test.js
FAIL ./a.test.js
  ✓ zero (1 ms)
  ● two

    expect(received).toBe(expected)

PASS ./c.test.js
Test Suites: 1 failed, 2 passed, 3 total
Tests:       1 failed, 1 skipped, 5 passed, 7 total
Snapshots:   0 total`;
    expect(counts(output)).toEqual({ passed: 5, failed: 1 });
    expect(parseReport(output)?.failures).toBe("FAIL ./a.test.js\n  ✓ zero (1 ms)\n  ● two\n\n    expect(received).toBe(expected)");
    expect(counts("FAIL ./a.test.js\n  ● Test suite failed to run\n\nTest Suites: 1 failed, 1 total\nTests:       0 total\n")).toEqual({ passed: 0, failed: 1 });
  });
  it("mocha and bun", () => {
    const output = "  add\n    ✔ zero\n    1) two\n\n\n  1 passing (5ms)\n  1 failing\n\n  1) add\n       two:\n     AssertionError\n";
    expect(counts(output)).toEqual({ passed: 1, failed: 1 });
    expect(parseReport(output)?.failures).toBe("1 failing\n\n  1) add\n       two:\n     AssertionError");
    expect(counts("(pass) zero\n(fail) two\n\n 1 pass\n 1 fail\nRan 2 tests across 1 file. [5.00ms]\n")).toEqual({ passed: 1, failed: 1 });
  });
  it("node --test as TAP and in its own words, and TAP of others", () => {
    const output =
      "TAP version 13\n# Subtest: zero\nok 1 - zero\n# Subtest: two\nnot ok 2 - two\n  ---\n  error: 'bad'\n  ...\n1..2\n# tests 2\n# pass 1\n# fail 1\n# cancelled 0\n";
    expect(counts(output)).toEqual({ passed: 1, failed: 1 });
    expect(parseReport(output)?.failures).toBe("not ok 2 - two\n  ---\n  error: 'bad'\n  ...");
    expect(counts("✔ zero\nℹ tests 2\nℹ pass 1\nℹ fail 0\nℹ cancelled 1\n")).toEqual({ passed: 1, failed: 1 });
    expect(counts("1..4\nok 1 a\nnot ok 2 b\nok 3 c # SKIP\nnot ok 4 d # TODO later\n")).toEqual({ passed: 2, failed: 1 });
    expect(counts("1..4\nok 1 a\nBail out! no database\n")).toEqual({ passed: 1, failed: 1 });
  });
  it("pytest and unittest", () => {
    expect(counts("==== 2 failed, 3 passed, 1 warning in 0.12s ====\n")).toEqual({ passed: 3, failed: 2 });
    expect(counts("1 failed, 2 passed in 0.12s\n")).toEqual({ passed: 2, failed: 1 });
    expect(counts("==== 1 passed, 1 error in 1.20s ====\n")).toEqual({ passed: 1, failed: 1 });
    expect(counts("==== no tests ran in 0.01s ====\n")).toEqual({ passed: 0, failed: 0 });
    expect(counts("==== 3 passed in 125.20s (0:02:05) ====\n")).toEqual({ passed: 3, failed: 0 });
    expect(counts("Ran 4 tests in 0.001s\n\nFAILED (failures=1, errors=1, skipped=1)\n")).toEqual({ passed: 1, failed: 2 });
    expect(counts("Ran 2 tests in 0.001s\n\nOK\n")).toEqual({ passed: 2, failed: 0 });
  });
  it("go test, gotestsum and cargo", () => {
    expect(counts("ok  \texample.invalid/x\t0.01s\n?   \texample.invalid/y\t[no test files]\n")).toEqual({ passed: null, failed: 0 });
    expect(counts("--- FAIL: TestA (0.00s)\n    a_test.go:3: no\nFAIL\nFAIL\texample.invalid/x\t0.01s\nok  \texample.invalid/y\t(cached)\nFAIL\n")).toEqual({
      passed: null,
      failed: 1,
    });
    expect(counts("FAIL\texample.invalid/x [build failed]\n")).toEqual({ passed: null, failed: 1 });
    expect(counts("=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n--- FAIL: TestB (0.00s)\nFAIL\texample.invalid/x\t0.01s\n")).toEqual({ passed: 1, failed: 1 });
    const summed = "=== Failed\n=== FAIL: x TestB (0.00s)\n    no\n\nDONE 5 tests, 1 skipped, 1 failure in 0.300s\n";
    expect(counts(summed)).toEqual({ passed: 3, failed: 1 });
    expect(parseReport(summed)?.failures).toContain("=== FAIL: x TestB");
    expect(counts("test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured\ntest result: FAILED. 1 passed; 1 failed; 0 ignored\n")).toEqual({ passed: 3, failed: 1 });
  });
  it("go test: of a failing package's output only the failures, and nothing run is said so", () => {
    const chatter = Array.from({ length: 60 }, (_, i) => `Usage: ${i}`).join("\n");
    const output = `go: downloading example.invalid/y v1.0.0\n${chatter}\n--- FAIL: TestA (0.00s)\n    a_test.go:3: no\n\n        more\n${chatter}\npanic: boom\n\ngoroutine 1 [running]:\nmain.x()\nFAIL\texample.invalid/x\t0.01s\nok  \texample.invalid/y\t0.1s\nFAIL\n`;
    expect(parseReport(output)?.failures).toBe(
      "--- FAIL: TestA (0.00s)\n    a_test.go:3: no\n\n        more\npanic: boom\n\ngoroutine 1 [running]:\nmain.x()\nFAIL\texample.invalid/x\t0.01s\n[121 lines that the tests printed left out]",
    );
    expect(parseReport(`${chatter}\nFAIL\texample.invalid/x\t0.01s\nFAIL\n`)?.failures).toContain("Usage: 59");
    expect(parseReport("Usage\n--- FAIL: TestA (0.00s)\nFAIL\texample.invalid/x\t0.01s\nFAIL\n")?.failures).toContain("Usage");
    expect(counts("ok  \texample.invalid/x\t0.01s [no tests to run]\n?   \texample.invalid/y\t[no test files]\n")).toEqual({ passed: 0, failed: 0 });
    expect(counts("ok  \texample.invalid/x\t0.01s [no tests to run]\nok  \texample.invalid/y\t0.01s\n")).toEqual({ passed: null, failed: 0 });
  });
  it("pytest: the closing list of names only where the failures are many", () => {
    const of = (blocks: number): string =>
      `.F\n=== FAILURES ===\n${"___ test_a ___\nE   assert 1 == 2\n".repeat(blocks)}=== short test summary info ===\nFAILED a.py::test_a - assert 1 == 2\n=== ${blocks} failed in 0.12s ===\n`;
    expect(parseReport(of(1))?.failures).toBe("=== FAILURES ===\n___ test_a ___\nE   assert 1 == 2");
    expect(parseReport(of(300))?.failures).toContain("FAILED a.py::test_a");
  });
  it("nothing in what isn't a test run", () => {
    for (const output of ["", "ok", "done in 3s", "make: *** [test] Error 1", "1 file changed\nok then\n"]) expect(parseReport(output)).toBeNull();
    expect(parseReport(`${"=".repeat(200_000)}\n${" ".repeat(200_000)}`)).toBeNull();
  });
});
