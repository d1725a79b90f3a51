// Both configuration files against CLI.md's rules: the user's decides, a repository's narrows, strangers' files are never trusted or harmed.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JsonFault, parsePlaced } from "../../src/config/json.ts";
import { loadConfig, settle, stricter, untrustedLine } from "../../src/config/load.ts";
import { rememberedModel, rememberModel } from "../../src/config/models.ts";
import { nearest } from "../../src/config/nearest.ts";
import { problemLine } from "../../src/config/parse.ts";
import { findPaths, type Paths, userConfigFile } from "../../src/config/paths.ts";
import { makePrivateFolder, readSmall, writePrivate } from "../../src/config/private.ts";
import { forgetAlways, loadAlways, readMemory, rememberAlways } from "../../src/config/remember.ts";
import { jsonSchemaOf, keyRows } from "../../src/config/schema.ts";
import { describeProject, saveTrust } from "../../src/config/trust.ts";
import { AuraError } from "../../src/core/error.ts";
import type { ModelId } from "../../src/core/events.ts";

let base: string;
let root: string;
let paths: Paths;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "aura-config-")));
  root = join(base, "repo");
  mkdirSync(root);
  paths = findPaths({ AURA_HOME: join(base, "home") });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const user = (text: string): void => writePrivate(userConfigFile(paths), text);
const project = (text: string): string => {
  mkdirSync(join(root, ".aura"), { recursive: true });
  const file = join(root, ".aura", "config.json");
  writeFileSync(file, text);
  return file;
};
async function trust(): Promise<void> {
  const { brought } = await loadConfig({ paths, root });
  if (brought) saveTrust(paths, root, brought, true);
}
async function fault(): Promise<AuraError> {
  const error = await loadConfig({ paths, root }).catch((thrown: unknown) => thrown);
  if (!(error instanceof AuraError)) throw new Error(`no AuraError but ${JSON.stringify(error)}`);
  expect(error.exit).toBe(2);
  return error;
}

describe("the user's file", () => {
  it("is read, and its absence is nothing", async () => {
    expect(await loadConfig({ paths, root })).toEqual({ user: {}, project: {}, problems: [], brought: null });
    expect(existsSync(paths.config)).toBe(false);
    user('{"model": "ollama/qwen3:8b", "limits": {"maxTurns": 9}, "allowHosts": ["10.0.0.2", "fd00::1"], "serverKeys": {"openai": "k"}}');
    expect((await loadConfig({ paths, root: null })).user).toEqual({
      model: "ollama/qwen3:8b",
      limits: { maxTurns: 9 },
      allowHosts: ["10.0.0.2", "fd00::1"],
      serverKeys: { openai: "k" },
    });
  });
  it("names file, line and column of broken JSON and leaves it alone", async () => {
    const text = '{\n  "policy": "ask",\n  // why\n}\n';
    user(text);
    const error = await fault();
    expect(error.message).toBe(`${userConfigFile(paths)}:3:3: not valid JSON: comments are not allowed in JSON`);
    expect(readFileSync(userConfigFile(paths), "utf8")).toBe(text);
  });
  it("names the line and the value it can't use, but never a key's", async () => {
    user('{\n  "limits": {\n    "maxTurns": "many"\n  }\n}');
    expect((await fault()).message).toBe(`${userConfigFile(paths)}:3: "limits.maxTurns" must be a whole number above 0; it is "many"`);
    user('{"model": "qwen3"}');
    expect((await fault()).message).toContain('"model" must be SERVER/NAME, for example ollama/qwen3:8b; it is "qwen3"');
    user('{"serverKeys": {"openai": ["hush"]}}');
    expect((await fault()).message).not.toContain("hush");
    user("[]");
    expect((await fault()).message).toContain("the file must hold an object of settings; it holds []");
    user('{"allowHosts": ["http://10.0.0.2:1"]}');
    expect((await fault()).message).toContain('"allowHosts.0" must be');
  });
  it("leaves out unknown keys and says so", async () => {
    user('{\n "polcy": "auto",\n "sandbox": "off",\n "limits": {"maxTruns": 1},\n "theme": "dark"\n}');
    const { user: read, problems } = await loadConfig({ paths, root: null });
    expect(read).toEqual({ limits: {}, theme: "dark" });
    expect(problems.map(problemLine).map((line) => line.slice(paths.config.length + 1))).toEqual([
      'config.json:4: "limits.maxTruns" is not a setting; left out. Did you mean limits.maxTurns?',
      'config.json:2: "polcy" is not a setting; left out. Did you mean policy?',
      'config.json:3: "sandbox" can\'t be set in a file: the sandbox is only ever turned off by the flag --sandbox off, for one run; left out',
    ]);
  });
});

