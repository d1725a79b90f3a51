// The texts of servers in trouble, quoted as they write them, as an answer's status and in mid-stream: what Aura takes them for.
import { afterEach, describe, expect, it } from "vitest";
import { faultOfText, type Place } from "../../src/models/faults.ts";
import { openModel } from "../../src/models/index.ts";
import type { Piece, Request } from "../../src/models/model.ts";
import { type Answering, json, openWires, type Wires } from "../fake/wires.ts";

const place: Place = { server: "Test", at: "127.0.0.1:1", model: "m", start: "start it", get: "get it" };
const never = new AbortController().signal;
const tools: Request["tools"] = [
  { name: "read", description: "", parameters: { type: "object", properties: { path: { type: "string" }, from: { type: "integer" } }, required: ["path"] } },
  {
    name: "edit",
    description: "",
    parameters: { type: "object", properties: { path: { type: "string" }, old: { type: "string" }, new: { type: "string" } }, required: ["path", "old", "new"] },
  },
];
let server: Wires | null = null;
afterEach(async () => server?.close());
async function collect(id: string, answers: Record<string, Answering | object>): Promise<Piece[]> {
  server = await openWires({ "/api/show": { parameters: "num_ctx 8192" }, "/api/ps": { models: [] }, "/v1/models": { data: [] }, ...answers });
  const model = await openModel({ id, url: server.url }, never);
  const pieces: Piece[] = [];
  for await (const piece of model.stream({ messages: [{ role: "user", text: "x" }], tools }, never)) if (piece.type !== "call.delta") pieces.push(piece);
  return pieces;
}

