// What the agent gets of a server that leaves calls in the text, chokes on them, or cuts them.
import { describe, expect, it } from "vitest";
import { type Fault, noUsage, type Piece, type Request } from "../../src/models/model.ts";
import { withCalls } from "../../src/models/toolcalls/pieces.ts";
import { tools } from "./toolcalls/cases.ts";

const request: Request = { messages: [], tools };
const end = (how: "stop" | "calls" | "length"): Piece => ({ type: "end", end: how, usage: { ...noUsage, outputTokens: 5 } });
async function heard(...pieces: Piece[]): Promise<Piece[]> {
  async function* stream(): AsyncGenerator<Piece> {
    yield* pieces;
  }
  const got: Piece[] = [];
  for await (const piece of withCalls(stream(), request)) got.push(piece);
  return got;
}
const text = (delta: string): Piece => ({ type: "text", delta });

describe("calls left in the text", () => {
  it("come before an end that says so", async () => {
    const got = await heard(text("I look.<tool"), text('_call>{"name": "list", "arguments"'), text(": {}}</tool_call>"), end("stop"));
    expect(got.filter((piece) => piece.type !== "call.delta")).toEqual([text("I look."), { type: "call", id: "", name: "list", args: {} }, end("calls")]);
  });
  it("come once where the server sent them too", async () => {
    const call: Piece = { type: "call", id: "7", name: "list", args: {} };
    expect(await heard(text("<tool_call>list</tool_call>"), call, end("calls"))).toEqual([call, end("calls")]);
  });
  it("are dropped where the answer hit its limit inside them", async () => {
    const got = await heard(text('<tool_call>{"name": "list", "arguments": {}}</tool_call><tool_call>{"name": "run", "arguments": {"command": "rm'), end("length"));
    expect(got.filter((piece) => piece.type !== "call.delta")).toEqual([{ type: "call", id: "", name: "list", args: {} }, end("length")]);
  });
  it("don't outlive a stream that broke off", async () => {
    const fault: Fault = { kind: "cut", message: "gone", retry: true };
    const got = await heard(text('Done. <tool_call>{"name": "list", "arguments": {}}</tool_call>'), { type: "fault", fault });
    expect(got.filter((piece) => piece.type !== "call.delta")).toEqual([text("Done. "), { type: "fault", fault }]);
  });
  it("leave thoughts, progress and plain answers as they are", async () => {
    const pieces: Piece[] = [{ type: "progress", what: "loading" }, { type: "thought", delta: "Hm." }, text("Done."), end("stop")];
    expect(await heard(...pieces)).toEqual(pieces);
  });
  it("tell of thoughts that came as text", async () => {
    expect(await heard(text("Hm."), text("</think>"), text("Done."), end("stop"))).toEqual([text("Hm."), { type: "was.thought", thought: "Hm." }, text("Done."), end("stop")]);
  });
});

describe("a call that the server choked on", () => {
  const fault = (raw: string): Piece => ({ type: "fault", fault: { kind: "bad-call", message: "can't", retry: true, raw } });
  it("is recovered", async () => {
    expect(await heard(fault('{"name": "run", "arguments": {"command": "ls",}}'))).toEqual([
      { type: "call", id: "", name: "run", args: { command: "ls" } },
      { type: "end", end: "calls", usage: noUsage },
    ]);
  });
  it("stays a fault where it can't be", async () => {
    expect(await heard(fault('{"command": "ls'))).toEqual([fault('{"command": "ls')]);
  });
});