describe("a repository's file", () => {
  it("is used only after a yes to exactly its content", async () => {
    project('{"test": "npm test", "policy": "read-only"}');
    const first = await loadConfig({ paths, root });
    expect(first.project).toEqual({});
    expect(first.brought).toMatchObject({ files: [".aura/config.json"], trust: "new" });
    expect(untrustedLine(first.brought)).toContain(".aura/config.json of this repository is ignored until you have agreed to it");
    await trust();
    expect((await loadConfig({ paths, root })).project).toEqual({ test: "npm test", policy: "read-only" });
    project('{"test": "curl evil", "policy": "read-only"}');
    expect(await loadConfig({ paths, root })).toMatchObject({ project: {}, brought: { trust: "new" } });
    const { brought } = await loadConfig({ paths, root });
    if (brought) saveTrust(paths, root, brought, false);
    expect((await loadConfig({ paths, root })).brought?.trust).toBe("no");
  });
  it("is trusted by real path, and counts prompts, commands and languages in", async () => {
    project("{}");
    await trust();
    symlinkSync(root, join(base, "link"));
    expect((await loadConfig({ paths, root: join(base, "link") })).brought?.trust).toBe("yes");
    mkdirSync(join(root, ".aura", "prompts"));
    writeFileSync(join(root, ".aura", "prompts", "head.md"), "be kind");
    const { brought } = await loadConfig({ paths, root });
    expect(brought).toMatchObject({ files: [".aura/config.json", ".aura/prompts/head.md"], trust: "new" });
    expect(await describeProject(root, brought ?? { files: [] })).toEqual(["brings .aura/prompts/head.md"]);
  });
  it("can't set what is the user's", async () => {
    project('{"url": "http://evil",\n"allowHosts": ["evil"], "model": "openai/x",\n"sandbox": "off", "always": ["sh"], "serverKeys": {}, "editor": "sh -c evil", "lint": "x"}');
    await trust();
    const { project: read, user: own, problems } = await loadConfig({ paths, root });
    expect(read).toEqual({ lint: "x" });
    expect(own).toEqual({});
    expect(problems.map((problem) => `${problem.line} ${problem.text}`).sort()).toEqual([
      '1 "url" can\'t be set by a repository, only in your own configuration; left out',
      '2 "allowHosts" can\'t be set by a repository, only in your own configuration; left out',
      '2 "model" can\'t be set by a repository, only in your own configuration; left out',
      '3 "always" can\'t be set in a file: remembered answers live in your own state folder; left out',
      '3 "editor" can\'t be set by a repository, only in your own configuration; left out',
      '3 "sandbox" can\'t be set in a file: the sandbox is only ever turned off by the flag --sandbox off, for one run; left out',
      '3 "serverKeys" can\'t be set by a repository, only in your own configuration; left out',
    ]);
  });
  it("is refused when broken or not a plain file, and never harmed", async () => {
    const file = project('{"test": ');
    expect((await fault()).message).toBe(`${file}:1:10: not valid JSON: a value was expected, not the end of the file`);
    expect(readFileSync(file, "utf8")).toBe('{"test": ');
    rmSync(file);
    symlinkSync("/dev/zero", file);
    expect((await fault()).message).toContain("is a symbolic link");
    rmSync(file);
    mkdirSync(file);
    expect((await fault()).message).toContain("is not a regular file");
    rmSync(join(root, ".aura"), { recursive: true });
    writeFileSync(join(root, ".aura"), "x");
    expect((await fault()).message).toContain("is not a folder");
    rmSync(join(root, ".aura"));
    project(`"${"x".repeat(1_100_000)}"`);
    expect((await fault()).message).toContain("at most 1000000 are read");
  });
  it("shows keys of strangers without their control characters", async () => {
    project('{"\\u001b[31mred\\u202e": 1, "__proto__": {"policy": "auto"}}');
    const { brought } = await loadConfig({ paths, root });
    expect((await describeProject(root, brought ?? { files: [] })).join("\n")).not.toMatch(/[\u001b\u202e]/);
    await trust();
    const { problems, project: read } = await loadConfig({ paths, root });
    expect(problems).toHaveLength(2);
    expect(problems.map(problemLine).join("\n")).not.toMatch(/[\u001b\u202e]/);
    expect(read).toEqual({});
  });
  it("brings nothing while it holds only Aura's own folders", async () => {
    mkdirSync(join(root, ".aura", "log"), { recursive: true });
    writeFileSync(join(root, ".aura", ".gitignore"), "*\n");
    expect((await loadConfig({ paths, root })).brought).toBeNull();
  });
});

