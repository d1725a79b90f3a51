// How long the parser of answers takes over one megabyte that is made to waste its time, in deltas of four characters and in one: it must grow with the length alone.
import { openCallParser } from "../../src/models/toolcalls.ts";

const tools = [{ name: "write", description: "", parameters: { type: "object", properties: { path: { type: "string" }, text: { type: "string" } } } }];
/** What is repeated, and what stands before it. */
const texts: Record<string, [repeated: string, before?: string]> = {
  prose: ["The quick brown fox jumps over the lazy dog. "],
  code: ["if (a[0] < b && c > {d: 1}) { x<T>(); }\n"],
  "`<` alone": ["<"],
  "`{` alone": ["{"],
  "`[` alone": ["["],
  "back ticks": ["`"],
  "closing fences": ["```\n"],
  "one long line": ["a"],
  "a call that never ends, JSON": ["if (a) { b[0] = `x`; }\\n", '<tool_call>{"name": "write", "arguments": {"text": "'],
  "a call that never ends, tags": ["if (a) { b[0] = `x` > y; }</parameter> \n", "<tool_call><function=write><parameter=text>\n"],
  "a call that never ends, GLM's": ["if (a) { b[0] = `x`; }</arg_value> <arg_key>\n", "<tool_call>write\n<arg_key>text</arg_key><arg_value>"],
  "opening tags alone": ["<tool_call>\n"],
  "opening marks alone": ["<｜tool▁calls▁begin｜>"],
  "headers that never end": ["<|channel|>analysis"],
  "objects within objects": ['{"name": ', ""],
  "quotes in a string": ['" ', '{"name":"write","arguments":{"path":"'],
  "calls in a thought": ['<tool_call>{"name": "write", "arguments": {}}</tool_call>\n', "<think>"],
  "calls in a fence": ['{"name": "write", "arguments": {}}\n', "```json\n"],
};

/** Prints milliseconds for each text at a quarter and the whole of the length, the whole in one delta as well. */
export function score(args: string[]): number {
  const length = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 1_000_000);
  const rows = Object.entries(texts).map(([name, [repeated, before = ""]]) => {
    const text = (of: number): string => before + repeated.repeat(Math.ceil(of / repeated.length)).slice(0, of);
    return [name, timed(text(length / 4), 4), timed(text(length), 4), timed(text(length), length)];
  });
  const head = ["text", `${length / 4 / 1000} kB in fours`, `${length / 1000} kB in fours`, `${length / 1000} kB at once`];
  if (args.includes("--json")) console.log(JSON.stringify(rows));
  else for (const row of [head, head.map(() => "---"), ...rows]) console.log(`| ${row.join(" | ")} |`);
  return 0;
}

function timed(text: string, size: number): string {
  const parser = openCallParser({ tools });
  const start = performance.now();
  for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
  parser.end();
  return `${(performance.now() - start).toFixed(0)} ms`;
}
