// The part of a linter's output that is about the changed files, in the words of the linters people use.
import { describe, expect, it } from "vitest";
import { aboutFiles } from "../../src/agent/diagnostics.ts";

const about = (output: string, ...names: string[]): string => aboutFiles(output, names).text;

describe("what is said of a changed file", () => {
  it("tsc, plain and with code", () => {
    const plain = "src/a.ts(1,7): error TS2322: Type 'string' is not assignable.\n  Types of property 'x' differ.\nsrc/b.ts(2,1): error TS1005: ';' expected.\n";
    expect(about(plain, "src/a.ts")).toBe("src/a.ts(1,7): error TS2322: Type 'string' is not assignable.\n  Types of property 'x' differ.");
    const pretty = "src/a.ts:1:7 - error TS2322: Type 'string'.\n\n1 let a: number = 'x';\n        ~\n\nsrc/b.ts:2:1 - error TS1005: x\n\nFound 2 errors in 2 files.\n";
    expect(about(pretty, "src/a.ts")).toBe("src/a.ts:1:7 - error TS2322: Type 'string'.\n\n1 let a: number = 'x';\n        ~");
    expect(about(plain, "src/c.ts")).toBe("");
  });
  it("eslint by file, and behind npm's own lines", () => {
    const output =
      "\n> demo@1.0.0 lint\n> eslint .\n\n\n/repo/src/a.js\n  1:5  error  'x' is not defined  no-undef\n  2:1  warning  y  z\n\n/repo/src/b.js\n  1:1  error  b  c\n\n✖ 3 problems (2 errors, 1 warning)\n\nnpm error code ELIFECYCLE\n";
    expect(about(output, "src/b.js", "/repo/src/b.js")).toBe("/repo/src/b.js\n  1:1  error  b  c");
    expect(about(output, "/repo/src/a.js")).toBe("/repo/src/a.js\n  1:5  error  'x' is not defined  no-undef\n  2:1  warning  y  z");
  });
  it("biome", () => {
    const output =
      "src/a.ts:1:7 lint/correctness/noUnusedVariables ━━━━━━━━━━\n\n  × This variable x is unused.\n\n  > 1 │ let x = 1;\n      │     ^\n\nsrc/b.ts format ━━━━━━━━━━\n\n  × Formatter would have printed\n\nChecked 2 files in 3ms.\nFound 2 errors.\n";
    expect(about(output, "src/a.ts")).toMatch(/^src\/a\.ts:1:7 lint[\s\S]*\^$/);
    expect(about(output, "src/b.ts")).toMatch(/^src\/b\.ts format[\s\S]*printed$/);
  });
  it("ruff, flake8, mypy and pyright", () => {
    expect(about("a/b.py:1:8: F401 [*] `os` imported but unused\nc.py:1:1: E501 x\nFound 2 errors.\n", "a/b.py")).toBe("a/b.py:1:8: F401 [*] `os` imported but unused");
    const full = "F401 [*] `os` imported but unused\n --> b.py:1:8\n  |\n1 | import os\n  |        ^^\n  |\nhelp: Remove unused import: `os`\n\nFound 1 error.\n";
    expect(about(full, "b.py")).toMatch(/^F401[\s\S]*b\.py:1:8[\s\S]*`os`$/);
    expect(
      about('a.py:3: error: Name "x" is not defined  [name-defined]\na.py:3: note: see there\nb.py:1: error: c\nFound 2 errors in 2 files (checked 2 source files)\n', "a.py"),
    ).toBe('a.py:3: error: Name "x" is not defined  [name-defined]\na.py:3: note: see there');
    expect(about('/repo/a.py\n  /repo/a.py:1:5 - error: "x" is not defined\n/repo/b.py\n  /repo/b.py:1:5 - error: y\n2 errors, 0 warnings\n', "/repo/a.py")).toBe(
      '/repo/a.py\n  /repo/a.py:1:5 - error: "x" is not defined',
    );
  });
  it("go vet, golangci-lint and cargo", () => {
    expect(about("# example.invalid/x\n# [example.invalid/x]\nvet: ./a.go:3:2: undefined: y\n", "a.go")).toBe("vet: ./a.go:3:2: undefined: y");
    expect(about("# example.invalid/x/b\nb/a.go:4:2: fmt.Printf format %d has arg s\n", "b/a.go")).toBe("b/a.go:4:2: fmt.Printf format %d has arg s");
    expect(about("a.go:3:1: unused (deadcode)\n\tx()\n\t^\nb.go:1:1: y\n2 issues:\n* z: 2\n", "a.go")).toBe("a.go:3:1: unused (deadcode)\n\tx()\n\t^");
    expect(about("src/a.rs:2:5: error[E0308]: mismatched types\nsrc/b.rs:1:1: warning: unused\nerror: could not compile `x`\n", "src/a.rs")).toBe(
      "src/a.rs:2:5: error[E0308]: mismatched types",
    );
    const long = "error[E0308]: mismatched types\n --> src/a.rs:2:5\n  |\n2 |     1\n  |     ^ expected `()`\n\nerror: aborting due to 1 previous error\n";
    expect(about(long, "src/a.rs")).toBe("error[E0308]: mismatched types\n --> src/a.rs:2:5\n  |\n2 |     1\n  |     ^ expected `()`");
  });
  it("not of files that only end alike, nor of words", () => {
    expect(about("src/aa.ts:1:1 error x\nother/src/a.ts:1:1 error y\nin a.ts there is z\n", "src/a.ts", "a.ts")).toBe("");
  });
});

describe("warnings", () => {
  const mixed = "a.js\n  1:1  warning  x\n\nb.js\n  1:1  error  y\n\n✖ 2 problems (1 error, 1 warning)\n";
  it("don't count where something worse made it fail", () => {
    expect(aboutFiles(mixed, ["a.js"])).toEqual({ text: "a.js\n  1:1  warning  x", errors: false });
    expect(aboutFiles(mixed, ["b.js"]).errors).toBe(true);
  });
  it("count where the linter fails on them", () => {
    expect(aboutFiles("a.js\n  1:1  warning  x\n\n✖ 1 problem (0 errors, 1 warning)\n\nESLint found too many warnings (maximum: 0).\n", ["a.js"]).errors).toBe(true);
  });
});