describe("narrowing", () => {
  it("takes the stricter policy and the lower limits", () => {
    expect(stricter("auto", "ask")).toBe("ask");
    expect(stricter("read-only", "auto")).toBe("read-only");
    const loaded = { user: { policy: "auto", limits: { maxTurns: 50 } }, project: { policy: "ask", limits: { maxTurns: 10, maxTimeS: 60 } } } as const;
    expect(settle({ limits: {}, headless: false }, loaded)).toEqual({ policy: "ask", limits: { maxTurns: 10, maxTimeMs: 60_000 } });
    expect(settle({ policy: "read-only", limits: { maxTurns: 5 }, headless: true }, loaded)).toEqual({ policy: "read-only", limits: { maxTurns: 5, maxTimeMs: 60_000 } });
    expect(settle({ limits: {}, headless: true }, { user: { policy: "ask" }, project: {} })).toEqual({ policy: "auto", limits: {} });
    expect(settle({ limits: {}, headless: false }, { user: {}, project: { policy: "auto" } })).toEqual({ policy: "ask", limits: {} });
  });
});

describe("memory", () => {
  it("is kept by real path, 0600 in 0700, and left as it is when damaged", () => {
    rememberAlways(paths, root, "npm test");
    rememberAlways(paths, root, "go vet");
    rememberAlways(paths, root, "npm test");
    symlinkSync(root, join(base, "link"));
    expect([...loadAlways(paths, join(base, "link"))]).toEqual(["go vet", "npm test"]);
    expect([...loadAlways(paths, base)]).toEqual([]);
    const folder = join(paths.state, "repositories");
    const file = join(folder, readdirSync(folder)[0] ?? "");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    rememberModel(paths, root, "ollama/a" as ModelId);
    expect(rememberedModel(paths, root)).toBe("ollama/a");
    expect(rememberedModel(paths, base)).toBe("ollama/a");
    forgetAlways(paths, root);
    expect(readMemory(paths, root)).toEqual({ always: [], model: "ollama/a" });
    writeFileSync(file, "{");
    expect(readMemory(paths, root)).toEqual({ always: [] });
    expect(() => rememberAlways(paths, root, "make")).toThrow(`${file}:1:2: not valid JSON`);
    expect(readFileSync(file, "utf8")).toBe("{");
    rmSync(file);
    rememberAlways(paths, root, "make");
    expect([...loadAlways(paths, root)]).toEqual(["make"]);
  });
});

