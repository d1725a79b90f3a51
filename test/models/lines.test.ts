// What servers tell of their models, as they were seen to write it, and what becomes of it.
import { afterEach, expect, it } from "vitest";
import { lookForModels, openModel } from "../../src/models/index.ts";
import { openWires, type Wires } from "../fake/wires.ts";

const never = new AbortController().signal;
let server: Wires | null = null;
afterEach(async () => server?.close());

const caps = {
  supports_object_arguments: true,
  supports_parallel_tool_calls: true,
  supports_preserve_reasoning: true,
  supports_reasoning_effort: false,
  supports_string_content: true,
  supports_system_role: true,
  supports_tool_calls: true,
  supports_tools: true,
  supports_typed_content: false,
};
const meta = { vocab_type: 2, n_vocab: 151_936, n_ctx: 4096, n_ctx_train: 32_768, n_embd: 64, n_params: 9_822_528, size: 10_437_376, ftype: "Q8_0" };
const llama = (props: object): Parameters<typeof openWires>[0] => ({
  "/props": { default_generation_settings: { params: {}, n_ctx: 4096 }, total_slots: 2, model_alias: "tiny-random", build_info: "b1-de3ff81", is_sleeping: false, ...props },
  "/v1/models": {
    models: [{ name: "tiny-random", model: "tiny-random", capabilities: ["completion"] }],
    object: "list",
    data: [{ id: "tiny-random", aliases: ["tiny-random"], tags: [], object: "model", created: 1_795_366_465, owned_by: "llamacpp", meta }],
  },
});

it("llama-server: the context of one slot, and how many there are", async () => {
  server = await openWires(
    llama({ modalities: { vision: false, audio: false }, chat_template_caps: caps, chat_template: "{%- if enable_thinking is defined and enable_thinking is false %}" }),
  );
  expect((await lookForModels({ url: server.url }, never)).models).toEqual([
    {
      id: "llama-server/tiny-random",
      url: server.url,
      name: "tiny-random",
      sizeBytes: 10_437_376,
      trainedContext: 32_768,
      runningContext: 4096,
      capabilities: ["completion", "tools", "thinking"],
      loaded: true,
      quantization: "Q8_0",
      slots: 2,
      refused: null,
    },
  ]);
  expect((await openModel({ id: "llama-server/tiny-random", url: server.url }, never)).context).toBe(4096);
});
it("llama-server: a template that knows no tools, and a server that doesn't tell", async () => {
  server = await openWires(llama({ modalities: { vision: true }, chat_template_caps: { ...caps, supports_tools: false }, chat_template: "plain" }));
  expect((await lookForModels({ url: server.url }, never)).models[0]?.capabilities).toEqual(["completion", "vision"]);
  await server.close();
  server = await openWires(llama({}));
  expect((await lookForModels({ url: server.url }, never)).models[0]?.capabilities).toEqual([]);
});

it("LM Studio, newer: what is loaded with how much", async () => {
  const model = {
    type: "llm",
    publisher: "qwen",
    key: "qwen/qwen3-8b",
    display_name: "Qwen3 8B",
    architecture: "qwen3",
    quantization: { name: "Q4_K_M", bits_per_weight: 4 },
    size_bytes: 5_027_783_488,
    params_string: "8B",
    loaded_instances: [{ id: "qwen/qwen3-8b", config: { context_length: 4096, parallel: 4, flash_attention: true } }],
    max_context_length: 40_960,
    format: "gguf",
    capabilities: { vision: true, trained_for_tool_use: true, reasoning: { allowed_options: ["off", "on"], default: "on" } },
  };
  server = await openWires({ "/api/v1/models": { models: [model, { ...model, key: "other", loaded_instances: [], quantization: null, capabilities: {} }] } });
  expect((await lookForModels({ url: server.url }, never)).models).toMatchObject([
    {
      name: "qwen/qwen3-8b",
      sizeBytes: 5_027_783_488,
      trainedContext: 40_960,
      runningContext: 4096,
      loaded: true,
      quantization: "Q4_K_M",
      slots: 4,
      capabilities: ["completion", "tools", "thinking", "vision"],
    },
    { name: "other", runningContext: null, loaded: false, quantization: null, slots: null, capabilities: ["completion"] },
  ]);
});
it("LM Studio, older", async () => {
  const model = {
    id: "a",
    object: "model",
    type: "vlm",
    publisher: "x",
    arch: "llama",
    compatibility_type: "gguf",
    quantization: "Q4_K_M",
    state: "loaded",
    max_context_length: 131_072,
  };
  server = await openWires({ "/api/v0/models": { object: "list", data: [{ ...model, loaded_context_length: 8192, capabilities: ["tool_use"] }] } });
  expect((await lookForModels({ url: server.url }, never)).models).toMatchObject([
    { name: "a", runningContext: 8192, trainedContext: 131_072, loaded: true, quantization: "Q4_K_M", capabilities: ["completion", "tools", "vision"] },
  ]);
});
it("vLLM: its longest context", async () => {
  server = await openWires({ "/v1/models": { object: "list", data: [{ id: "m", object: "model", created: 1, owned_by: "vllm", root: "m", max_model_len: 16_384 }] } });
  expect((await lookForModels({ url: server.url }, never)).models).toMatchObject([{ id: "openai/m", runningContext: 16_384, quantization: null }]);
  expect((await openModel({ id: "openai/m", url: server.url }, never)).context).toBe(16_384);
});
