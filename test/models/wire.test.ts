// The wires themselves: odd shapes of streams as real servers send them, and requests that only ever grow at their end.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readArgs, toJson } from "../../src/models/chat.ts";
import { errorText, type Place, plain } from "../../src/models/faults.ts";
import type { Message, Piece, Request } from "../../src/models/model.ts";
import { readLines } from "../../src/models/ndjson.ts";
import { readEvents } from "../../src/models/sse.ts";
import { ollamaBody, readOllama } from "../../src/models/wire-ollama.ts";
import { openaiBody, readOpenai } from "../../src/models/wire-openai.ts";

const place: Place = { server: "Test", at: "127.0.0.1:1", model: "m", start: "start it", get: "get it" };
async function* chunks(text: string, size = text.length || 1): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
const openaiPieces = (text: string): Promise<Piece[]> => all(readOpenai(place, [], readLines(chunks(text))));
const ollamaPieces = (text: string): Promise<Piece[]> => all(readOllama(place, [], readLines(chunks(text))));
const done = (pieces: Piece[]): Piece[] => pieces.filter((piece) => piece.type !== "call.delta");
const chunk = (delta: unknown, finish: string | null = null): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

describe("lines and events", () => {
  it("gives the same lines however the bytes are split", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme" }).map((line) => line.replace(/[\r\n\ufeff]/g, ""))),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom("\n", "\r\n"),
        async (lines, size, end) => {
          expect(await all(readLines(chunks(lines.map((line) => line + end).join(""), size)))).toEqual(lines);
        },
      ),
      { numRuns: 60 },
    );
  });
  it("refuses a line without end", async () => {
    await expect(all(readLines(chunks("x".repeat(1000), 100), 500))).rejects.toThrow("500 characters");
  });
  it("reads comments, pings, CRLF, no space, several data lines, a missing last blank line", async () => {
    const text = ': ping\r\n\r\nevent: a\r\ndata:1\r\n\r\ndata: 2\ndata: 3\nid: 7\n\n:\n\nretry: 5\n\nerror: {"message":"x"}\n\ndata:  4';
    expect(await all(readEvents(readLines(chunks(text))))).toEqual([
      { name: "a", data: "1" },
      { name: "message", data: "2\n3" },
      { name: "error", data: '{"message":"x"}' },
      { name: "message", data: " 4" },
    ]);
  });
});