describe("files of the user's own", () => {
  it("closes a folder that stands open, follows a link of the user's own", () => {
    mkdirSync(paths.config, { recursive: true });
    chmodSync(paths.config, 0o755);
    const real = join(base, "dotfiles.json");
    writeFileSync(real, "{}");
    symlinkSync(real, userConfigFile(paths));
    writePrivate(userConfigFile(paths), '{"theme": "dark"}');
    expect(statSync(paths.config).mode & 0o777).toBe(0o700);
    expect(readFileSync(real, "utf8")).toBe('{"theme": "dark"}');
    expect(readdirSync(paths.config)).toEqual(["config.json"]);
  });
  it("says what can't be made", () => {
    writeFileSync(join(base, "file"), "");
    expect(() => makePrivateFolder(join(base, "file", "x"))).toThrow(/Can't make the folder .*ENOTDIR/);
    expect(readSmall(join(base, "nothing"))).toBeNull();
  });
  it("finds the folders by AURA_HOME, XDG or home", () => {
    expect(findPaths({ HOME: "/h" })).toEqual({ config: "/h/.config/aura", state: "/h/.local/state/aura", cache: "/h/.cache/aura", runtime: "/h/.local/state/aura/run" });
    expect(findPaths({ HOME: "/h", XDG_CONFIG_HOME: "/c", XDG_STATE_HOME: "relative" })).toMatchObject({ config: "/c/aura", state: "/h/.local/state/aura" });
    expect(findPaths({ HOME: "/h", AURA_HOME: "/a" })).toMatchObject({ config: "/a", state: "/a/state", runtime: "/a/run" });
  });
});

describe("placed JSON", () => {
  it("reads what JSON.parse reads, and refuses what it refuses", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(parsePlaced(text).value).toEqual(JSON.parse(text));
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.constantFrom("{", "}", "[", "]", '"a"', ":", ",", "1", "true", " ", "\n", "-", '"', "\\u12", "01", "1.")), (parts) => {
        const text = parts.join("");
        let wanted: unknown;
        try {
          wanted = JSON.parse(text);
        } catch {
          expect(() => parsePlaced(text)).toThrow(JsonFault);
          return;
        }
        try {
          expect(parsePlaced(text).value).toEqual(wanted);
        } catch (error) {
          expect(String(error)).toContain("a second time");
        }
      }),
      { numRuns: 2000 },
    );
  });
  it("names places and refuses depth", () => {
    const at = (text: string): string => {
      try {
        parsePlaced(text);
      } catch (error) {
        if (error instanceof JsonFault) return `${error.line}:${error.column} ${error.message}`;
      }
      return "";
    };
    expect(at('{"a": 1,\n "a": 2}')).toBe('2:2 the key "a" stands here a second time');
    expect(at("{'a': 1}")).toBe(`1:2 a key in double quotes was expected, not "'a': 1}"`);
    expect(at('{"a": 1,}')).toBe("1:9 a comma before } is one too many");
    expect(at('{"a" 1}')).toContain("a colon was expected");
    expect(at('{"a": "x\n"}')).toContain("doesn't end on its line");
    expect(at("[".repeat(100_000))).toContain("nested deeper than 60 levels");
    expect(Object.fromEntries(parsePlaced('{\n"a": {\n\n"b": [1,\n2]}}').lines)).toEqual({ a: 2, "a.b": 4, "a.b.0": 4, "a.b.1": 5 });
  });
});

it("knows nearby words", () => {
  expect(nearest("sesions", ["session", "sessions", "undo"])).toBe("sessions");
  expect(nearest("udno", ["undo", "init"])).toBe("undo");
  expect(nearest("comp", ["completions"])).toBe("completions");
  expect(nearest("commit", ["init", "config", "completions"])).toBeNull();
  expect(nearest("x", ["a", "b"])).toBeNull();
});

it("describes every key of both schemas", () => {
  for (const kind of ["user", "project"] as const) {
    expect(keyRows(kind).filter((row) => row.about.length < 10)).toEqual([]);
    expect(jsonSchemaOf(kind)).toMatchObject({ type: "object", additionalProperties: false });
  }
  expect(keyRows("project").map((row) => row.key)).toEqual(["test", "lint", "languages", "ignore", "policy", "prewarm", "limits.maxTurns", "limits.maxTimeS"]);
});
