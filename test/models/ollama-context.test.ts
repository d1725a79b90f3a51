// Ollama's context: what is asked for and why, that it stays the same, and that what the server really runs with is believed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chosenContexts } from "../../src/config/contexts.ts";
import { findPaths } from "../../src/config/paths.ts";
import { setNoteSink } from "../../src/core/note.ts";
import { openModel } from "../../src/models/index.ts";
import { bytesFor, kvBytesPerToken, type Memory, memoryAtHand } from "../../src/models/memory.ts";
import type { ChosenContexts, Model, Piece } from "../../src/models/model.ts";
import { chooseContext, type Known } from "../../src/models/ollama-context.ts";
import { ndjson, openWires, type Wires } from "../fake/wires.ts";

const never = new AbortController().signal;
const gib = 1024 ** 3;
const qwen3 = { weights: 5_225_388_164, kvPerToken: 147_456 };
const unknown: Known = { running: null, wanted: null, trained: 40_960, earlier: null, ...qwen3 };
const machine = (available: number, graphics: Memory["graphics"] = "none"): Memory => ({ total: 64 * gib, available: available * gib, graphics });
const running = (tokens: number, bytes: number | null = null, onCard: number | null = null): Known["running"] => ({ tokens, bytes, onCard });

describe("choosing", () => {
  it.each<[string, Partial<Known>, number, number]>([
    ["the running one", { running: running(16_384), wanted: 4096 }, 60, 16_384],
    ["not the running one when it is the server's stingy default", { running: running(4096) }, 60, 32_768],
    ["the running one when the model has no more", { running: running(2048), trained: 2048 }, 60, 2048],
    ["the running one when memory has no more", { running: running(4096) }, 6, 4096],
    ["what its parameters say", { wanted: 20_000 }, 60, 20_000],
    ["never more than was trained", { wanted: 100_000 }, 60, 40_960],
    ["not what its parameters say when that is of no use", { wanted: 2048 }, 60, 32_768],
    ["what was chosen before, whatever the memory is now", { earlier: 16_384 }, 60, 16_384],
    ["65,536 at most by itself", { trained: 262_144 }, 60, 65_536],
    ["what fits beside the weights", { trained: 262_144 }, 14, 32_768],
    ["less where less fits", { trained: 262_144 }, 10, 16_384],
    ["8,192", { trained: 262_144 }, 8, 8192],
    ["4,096 where nothing fits", { trained: 262_144 }, 6, 4096],
    ["less only where less was trained", { trained: 2048 }, 6, 2048],
    ["more where a token takes less", { trained: 262_144, kvPerToken: 24_576 }, 10, 65_536],
    ["something when nothing is known", { trained: null, weights: null, kvPerToken: null }, 16, 32_768],
  ])("%s", (_, given, available, expected) => {
    const chosen = chooseContext({ ...unknown, ...given }, machine(available));
    expect(chosen).toEqual({ tokens: expected, why: expect.any(String) });
  });
  it("counts what the loaded model holds as free, but not its weights, which are mapped", () => {
    const known = { ...unknown, trained: 262_144, running: running(4096, qwen3.weights + 2 * gib, 0) };
    expect(chooseContext(known, machine(8)).tokens).toBe(16_384);
    expect(chooseContext({ ...known, running: null }, machine(8)).tokens).toBe(8192);
  });
  it("doesn't let a card's unknown memory overflow", () => {
    const big = { ...unknown, trained: 262_144, weights: 17 * gib };
    expect(chooseContext(big, machine(60, "card")).tokens).toBe(32_768);
    expect(chooseContext(big, machine(10, "card")).tokens).toBe(32_768); // its weights must be on the card
    expect(chooseContext({ ...big, running: running(4096, 20 * gib, 20 * gib) }, machine(10, "card")).tokens).toBe(32_768);
    expect(chooseContext({ ...big, running: running(4096, 20 * gib, 12 * gib) }, machine(60, "card")).tokens).toBe(16_384);
  });
});

describe("where graphics share the memory", () => {
  it("counts a loaded model's bytes neither twice nor as a card's", () => {
    const known = { ...unknown, trained: 262_144, running: running(4096, 7 * gib, 7 * gib) };
    expect(chooseContext(known, machine(40, "shared")).tokens).toBe(65_536);
    expect(chooseContext(known, machine(10, "shared")).tokens).toBe(16_384);
  });
});

