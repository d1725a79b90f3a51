// A GGUF file as a model: the process around the engine, played by one that speaks the protocol. The real engine is in test/engine.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeEngines, engineFor, runningEngines, setEnginePlace } from "../../../src/models/engine/pool.ts";
import { openModel, splitId } from "../../../src/models/index.ts";
import type { ChosenContexts, Piece, Request } from "../../../src/models/model.ts";
import { writeGguf } from "./made.ts";

const folder = mkdtempSync(join(tmpdir(), "aura-embedded-"));
const place = { folder, worker: join(import.meta.dirname, "worker.fixture.ts") };
const never = new AbortController().signal;
const modelPath = join(folder, "own model.gguf");
const info = { "general.architecture": "llama", "llama.context_length": 4096, "llama.block_count": 2, "llama.attention.head_count": 2, "llama.embedding_length": 64 };
const asking = (word: string): Request => ({ messages: [{ role: "user", text: word }], tools: [] });

beforeAll(() => {
  const library = join(folder, "node_modules", "node-llama-cpp");
  mkdirSync(library, { recursive: true });
  writeFileSync(join(library, "package.json"), '{"version":"3.22.1"}');
  writeGguf(modelPath, info);
  setEnginePlace(place);
});
afterEach(() => {
  closeEngines();
  setEnginePlace(place);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = (path = modelPath, chosen?: ChosenContexts) => openModel({ id: `embedded/${path}`, ...(chosen ? { chosen } : {}) }, never);
async function all(pieces: AsyncIterable<Piece>): Promise<Piece[]> {
  const list: Piece[] = [];
  for await (const piece of pieces) list.push(piece);
  return list;
}
const textOf = (pieces: Piece[]): string => pieces.map((piece) => (piece.type === "text" ? piece.delta : "")).join("");
const told = (path = modelPath): string => readFileSync(`${path}.told`, "utf8");

describe("a GGUF file as a model", () => {
  it("is opened by its path, with the context it was trained on", async () => {
    expect(splitId(`embedded/${modelPath}`)).toMatchObject({ server: { name: "embedded" }, name: modelPath });
    expect(await open()).toMatchObject({ id: `embedded/${modelPath}`, context: 4096 });
  });

  it("tells how it loads, streams thoughts and text, and ends with what it cost", async () => {
    const pieces = await all((await open()).stream(asking("hello"), never));
    expect(pieces.filter((piece) => piece.type === "progress")).toContainEqual({ type: "progress", what: "loading", part: expect.any(Number) });
    expect(pieces.filter((piece) => piece.type === "thought")).toEqual([{ type: "thought", delta: "hm" }]);
    expect(textOf(pieces)).toMatch(/^I am \d+$/);
    expect(pieces.at(-1)).toMatchObject({ type: "end", end: "stop", usage: { promptTokens: 20, cachedTokens: 15, outputTokens: 3, promptMs: 4, outputMs: 6 } });
  });

  it("keeps one process for all who use the same file, and starts it only when something is asked", async () => {
    const [one, other] = [await open(), await open()];
    const before = told();
    const [first, second] = await Promise.all([all(one.stream(asking("a"), never)), all(other.stream(asking("b"), never))]);
    expect(textOf(first)).toBe(textOf(second));
    expect(second[0]).toEqual({ type: "progress", what: "queued" });
    expect(told().slice(before.length).match(/load/g)).toHaveLength(1);
  });

  it("tells the engine to stop when nobody listens any more, and answers the next request", async () => {
    const model = await open();
    const stop = new AbortController();
    const pieces: Piece[] = [];
    for await (const piece of model.stream(asking("endless"), stop.signal)) {
      pieces.push(piece);
      if (textOf(pieces).length > 20) stop.abort();
    }
    expect(pieces).toContainEqual({ type: "progress", what: "reading", part: 0.5, leftMs: 1200 });
    expect(pieces.at(-1)).toMatchObject({ type: "fault", fault: { kind: "aborted" } });
    for await (const piece of model.stream(asking("endless"), never)) if (piece.type === "text") break;
    expect(textOf(await all(model.stream(asking("hello"), never)))).toMatch(/^I am/);
    expect(told()).toContain("stopped 1");
  });

  it("warms up and counts", async () => {
    const model = await open();
    expect(await model.warm?.(asking("hello"), never)).toBe(true);
    expect(await model.warm?.(asking("hello"), AbortSignal.abort())).toBe(false);
    expect(await model.count?.(asking("hello"), never)).toBe(77);
  });

  it("says so when the process dies, with what it said last, and goes on with a new one", async () => {
    const model = await open();
    const before = textOf(await all(model.stream(asking("hello"), never)));
    const fault = (await all(model.stream(asking("die"), never))).at(-1);
    expect(fault).toMatchObject({ type: "fault", fault: { kind: "broken", retry: true, message: expect.stringMatching(/own model\.gguf is gone: .*SIGKILL.*out of something/) } });
    const after = textOf(await all(model.stream(asking("hello"), never)));
    expect(after).toMatch(/^I am/);
    expect(after).not.toBe(before);
    // twice with nothing between, and it is not tried again
    await all(model.stream(asking("die"), never));
    expect((await all(model.stream(asking("die"), never))).at(-1)).toMatchObject({ fault: { kind: "broken", retry: false } });
  });

  it("takes what isn't the protocol for a death, and a prompt that is too long for an overflow", async () => {
    const model = await open();
    expect((await all(model.stream(asking("garbage"), never))).at(-1)).toMatchObject({ fault: { kind: "broken" } });
    expect((await all(model.stream(asking("long"), never))).at(-1)).toMatchObject({ fault: { kind: "overflow", retry: false, message: expect.stringContaining("9000 tokens") } });
  });

  it("says why a file can't be loaded", async () => {
    const path = writeGguf(join(folder, "unfit.gguf"), info);
    expect((await all((await open(path)).stream(asking("hello"), never))).at(-1)).toMatchObject({
      fault: { kind: "broken", retry: false, message: expect.stringContaining("tensor data is missing"), hint: expect.stringContaining("damaged") },
    });
  });

  it("names the command that installs the engine where there is none", async () => {
    setEnginePlace({ ...place, folder: join(folder, "elsewhere") });
    await expect(open()).rejects.toMatchObject({ code: "engine.none", exit: 3, hint: expect.stringContaining("aura engine install") });
  });

  it("keeps a context chosen once, and takes the one that the person says", async () => {
    const path = writeGguf(join(folder, "large.gguf"), { ...info, "llama.context_length": 1_000_000 });
    const kept = new Map<string, number>();
    const chosen: ChosenContexts = { get: (_, model) => kept.get(model) ?? null, set: (_, model, __, tokens) => void kept.set(model, tokens) };
    const { context } = await open(path, chosen);
    expect(kept.get(path)).toBe(context);
    kept.set(path, 8192);
    expect((await open(path, chosen)).context).toBe(8192);
    expect((await openModel({ id: `embedded/${path}`, context: 2048, chosen }, never)).context).toBe(2048);
    expect(kept.get(path)).toBe(8192);
  });

  it("knows of the smaller context that memory had room for, once it has loaded", async () => {
    const model = await open(writeGguf(join(folder, "scarce.gguf"), info));
    expect(model.context).toBe(4096);
    await all(model.stream(asking("hello"), never));
    expect(model.context).toBe(2048);
  });

  it("ends its processes at once when told", async () => {
    const model = await open();
    await all(model.stream(asking("hello"), never));
    const engine = engineFor(place.worker, { type: "load", path: modelPath, engine: folder, context: model.context, wholeCache: true });
    expect(engine.alive()).toBe(true);
    closeEngines();
    await expect.poll(() => alive(engine.pid ?? 0), { timeout: 20_000 }).toBe(false);
  });

  it("ends a process that nobody asks any more, and starts it again", async () => {
    setEnginePlace({ ...place, idleMs: 50 });
    const model = await open();
    const before = textOf(await all(model.stream(asking("hello"), never)));
    await expect.poll(() => runningEngines(), { timeout: 20_000 }).toEqual([]);
    expect(textOf(await all(model.stream(asking("hello"), never)))).not.toBe(before);
  });

  it("follows a link to the file", async () => {
    const link = join(folder, "link.gguf");
    symlinkSync(modelPath, link);
    expect((await open(link)).context).toBe(4096);
  });
});

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
