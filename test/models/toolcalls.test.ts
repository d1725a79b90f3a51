// The parser against answers of every dialect, whole and cut everywhere: same result, nothing shown that is a mark, nothing called that wasn't written.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginsInThought } from "../../src/models/think.ts";
import { openCallParser, type ParsedPiece, recoverCall } from "../../src/models/toolcalls.ts";
import { type Case, cases, tools } from "./toolcalls/cases.ts";

interface Result {
  said: string;
  thought: string;
  calls: [string, Record<string, unknown>][];
  bad: string[];
}
function parse(chunks: readonly string[], one: Partial<Case> = {}, cut = false): Result {
  const { thinking = "split", startsInThought = false, json = false } = one;
  const parser = openCallParser({ tools, thinking, startsInThought, json });
  const result: Result = { said: "", thought: "", calls: [], bad: [] };
  const take = (piece: ParsedPiece): void => {
    if (piece.type === "text") result.said += piece.delta;
    else if (piece.type === "thought") result.thought += piece.delta;
    else if (piece.type === "was.thought") Object.assign(result, { said: "", thought: piece.thought });
    else if (piece.type === "call" && piece.bad === undefined) result.calls.push([piece.name, piece.args]);
    else if (piece.type === "call") result.bad.push(piece.name);
  };
  for (const chunk of chunks) for (const piece of parser.push(chunk)) take(piece);
  for (const piece of parser.end({ cut })) take(piece);
  return result;
}
const trimmed = (result: Result): Result => ({ ...result, said: result.said.trim(), thought: result.thought.trim() });

describe("answers of every dialect", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (_name, one) => {
    const { said = "", thought = "", calls = [], bad = [] } = one;
    expect(trimmed(parse([one.text], one))).toEqual({ said, thought, calls, bad });
  });

  it("reads the same however the answer is cut into deltas", () => {
    for (const one of cases) expect(parse([...one.text], one), one.name).toEqual(parse([one.text], one));
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }), (one, sizes) => {
        const chunks: string[] = [];
        for (let at = 0, nth = 0; at < one.text.length; nth++) {
          const size = sizes[nth % sizes.length] ?? 1;
          chunks.push(one.text.slice(at, at + size));
          at += size;
        }
        expect(parse(chunks, one)).toEqual(parse([one.text], one));
      }),
      { numRuns: 400 },
    );
  });

  it("never calls what was cut off", () => {
    for (const one of cases.filter(({ holdsAnEnd }) => !holdsAnEnd)) {
      const whole = parse([one.text], one).calls;
      for (let end = 1; end < one.text.length; end += one.text.length > 150 ? 3 : 1) {
        const { calls } = parse([one.text.slice(0, end)], one, true);
        expect(calls, `${one.name} cut at ${end}`).toEqual(whole.slice(0, calls.length));
      }
    }
  });

  it("reads two answers' texts in a row without mixing them up", () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.string({ maxLength: 60 }), (one, noise) => {
        expect(() => parse([...noise, ...one.text], one)).not.toThrow();
        expect(() => parse([one.text.slice(noise.length), noise, one.text], one)).not.toThrow();
      }),
      { numRuns: 150 },
    );
  });
});

