// Which linters and type checkers a project is found to have, for the files that were changed.
import { describe, expect, it } from "vitest";
import { findChecks, wholeChecks } from "../../src/tools/checks.ts";
import { hands, place } from "../tools/hands.ts";

const pack = (scripts: Record<string, string>): string => JSON.stringify({ scripts });
const commands = async (files: Record<string, string>, changed: string[], configured?: string | false): Promise<string[]> => {
  const { root } = place(files);
  return (await findChecks(hands(root), changed, configured)).map(({ command, folder }) => (folder === root ? command : `${folder.slice(root.length + 1)}: ${command}`));
};

describe("scripts of a package.json", () => {
  const of = (scripts: Record<string, string>, changed = "src/a.ts"): Promise<string[]> => commands({ "package.json": pack(scripts), [changed]: "" }, [changed]);
  it("are types, then style, else check", async () => {
    expect(await of({ lint: "eslint .", typecheck: "tsc --noEmit", check: "npm run lint && npm run typecheck" })).toEqual(["npm run typecheck", "npm run lint"]);
    expect(await of({ "check:types": "tsc" }, "a.jsx")).toEqual(["npm run check:types"]);
    expect(await of({ check: "biome check . && tsc -p ." })).toEqual(["npm run check"]);
    expect(await of({ lint: "eslint ." }, "a.css")).toEqual([]);
    expect(await of({ lint: "eslint ." }, "README.md")).toEqual([]);
    expect(await of({ build: "tsc" })).toEqual([]);
  });
  it("only where they change nothing, end, and run no tests, whatever they call", async () => {
    expect(await of({ lint: "eslint --fix ." })).toEqual([]);
    expect(await of({ lint: "npm run format && eslint .", format: "prettier --write ." })).toEqual([]);
    expect(await of({ lint: "eslint .", prelint: "npm ci" })).toEqual([]);
    expect(await of({ typecheck: "tsc -w", lint: "eslint ." })).toEqual(["npm run lint"]);
    expect(await of({ check: "npm run lint:all && vitest run", "lint:all": "eslint ." })).toEqual([]);
    expect(await of({ check: "run-s one two", one: "tsc", two: "npm test" })).toEqual([]);
    expect(await of({ check: "npm-run-all -p one two", one: "tsc", two: "eslint ." })).toEqual(["npm run check"]);
    expect(await of({ check: "tsc && npm test" })).toEqual([]);
    expect(await of({ lint: "npm run lint" })).toEqual(["npm run lint"]);
    expect(await of({ lint: "eslint vitest.config.ts src" })).toEqual(["npm run lint"]);
  });
  it("with the project's own package manager, at the nearest folder that has some", async () => {
    const files = {
      "package.json": pack({ lint: "eslint ." }),
      "pnpm-lock.yaml": "",
      "web/package.json": pack({ typecheck: "tsc" }),
      "web/src/a.ts": "",
      "lib/package.json": "{}",
      "lib/b.ts": "",
    };
    expect(await commands(files, ["web/src/a.ts"])).toEqual(["web: pnpm run typecheck"]);
    expect(await commands(files, ["lib/b.ts", "web/src/a.ts"])).toEqual(["pnpm run lint", "web: pnpm run typecheck"]);
  });
});

