// The engine's process with a real llama.cpp in it: what is kept between requests, and what happens when things go wrong.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeEngines, runningEngines, setEnginePlace } from "../../src/models/engine/pool.ts";
import { openModel } from "../../src/models/index.ts";
import type { Model, Piece, Request } from "../../src/models/model.ts";
import { toolSpecs, tools } from "../../src/tools/index.ts";

const dist = join(import.meta.dirname, "..", "..", "dist");
const place = { folder: process.env.AURA_ENGINE ?? "", worker: join(dist, "engine.mjs") };
const path = join(import.meta.dirname, "tool-loop.gguf");
const folder = mkdtempSync(join(tmpdir(), "aura-engine-model-"));
const never = new AbortController().signal;

beforeAll(() => {
  if (!existsSync(place.worker)) throw new Error("dist/engine.mjs is missing: npm run build first");
  setEnginePlace(place);
});
afterEach(() => closeEngines());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const system = { role: "system", text: `You are Aura.\n${"Read a file before you edit it. ".repeat(40)}` } as const;
const request = (text: string, more: Partial<Request> = {}): Request => ({ messages: [system, { role: "user", text }], tools: toolSpecs(tools), temperature: 0, ...more });
const open = (options: { context?: number } = {}): Promise<Model> => openModel({ id: `embedded/${path}`, ...options }, never);
async function all(pieces: AsyncIterable<Piece>): Promise<Piece[]> {
  const list: Piece[] = [];
  for await (const piece of pieces) list.push(piece);
  return list;
}
const endOf = (pieces: Piece[]): Extract<Piece, { type: "end" }> => {
  const last = pieces.at(-1);
  if (last?.type !== "end") throw new Error(`no end but ${JSON.stringify(last)}`);
  return last;
};
const textOf = (pieces: Piece[]): string => pieces.map((piece) => (piece.type === "text" ? piece.delta : "")).join("");
const callsOf = (pieces: Piece[]): unknown[] => pieces.flatMap((piece) => (piece.type === "call" ? [{ name: piece.name, args: piece.args }] : []));