describe("openai streams", () => {
  it("reads llama-server's: null content, progress, call in pieces, usage with timings", async () => {
    const text = [
      'data: {"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"prompt_progress":{"total":200,"cache":100,"processed":150,"time_ms":50}}\n\n',
      chunk({ reasoning_content: "I read" }),
      chunk({ tool_calls: [{ index: 0, id: "abc", type: "function", function: { name: "read", arguments: "{" } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '"path":"a"' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: "}" } }] }),
      chunk({}, "tool_calls"),
      'data: {"choices":[],"usage":{"completion_tokens":33,"prompt_tokens":236,"prompt_tokens_details":{"cached_tokens":9}},"timings":{"cache_n":9,"prompt_n":227,"prompt_ms":16.5,"predicted_n":33,"predicted_ms":18}}\n\n',
      "data: [DONE]\n\n",
    ].join("");
    expect(done(await openaiPieces(text))).toEqual([
      { type: "progress", what: "reading", part: 0.75, leftMs: 50 },
      { type: "thought", delta: "I read" },
      { type: "call", id: "abc", name: "read", args: { path: "a" } },
      { type: "end", end: "calls", usage: { promptTokens: 236, cachedTokens: 9, outputTokens: 33, promptMs: 16.5, outputMs: 18, loadMs: null } },
    ]);
  });
  it("reads Ollama's: whole call in one delta, thought as `reasoning`", async () => {
    const pieces = await openaiPieces(
      `${chunk({ role: "assistant", content: "", reasoning: "Hm" })}${chunk({ content: "", tool_calls: [{ id: "call_1", index: 0, type: "function", function: { name: "read", arguments: '{"path":"a"}' } }] })}${chunk({}, "tool_calls")}data: [DONE]\n\n`,
    );
    expect(done(pieces)).toMatchObject([
      { type: "thought", delta: "Hm" },
      { type: "call", id: "call_1", args: { path: "a" } },
      { type: "end", end: "calls" },
    ]);
  });
  it("reads LM Studio's: id and name null in later pieces", async () => {
    const pieces = await openaiPieces(
      chunk({ tool_calls: [{ index: 0, id: "814890118", type: "function", function: { name: "read", arguments: "" } }] }) +
        chunk({ tool_calls: [{ index: 0, id: null, function: { name: null, arguments: '{"path":' } }] }) +
        chunk({ tool_calls: [{ index: 0, id: null, function: { name: null, arguments: '"a"}' } }] }) +
        chunk({}, "tool_calls"),
    );
    expect(done(pieces)).toMatchObject([{ type: "call", id: "814890118", name: "read", args: { path: "a" } }, { type: "end" }]);
  });
  it.each<[string, unknown[], [string, string, unknown][]]>([
    [
      "no index, ids",
      [
        { id: "a", function: { name: "x", arguments: "{}" } },
        { id: "b", function: { name: "y", arguments: "{}" } },
      ],
      [
        ["a", "x", {}],
        ["b", "y", {}],
      ],
    ],
    [
      "index 0 for each",
      [
        { index: 0, id: "a", function: { name: "x", arguments: '{"n":1}' } },
        { index: 0, id: "b", function: { name: "y", arguments: '{"n":2}' } },
      ],
      [
        ["a", "x", { n: 1 }],
        ["b", "y", { n: 2 }],
      ],
    ],
    [
      "no ids",
      [
        { index: 0, function: { name: "x", arguments: "{}" } },
        { index: 1, function: { name: "y", arguments: "{}" } },
      ],
      [
        ["call_1", "x", {}],
        ["call_2", "y", {}],
      ],
    ],
    ["arguments as an object", [{ index: 0, id: "a", function: { name: "x", arguments: { n: 1 } } }], [["a", "x", { n: 1 }]]],
    ["no arguments", [{ index: 0, id: "a", function: { name: "x" } }], [["a", "x", {}]]],
  ])("reads calls with %s", async (_, deltas, expected) => {
    const pieces = done(await openaiPieces(deltas.map((delta) => chunk({ tool_calls: [delta] })).join("") + chunk({}, "tool_calls")));
    expect(pieces.slice(0, -1)).toEqual(expected.map(([id, name, args]) => ({ type: "call", id, name, args })));
  });
  it("drops a call cut by the token limit", async () => {
    const pieces = await openaiPieces(`${chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "x", arguments: '{"path":"sr' } }] })}${chunk({}, "length")}data: [DONE]\n\n`);
    expect(done(pieces)).toMatchObject([{ type: "end", end: "length" }]);
  });
  it("takes an answer that isn't streamed", async () => {
    const body = JSON.stringify(
      {
        choices: [
          { message: { role: "assistant", content: "Hi", tool_calls: [{ id: "a", type: "function", function: { name: "x", arguments: "{}" } }] }, finish_reason: "tool_calls" },
        ],
      },
      null,
      2,
    );
    expect(done(await openaiPieces(body))).toMatchObject([
      { type: "text", delta: "Hi" },
      { type: "call", id: "a" },
      { type: "end", end: "calls" },
    ]);
  });
  it.each<[string, string, string | undefined]>([
    ["no end", chunk({ content: "a" }), undefined],
    ["no [DONE] but a reason", chunk({ content: "a" }) + chunk({}, "stop"), "end"],
    ["[DONE] but no reason", `${chunk({ content: "a" })}data: [DONE]\n\n`, "end"],
    ["an error object", `${chunk({ content: "a" })}data: {"error":{"message":"boom","code":500}}\n\n`, "broken"],
    ["an error event", `${chunk({ content: "a" })}event: error\ndata: {"message":"Model crashed"}\n\n`, "broken"],
    ["an error as text", `${chunk({ content: "a" })}data: {"error":"maximum context length is 4096 tokens"}\n\n`, "overflow"],
    ["an event that isn't JSON", "data: <html>\n\n", "broken"],
    ["an event that isn't an object", "data: 5\n\n", "broken"],
    ["nothing", "", undefined],
  ])("%s", async (_, text, expected) => {
    const last = (await openaiPieces(text)).at(-1);
    expect(last?.type === "fault" ? last.fault.kind : last?.type === "end" ? "end" : undefined).toBe(expected);
  });
});

describe("ollama lines", () => {
  it("reads calls from any line, its last one too", async () => {
    const line = (message: unknown, rest: object = {}): string => `${JSON.stringify({ model: "m", message, done: false, ...rest })}\n`;
    const text =
      line({ role: "assistant", content: "", thinking: "Hm" }) +
      line({ role: "assistant", content: "", tool_calls: [{ function: { name: "x", arguments: { n: 1 } } }] }) +
      line(
        { role: "assistant", content: "", tool_calls: [{ id: "z", function: { index: 1, name: "y", arguments: {} } }] },
        { done: true, done_reason: "stop", load_duration: 1_334_875, prompt_eval_count: 26, prompt_eval_duration: 342_546_000, eval_count: 282, eval_duration: 4_535_599_000 },
      );
    expect(done(await ollamaPieces(text))).toEqual([
      { type: "thought", delta: "Hm" },
      { type: "call", id: "call_1", name: "x", args: { n: 1 } },
      { type: "call", id: "z", name: "y", args: {} },
      { type: "end", end: "calls", usage: { promptTokens: 26, cachedTokens: null, outputTokens: 282, promptMs: 342.5, outputMs: 4535.6, loadMs: 1.3 } },
    ]);
  });
  it.each([
    [`${JSON.stringify({ error: "error parsing tool call: raw='{\"a\": ', err=unexpected end" })}\n`, "bad-call"],
    ['{"error":"the input length exceeds the context length"}\n', "overflow"],
    ["oops\n", "broken"],
    ["[]\n", "broken"],
  ])("%s", async (text, kind) => {
    expect((await ollamaPieces(text)).at(-1)).toMatchObject({ type: "fault", fault: { kind } });
  });
});

