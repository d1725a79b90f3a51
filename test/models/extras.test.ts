// What a request asks beyond its words: a forced call, no thoughts, a schema; how each server is told, and servers that refuse it.
import { afterEach, describe, expect, it } from "vitest";
import { setNoteSink } from "../../src/core/note.ts";
import { openModel } from "../../src/models/index.ts";
import type { Piece, Request } from "../../src/models/model.ts";
import { ollamaBody } from "../../src/models/wire-ollama.ts";
import { type Answering, json, ndjson, openWires, said, sse, type Wires } from "../fake/wires.ts";

const never = new AbortController().signal;
const tools: Request["tools"] = [
  { name: "read", description: "Read a file", parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] } },
  { name: "test", description: "Run the tests", parameters: { type: "object", properties: {} } },
];
const plain: Request = {
  messages: [
    { role: "system", text: "s" },
    { role: "user", text: "u" },
  ],
  tools,
};
const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
const closing: Wires[] = [];
afterEach(async () => {
  setNoteSink(null);
  for (const one of closing.splice(0)) await one.close();
});
async function wires(answers: Record<string, Answering | object | string>): Promise<Wires> {
  const opened = await openWires(answers);
  closing.push(opened);
  return opened;
}
async function collect(id: string, server: Wires, ...requests: Request[]): Promise<Piece[][]> {
  const model = await openModel({ id, url: server.url }, never);
  const all: Piece[][] = [];
  for (const request of requests) {
    const pieces: Piece[] = [];
    for await (const piece of model.stream(request, never)) pieces.push(piece);
    all.push(pieces);
  }
  return all;
}
const props = { default_generation_settings: { n_ctx: 4096 }, total_slots: 1 };
const chat = (text = "ok"): Answering => ((_, response) => sse(response, said(text))) satisfies Answering;
const bodies = (server: Wires): Record<string, unknown>[] => server.to("/v1/chat/completions").map(({ body }) => body);

describe("the OpenAI API", () => {
  it("forces a call by choosing a tool, whichever, and only where there are tools", async () => {
    const server = await wires({ "/props": props, "/v1/chat/completions": chat() });
    await collect("llama-server/m", server, { ...plain, force: "call" }, { ...plain, tools: [], force: "call" }, plain);
    expect(bodies(server).map((body) => [body.tool_choice, "tools" in body])).toEqual([
      ["required", true],
      [undefined, false],
      [undefined, true],
    ]);
  });
  it("gives a schema, but never beside tools", async () => {
    const server = await wires({ "/v1/models": { data: [] }, "/v1/chat/completions": chat('{"n":1}') });
    await collect("openai/m", server, { ...plain, tools: [], schema }, { ...plain, schema });
    expect(bodies(server).map((body) => body.response_format)).toEqual([{ type: "json_schema", json_schema: { name: "answer", strict: true, schema } }, undefined]);
  });
  it("says no thoughts by the template's switch, and nothing to LM Studio", async () => {
    const server = await wires({ "/v1/models": { data: [] }, "/api/v1/models": { models: [] }, "/v1/chat/completions": chat() });
    await collect("openai/m", server, { ...plain, think: false });
    await collect("lmstudio/m", server, { ...plain, think: false });
    expect(bodies(server).map((body) => body.chat_template_kwargs)).toEqual([{ enable_thinking: false }, undefined]);
  });
});

describe("llama-server's thoughts", () => {
  const applied =
    (withSwitch: (messages: string) => string): Answering =>
    ({ body }, response) => {
      const messages = body.messages.map(({ content }: { content: string }) => `<|im_start|>${content}<|im_end|>`).join("");
      json(response, { prompt: body.chat_template_kwargs ? withSwitch(messages) : `${messages}<|im_start|>assistant\n` });
    };
  it.each<[string, Answering | undefined, Record<string, unknown> | undefined]>([
    ["by budget and by the template's switch, where that stands at the end", applied((all) => `${all}<|im_start|>assistant\n<think>\n\n</think>\n\n`), { enable_thinking: false }],
    ["by budget alone where the switch would change the head", applied((all) => `<|no_think|>${all}<|im_start|>assistant\n`), undefined],
    ["both where it doesn't tell", undefined, { enable_thinking: false }],
  ])("%s", async (_, apply, kwargs) => {
    const server = await wires({ "/props": props, "/v1/chat/completions": chat(), ...(apply ? { "/apply-template": apply } : {}) });
    await collect("llama-server/m", server, { ...plain, think: false }, { ...plain, think: false });
    expect(bodies(server).map((body) => [body.thinking_budget_tokens, body.chat_template_kwargs])).toEqual([
      [0, kwargs],
      [0, kwargs],
    ]);
    expect(server.to("/apply-template")).toHaveLength(2); // asked once: with the switch and without
  });
});

