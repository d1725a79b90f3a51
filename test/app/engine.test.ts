// `aura engine` without an engine: what is asked, what is refused, and that a failed install leaves nothing and harms nothing.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseArgv } from "../../src/app/args.ts";
import { engineFolder, engineState, engineVersion, platformPackage } from "../../src/app/engine.ts";
import { type EngineNeeds, runEngine } from "../../src/app/engineCommand.ts";
import { findPaths } from "../../src/config/paths.ts";
import { writeGguf } from "../models/engine/made.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "aura-engine-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const said: string[] = [];
async function engine(action: EngineNeeds["action"], more: Partial<EngineNeeds> = {}): Promise<{ code: number; said: string; json: unknown }> {
  said.length = 0;
  let json: unknown;
  const say = (text: string): void => void said.push(text);
  const hear = (value: unknown): void => {
    json = value;
  };
  const output = { out: say, err: say, json: hear };
  const code = await runEngine({
    paths: findPaths({ AURA_HOME: home }),
    env: { ...process.env },
    action,
    from: null,
    yes: true,
    json: false,
    quiet: false,
    output,
    confirm: async () => false,
    ...more,
  });
  return { code, said: said.join("\n"), json };
}
/** A folder as an engine's looks from outside. */
function pretend(folder: string, version = engineVersion): string {
  const native = join(folder, "node_modules", platformPackage() ?? "none");
  for (const [path, text] of [
    [join(folder, "node_modules", "node-llama-cpp", "package.json"), JSON.stringify({ name: "node-llama-cpp", version, type: "module", main: "index.js" })],
    [join(folder, "node_modules", "node-llama-cpp", "index.js"), "export const getLlama = () => Promise.reject(new Error('made for another machine'));"],
    [join(native, "package.json"), "{}"],
  ] as const) {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  }
  return folder;
}
/** An `npm` that does this, first on the PATH. */
function npmThat(script: string): Record<string, string | undefined> {
  const bin = join(home, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "npm"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, "npm"), 0o755);
  return { ...process.env, PATH: `${bin}:${process.env.PATH}` };
}
const engines = (): string[] => (existsSync(join(home, "cache", "engine")) ? readdirSync(join(home, "cache", "engine")) : []);

describe("the command line", () => {
  it("knows the three actions, and takes --from for one of them", () => {
    expect(parseArgv(["engine", "install", "--from", "/there"], {})).toMatchObject({ command: "engine", action: "install", from: "/there" });
    expect(parseArgv(["engine", "status", "--json"], {})).toMatchObject({ command: "engine", action: "status", from: null });
    expect(parseArgv(["engine", "remove", "--from", "x"], {})).toMatchObject({ command: "wrong" });
    expect(parseArgv(["engine"], {})).toMatchObject({ command: "wrong" });
  });

  it("takes a model file as it was typed: blanks, home and the folder one stands in", () => {
    const model = (text: string): unknown => {
      const parsed = parseArgv(["--yes", "--model", text, "fix it"], {});
      return parsed.command === "wrong" ? parsed.error.message : parsed.flags.model;
    };
    expect(model("embedded//models/my model.gguf")).toBe("embedded//models/my model.gguf");
    expect(model("embedded/~/x.gguf")).toBe(`embedded/${homedir()}/x.gguf`);
    expect(model("embedded/x.gguf")).toBe(`embedded/${process.cwd()}/x.gguf`);
    expect(model("embedded/")).toContain("SERVER/NAME");
    expect(model("ollama/a b")).toContain("SERVER/NAME");
  });
});

describe("a model file without an engine", () => {
  const main = join(import.meta.dirname, "..", "..", "dist", "main.js");
  const aura = (model: string): { status: number | null; stderr: string } => {
    const { AURA_ENGINE: _, ...env } = process.env;
    return spawnSync(process.execPath, [main, "--yes", "--model", model, "do it"], { cwd: home, encoding: "utf8", input: "", env: { ...env, AURA_HOME: home } });
  };
  it("exits 3 with the command that installs it, or with what is wrong with the file", () => {
    expect(aura(`embedded/${writeGguf(join(home, "model.gguf"), { "general.architecture": "llama" })}`)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("aura engine install"),
    });
    expect(aura(`embedded/${main}`)).toMatchObject({ status: 3, stderr: expect.stringContaining("is not a GGUF file") });
    expect(aura("embedded/nowhere.gguf")).toMatchObject({ status: 3, stderr: expect.stringMatching(/There is no file .*nowhere\.gguf/) });
  });
});

