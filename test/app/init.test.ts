// `aura init` in real folders: what it finds, what it writes, and what it never touches.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { detectLanguages, type InitNeeds, runInit } from "../../src/app/init.ts";
import { detectCommands } from "../../src/app/projectcommands.ts";
import { loadConfig } from "../../src/config/load.ts";
import { findPaths, type Paths } from "../../src/config/paths.ts";
import type { ModelId, ModelLine } from "../../src/core/events.ts";
import { repositoryPolicy } from "../../src/sandbox/policy.ts";
import { openFiles } from "../../src/tools/files.ts";

let base: string;
let root: string;
let paths: Paths;
let out: string[];
let asked: string[];
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "aura-init-")));
  root = join(base, "repo");
  mkdirSync(root);
  paths = findPaths({ AURA_HOME: join(base, "home") });
  out = [];
  asked = [];
});
afterEach(() => rmSync(base, { recursive: true, force: true }));
const put = (path: string, text = ""): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const model = {
  id: "ollama/qwen3:8b" as ModelId,
  url: "http://127.0.0.1:11434",
  name: "qwen3:8b",
  sizeBytes: 5e9,
  trainedContext: 40_960,
  runningContext: null,
  capabilities: ["tools"],
  loaded: false,
  refused: null,
} satisfies ModelLine;
const init = (answer: boolean, more: Partial<InitNeeds> = {}) =>
  runInit({
    paths,
    root,
    json: false,
    output: { out: (text) => void out.push(text), err: (text) => void out.push(text), json: (value) => void out.push(JSON.stringify(value)) },
    confirm: async (question) => {
      asked.push(question);
      return answer;
    },
    detectCommands: async () => ({ test: "npm test", lint: null }),
    findModels: async () => ({ models: [model], looked: [{ url: model.url, found: "Ollama 0.12", why: null }], chosen: model.id }),
    ...more,
  });

it("writes the configuration, the folder's own .gitignore, and trusts what it wrote", async () => {
  put("src/a.ts");
  put("src/b.ts");
  put("tool.py");
  put(".aura/.gitignore", "*\n");
  expect(await init(false)).toBe(0);
  expect(JSON.parse(read(".aura/config.json"))).toEqual({ languages: ["typescript", "python"], test: "npm test" });
  expect(read(".aura/.gitignore")).toBe("log/\nindex/\n");
  expect(asked).toEqual([]);
  expect(out.join("\n")).toContain("Wrote .aura/config.json and .aura/.gitignore");
  expect(out.join("\n")).toContain("Ollama 0.12");
  expect((await loadConfig({ paths, root })).project).toEqual({ languages: ["typescript", "python"], test: "npm test" });
  out = [];
  await init(false);
  expect(out.join("\n")).toContain("Everything is there already");
});

it("completes what is there only after a yes, and keeps the rest", async () => {
  put("a.go");
  const text = '{"test": "make check", "policy": "ask"}';
  put(".aura/config.json", text);
  put(".aura/.gitignore", "log/\nindex/\nmine/\n");
  expect(await init(false)).toBe(0);
  expect(asked).toEqual(["Use them?"]);
  expect(out.join("\n")).toContain('test: "make check"');
  expect(read(".aura/config.json")).toBe(text);
  expect((await loadConfig({ paths, root })).brought?.trust).toBe("new");
  await init(true);
  expect(asked).toEqual(["Use them?", "Use them?", "Add it?"]);
  expect(JSON.parse(read(".aura/config.json"))).toEqual({ test: "make check", policy: "ask", languages: ["go"] });
  expect(read(".aura/.gitignore")).toBe("log/\nindex/\nmine/\n");
  expect((await loadConfig({ paths, root })).project).toMatchObject({ test: "make check" });
});

it("never harms a broken file", async () => {
  put(".aura/config.json", '{"test": }');
  await expect(init(true)).rejects.toThrow(/config\.json:1:10: not valid JSON/);
  expect(read(".aura/config.json")).toBe('{"test": }');
});

it("says how to have a model where there is none, and speaks JSON", async () => {
  const none = async () => ({ models: [], looked: [{ url: "http://127.0.0.1:11434", found: null, why: "nothing listens" }], chosen: null });
  await init(false, { findModels: none });
  expect(out.join("\n")).toContain("ollama pull");
  out = [];
  await init(false, { findModels: none, json: true });
  expect(out).toHaveLength(1);
  expect(JSON.parse(out[0] ?? "")).toMatchObject({ root, test: "npm test", models: [], wrote: [] });
});

it("counts languages by files, without others' folders and strays", () => {
  for (let at = 0; at < 60; at++) put(`src/m${at}.rs`);
  put("one.lua");
  put("node_modules/x/a.js");
  put(".venv/b.py");
  put("web/a.TS");
  put("web/b.ts");
  expect(detectLanguages(root)).toEqual(["rust", "typescript"]);
  expect(detectLanguages(join(root, "nowhere"))).toEqual([]);
});

it("recognises the project's own commands", async () => {
  const detect = () => detectCommands({ files: openFiles({ policy: repositoryPolicy(root), root }), root, cwd: root });
  expect(await detect()).toEqual({ test: null, lint: null });
  put("go.mod", "module x\n");
  expect((await detect()).lint).toBe("go vet ./...");
  put("package.json", '{"scripts": {"test": "vitest run", "lint": "biome check"}}');
  put("package-lock.json", "{}");
  expect(await detect()).toEqual({ test: expect.stringContaining("npm"), lint: "npm run lint && go vet ./..." });
  put("package.json", "{broken");
  put("pyproject.toml", "[tool.ruff]\n");
  expect((await detect()).lint).toBe("go vet ./... && ruff check .");
});