const native = JSON.stringify({
  error: {
    code: 400,
    message: "request (6019 tokens) exceeds the available context size (4096 tokens), try increasing it",
    type: "exceed_context_size_error",
    n_prompt_tokens: 6019,
    n_ctx: 4096,
  },
});
const overflows: [server: string, text: string][] = [
  [
    "Ollama, rendered",
    "the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings, or use a model with a longer context length",
  ],
  ["Ollama, native", native],
  ["Ollama, embeddings", "the input length exceeds the context length"],
  ["llama.cpp", "request (6019 tokens) exceeds the available context size (4096 tokens), try increasing it"],
  ["llama.cpp, older", "the request exceeds the available context size. try increasing the context size or enable context shift"],
  [
    "vLLM",
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion). Please reduce the length of the messages or completion.",
  ],
  [
    "vLLM, room for the answer",
    "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is 4096 tokens and your request has 100 input tokens (5000 > 4096 - 100).",
  ],
  [
    "LM Studio",
    "Trying to keep the first 14402 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input",
  ],
  ["LM Studio, its engine", "Cannot truncate prompt with n_keep (16416) >= n_ctx (8192)"],
  ["SGLang", "The input (5000 tokens) is longer than the model's context length (4096 tokens)."],
  ["TabbyAPI", "Prompt length 5000 is greater than max_seq_len 4096"],
  ["llama-cpp-python", "Requested tokens (5000) exceed context window of 4096"],
];
describe.each(overflows)("overflow of %s", (_, text) => {
  const overflow = [{ type: "fault", fault: { kind: "overflow", retry: false } }];
  const started = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "On" } }] })}\n\n`;
  it("as a status", async () => {
    expect(faultOfText(place, 400, JSON.stringify({ error: text })).kind).toBe("overflow");
    expect(
      await collect("openai/m", { "/v1/chat/completions": (_came, response) => json(response, { error: { message: text, type: "BadRequestError", code: 400 } }, 400) }),
    ).toMatchObject(overflow);
  });
  it("in an answer of Ollama's", async () => {
    const lines = `${JSON.stringify({ message: { role: "assistant", content: "On" }, done: false })}\n${JSON.stringify({ error: text })}\n`;
    expect((await collect("ollama/m", { "/api/chat": (_came, response) => void response.end(lines) })).slice(-1)).toMatchObject(overflow);
  });
  it.each([
    ["an error", `data: ${JSON.stringify({ error: { message: text } })}\n\n`],
    ["an error that is a text", `data: ${JSON.stringify({ error: text })}\n\n`],
    ["an event of its own", `event: error\ndata: ${JSON.stringify({ error: { message: text }, message: text })}\n\n`],
    ["a channel's error", `error: ${JSON.stringify({ message: text })}\n\n`],
    ["a channel's error, as text", `event: error\ndata: ${text}\n\n`],
  ])("in a stream, as %s", async (_form, event) => {
    expect((await collect("lmstudio/m", { "/v1/chat/completions": (_came, response) => void response.end(started + event) })).slice(-1)).toMatchObject(overflow);
  });
});

describe("calls that a server couldn't read", () => {
  const asRaw = (raw: string, why: string): string => `error parsing tool call: raw='${raw}', err=${why}`;
  const wellKnown: [string, string, object][] = [
    ["a bracket too many", asRaw('{"path":"a.ts"}}', "invalid character '}' after top-level value"), { name: "read", args: { path: "a.ts" } }],
    ["a comma too many", asRaw('{"path":"a.ts",}', "invalid character '}' looking for beginning of object key string"), { name: "read", args: { path: "a.ts" } }],
    [
      "single quotes",
      asRaw("{'path': 'a.ts', 'from': 3}", "invalid character '\\'' looking for beginning of object key string"),
      { name: "read", args: { path: "a.ts", from: 3 } },
    ],
    [
      "quotes that weren't escaped",
      asRaw('{"path":"a.ts","old":"let x = "1";","new":"let x = 2;"}', "invalid character '1' after object key:value pair"),
      { name: "edit", args: { path: "a.ts", old: 'let x = "1";', new: "let x = 2;" } },
    ],
    [
      "line breaks in a string",
      asRaw('{"path":"a.ts","old":"a\nb","new":"c"}', "invalid character '\\n' in string literal"),
      { name: "edit", args: { path: "a.ts", old: "a\nb", new: "c" } },
    ],
    ["a whole call with its name", asRaw('{"name":"read","arguments":{"path":"a.ts",}}', "invalid character '}'"), { name: "read", args: { path: "a.ts" } }],
    ["llama.cpp's words", 'Failed to parse input at pos 21: <tool_call>\n{"name": "read", "arguments": {"path": "a.ts"}\n</tool_call>', { name: "read", args: { path: "a.ts" } }],
  ];
  it.each(wellKnown)("%s: the call is made", async (_, text, call) => {
    const expected = [
      { type: "call", ...call },
      { type: "end", end: "calls" },
    ];
    const failing: Answering = (_came, response) => json(response, { error: text }, 500);
    expect(await collect("ollama/m", { "/api/chat": failing })).toMatchObject(expected);
    await server?.close();
    const lines = `${JSON.stringify({ message: { role: "assistant", content: "", thinking: "Hm" }, done: false })}\n${JSON.stringify({ error: text })}\n`;
    expect(await collect("ollama/m", { "/api/chat": (_came, response) => void response.end(lines) })).toMatchObject([{ type: "thought", delta: "Hm" }, ...expected]);
    await server?.close();
    const event = `data: ${JSON.stringify({ error: { code: 500, message: text, type: "server_error" } })}\n\n`;
    expect(await collect("llama-server/m", { "/v1/chat/completions": (_came, response) => void response.end(event) })).toMatchObject(expected);
  });

  it.each([
    ["cut in a string", asRaw('{"path": "src/c', "unexpected end of JSON input"), '{"path": "src/c'],
    ["cut, and perhaps more was to come", asRaw('{"path":"a.ts"', "unexpected end of JSON input"), '{"path":"a.ts"'],
    ["two at once", asRaw('{"path":"a.ts"} {"path":"b.ts"}', "invalid character '{' after top-level value"), '{"path":"a.ts"} {"path":"b.ts"}'],
    ["nobody's arguments", asRaw('{"file":"a.ts",}', "invalid character '}'"), '{"file":"a.ts",}'],
  ])("%s: the model is told", async (_, text, raw) => {
    expect(await collect("ollama/m", { "/api/chat": (_came, response) => json(response, { error: text }, 500) })).toMatchObject([
      { type: "fault", fault: { kind: "bad-call", raw, retry: true } },
    ]);
  });

  it.each([
    "llama-server returned invalid tool call arguments for \"read\": invalid character '}' looking for beginning of value",
    "failed to parse JSON: invalid character 'p' looking for beginning of object key string",
    "failed to parse XML: XML syntax error on line 3: unexpected EOF",
    "incomplete GLM tool call: mismatched arg_key and arg_value counts: 2 keys, 1 values",
    "empty function name",
    "tool 'open' not found",
    'tool "open" is not declared',
    'undeclared Glimmer function "open"',
    'unterminated ATEM parameter "path"',
    "failed to parse Laguna JSON tool call: unexpected end of JSON input",
    "The model produced output that does not match the expected peg-native format",
    "Failed to parse input at pos 12",
  ])("%s", (text) => {
    expect(faultOfText(place, null, JSON.stringify({ error: text })).kind).toBe("bad-call");
  });
  it.each<[string, number, string]>([
    ["Failed to parse tool call arguments as JSON: [json.exception.parse_error.101] parse error at line 1, column 2", 500, "rejected"],
    ["model 'qwen3' not found", 404, "no-model"],
    ["Failed to parse messages: Unsupported content part type", 400, "rejected"],
    ["[json.exception.parse_error.101] parse error at line 1, column 8", 500, "broken"],
  ])("but not: %s", (text, status, kind) => {
    expect(faultOfText(place, status, JSON.stringify({ error: { message: text, code: status } })).kind).toBe(kind);
  });
});
