// Warming up and counting, at servers that answer as real ones were seen to: what is sent, what is learned, and that giving up closes the socket.
import { afterEach, describe, expect, it } from "vitest";
import type { Wire } from "../../src/app/demo/server.ts";
import { openModel } from "../../src/models/index.ts";
import type { Model, Request } from "../../src/models/model.ts";
import { openFakeModel } from "../fake/model-server.ts";
import { json, openWires, said, sse, type Wires } from "../fake/wires.ts";

const never = new AbortController().signal;
const head: Request = {
  messages: [{ role: "system", text: "You are a test." }],
  tools: [{ name: "read", description: "Read a file", parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] } }],
};
const whole: Request = { ...head, messages: [...head.messages, { role: "user", text: "Read it" }], maxTokens: 500, temperature: 0 };
const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close();
});
async function wires(answers: Parameters<typeof openWires>[0]): Promise<Wires> {
  const opened = await openWires(answers);
  closing.push(opened);
  return opened;
}
const props = { default_generation_settings: { n_ctx: 4096 }, total_slots: 1 };
const vllm = { object: "list", data: [{ id: "m", object: "model", owned_by: "vllm", max_model_len: 8192 }] };
const drain = async (model: Model, request: Request): Promise<void> => {
  for await (const _ of model.stream(request, never));
};

describe.each<Wire>(["ollama", "llama-server", "lmstudio"])("warming %s up", (wire) => {
  it("reads the very prompt of the request that follows, and no answer", async () => {
    const fake = await openFakeModel({ wire, context: 16_384, capabilities: ["thinking"] });
    closing.push(fake);
    const model = await openModel({ id: fake.id, url: fake.url }, never);
    expect(await model.warm?.(whole, never)).toBe(true);
    fake.says("Done.");
    await drain(model, whole);
    const [warm, real] = [fake.warms[0]?.body, fake.requests[0]?.body];
    expect([warm?.messages, warm?.tools]).toEqual([real?.messages, real?.tools]);
    if (wire === "ollama") expect(warm).toEqual({ ...real, options: { num_ctx: 16_384, num_predict: 1 } });
    if (wire === "llama-server") expect(warm).toMatchObject({ n_predict: 0, cache_prompt: true, model: "fake" });
    if (wire === "lmstudio") expect(warm).toMatchObject({ max_tokens: 1 });
    expect(fake.surplus).toBe(0);
  });
  it("puts a word of the person's behind a head that has none", async () => {
    const fake = await openFakeModel({ wire });
    closing.push(fake);
    const model = await openModel({ id: fake.id, url: fake.url }, never);
    expect(await model.warm?.(head, never)).toBe(true);
    expect(fake.warms[0]?.messages.map(({ role }) => role)).toEqual(["system", "user"]);
  });
  it("gives up at once, the socket closed", async () => {
    const fake = await openFakeModel({ wire });
    closing.push(fake);
    const model = await openModel({ id: fake.id, url: fake.url }, never);
    fake.holdWarms();
    const stop = new AbortController();
    const warmed = model.warm?.(whole, stop.signal);
    await fake.warmed(1);
    stop.abort();
    expect(await warmed).toBe(false);
    await expect.poll(() => fake.warmsAborted).toBe(1);
    expect(await model.warm?.(whole, AbortSignal.abort())).toBe(false);
  });
  it("is false, not an error, where the server is down", async () => {
    const fake = await openFakeModel({ wire });
    const model = await openModel({ id: fake.id, url: fake.url }, never);
    await fake.close();
    expect(await model.warm?.(whole, never)).toBe(false);
  });
});

describe("warming up a model that Ollama has yet to load", () => {
  it("waits no longer than it may, and lets the load go on: one that is left is thrown away there", async () => {
    const fake = await openFakeModel();
    closing.push(fake);
    const model = await openModel({ id: fake.id, url: fake.url }, never);
    const hold = fake.holdLoads();
    const stop = new AbortController();
    const warmed = model.warm?.(whole, stop.signal);
    await expect.poll(() => fake.loads.length).toBe(1);
    stop.abort();
    expect(await warmed).toBe(false);
    fake.says("Done.");
    await drain(model, whole);
    expect([fake.warms.length, fake.warmsAborted]).toEqual([0, 0]);
    // whatever decides on a load is the same in both
    const { messages: _, tools: __, ...runner } = fake.requests[0]?.body ?? {};
    expect(fake.loads[0]?.body).toEqual({ ...runner, options: { num_ctx: model.context }, messages: [] });
    hold.release();
  });
});