describe("the real engine", () => {
  it("calls a tool, with a thought before it, and counts what it read and wrote", async () => {
    const model = await open();
    const pieces = await all(model.stream(request("Fix the failing test in src/calc.js."), never));
    expect(callsOf(pieces)).toEqual([{ name: "read", args: { path: "src/calc.js" } }]);
    expect(pieces.some((piece) => piece.type === "thought")).toBe(true);
    const { end, usage } = endOf(pieces);
    expect(end).toBe("calls");
    expect(usage).toMatchObject({ cachedTokens: 0, promptTokens: await model.count?.(request("Fix the failing test in src/calc.js."), never) });
    expect(usage.outputTokens).toBeGreaterThan(10);
  });

  it("keeps what two requests share, and only that", async () => {
    const model = await open();
    const first = request("Fix the failing test in src/calc.js.");
    const before = endOf(await all(model.stream(first, never))).usage;
    const longer: Request = {
      ...first,
      messages: [
        ...first.messages,
        { role: "assistant", text: "", calls: [{ id: "c", name: "read", args: { path: "src/calc.js" } }] },
        { role: "tool", call: "c", name: "read", text: "1\tx" },
      ],
    };
    const after = endOf(await all(model.stream(longer, never))).usage;
    expect(after.cachedTokens).toBeGreaterThanOrEqual((before.promptTokens ?? 0) - 4);
    const other = endOf(await all(model.stream(request("hello", { messages: [{ role: "user", text: "hello" }] }), never))).usage;
    expect(other.cachedTokens).toBeLessThan(20);
    // and back again: all of it is read anew, and the answer is the same
    const again = await all(model.stream(first, never));
    expect(endOf(again).usage.promptTokens).toBe(before.promptTokens);
    expect(callsOf(again)).toEqual([{ name: "read", args: { path: "src/calc.js" } }]);
  });

  it("has a warmed-up head in its cache when the question comes", async () => {
    const model = await open();
    const head: Request = { ...request(""), messages: [system] };
    expect(await model.warm?.(head, never)).toBe(true);
    const { usage } = endOf(await all(model.stream(request("Fix the failing test in src/calc.js."), never)));
    expect((usage.promptTokens ?? 0) - (usage.cachedTokens ?? 0)).toBeLessThan(30);
  });

  it("ends at once when it is stopped while it reads or writes, and works on with what it has read", async () => {
    const model = await open();
    const long = request("hello", {
      messages: [
        { role: "system", text: "word ".repeat(20_000) },
        { role: "user", text: "hello" },
      ],
    });
    for (const [asked, at] of [
      [long, "progress"],
      [request("hello"), "thought"],
    ] as const) {
      const stop = new AbortController();
      const pieces: Piece[] = [];
      for await (const piece of model.stream(asked, stop.signal)) {
        pieces.push(piece);
        if (piece.type === at && !(piece.type === "progress" && piece.what !== "reading")) stop.abort();
      }
      expect(pieces.at(-1)).toMatchObject({ type: "fault", fault: { kind: "aborted" } });
    }
    const { usage } = endOf(await all(model.stream(request("hello"), never)));
    expect(usage.cachedTokens).toBeGreaterThan(100);
  });

  it("tells of its process's death once, and starts another", async () => {
    const model = await open();
    await all(model.stream(request("hello"), never));
    const [before] = runningEngines();
    const pieces: Piece[] = [];
    for await (const piece of model.stream(request("Fix the failing test in src/calc.js."), never)) {
      if (pieces.length === 0) process.kill(before?.pid ?? 0, "SIGKILL");
      pieces.push(piece);
    }
    expect(pieces.filter((piece) => piece.type === "fault")).toMatchObject([{ fault: { kind: "broken", retry: true, message: expect.stringContaining("SIGKILL") } }]);
    expect(endOf(await all(model.stream(request("hello"), never))).end).toBe("stop");
    expect(runningEngines()[0]?.pid).not.toBe(before?.pid);
  });

  it("refuses a prompt that doesn't fit, and stops where the context or the wanted length ends", async () => {
    const model = await open({ context: 2048 });
    expect(model.context).toBe(2048);
    const long = request("hello", { messages: [{ role: "user", text: "word ".repeat(4000) }] });
    expect((await all(model.stream(long, never))).at(-1)).toMatchObject({ type: "fault", fault: { kind: "overflow", retry: false } });
    expect(endOf(await all(model.stream(request("hello", { maxTokens: 3 }), never)))).toMatchObject({ end: "length", usage: { outputTokens: 3 } });
  });

  it("writes a call where one is forced, nothing but the schema's JSON where there is one, and no thought where none is wanted", async () => {
    const model = await open();
    expect(callsOf(await all(model.stream(request("Fix the failing test in src/calc.js.", { force: "call" }), never)))).toHaveLength(1);
    const schema = { type: "object", properties: { answer: { type: "string", enum: ["yes", "no"] } }, required: ["answer"], additionalProperties: false };
    const json = textOf(await all(model.stream({ messages: [{ role: "user", text: "hello" }], tools: [], schema, temperature: 0, maxTokens: 60 }, never)));
    expect(JSON.parse(json)).toEqual({ answer: expect.stringMatching(/^(yes|no)$/) });
    const silent = await all(model.stream(request("Fix the failing test in src/calc.js.", { think: false }), never));
    expect(silent.filter((piece) => piece.type === "thought")).toEqual([]);
    expect(callsOf(silent)).toHaveLength(1);
  });

  it("says why a damaged file can't be loaded", async () => {
    const cut = join(folder, "cut.gguf");
    writeFileSync(cut, readFileSync(path).subarray(0, 800_000));
    const model = await openModel({ id: `embedded/${cut}` }, never);
    expect((await all(model.stream(request("hello"), never))).at(-1)).toMatchObject({
      type: "fault",
      fault: { kind: "broken", retry: false, message: expect.stringContaining("can't load cut.gguf") },
    });
  });

  it("never outlives the process that started it", async () => {
    const script = join(folder, "parent.mts");
    const from = (file: string): string => JSON.stringify(join(import.meta.dirname, "..", "..", "src", "models", file));
    writeFileSync(
      script,
      `import { setEnginePlace, runningEngines } from ${from("engine/pool.ts")};
import { openModel } from ${from("index.ts")};
setEnginePlace(${JSON.stringify(place)});
const model = await openModel({ id: ${JSON.stringify(`embedded/${path}`)} }, new AbortController().signal);
for await (const piece of model.stream({ messages: [{ role: "user", text: "hello" }], tools: [] }, new AbortController().signal)) void piece;
console.log(runningEngines()[0].pid);
setInterval(() => {}, 1000);`,
    );
    const parent = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
