// `aura models probe` from the outside: what it prints and keeps, what it exits with, and that a session then goes by it.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chooseProfile } from "../../src/agent/profile.ts";
import { renderProbe } from "../../src/app/probeCommand.ts";
import { findPaths } from "../../src/config/paths.ts";
import { readProbe } from "../../src/config/probes.ts";
import type { ModelId } from "../../src/core/events.ts";
import type { Probed } from "../../src/core/probed.ts";
import { callText } from "../../src/models/textcalls.ts";
import { able } from "../fake/able.ts";
import { hang, openFakeModel } from "../fake/model-server.ts";

const distMain = join(import.meta.dirname, "..", "..", "dist", "main.js");
const base = realpathSync(mkdtempSync(join(tmpdir(), "aura-probe-")));
let home = base;
let turn = 0;
beforeAll(() => {
  if (!existsSync(distMain)) throw new Error("dist/main.js is missing: npm run build first");
});
beforeEach(() => {
  home = join(base, `home${turn++}`);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function start(...args: string[]) {
  const child = spawn(process.execPath, [distMain, ...args], { cwd: base, env: { ...process.env, AURA_HOME: home }, stdio: ["ignore", "pipe", "pipe"] });
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    said.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    said.err += chunk;
  });
  const done = new Promise<{ exit: number | null; out: string; err: string }>((resolve) => child.on("close", (exit) => resolve({ exit, ...said })));
  return { child, done };
}
const kept = (): string[] => (existsSync(join(home, "state", "probes")) ? readdirSync(join(home, "state", "probes")) : []);

describe("aura models probe", () => {
  it("shows each step, prints what was found and chosen, and keeps it for sessions and lists", async () => {
    await using fake = await openFakeModel({ otherwise: able({ calls: "text", schema: true, forced: true, lands: ["replace"] }) });
    const { exit, out, err } = await start("models", "probe", fake.id, "--url", fake.url).done;
    expect(exit, err).toBe(0);
    for (const step of ["calls", "edits replace", "speed", "schema", "forced", "edits whole"]) expect(err).toMatch(new RegExp(`^ {2}${step} `, "m"));
    expect(err).toMatch(/\(\d+\.\d s\)/);
    expect(out).toMatch(/^ollama\/fake at http:\/\/127\.0\.0\.1:\d+\n {2}tool calls +in its text, where the tools are told there\n/);
    expect(out).toMatch(/edits that landed +old and new text 2 of 2, SEARCH\/REPLACE blocks 0 of 2, a patch 0 of 2, the whole file 0 of 2\n/);
    expect(out).toMatch(/profile +nano, as the model calls tools only where they are told in text\n/);
    expect(readProbe(findPaths({ AURA_HOME: home }), fake.id, fake.url)).toMatchObject({ calls: "text", onlyTold: true, profile: "nano" });

    const listed = await start("models", "--json", "--url", fake.url).done;
    expect((JSON.parse(listed.out) as { models: { probed: Probed }[] }).models[0]?.probed).toMatchObject({ calls: "text" });

    fake.says(callText({ name: "run", args: { command: "ls" } }), "Done.");
    const before = fake.requests.length;
    const run = await start("--yes", "--json", "--sandbox", "off", "--model", fake.id, "--url", fake.url, "look around").done;
    expect(run.exit, run.err).toBe(0);
    expect(run.out.split("\n").find((line) => line.includes('"primed"'))).toContain('"profile":"nano"');
    expect(fake.requests[before]?.tools).toEqual([]);
  });

  it("is one line of JSON with --json, and silent beside it with --quiet", async () => {
    await using fake = await openFakeModel({ wire: "llama-server", otherwise: able({ calls: "native", lands: ["blocks"] }) });
    const { exit, out, err } = await start("models", "probe", "--model", fake.id, "--url", fake.url, "--json", "--quiet").done;
    expect({ exit, err, lines: out.trim().split("\n").length }).toEqual({ exit: 0, err: "", lines: 1 });
    const said = JSON.parse(out) as Record<string, unknown>;
    expect(said).toMatchObject({ probed: { v: 1, calls: "native" }, chosen: { profile: "default", form: "blocks", context: 32_768 }, skipped: [] });
    expect((said.steps as { name: string }[]).map(({ name }) => name)).toContain("edits patch");
  });

  it("takes a name alone, and what the configuration wants is what is chosen", async () => {
    await using fake = await openFakeModel({ otherwise: able({ calls: "native", lands: ["replace"] }) });
    await start("config", "set", "profile", "nano").done;
    const { exit, out } = await start("models", "probe", "fake", "--url", fake.url, "--json").done;
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ probed: { profile: "default" }, chosen: { profile: "nano", why: "your configuration says so" } });
  });

  it("keeps nothing when it is interrupted, and exits 130", async () => {
    await using fake = await openFakeModel({ otherwise: (asked) => (asked.json.includes("notes.txt") ? hang() : "ready") });
    const { child, done } = start("models", "probe", fake.id, "--url", fake.url);
    await fake.asked(2);
    child.kill("SIGINT");
    const { exit, err } = await done;
    expect({ exit, kept: kept() }).toEqual({ exit: 130, kept: [] });
    expect(err).toMatch(/Stopped; nothing was kept\.\n$/);
    await fake.abortedTimes(1);
  });

  it("exits 3 without a server or model, 2 for another machine, 1 where nothing was answered in time", async () => {
    await using fake = await openFakeModel({ otherwise: (asked) => (asked.json.includes("notes.txt") ? hang() : "ready") });
    const exitOf = async (...args: string[]): Promise<number | null> => (await start("models", "probe", ...args).done).exit;
    expect(await exitOf("ollama/any", "--url", "http://127.0.0.1:1")).toBe(3);
    expect(await exitOf("other", "--url", fake.url)).toBe(3);
    expect(await exitOf("ollama/any", "--url", "http://192.0.2.1:11434")).toBe(2);
    expect(await exitOf(fake.id, "--url", fake.url, "--max-time", "1")).toBe(1);
    expect(kept()).toEqual([]);
  });
});

it("says of what there was no time for that it wasn't tried", () => {
  const probed: Probed = {
    ...{ v: 1, model: "openai/m" as ModelId, url: "http://127.0.0.1:8000", at: 1, context: 8192, calls: "native", parallel: false, schema: false, forced: true, thinks: true },
    ...{ edits: { replace: { landed: 1, tried: 2 }, blocks: { landed: 0, tried: 0 } }, form: "replace", profile: "default", readPerS: 9.6, writePerS: null },
  };
  expect(renderProbe(probed, chooseProfile({ context: 8192, probed, wish: "auto" }), ["parallel", "schema"])).toEqual([
    "openai/m at http://127.0.0.1:8000",
    "  tool calls         handed over by the server",
    "  several at once    not tried",
    "  keeps a schema     not tried",
    "  forced calls       yes",
    "  thinks first       yes",
    "  edits that landed  old and new text 1 of 2, SEARCH/REPLACE blocks not tried, a patch not tried, the whole file not tried",
    "  reads              9.6 tokens/s",
    "  writes             not known",
    "  context            8192 tokens",
    "  profile            default, as the server hands over the model's calls",
    "  form of edits      old and new text",
  ]);
});