describe("servers that refuse", () => {
  const refusing =
    (key: string, status: number, message: string): Answering =>
    (came, response) =>
      key in came.body ? json(response, { error: { code: status, message, type: "invalid_request_error" } }, status) : sse(response, said("fine"));
  it.each<[string, Partial<Request>, string, number, string]>([
    ["a forced call", { force: "call" }, "tool_choice", 400, "tool_choice must be one of: none, auto"],
    ["a schema", { schema, tools: [] }, "response_format", 400, "JSON schema conversion failed: Unrecognized schema"],
    ["no thoughts", { think: false }, "chat_template_kwargs", 422, "extra fields not permitted: chat_template_kwargs"],
    ["something, unsaid what", { force: "call" }, "tool_choice", 400, "Bad Request"],
    ["a schema, as a fault of its own", { schema, tools: [] }, "response_format", 500, "failed to compile grammar"],
  ])("%s: the same is asked without it, which is remembered", async (_, extra, key, status, message) => {
    const notes: string[] = [];
    setNoteSink(({ what }) => notes.push(what));
    const server = await wires({ "/v1/models": { data: [] }, "/v1/chat/completions": refusing(key, status, message) });
    const request = { ...plain, ...extra };
    const [first, second] = await collect("openai/m", server, request, request);
    for (const pieces of [first, second]) {
      expect(pieces?.filter((piece) => piece.type === "text")).toEqual([{ type: "text", delta: "fine" }]);
      expect(pieces?.at(-1)).toMatchObject({ type: "end" });
      expect(pieces?.some((piece) => piece.type === "fault")).toBe(false);
    }
    expect(bodies(server).map((body) => key in body)).toEqual([true, false, false]);
    expect(notes).toContain("asking again without an extra");
  });
  it("drops the one that the error speaks of and keeps the other", async () => {
    const server = await wires({ "/v1/models": { data: [] }, "/v1/chat/completions": refusing("tool_choice", 400, "tool_choice is not supported") });
    await collect("openai/m", server, { ...plain, force: "call", think: false });
    expect(bodies(server).map((body) => ["tool_choice" in body, "chat_template_kwargs" in body])).toEqual([
      [true, true],
      [false, true],
    ]);
  });
  it("blames no extra for a request that is refused anyway", async () => {
    let all = true;
    const server = await wires({
      "/v1/models": { data: [] },
      "/v1/chat/completions": (_, response) => (all ? json(response, { error: { message: "no" } }, 400) : sse(response, said("fine"))),
    });
    const request: Request = { ...plain, force: "call" };
    const model = await openModel({ id: "openai/m", url: server.url }, never);
    const ask = async (): Promise<Piece | undefined> => {
      const pieces: Piece[] = [];
      for await (const piece of model.stream(request, never)) pieces.push(piece);
      return pieces.at(-1);
    };
    expect(await ask()).toMatchObject({ type: "fault", fault: { kind: "rejected" } });
    all = false;
    expect(await ask()).toMatchObject({ type: "end" });
    expect(bodies(server).map((body) => "tool_choice" in body)).toEqual([true, false, true]);
  });
  it.each([
    ["busy", 503, "server busy", "busy"],
    ["closed", 401, "Invalid API Key", "rejected"],
    ["full", 400, "request (6019 tokens) exceeds the available context size (4096 tokens), try increasing it", "overflow"],
    ["broken", 500, "boom", "broken"],
  ])("leaves a server that is %s alone", async (_, status, message, kind) => {
    const server = await wires({ "/v1/models": { data: [] }, "/v1/chat/completions": (_came, response) => json(response, { error: { message } }, status) });
    const [pieces] = await collect("openai/m", server, { ...plain, force: "call" });
    expect(pieces).toMatchObject([{ type: "fault", fault: { kind } }]);
    expect(bodies(server)).toHaveLength(1);
  });
  it("leaves an error in mid-answer alone", async () => {
    const server = await wires({
      "/v1/models": { data: [] },
      "/v1/chat/completions": (_, response) => sse(response, [...said("Hi").slice(0, 2), { error: { message: "response_format went wrong" } }]),
    });
    const [pieces] = await collect("openai/m", server, { ...plain, tools: [], schema });
    expect(pieces?.at(-1)).toMatchObject({ type: "fault", fault: { kind: "broken" } });
    expect(bodies(server)).toHaveLength(1);
  });
});

