// Whether models fit: numbers out of what their servers tell, against machines of several sizes.
import { afterEach, expect, it } from "vitest";
import type { ModelId, ModelLine } from "../../src/core/events.ts";
import { fitOf } from "../../src/models/fit.ts";
import { openWires, type Wires } from "../fake/wires.ts";

const never = new AbortController().signal;
const gib = 1024 ** 3;
let server: Wires | null = null;
afterEach(async () => server?.close());
const line = (rest: Partial<ModelLine>): ModelLine => ({
  id: "ollama/qwen3:8b" as ModelId,
  url: server?.url ?? "http://127.0.0.1:1",
  name: "qwen3:8b",
  sizeBytes: 5 * gib,
  trainedContext: 40_960,
  runningContext: null,
  capabilities: [],
  loaded: false,
  refused: null,
  ...rest,
});
const memory = (total: number, available = total): Parameters<typeof fitOf>[1] => ({ total: total * gib, available: available * gib, graphics: "none" });

it("asks Ollama what a token takes", async () => {
  const figures = { block_count: 36, embedding_length: 4096, "attention.head_count": 32, "attention.head_count_kv": 8, "attention.key_length": 128, "attention.value_length": 128 };
  server = await openWires({
    "/api/show": { model_info: { "general.architecture": "qwen3", ...Object.fromEntries(Object.entries(figures).map(([key, value]) => [`qwen3.${key}`, value])) } },
  });
  const fit = await fitOf(line({}), memory(16, 4), never);
  expect(fit).toMatchObject({ weights: 5 * gib, context: 147_456 * 32_768, tokens: 32_768, guess: false, fits: true, now: false });
  expect(fit?.total).toBeGreaterThan(9.5 * gib);
  expect(await fitOf(line({}), memory(10), never)).toMatchObject({ fits: false });
  expect(await fitOf(line({ runningContext: 4096, loaded: true }), memory(16, 4), never)).toMatchObject({ tokens: 4096, context: 147_456 * 4096, now: true });
});
it("guesses where nobody tells, and says so", async () => {
  expect(await fitOf(line({ id: "lmstudio/x" as ModelId }), memory(16), never)).toMatchObject({ guess: true, context: 147_456 * 32_768 });
  expect(await fitOf(line({}), memory(16), never)).toMatchObject({ guess: true });
  expect(await fitOf(line({ sizeBytes: null }), memory(16), never)).toBeNull();
  await expect(fitOf(line({}), memory(16), AbortSignal.abort())).rejects.toThrow();
});
