// Streams of every kind of server, against a real HTTP server: answers, ways to fail, and stopping.
import { afterEach, describe, expect, it } from "vitest";
import type { Wire } from "../../src/app/demo/server.ts";
import { openModel } from "../../src/models/index.ts";
import type { Model, Piece, Request } from "../../src/models/model.ts";
import {
  type Answer,
  badCall,
  call,
  cut,
  errorInside,
  type FakeModel,
  type FakeModelNeeds,
  hang,
  inBytes,
  openFakeModel,
  reset,
  slow,
  status,
  thought,
  tooLong,
} from "../fake/model-server.ts";

const never = new AbortController().signal;
const request: Request = {
  messages: [
    { role: "system", text: "You are a test." },
    { role: "user", text: "Hi" },
  ],
  tools: [{ name: "read", description: "Read a file", parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] } }],
};
const open: FakeModel[] = [];
afterEach(async () => {
  for (const fake of open.splice(0)) await fake.close();
});
async function start(wire: Wire, needs: Omit<FakeModelNeeds, "wire"> = {}): Promise<{ fake: FakeModel; model: Model }> {
  const fake = await openFakeModel({ wire, ...needs });
  open.push(fake);
  return { fake, model: await openModel({ id: fake.id, url: fake.url }, never) };
}
async function collect(model: Model, signal: AbortSignal = never, asking: Request = request): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const piece of model.stream(asking, signal)) pieces.push(piece);
  return pieces;
}
const joined = (pieces: Piece[], type: "text" | "thought"): string => pieces.flatMap((piece) => (piece.type === type ? [piece.delta] : [])).join("");
const callsOf = (pieces: Piece[]): Piece[] => pieces.filter((piece) => piece.type === "call");
const faultOf = (pieces: Piece[]): string => {
  const last = pieces.at(-1);
  return last?.type === "fault" ? last.fault.kind : `no fault but ${JSON.stringify(last)}`;
};
const wires: Wire[] = ["ollama", "openai", "llama-server", "lmstudio"];