describe("what is shown while it streams", () => {
  const shown = (text: string): string[] => {
    const parser = openCallParser({ tools });
    return [...text].map((char) =>
      parser
        .push(char)
        .map((piece) => (piece.type === "text" ? piece.delta : ""))
        .join(""),
    );
  };

  it("shows text at once, holding back only what may become a mark", () => {
    expect(shown("xy <b> c")).toEqual(["x", "y", " ", "", "<b", "", "> ", "c"]);
    expect(shown("x [x] {y}")).toEqual(["x", " ", "", "", "[x", "] ", "", "", "{y}"]);
  });

  it("never shows a mark, not even for a moment", () => {
    for (const one of cases.filter(({ name, calls, bad, thinking }) => (calls ?? bad) !== undefined && !thinking && name !== "hermes, talk and call in one answer")) {
      const all = shown(one.text).join("");
      expect(all, one.name).not.toMatch(/<[|｜]|<tool|<function|<invoke|\[TOOL|"name"|<arg_|call:/);
    }
  });

  it("tells how a call grows", () => {
    const parser = openCallParser({ tools });
    parser.push('<tool_call>{"name": "write", ');
    expect(parser.push('"arguments": {"path"')).toEqual([{ type: "call.delta", name: "write", chars: 49 }]);
  });

  it("stays fast on a long call in small deltas", () => {
    const text = `<tool_call>${JSON.stringify({ name: "write", arguments: { path: "a", text: "if (a[0]) { b('x') }\n".repeat(600) } })}</tool_call>`;
    const chunks = text.match(/[\s\S]{1,4}/g) ?? [];
    expect(parse(chunks).calls).toHaveLength(1);
  });
});

describe("bad calls", () => {
  it("carry why and what was written", () => {
    const parser = openCallParser({ tools });
    const text = '<tool_call>{"name": "run", "arguments": {"command": "echo "a}}</tool_call>';
    parser.push(text);
    expect(parser.end()).toEqual([{ type: "call", name: "run", args: {}, bad: `its arguments can't be read: ${text}`, raw: text }]);
  });
  it("are told from an offer that isn't known, too", () => {
    const parser = openCallParser({ tools: null });
    parser.push('{"name": "anything", "arguments": {"x": 1}} ');
    expect(parser.end()).toEqual([{ type: "call", name: "anything", args: { x: 1 } }]);
  });
});

describe("a call inside a server's error", () => {
  it("is recovered from Ollama's", () => {
    const raw = `error parsing tool call: raw='{"name": "run", "arguments": {"command": "ls", }}', err=invalid character '}' looking for beginning of object key string`;
    expect(recoverCall(raw, tools)?.calls).toEqual([{ type: "call", name: "run", args: { command: "ls" } }]);
  });
  it("is recovered from llama.cpp's, with the text before it", () => {
    const raw = "Failed to parse input at pos 8: I look.\n<tool_call>\n<function=read>\n<parameter=path>x</parameter>\n</function>\n</tool_call>";
    expect(recoverCall(raw, tools)).toMatchObject({ text: "I look.\n", calls: [{ name: "read", args: { path: "x" } }] });
  });
  it("is recovered from arguments alone, if only one tool takes them", () => {
    const raw = (args: string): string => `error parsing tool call: raw='${args}', err=invalid character`;
    expect(recoverCall(raw('{"command": "ls",}'), tools)?.calls).toEqual([{ type: "call", name: "run", args: { command: "ls" } }]);
    expect(recoverCall(raw('{"path": "a", "text": "b\nc"}}'), tools)?.calls).toEqual([{ type: "call", name: "write", args: { path: "a", text: "b\nc" } }]);
    expect(recoverCall(raw('{"path": "a",}'), [...tools, { name: "open", description: "", parameters: { properties: { path: {} } } }])).toBeNull();
    expect(recoverCall(raw('{"command": "rm -rf bu'), tools)).toBeNull();
  });
  it("is null where nothing can be run", () => {
    expect(recoverCall('error parsing tool call: raw=\'{"path": "x\', err=unexpected end of JSON input', tools)).toBeNull();
  });
});

it("knows whose templates open the thought", () => {
  expect(beginsInThought("deepseek-r1:14b", undefined)).toBe(true);
  expect(beginsInThought("Qwen3-30B-A3B-Thinking-2507", undefined)).toBe(true);
  expect(beginsInThought("qwen3:8b", undefined)).toBe(false);
  expect(beginsInThought("qwen3.5:9b", true)).toBe(true);
  expect(beginsInThought("qwen3.5:9b", undefined)).toBe(false);
  expect(beginsInThought("llama3.2", true)).toBe(false);
});
