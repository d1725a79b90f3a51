// `aura config`: reads, sets and edits the user's own file; nothing invalid is ever written, a broken draft is kept.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConfigNeeds, runConfig } from "../../src/app/configCommand.ts";
import { findPaths, type Paths, userConfigFile } from "../../src/config/paths.ts";
import { writePrivate } from "../../src/config/private.ts";
import { AuraError } from "../../src/core/error.ts";

let base: string;
let paths: Paths;
let out: string[];
let err: string[];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "aura-configcmd-"));
  paths = findPaths({ AURA_HOME: join(base, "home") });
  out = [];
  err = [];
});
afterEach(() => rmSync(base, { recursive: true, force: true }));
const run = (action: ConfigNeeds["action"], env: Record<string, string> = {}) =>
  runConfig({ paths, env: { PATH: process.env.PATH, ...env }, output: { out: (text) => void out.push(text), err: (text) => void err.push(text) }, action });
const get = async (key: string | null): Promise<string> => {
  out = [];
  await run({ action: "get", key });
  return out.join("\n");
};
const set = (key: string, value: string) => run({ action: "set", key, value });
const refusal = async (doing: Promise<unknown>): Promise<string> => {
  const error = await doing.catch((thrown: unknown) => thrown);
  if (!(error instanceof AuraError)) throw new Error(`no AuraError: ${String(error)}`);
  expect(error.exit).toBe(2);
  return `${error.message} | ${error.hint}`;
};
const stored = (): unknown => JSON.parse(readFileSync(userConfigFile(paths), "utf8"));

describe("get and set", () => {
  it("prints JSON values and keeps types", async () => {
    expect(await get(null)).toBe("{}");
    expect(await get("policy")).toBe("null");
    await set("policy", "read-only");
    await set("limits.maxTurns", "30");
    await set("allowHosts", "10.0.0.2, box.lan:8080");
    await set("serverKeys.llama-server", "123");
    await set("model", "ollama/qwen3:8b");
    await set("prewarm", "false");
    expect(stored()).toEqual({
      prewarm: false,
      policy: "read-only",
      limits: { maxTurns: 30 },
      allowHosts: ["10.0.0.2", "box.lan:8080"],
      serverKeys: { "llama-server": "123" },
      model: "ollama/qwen3:8b",
    });
    expect(await get("limits")).toBe('{"maxTurns":30}');
    expect(await get("limits.maxTurns")).toBe("30");
    expect(await get("model")).toBe('"ollama/qwen3:8b"');
    await set("limits", '{"maxTimeS": 60}');
    await set("allowHosts", '["a"]');
    await set("policy", "null");
    expect(stored()).toMatchObject({ limits: { maxTimeS: 60 }, allowHosts: ["a"] });
    expect(await get("policy")).toBe("null");
    expect(statSync(userConfigFile(paths)).mode & 0o777).toBe(0o600);
  });
  it("refuses what isn't valid and writes nothing", async () => {
    await set("theme", "dark");
    const before = readFileSync(userConfigFile(paths), "utf8");
    expect(await refusal(set("polcy", "ask"))).toContain('There is no setting "polcy"; did you mean policy?');
    expect(await refusal(set("policy", "yolo"))).toContain('"policy" must be ask, auto or read-only; it is "yolo"');
    expect(await refusal(set("limits.maxTurns", "many"))).toContain('"limits.maxTurns" must be a whole number above 0; it is "many"');
    expect(await refusal(set("sandbox", "off"))).toContain('There is no setting "sandbox"');
    expect(await refusal(set("__proto__.policy", "auto"))).toContain("There is no setting");
    expect(await refusal(set("limits", "[]"))).toContain('"limits" must be');
    expect(await refusal(get("nope"))).toContain("Settings: model, url");
    expect(readFileSync(userConfigFile(paths), "utf8")).toBe(before);
  });
  it("leaves a broken file alone, and keys it doesn't know", async () => {
    writePrivate(userConfigFile(paths), '{"later": 1}');
    await set("theme", "light");
    expect(stored()).toEqual({ later: 1, theme: "light" });
    await get("theme");
    expect(err.join()).toContain('"later" is not a setting');
    writePrivate(userConfigFile(paths), '{"theme": ');
    expect(await refusal(set("theme", "dark"))).toContain("config.json:1:11: not valid JSON");
    expect(readFileSync(userConfigFile(paths), "utf8")).toBe('{"theme": ');
  });
});

describe("edit", () => {
  const draft = (): string => join(paths.config, "config.draft.json");
  /** An editor that writes `text` into the file it is given. */
  const editor = (text: string): string => {
    const source = join(base, "text");
    writeFileSync(source, text);
    const script = join(base, "editor");
    writeFileSync(script, `#!/bin/sh\ncp '${source}' "$2"\n`, { mode: 0o755 });
    return `${script} --wait`;
  };
  it("saves what is valid", async () => {
    await run({ action: "edit" }, { EDITOR: editor('{"theme": "dark"}\n') });
    expect(stored()).toEqual({ theme: "dark" });
    expect(existsSync(draft())).toBe(false);
  });
  it("keeps a broken draft for the next time, and the file as it was", async () => {
    await set("theme", "dark");
    expect(await refusal(run({ action: "edit" }, { EDITOR: editor('{"theme": "blue"}') }))).toMatch(
      /config\.draft\.json:1: "theme" must be auto, dark or light; it is "blue" \| Your draft is kept/,
    );
    expect(stored()).toEqual({ theme: "dark" });
    await run({ action: "edit" }, { EDITOR: "sed -i s/blue/light/" });
    expect(stored()).toEqual({ theme: "light" });
  });
  it("mends a broken file", async () => {
    writePrivate(userConfigFile(paths), "{oops");
    await run({ action: "edit" }, { EDITOR: editor("{}") });
    expect(stored()).toEqual({});
  });
  it("says when nothing changed, and when the editor fails", async () => {
    await set("theme", "dark");
    await run({ action: "edit" }, { EDITOR: "true" });
    expect(err).toEqual(["Nothing changed"]);
    expect(await refusal(run({ action: "edit" }, { EDITOR: "false" }))).toContain('The editor "false" ended with 1');
    expect(await refusal(run({ action: "edit" }, { EDITOR: "no-such-editor 2>/dev/null" }))).toContain("was not found");
    expect(stored()).toEqual({ theme: "dark" });
    expect(existsSync(draft())).toBe(false);
  });
});