describe("aura engine", () => {
  it("tells what is there, and where", async () => {
    expect(await engine("status")).toMatchObject({ code: 0, said: expect.stringContaining("Not installed") });
    const folder = engineFolder(findPaths({ AURA_HOME: home }), {});
    expect((await engine("status", { json: true })).json).toEqual({ installed: false, version: null, wanted: engineVersion, folder, bytes: null });
    pretend(folder, "3.0.0");
    expect((await engine("status")).said).toContain("3.0.0 is installed");
    expect(engineState(pretend(folder))).toMatchObject({ installed: true, version: engineVersion, bytes: expect.any(Number) });
    expect(engineFolder(findPaths({ AURA_HOME: home }), { AURA_ENGINE: "/elsewhere" })).toBe("/elsewhere");
  });

  it("says the size and asks before anything is fetched", async () => {
    const asked = join(home, "asked");
    await expect(engine("install", { yes: false, env: npmThat(`touch ${asked}`) })).rejects.toMatchObject({ code: "engine.no" });
    expect(said.join("\n")).toMatch(/about \d+ MB from the registry your npm is set up with/);
    expect(existsSync(asked)).toBe(false);
  });

  it("has npm fetch exact versions without scripts, into a folder apart, whatever project it is called from", async () => {
    const told = join(home, "told");
    const env = { ...npmThat(`echo "$@" > ${told}; pwd >> ${told}; env | grep -c '^npm_config_local_prefix' >> ${told}; exit 1`), npm_config_local_prefix: "/some/project" };
    await expect(engine("install", { env })).rejects.toMatchObject({ code: "engine.npm" });
    const [args = "", folder = "", others] = readFileSync(told, "utf8").split("\n");
    expect(args).toContain(`--ignore-scripts --omit=optional`);
    expect(args).toContain(`node-llama-cpp@${engineVersion} ${platformPackage()}@${engineVersion}`);
    expect(args).toContain(`--prefix ${folder}`);
    expect(others).toBe("0");
  });

  it("passes on what npm says, and leaves nothing behind", async () => {
    const failing = npmThat("echo 'npm error code E404' >&2; echo 'npm error 404 Not Found - GET node-llama-cpp' >&2; exit 1");
    await expect(engine("install", { env: failing })).rejects.toMatchObject({
      code: "engine.npm",
      message: expect.stringContaining("404 Not Found"),
      hint: expect.stringContaining("--from"),
    });
    await expect(engine("install", { env: { PATH: home } })).rejects.toMatchObject({ code: "engine.npm", message: expect.stringContaining("npm is not on the PATH") });
    expect(engines()).toEqual([]);
  });

  it("takes no folder or tarball that isn't this engine, or that doesn't run here", async () => {
    await expect(engine("install", { from: join(home, "nothing") })).rejects.toMatchObject({ code: "engine.from", exit: 2 });
    writeFileSync(join(home, "text.tgz"), "no tarball");
    await expect(engine("install", { from: join(home, "text.tgz") })).rejects.toMatchObject({ code: "engine.from" });
    await expect(engine("install", { from: pretend(join(home, "old"), "2.0.0") })).rejects.toMatchObject({ code: "engine.wrong" });
    await expect(engine("install", { from: pretend(join(home, "other")) })).rejects.toMatchObject({
      code: "engine.broken",
      message: expect.stringContaining("made for another machine"),
    });
    expect(engines()).toEqual([]);
  });

  it("neither replaces nor removes a folder that it didn't make", async () => {
    const project = pretend(join(home, "project"));
    writeFileSync(join(project, "package.json"), '{"name":"somebody-else"}');
    const env = { ...process.env, AURA_ENGINE: project };
    await expect(engine("install", { env, from: join(home, "any") })).rejects.toMatchObject({ code: "engine.folder" });
    await expect(engine("remove", { env })).rejects.toMatchObject({ code: "engine.folder" });
    expect(existsSync(join(project, "node_modules", "node-llama-cpp"))).toBe(true);
    writeFileSync(join(project, "package.json"), '{"name":"aura-engine"}');
    await expect(engine("remove", { env, yes: false })).rejects.toMatchObject({ code: "engine.no" });
    expect(await engine("remove", { env })).toMatchObject({ code: 0, said: expect.stringContaining("Removed") });
    expect(existsSync(project)).toBe(false);
  });
});