describe("configured tools", () => {
  it("of JavaScript and TypeScript, where they are installed", async () => {
    const files = { "package.json": "{}", "biome.json": "{}", "tsconfig.json": "{}", "a.ts": "", "it's.js": "" };
    expect(await commands(files, ["a.ts"])).toEqual([]);
    const installed = { ...files, "node_modules/.bin/biome": "", "node_modules/.bin/tsc": "", "node_modules/.bin/eslint": "" };
    expect(await commands(installed, ["a.ts"])).toEqual(["node_modules/.bin/tsc --noEmit -p .", "node_modules/.bin/biome check --no-errors-on-unmatched a.ts"]);
    expect(await commands({ ...installed, "biome.json": "", "eslint.config.mjs": "" }, ["it's.js"])).toEqual([
      "node_modules/.bin/biome check --no-errors-on-unmatched 'it'\\''s.js'",
    ]);
    expect(await commands({ "package.json": "{}", ".eslintrc.json": "{}", "node_modules/.bin/eslint": "", "a.js": "" }, ["a.js"])).toEqual(["node_modules/.bin/eslint a.js"]);
    expect(await commands({ "deno.json": "{}", "a.ts": "" }, ["a.ts"])).toEqual(["deno check a.ts", "deno lint a.ts"]);
  });
  it("of Python, from its own environment where there is one", async () => {
    expect(await commands({ "pyproject.toml": "[tool.ruff.lint]\nselect = []\n[tool.mypy]\n", "a.py": "", "b/c.py": "" }, ["a.py", "b/c.py"])).toEqual([
      "ruff check --no-fix --force-exclude --output-format concise a.py b/c.py",
      "mypy a.py b/c.py",
    ]);
    expect(await commands({ "setup.cfg": "[flake8]\n[mypy]\nfiles = src\n", ".venv/bin/mypy": "", ".venv/bin/python": "", "a.py": "" }, ["a.py"])).toEqual([
      "flake8 a.py",
      ".venv/bin/mypy",
    ]);
    expect(await commands({ "pyrightconfig.json": "{}", "poetry.lock": "", "a.py": "" }, ["a.py"])).toEqual(["poetry run pyright a.py"]);
    expect(await commands({ "pyproject.toml": "[project]\nname = 'ruff'\n", "a.py": "" }, ["a.py"])).toEqual([]);
  });
  it("of Go and Rust", async () => {
    expect(await commands({ "go.mod": "", "a.go": "", "b/c.go": "", "b/d.go": "" }, ["a.go", "b/c.go", "b/d.go"])).toEqual(["go vet . ./b"]);
    expect(await commands({ "go.mod": "", ".golangci.yml": "", "b/c.go": "" }, ["b/c.go"])).toEqual(["go vet ./b", "golangci-lint run ./b"]);
    expect(await commands({ "Cargo.toml": "[package]\n", "src/a.rs": "" }, ["src/a.rs"])).toEqual(["cargo check --quiet --message-format short"]);
    expect(await commands({ "Cargo.toml": "[lints.clippy]\n", "src/a.rs": "" }, ["src/a.rs"])).toEqual(["cargo clippy --quiet --message-format short"]);
  });
  it("else of a Makefile", async () => {
    expect(await commands({ Makefile: "lint:\n\truff check\n", "a.py": "" }, ["a.py"])).toEqual(["make lint"]);
    expect(await commands({ Makefile: "lint:\n\tpip install ruff && ruff check\n", "a.py": "" }, ["a.py"])).toEqual([]);
    expect(await commands({ Makefile: "lint:\n\ttrue\n", "go.mod": "", "a.go": "" }, ["a.go"])).toEqual(["go vet ."]);
  });
  it("is what the configuration says, step by step, or nothing", async () => {
    const files = { "package.json": pack({ lint: "eslint ." }), "a.ts": "", "b.py": "" };
    expect(await commands(files, ["a.ts"], "npm run lint && ruff check .")).toEqual(["npm run lint", "ruff check ."]);
    expect(await commands(files, ["a.ts"], "cd web && npm run lint")).toEqual(["cd web && npm run lint"]);
    expect(await commands(files, ["a.md"], "npm run lint")).toEqual([]);
    expect(await commands(files, ["a.ts"], false)).toEqual([]);
  });
  it("of a whole project, for its configuration", async () => {
    const { root } = place({ "package.json": pack({ lint: "eslint .", types: "tsc" }), "tsconfig.json": "", "pyproject.toml": "[tool.ruff]\n", Makefile: "lint:\n\ttrue\n" });
    expect(await wholeChecks(hands(root))).toEqual(["npm run types", "npm run lint", "ruff check ."]);
  });
});