describe("requests", () => {
  const text = fc.string({ unit: "binary", maxLength: 30 });
  const args = fc.dictionary(fc.string({ maxLength: 5 }), fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text, { maxLength: 2 })), { maxKeys: 3 });
  const calls = fc.array(fc.record({ id: fc.string({ minLength: 1, maxLength: 6 }), name: fc.constantFrom("read", "edit"), args }), { maxLength: 2 });
  const message: fc.Arbitrary<Message> = fc.oneof(
    fc.record({ role: fc.constant("user" as const), text }),
    fc.record({ role: fc.constant("assistant" as const), text, thought: text, calls }),
    fc.record({ role: fc.constant("tool" as const), call: fc.string({ maxLength: 6 }), name: fc.constantFrom("read", "edit"), text }),
  );
  const tools: Request["tools"] = [{ name: "read", description: "Read", parameters: { type: "object", properties: { path: { type: "string" } } } }];
  const bodies: [string, (request: Request) => string][] = [
    ["openai", (request) => openaiBody("m", request, { cache_prompt: true })],
    ["ollama", (request) => ollamaBody({ model: "m", numCtx: 8192, thinks: true }, request)],
  ];
  it.each(bodies)("%s: a longer conversation's request begins with the shorter one's", (_, body) => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), fc.nat(), (messages, at) => {
        const head: Message = { role: "system", text: "You are a test." };
        const shorter = body({ messages: [head, ...messages.slice(0, at % messages.length)], tools });
        const longer = body({ messages: [head, ...messages], tools });
        expect(longer.startsWith(shorter.slice(0, -2))).toBe(true);
        expect(body(JSON.parse(JSON.stringify({ messages: [head, ...messages], tools })) as Request)).toBe(longer);
        expect(() => JSON.parse(longer)).not.toThrow();
      }),
      { numRuns: 100 },
    );
  });
  it("sends no thoughts back, and arguments as each wire wants them", () => {
    const request: Request = {
      messages: [
        { role: "assistant", text: "", thought: "secret thought", calls: [{ id: "a", name: "read", args: { path: "x" } }] },
        { role: "tool", call: "a", name: "read", text: "there" },
      ],
      tools: [],
    };
    expect(JSON.parse(openaiBody("m", request, {})).messages).toEqual([
      { role: "assistant", content: "", tool_calls: [{ id: "a", type: "function", function: { name: "read", arguments: '{"path":"x"}' } }] },
      { role: "tool", tool_call_id: "a", content: "there" },
    ]);
    expect(JSON.parse(ollamaBody({ model: "m", numCtx: 1, thinks: false }, request)).messages).toEqual([
      { role: "assistant", content: "", tool_calls: [{ id: "a", function: { name: "read", arguments: { path: "x" } } }] },
      { role: "tool", content: "there", tool_name: "read", tool_call_id: "a" },
    ]);
  });
  it("replaces half characters, and only those", () => {
    expect(JSON.parse(toJson({ a: "x\ud800y", b: "👩", c: "\\ud800" }))).toEqual({ a: "x\ufffdy", b: "👩", c: "\\ud800" });
  });
});

describe("texts from servers", () => {
  it("finds the error in any shape", () => {
    expect(
      [
        "boom",
        '{"error":"boom"}',
        '{"error":{"message":"boom","code":1}}',
        '{"detail":"boom"}',
        '{"object":"error","message":"boom"}',
        JSON.stringify({ error: JSON.stringify({ error: { message: "boom" } }) }),
      ].map(errorText),
    ).toEqual(Array(6).fill("boom"));
  });
  it("can't drive the terminal", () => {
    expect(plain("a\u001b[31mred\u001b]0;title\u0007\nb\u202e")).toBe("a red ]0;title b");
    expect(plain("x".repeat(1000)).length).toBe(400);
  });
  it("reads arguments of every kind", () => {
    expect([undefined, null, "", "null", '{"a":1}', { a: 1 }].map((raw) => readArgs(raw).args)).toEqual([{}, {}, {}, {}, { a: 1 }, { a: 1 }]);
    expect(["[1]", "5", '{"a":', 5].map((raw) => typeof readArgs(raw).bad)).toEqual(Array(4).fill("string"));
  });
});