describe("a token's bytes", () => {
  const info = (arch: string, figures: Record<string, unknown>): Record<string, unknown> => ({
    "general.architecture": arch,
    ...Object.fromEntries(Object.entries(figures).map(([key, value]) => [`${arch}.${key}`, value])),
  });
  const qwen = { block_count: 36, embedding_length: 4096, "attention.head_count": 32, "attention.head_count_kv": 8, "attention.key_length": 128, "attention.value_length": 128 };
  it.each<[string, Record<string, unknown>, number | null]>([
    ["qwen3:8b", info("qwen3", qwen), 147_456],
    ["llama 3, lengths by its heads", info("llama", { block_count: 32, embedding_length: 4096, "attention.head_count": 32, "attention.head_count_kv": 8 }), 131_072],
    ["a list of heads, which comes empty", info("x", { ...qwen, "attention.head_count_kv": [] }), 589_824],
    ["gemma3: one layer in six sees everything", info("gemma3", { ...qwen, "attention.sliding_window": 1024 }), 24_576],
    ["gpt-oss: one in two", info("gptoss", { ...qwen, "attention.sliding_window": 128 }), 73_728],
    ["an unknown one with a window: an upper bound", info("new", { ...qwen, "attention.sliding_window": 128 }), 147_456],
    ["qwen3next: one in four has a cache", info("qwen3next", { ...qwen, full_attention_interval: 4 }), 36_864],
    ["deepseek2: keys and values compressed into one", info("deepseek2", { ...qwen, "attention.kv_lora_rank": 512, "rope.dimension_count": 64 }), 41_472],
    ["too little known", info("x", { block_count: 3 }), null],
    ["nothing known", {}, null],
  ])("%s", (_, given, expected) => {
    expect(kvBytesPerToken(given)).toBe(expected);
  });
  it("adds up to what a model takes", () => {
    expect(bytesFor({ ...qwen3, tokens: 32_768 })).toBeGreaterThan(qwen3.weights + 32_768 * qwen3.kvPerToken);
    expect(bytesFor({ weights: 0, kvPerToken: null, tokens: 1 })).toBe(bytesFor({ weights: 0, kvPerToken: 147_456, tokens: 1 }));
  });
  it("has a machine to fit into", () => {
    const { total, available } = memoryAtHand();
    expect(available).toBeGreaterThan(0);
    expect(available).toBeLessThanOrEqual(total);
  });
});

describe("kept", () => {
  let home = "";
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "aura-contexts-"));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  it("is told again, by another process too, unless the machine's memory has changed", () => {
    const kept = chosenContexts(findPaths({ AURA_HOME: home }));
    expect(kept.get("http://127.0.0.1:11434", "m", 16)).toBeNull();
    kept.set("http://127.0.0.1:11434", "m", 16, 8192);
    kept.set("http://127.0.0.1:11434", "other", 16, 4096);
    kept.set("http://127.0.0.1:11434", "m", 16, 16_384);
    const again = chosenContexts(findPaths({ AURA_HOME: home }));
    expect([again.get("http://127.0.0.1:11434", "m", 16), again.get("http://127.0.0.1:11434", "m", 32), again.get("http://127.0.0.1:1", "m", 16)]).toEqual([16_384, null, null]);
  });
});

