// The official `ollama` client against the scripted server: what it sends and understands is what we send and what the script speaks.
import { Ollama } from "ollama/browser";
import { afterEach, expect, it } from "vitest";
import { openModel } from "../../src/models/index.ts";
import type { Request } from "../../src/models/model.ts";
import { call, type FakeModel, openFakeModel, thought } from "../fake/model-server.ts";

let fake: FakeModel | null = null;
afterEach(async () => fake?.close());

it.each(["rendered", "native"] as const)("reads the same answer from the %s path, and sends the same messages and tools", async (calls) => {
  fake = await openFakeModel({ wire: "ollama", calls, capabilities: ["thinking"], context: 16_384 });
  const answer = [thought("Hm. "), "Reading <a>.", call("read", { path: "ä" }, "call_x")];
  fake.says(answer, answer);
  const tools: Request["tools"] = [{ name: "read", description: "Read a file", parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] } }];
  const model = await openModel({ id: fake.id, url: fake.url }, new AbortController().signal);
  const ours = { text: "", thought: "", calls: [] as unknown[] };
  for await (const piece of model.stream({ messages: [{ role: "user", text: "Read it" }], tools }, new AbortController().signal)) {
    if (piece.type === "text") ours.text += piece.delta;
    if (piece.type === "thought") ours.thought += piece.delta;
    if (piece.type === "call") ours.calls.push({ name: piece.name, arguments: piece.args });
  }
  const theirs = { text: "", thought: "", calls: [] as unknown[] };
  const client = new Ollama({ host: fake.url });
  const stream = await client.chat({
    model: "fake",
    messages: [{ role: "user", content: "Read it" }],
    tools: tools.map((tool) => ({ type: "function", function: tool })),
    options: { num_ctx: 16_384 },
    keep_alive: "30m",
    think: true,
    stream: true,
  });
  for await (const { message } of stream) {
    theirs.text += message.content;
    theirs.thought += message.thinking ?? "";
    for (const { function: called } of message.tool_calls ?? []) theirs.calls.push({ name: called.name, arguments: called.arguments });
  }
  expect(ours).toEqual({ text: "Reading <a>.", thought: "Hm. ", calls: [{ name: "read", arguments: { path: "ä" } }] });
  expect(theirs).toEqual(ours);
  const [mine, its] = fake.requests.map(({ body }) => body);
  expect(mine).toEqual({ ...its, truncate: false, shift: false });
});

it("understands the lists", async () => {
  fake = await openFakeModel({ wire: "ollama", context: 4096 });
  const client = new Ollama({ host: fake.url });
  expect((await client.list()).models.map((model) => model.name)).toEqual(["fake:latest"]);
  expect((await client.ps()).models).toHaveLength(1);
  expect((await client.show({ model: "fake" })).capabilities).toEqual(["completion", "tools"]);
});
