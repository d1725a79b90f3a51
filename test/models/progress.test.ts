// What a silent server is busy with: loading, waiting for a free slot, reading; as its own doors tell, and each said once in a row.
import type { ServerResponse } from "node:http";
import { afterAll, describe, expect, it } from "vitest";
import { openModel } from "../../src/models/index.ts";
import type { Piece } from "../../src/models/model.ts";
import { type Answering, json, openWires, said, sse, type Wires } from "../fake/wires.ts";

const never = new AbortController().signal;
const closing: Wires[] = [];
afterAll(async () => {
  for (const one of closing.splice(0)) await one.close();
});
/** Answers the chat when the test says so. */
function gate(): { answering: Answering; open(): void } {
  const waiting: ServerResponse[] = [];
  return { answering: (_, response) => void waiting.push(response), open: () => waiting.splice(0).map((response) => sse(response, said("Hi"))) };
}
async function listen(id: string, answers: Record<string, Answering | object>, enough: (pieces: Piece[]) => boolean, open: () => void): Promise<Piece[]> {
  const server = await openWires(answers);
  closing.push(server);
  const model = await openModel({ id, url: server.url }, never);
  const pieces: Piece[] = [];
  let opened = false;
  for await (const piece of model.stream({ messages: [{ role: "user", text: "x" }], tools: [] }, never)) {
    pieces.push(piece);
    if (opened || !enough(pieces)) continue;
    opened = true;
    open();
  }
  return pieces;
}
const whats = (pieces: Piece[]): string[] => pieces.flatMap((piece) => (piece.type === "progress" ? [piece.what] : []));
const props = { default_generation_settings: { n_ctx: 4096 }, total_slots: 2 };
const slot = (rest: object): object => ({ n_ctx: 4096, speculative: false, ...rest });
const writing = slot({ is_processing: true, n_prompt_tokens: 25, next_token: [{ n_decoded: 12 }] });
const idle = slot({ is_processing: false });

describe.concurrent("llama-server", () => {
  it.each<[string, object[], boolean]>([
    ["all its slots are at work", [writing, writing], true],
    ["all are, one still reading", [writing, slot({ is_processing: true, n_prompt_tokens: 25, next_token: [{ n_decoded: 0 }] })], true],
    ["an old one's slots write", [slot({ is_processing: true, next_token: { n_decoded: 5 } })], true],
    ["an old one's slot reads, which may be ours", [slot({ is_processing: true, next_token: { n_decoded: 0 } })], false],
    ["one is free", [writing, idle], false],
  ])("%s", async (_, slots, queued) => {
    const chat = gate();
    let asked = 0;
    const pieces = await listen(
      "llama-server/m",
      {
        "/props": props,
        "/v1/chat/completions": chat.answering,
        "/slots": (_came, response) => {
          json(response, slots);
          if (++asked === 2) chat.open();
        },
      },
      () => false,
      () => {},
    );
    expect(whats(pieces)).toEqual(queued ? ["queued"] : []);
    expect(pieces.at(-1)).toMatchObject({ type: "end" });
  });
  it("says nothing where the door is closed", async () => {
    const chat = gate();
    const pieces = await listen(
      "llama-server/m",
      {
        "/props": props,
        "/v1/chat/completions": chat.answering,
        "/slots": (_, response) => {
          json(response, { error: { code: 501, message: "This server does not support slots endpoint. Start it with `--slots`", type: "not_supported_error" } }, 501);
          chat.open();
        },
      },
      () => false,
      () => {},
    );
    expect(whats(pieces)).toEqual([]);
  });
  it("loads again after a sleep", async () => {
    const chat = gate();
    const loading: Answering = (_, response) => json(response, { error: { message: "Loading model", type: "unavailable_error", code: 503 } }, 503);
    const pieces = await listen("llama-server/m", { "/props": props, "/v1/chat/completions": chat.answering, "/slots": loading }, (all) => whats(all).length > 0, chat.open);
    expect(whats(pieces)).toEqual(["loading"]);
  });
  it("tells how far it has read, and how long the rest takes", async () => {
    const progress = (processed: number, time_ms: number): object => ({
      choices: [{ finish_reason: null, index: 0, delta: { role: "assistant", content: null } }],
      prompt_progress: { total: 1000, cache: 200, processed, time_ms },
    });
    const server = await openWires({
      "/props": props,
      "/v1/chat/completions": (_, response) => sse(response, [progress(200, 0), progress(600, 800), progress(1000, 1600), ...said("Hi")]),
    });
    closing.push(server);
    const model = await openModel({ id: "llama-server/m", url: server.url }, never);
    const pieces: Piece[] = [];
    for await (const piece of model.stream({ messages: [{ role: "user", text: "x" }], tools: [] }, never)) if (piece.type === "progress") pieces.push(piece);
    expect(pieces).toEqual([
      { type: "progress", what: "reading", part: 0.2 },
      { type: "progress", what: "reading", part: 0.6, leftMs: 800 },
      { type: "progress", what: "reading", part: 1, leftMs: 0 },
    ]);
  });
});

describe("LM Studio", () => {
  it("loads a model at its first request, then reads, even when its head has come", async () => {
    const state = { loaded: false, response: null as ServerResponse | null };
    const model = (): object => ({ type: "llm", key: "m", loaded_instances: state.loaded ? [{ id: "m", config: { context_length: 8192, parallel: 4 } }] : [] });
    const pieces = await listen(
      "lmstudio/m",
      {
        "/api/v1/models": (_, response) => {
          json(response, { models: [model()] });
          if (state.response) state.loaded = true;
        },
        "/v1/chat/completions": (_, response) => {
          response.writeHead(200, { "content-type": "text/event-stream" });
          response.flushHeaders();
          state.response = response;
        },
      },
      (all) => whats(all).includes("reading"),
      () =>
        state.response?.end(
          `${said("Hi")
            .map((event) => `data: ${JSON.stringify(event)}\n\n`)
            .join("")}data: [DONE]\n\n`,
        ),
    );
    expect(whats(pieces)).toEqual(["loading", "reading"]);
    expect(pieces.at(-1)).toMatchObject({ type: "end" });
  });
});