describe.each(wires)("%s", (wire) => {
  it("streams thoughts, text and whole calls, and ends once", async () => {
    const { fake, model } = await start(wire, { capabilities: ["thinking"] });
    fake.says([thought("Let me see. "), "I read it.", call("read", { path: "a.ts" }, "id-1"), call("read", { path: "ü <b>.ts" }, "id-2")]);
    const pieces = await collect(model);
    expect(joined(pieces, "thought")).toBe("Let me see. ");
    expect(joined(pieces, "text")).toBe("I read it.");
    expect(callsOf(pieces)).toEqual([
      { type: "call", id: "id-1", name: "read", args: { path: "a.ts" } },
      { type: "call", id: "id-2", name: "read", args: { path: "ü <b>.ts" } },
    ]);
    expect(pieces.filter((piece) => piece.type === "end" || piece.type === "fault")).toEqual([pieces.at(-1)]);
    expect(pieces.at(-1)).toMatchObject({ type: "end", end: "calls", usage: { promptTokens: expect.any(Number), outputTokens: expect.any(Number) } });
  });

  it("keeps its connection for the next answer", async () => {
    const { fake, model } = await start(wire);
    fake.says("One.", "Two.");
    expect(joined(await collect(model), "text")).toBe("One.");
    expect(joined(await collect(model), "text")).toBe("Two.");
    expect(fake.aborted).toBe(0);
  });

  it.each([1, 2, 3, 7])("reads characters and lines split into %i bytes", async (size) => {
    const { fake, model } = await start(wire);
    const text = "Grüße 不合适 👩‍👩‍👧 ya";
    fake.says(inBytes([text, call("read", { path: "日本.ts" })], size));
    const pieces = await collect(model);
    expect(joined(pieces, "text")).toBe(text);
    expect(callsOf(pieces)).toMatchObject([{ name: "read", args: { path: "日本.ts" } }]);
  });

  it("replaces ids the conversation already knows", async () => {
    const { fake, model } = await start(wire);
    fake.says([call("read", { path: "b" }, "same"), call("read", { path: "c" }, "same")]);
    const asking: Request = {
      ...request,
      messages: [
        ...request.messages,
        { role: "assistant", text: "", calls: [{ id: "same", name: "read", args: { path: "a" } }] },
        { role: "tool", call: "same", name: "read", text: "x" },
      ],
    };
    expect(callsOf(await collect(model, never, asking)).map((piece) => piece.type === "call" && piece.id)).toEqual(["call_2", "call_3"]);
  });

  const troubles: [name: string, answer: Answer, kind: string, retry: boolean][] = [
    ["loading", status(503, "Loading model"), "loading", true],
    ["queue full", status(503, "server busy, please try again.  maximum pending requests exceeded"), "busy", true],
    ["server error", status(500, "boom"), "broken", true],
    ["bad request", status(400, "no"), "rejected", false],
    ["unknown model", status(404, "model 'fake' not found"), "no-model", false],
    ["no tools", status(400, "registry.ollama.ai/library/fake:latest does not support tools"), "no-tools", false],
    ["key wanted", status(401, "Invalid API Key"), "rejected", false],
    ["connection torn before a byte", reset(), "down", true],
    ["torn in the middle", cut("One two three four", 2), "cut", true],
    ["ended without its end", cut("One two three four", 2, "end"), "cut", true],
    ["ended without its end, with a call in it", cut([call("read", { path: "a" }), "and more text"], 2, "end"), "cut", true],
    ["error inside", errorInside("One two three", "model runner has unexpectedly stopped"), "broken", true],
    ["overflow inside", errorInside("One two three", "Cannot truncate prompt with n_keep (5000) >= n_ctx (4096)"), "overflow", false],
    ["overflow, Ollama rendered", status(400, "the prompt is longer than the context length currently available to the model; shorten the prompt"), "overflow", false],
    [
      "overflow, Ollama native",
      status(
        400,
        JSON.stringify({
          error: JSON.stringify({
            error: { code: 400, message: "request (6019 tokens) exceeds the available context size (4096 tokens), try increasing it", type: "exceed_context_size_error" },
          }),
        }),
      ),
      "overflow",
      false,
    ],
    ["overflow, embeddings' words", status(400, "the input length exceeds the context length"), "overflow", false],
    ["overflow, vLLM", status(400, JSON.stringify({ message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens" })), "overflow", false],
    [
      "overflow, LM Studio",
      status(400, "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens"),
      "overflow",
      false,
    ],
    ["call the server can't read", status(500, "error parsing tool call: raw='{\"path\": ', err=unexpected end of JSON input"), "bad-call", true],
    ["call llama.cpp can't read", status(500, "Failed to parse input at pos 12"), "bad-call", true],
  ];
  it.each(troubles)("%s", async (_, answer, kind, retry) => {
    const { fake, model } = await start(wire);
    fake.says(answer, "Again.");
    const pieces = await collect(model);
    expect(faultOf(pieces)).toBe(kind);
    expect(pieces.filter((piece) => piece.type === "end" || piece.type === "fault" || piece.type === "call")).toHaveLength(1);
    expect(pieces.at(-1)).toMatchObject({ fault: { retry, message: expect.stringMatching(/^([A-Z]|fake |llama-server )/) } });
    expect(joined(await collect(model), "text")).toBe("Again.");
  });

  it("says that nothing listens, and goes on when the server is back", async () => {
    const { fake, model } = await start(wire);
    fake.says("One.", "Back.");
    await collect(model);
    await fake.close();
    const pieces = await collect(model);
    expect(faultOf(pieces)).toBe("down");
    expect(pieces.at(-1)).toMatchObject({ fault: { retry: true, message: expect.stringContaining(`127.0.0.1:${fake.port}`), hint: expect.stringContaining("start") } });
    await fake.reopen();
    expect(joined(await collect(model), "text")).toBe("Back.");
  });

  it("says cut when the server is killed in mid-stream", async () => {
    const { fake, model } = await start(wire);
    const hold = fake.hold("One two three four five", 3);
    const collected = collect(model);
    await hold.reached;
    await fake.close();
    expect(faultOf(await collected)).toBe("cut");
  });

  it.each<[string, (fake: FakeModel) => Promise<void>]>([
    ["before the first byte", (fake) => fake.says(hang()).asked(1)],
    ["while it waits", (fake) => fake.says(slow("late", 60_000)).asked(1)],
    ["in mid-stream", (fake) => fake.hold("One two three", 2).reached],
  ])("closes the socket when stopped %s", async (_, prepare) => {
    const { fake, model } = await start(wire);
    const stop = new AbortController();
    const prepared = prepare(fake);
    const collected = collect(model, stop.signal);
    await prepared;
    stop.abort();
    expect(faultOf(await collected)).toBe("aborted");
    await fake.abortedTimes(1);
  });

  it("closes the socket when its reader leaves", async () => {
    const { fake, model } = await start(wire);
    fake.hold("One two three", 2);
    for await (const piece of model.stream(request, never)) if (piece.type === "text") break;
    await fake.abortedTimes(1);
  });

  it("asks nobody when it is stopped already", async () => {
    const { fake, model } = await start(wire);
    expect(await collect(model, AbortSignal.abort())).toMatchObject([{ type: "fault", fault: { kind: "aborted" } }]);
    expect(fake.requests).toEqual([]);
  });
});

describe.each<Wire>(["openai", "llama-server", "lmstudio"])("%s: calls in pieces", (wire) => {
  it("never yields a call cut by the token limit", async () => {
    const { fake, model } = await start(wire);
    fake.says(tooLong([badCall("read", '{"path": "src/c')]));
    const pieces = await collect(model);
    expect(callsOf(pieces)).toEqual([]);
    expect(pieces.at(-1)).toMatchObject({ type: "end", end: "length" });
  });
  it.each([
    ["", {}, undefined],
    ['"{\\"path\\":\\"a\\"}"', { path: "a" }, undefined],
    ['{"path": ', {}, expect.stringContaining("not valid JSON")],
    ["[1]", {}, expect.stringContaining("must be a JSON object")],
  ])("reads arguments %j", async (raw, args, bad) => {
    const { fake, model } = await start(wire);
    fake.says([badCall("read", raw)]);
    const [piece] = callsOf(await collect(model));
    expect(piece).toMatchObject({ type: "call", name: "read", args });
    expect(piece?.type === "call" ? piece.bad : "no call").toEqual(bad);
  });
});

describe("ollama's own ways", () => {
  it.each(["native", "rendered"] as const)("finds calls on the %s path, and sends the same settings each time", async (calls) => {
    const { fake, model } = await start("ollama", { calls, context: 16_384, capabilities: ["thinking"] });
    fake.says([call("read", { path: "a" })], "Done.");
    expect(callsOf(await collect(model))).toHaveLength(1);
    await collect(model);
    for (const { body } of fake.requests) {
      expect(body).toMatchObject({ truncate: false, shift: false, keep_alive: "30m", think: true, options: { num_ctx: 16_384 } });
      expect(fake.requests[0]?.json).toBe(fake.requests[1]?.json);
    }
  });
  it("doesn't speak of thinking to a model that can't", async () => {
    const { fake, model } = await start("ollama");
    fake.says("Done.");
    await collect(model);
    expect(fake.requests[0]?.body).not.toHaveProperty("think");
  });
  it("keeps the raw text of a call the server could not read", async () => {
    const { fake, model } = await start("ollama");
    fake.says(["Well.", badCall("read", '{"path": oops')]);
    const last = (await collect(model)).at(-1);
    expect(last).toMatchObject({ type: "fault", fault: { kind: "bad-call", raw: '{"path": oops', retry: true } });
  });
  it("says what a silent server does", async () => {
    let loaded = false;
    const { fake, model } = await start("ollama", {
      intercept: (_, path, response) => {
        if (path !== "/api/ps" || loaded) return false;
        response.end('{"models":[]}');
        loaded = true;
        return true;
      },
    });
    expect(fake.paths).toContain("GET /api/ps");
    loaded = false;
    fake.says(hang());
    const stop = new AbortController();
    const told: Piece[] = [];
    for await (const piece of model.stream(request, stop.signal)) {
      told.push(piece);
      if (piece.type === "progress" && piece.what === "reading") stop.abort();
    }
    expect(told).toMatchObject([
      { type: "progress", what: "loading" },
      { type: "progress", what: "reading" },
      { type: "fault", fault: { kind: "aborted" } },
    ]);
  });
});

describe("llama-server's own ways", () => {
  it("asks for progress and the cache, and knows the context of its slot", async () => {
    const { fake, model } = await start("llama-server", { context: 4096 });
    expect(model.context).toBe(4096);
    fake.says("Done.");
    await collect(model);
    expect(fake.requests[0]?.body).toMatchObject({ return_progress: true, cache_prompt: true, stream_options: { include_usage: true } });
  });
});

describe("the context of a server that", () => {
  const slots = (n_ctx: number): string => JSON.stringify({ default_generation_settings: { n_ctx }, total_slots: 1 });

  it("was loading is asked for again when somebody wants to know", async () => {
    let ready = false;
    const { model } = await start("llama-server", {
      intercept: (_, path, response) => {
        if (!/\/(props|models)$/.test(path)) return false;
        response.writeHead(ready ? 200 : 503, { "content-type": "application/json" }).end(ready ? slots(5_120) : '{"error":{"message":"Loading model"}}');
        return true;
      },
    });
    expect(await model.told?.(never)).toBe(false);
    expect(await model.told?.(AbortSignal.abort())).toBe(false);
    ready = true;
    expect(await model.told?.(never)).toBe(true);
    expect(model).toMatchObject({ context: 5_120 });
    expect(model.told).toBeUndefined();
  });

  it("was away is learned anew when it is back", async () => {
    let context = 16_384;
    const { fake, model } = await start("llama-server", {
      intercept: (_, path, response) => {
        if (path !== "/props") return false;
        response.writeHead(200, { "content-type": "application/json" }).end(slots(context));
        return true;
      },
    });
    expect(model.context).toBe(16_384);
    context = 4_096;
    fake.says(status(503, "Loading model"), "Back.");
    await collect(model);
    await collect(model);
    await expect.poll(() => model.context).toBe(4_096);
  });
});