describe("warming others up", () => {
  it("reads a prompt into vLLM's cache", async () => {
    const server = await wires({ "/v1/models": vllm, "/v1/chat/completions": (_, response) => sse(response, said("x")) });
    const model = await openModel({ id: "openai/m", url: server.url }, never);
    expect(await model.warm?.(whole, never)).toBe(true);
    expect(server.to("/v1/chat/completions")).toMatchObject([{ body: { max_tokens: 1, stream: true } }]);
    await model.warm?.(whole, never);
    expect(server.to("/v1/models")).toHaveLength(2); // the context, then whether it keeps prefixes
  });
  it("costs servers nothing that may not keep what they read", async () => {
    const server = await wires({ "/v1/models": { data: [{ id: "m", owned_by: "somebody" }] } });
    const model = await openModel({ id: "openai/m", url: server.url }, never);
    expect(await model.warm?.(whole, never)).toBe(false);
    expect(server.to("/v1/chat/completions")).toEqual([]);
  });
});

describe("counting", () => {
  it("asks llama-server for the request as it would be read", async () => {
    const server = await wires({ "/props": props, "/v1/chat/completions/input_tokens": { input_tokens: 305, object: "response.input_tokens" } });
    const model = await openModel({ id: "llama-server/m", url: server.url }, never);
    expect(await model.count?.(whole, never)).toBe(305);
    expect(server.to("/v1/chat/completions/input_tokens")[0]?.body).toEqual({
      model: "m",
      tools: [{ type: "function", function: { name: "read", description: "Read a file", parameters: whole.tools[0]?.parameters } }],
      messages: [
        { role: "system", content: "You are a test." },
        { role: "user", content: "Read it" },
      ],
    });
  });
  it("takes the template and the tokenizer of an older one, and asks for what isn't there only once", async () => {
    const server = await wires({ "/props": props, "/apply-template": { prompt: "<|im_start|>system\nYou are a test." }, "/tokenize": { tokens: [151_644, 872, 198] } });
    const model = await openModel({ id: "llama-server/m", url: server.url }, never);
    expect([await model.count?.(whole, never), await model.count?.(whole, never)]).toEqual([3, 3]);
    expect(server.to("/v1/chat/completions/input_tokens")).toHaveLength(1);
    expect(server.to("/tokenize")[0]?.body).toMatchObject({ content: "<|im_start|>system\nYou are a test.", add_special: true, parse_special: true });
  });
  it("stops asking a server that has no door at all", async () => {
    const server = await wires({ "/props": props });
    const model = await openModel({ id: "llama-server/m", url: server.url }, never);
    for (let n = 0; n < 3; n++) expect(await model.count?.(whole, never)).toBeNull();
    expect(server.came.filter(({ method }) => method === "POST").map(({ path }) => path)).toEqual(["/v1/chat/completions/input_tokens", "/apply-template"]);
  });
  it("asks again after trouble that passes", async () => {
    let loading = true;
    const server = await wires({
      "/props": props,
      "/v1/chat/completions/input_tokens": (_, response) =>
        loading ? json(response, { error: { message: "Loading model", type: "unavailable_error", code: 503 } }, 503) : json(response, { input_tokens: 7 }),
    });
    const model = await openModel({ id: "llama-server/m", url: server.url }, never);
    expect(await model.count?.(whole, never)).toBeNull();
    loading = false;
    expect(await model.count?.(whole, never)).toBe(7);
  });
  it("asks vLLM with messages", async () => {
    const server = await wires({ "/v1/models": vllm, "/tokenize": { count: 42, max_model_len: 8192, tokens: [1, 2] } });
    const model = await openModel({ id: "openai/m", url: server.url }, never);
    expect(await model.count?.(whole, never)).toBe(42);
    expect(server.to("/tokenize")[0]?.body).toMatchObject({ model: "m", add_generation_prompt: true, messages: [{ role: "system" }, { role: "user" }] });
  });
  it("takes another program's tokenizer for none", async () => {
    const server = await wires({ "/v1/models": vllm, "/tokenize": { tokens: [] } });
    const model = await openModel({ id: "openai/m", url: server.url }, never);
    expect([await model.count?.(whole, never), await model.count?.(whole, never)]).toEqual([null, null]);
    expect(server.to("/tokenize")).toHaveLength(1);
  });
  it("never throws: stopped, or nobody there", async () => {
    const server = await wires({ "/props": props });
    const model = await openModel({ id: "llama-server/m", url: server.url }, never);
    expect(await model.count?.(whole, AbortSignal.abort())).toBeNull();
    await server.close();
    expect(await model.count?.(whole, never)).toBeNull();
  });
  it.each<Wire>(["ollama", "lmstudio"])("has no door at %s", async (wire) => {
    const fake = await openFakeModel({ wire });
    closing.push(fake);
    expect((await openModel({ id: fake.id, url: fake.url }, never)).count).toBeUndefined();
  });
});