describe("Ollama", () => {
  const body = (request: Request, settings: object = {}): Record<string, unknown> => JSON.parse(ollamaBody({ model: "m", numCtx: 8192, thinks: false, ...settings }, request));
  it("forces a call by the form of the text, the tools staying where they are", () => {
    const forced = body({ ...plain, force: "call" });
    expect(forced.format).toEqual({
      anyOf: tools.map(({ name, parameters }) => ({
        type: "object",
        properties: { name: { type: "string", enum: [name] }, arguments: parameters },
        required: ["name", "arguments"],
        additionalProperties: false,
      })),
    });
    const { format: _, ...rest } = forced;
    expect(rest).toEqual(body(plain));
    expect(body({ ...plain, tools: [], force: "call" })).not.toHaveProperty("format");
  });
  it("turns off thoughts where there are any, and gpt-oss's down", () => {
    expect([body({ ...plain, think: false }).think, body({ ...plain, think: false }, { thinks: true }).think, body(plain, { thinks: true }).think]).toEqual([
      undefined,
      false,
      true,
    ]);
    expect([body({ ...plain, think: false }, { thinks: true, levels: true }).think, body(plain, { thinks: true, levels: true }).think]).toEqual(["low", undefined]);
  });
  it("gives a schema as it is", () => {
    expect(body({ ...plain, tools: [], schema }).format).toEqual(schema);
  });

  const show = { model_info: { "general.architecture": "qwen3", "qwen3.context_length": 40_960 }, parameters: "num_ctx 8192", capabilities: ["completion", "tools"] };
  const line = (message: object, rest: object = { done: false }): object => ({
    model: "m",
    created_at: "2026-08-21T10:00:00Z",
    message: { role: "assistant", content: "", ...message },
    ...rest,
  });
  it("makes the text of a forced call the call", async () => {
    const server = await wires({
      "/api/show": show,
      "/api/ps": { models: [] },
      "/api/chat": (_, response) =>
        ndjson(response, [line({ content: '{"name": "read", ' }), line({ content: '"arguments": {"path": "a.ts"}}' }), line({}, { done: true, done_reason: "stop" })]),
    });
    const [pieces] = await collect("ollama/m", server, { ...plain, force: "call" });
    expect(pieces?.filter((piece) => piece.type !== "call.delta")).toMatchObject([
      { type: "call", name: "read", args: { path: "a.ts" } },
      { type: "end", end: "calls" },
    ]);
  });
  it("asks without a format that the server refuses", async () => {
    const server = await wires({
      "/api/show": show,
      "/api/ps": { models: [] },
      "/api/chat": (came, response) =>
        came.body.format
          ? json(response, { error: 'invalid format: "{}"; expected "json" or a valid JSON Schema object' }, 500)
          : ndjson(response, [line({ content: "Hi" }, { done: true, done_reason: "stop" })]),
    });
    const [pieces] = await collect("ollama/m", server, { ...plain, force: "call" });
    expect(pieces?.at(-1)).toMatchObject({ type: "end", end: "stop" });
    expect(server.to("/api/chat").map((came) => "format" in came.body)).toEqual([true, false]);
  });
});