describe("at a server", () => {
  const closing: Wires[] = [];
  afterEach(async () => {
    setNoteSink(null);
    for (const one of closing.splice(0)) await one.close();
  });
  const show = {
    capabilities: ["completion", "tools"],
    details: { family: "qwen3" },
    model_info: { "general.architecture": "qwen3", "qwen3.context_length": 40_960, "qwen3.block_count": 1, "qwen3.attention.head_count": 1, "qwen3.embedding_length": 64 },
  };
  const tags = { models: [{ name: "m:latest", size: 1000 }] };
  /** A server that loads the model at the first request, with at most `most` tokens. */
  async function serve(most: number, { loadMs = [1], loaded = false }: { loadMs?: number[]; loaded?: boolean } = {}): Promise<Wires & { runs: number }> {
    const state = { runs: loaded ? most : 0, answers: 0 };
    const server = await openWires({
      "/api/show": show,
      "/api/tags": tags,
      "/api/ps": (_, response) =>
        response.end(JSON.stringify({ models: state.runs === 0 ? [] : [{ name: "m:latest", model: "m:latest", size: 2000, size_vram: 0, context_length: state.runs }] })),
      "/api/chat": (came, response) => {
        state.runs = Math.min(most, came.body.options.num_ctx);
        ndjson(response, [
          { message: { role: "assistant", content: "Hi" }, done: false },
          {
            message: { role: "assistant", content: "" },
            done: true,
            done_reason: "stop",
            load_duration: (loadMs[state.answers++] ?? 1) * 1e6,
            prompt_eval_count: 1000,
            prompt_eval_duration: 1e9,
            eval_count: 1,
            eval_duration: 1e6,
          },
        ]);
      },
    });
    closing.push(server);
    return Object.defineProperty(server as Wires & { runs: number }, "runs", { get: () => state.runs, set: (value: number) => (state.runs = value) });
  }
  const open = (server: Wires, chosen?: ChosenContexts): Promise<Model> => openModel({ id: "ollama/m", url: server.url, ...(chosen ? { chosen } : {}) }, never);
  async function say(model: Model): Promise<Piece[]> {
    const pieces: Piece[] = [];
    for await (const piece of model.stream({ messages: [{ role: "user", text: "x" }], tools: [] }, never)) pieces.push(piece);
    return pieces;
  }

  it("asks for the model's size only where memory decides, and notes why", async () => {
    const notes: Record<string, unknown>[] = [];
    setNoteSink(({ what, fields }) => what === "context chosen" && notes.push(fields));
    const server = await serve(65_536);
    expect((await open(server)).context).toBe(32_768);
    expect(server.came.map(({ path }) => path).sort()).toEqual(["/api/ps", "/api/show", "/api/tags"]);
    expect(notes).toMatchObject([{ model: "m", tokens: 32_768, why: "it was trained on less than twice as much", weights: 1000, trained: 40_960 }]);
    const loaded = await serve(16_384, { loaded: true });
    expect((await open(loaded)).context).toBe(16_384);
    expect(loaded.came.map(({ path }) => path).sort()).toEqual(["/api/ps", "/api/show"]);
  });
  it("keeps its choice, and takes an earlier one", async () => {
    const kept = new Map<string, number>();
    const chosen: ChosenContexts = { get: (url, model) => kept.get(url + model) ?? null, set: (url, model, _, tokens) => kept.set(url + model, tokens) };
    const server = await serve(65_536);
    await open(server, chosen);
    expect([...kept.values()]).toEqual([32_768]);
    kept.set(`${server.url}m`, 8192);
    expect((await open(server, chosen)).context).toBe(8192);
  });
  it("believes a server that runs with less than it was asked for, and goes on asking the same", async () => {
    const server = await serve(5000);
    const model = await open(server);
    expect(model.context).toBe(32_768);
    await say(model);
    await expect.poll(() => model.context).toBe(5000);
    await say(model);
    expect(server.to("/api/chat").map(({ body }) => body.options.num_ctx)).toEqual([32_768, 32_768]);
    expect(server.to("/api/ps")).toHaveLength(2);
  });
  it("notices a model that was loaded again in mid-session, and looks what it runs with now", async () => {
    const notes: string[] = [];
    setNoteSink(({ what }) => notes.push(what));
    const server = await serve(32_768, { loadMs: [4000, 1, 4000, 1] });
    const model = await open(server);
    await say(model);
    await say(model);
    const again = "the model was loaded again in mid-session: by another client's options, or because it had gone";
    expect(notes).not.toContain(again);
    expect((await say(model)).at(-1)).toMatchObject({ type: "end", usage: { loadMs: 4000 } });
    expect(notes).toContain(again);
    await say(model);
    await expect.poll(() => server.to("/api/ps").length).toBe(3);
  });
  it("tells what its models are", async () => {
    const server = await openWires({
      "/api/tags": {
        models: [
          { name: "a:latest", size: 9, details: { quantization_level: "Q4_K_M", context_length: 40_960 }, capabilities: ["completion", "tools", "thinking", "vision"] },
          { name: "b:latest", size: 7, capabilities: ["completion", "tools"] },
        ],
      },
      "/api/ps": { models: [{ name: "a:latest", size: 1000, size_vram: 250, context_length: 8192 }] },
    });
    closing.push(server);
    const { lookForModels } = await import("../../src/models/index.ts");
    expect((await lookForModels({ url: server.url }, never)).models).toMatchObject([
      {
        name: "a:latest",
        quantization: "Q4_K_M",
        gpuShare: 0.25,
        runningContext: 8192,
        trainedContext: 40_960,
        loaded: true,
        capabilities: ["completion", "tools", "thinking", "vision"],
      },
      { name: "b:latest", quantization: null, gpuShare: null, runningContext: null, loaded: false },
    ]);
  });
});
