// The parser against every family's grammar with any arguments: what was written is read back, however it is cut, and nothing else is ever shown.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ToolSpec } from "../../src/models/model.ts";
import { openCallParser } from "../../src/models/toolcalls.ts";
import { type Args, type Call, type Family, families } from "./toolcalls/dialects.ts";

const tool = (name: string, properties: Args, required: string[]): ToolSpec => ({ name, description: "", parameters: { type: "object", properties, required } });
const tools: ToolSpec[] = [
  tool("write", { path: { type: "string" }, text: { type: "string" }, lines: { type: "array" }, meta: { type: "object" } }, ["path", "text"]),
  tool("run_it", { command: { type: "string" }, limit: { type: "number" }, back: { type: "boolean" } }, ["command"]),
  tool("list", {}, []),
];

const pieces = [
  "</tool_call>",
  "<tool_call>",
  "</think>",
  "<think>",
  "[TOOL_CALLS]",
  "<|call|>",
  '"',
  "\\",
  "\n",
  "\\n",
  "'",
  "`",
  "```",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "<",
  ">",
  "é",
  "日本",
  "😀",
  "\t",
  "null",
  "5",
  "</parameter>",
  "<function=x>",
  "<｜tool▁sep｜>",
  "}}",
  "]<]",
];
const text = fc
  .array(fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...pieces) }, fc.string({ maxLength: 8 }), fc.constantFrom("a", " b ", "if (x) { y }")), { maxLength: 8 })
  .map((parts) => parts.join(""));
const key = fc.stringMatching(/^[a-z]{1,6}$/);
const nested = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.integer({ min: -999, max: 999 }),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const call: fc.Arbitrary<Call> = fc.oneof(
  fc
    .record(
      { path: fc.constantFrom("a.ts", "b c.md"), text, lines: fc.array(nested, { maxLength: 3 }), meta: fc.dictionary(key, nested, { maxKeys: 3, noNullPrototype: true }) },
      { requiredKeys: ["path", "text"] },
    )
    .map((args): Call => ["write", args]),
  fc.record({ command: text, limit: fc.constantFrom(0, 1.5, -3, 1e6), back: fc.boolean() }, { requiredKeys: ["command"] }).map((args): Call => ["run_it", args]),
  fc.constant<Call>(["list", {}]),
);
const thoughts = fc.constantFrom<[written: string, thought: string]>(
  ["", ""],
  ["<think>\nHm: a < b, {c}, list().\n</think>\n\n", "Hm: a < b, {c}, list()."],
  ["Its opening is the template's.\n</think>\n", "Its opening is the template's."],
  ["[THINK]I could write `<tool_call>` now.[/THINK]", "I could write `<tool_call>` now."],
);
const prose = fc.constantFrom("", "I look.", "Let me see: 1 < 2, a[0] = `x`.", 'Two\n\nparagraphs, {braces} and "quotes".', "```ts\nconst a = { b: [1] };\n```\nNow.");

/** What a family's grammar can't carry is taken out of its calls. */
function fitting(calls: Call[], family: Family): Call[] {
  const clean = (value: unknown): unknown => {
    if (typeof value === "string") {
      let now = value;
      while (family.not?.test(now)) now = now === "" ? "x" : now.replace(family.not, "");
      return now;
    }
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, clean(one)]));
  };
  const flat = (args: Args): Args => (family.flat ? Object.fromEntries(Object.entries(args).filter(([, value]) => typeof value !== "object")) : args);
  return calls.slice(0, family.single ? 1 : 3).map(([name, args]): Call => [name, flat(clean(args) as Args)]);
}

const chunks = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 10 });
interface Result {
  said: string;
  thought: string;
  calls: Call[];
  bad: number;
}
function parse(chunks: readonly string[]): Result {
  const parser = openCallParser({ tools });
  const result: Result = { said: "", thought: "", calls: [], bad: 0 };
  for (const piece of [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()]) {
    if (piece.type === "text") result.said += piece.delta;
    else if (piece.type === "thought") result.thought += piece.delta;
    else if (piece.type === "was.thought") Object.assign(result, { said: "", thought: piece.thought });
    else if (piece.type === "call" && piece.bad === undefined) result.calls.push([piece.name, piece.args]);
    else if (piece.type === "call") result.bad++;
  }
  return { ...result, said: result.said.trim(), thought: result.thought.trim() };
}
function cut(whole: string, sizes: readonly number[]): string[] {
  const chunks: string[] = [];
  for (let at = 0, nth = 0; at < whole.length; nth++) {
    const size = sizes[nth % sizes.length] ?? 1;
    chunks.push(whole.slice(at, at + size));
    at += size;
  }
  return chunks;
}

describe("what a family writes", () => {
  it.each(families.map((family) => [family.name, family] as const))("%s", (_name, family) => {
    fc.assert(
      fc.property(
        fc.array(call, { minLength: 1, maxLength: 3 }),
        thoughts,
        prose,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
        (some, [thinks, thought], before, sizes) => {
          const calls = fitting(some, family);
          const said = family.alone ? "" : before;
          const whole = `${thinks}${said}${said === "" ? "" : "\n"}${family.write(calls)}`;
          const expected = { said: said.trim(), thought, calls, bad: 0 };
          expect(parse([whole]), whole).toEqual(expected);
          expect(parse(cut(whole, sizes)), whole).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("what follows a family's calls", () => {
  const known = families.filter(({ alone, name }) => !alone && !/fence|tool code|muse with/.test(name));
  it.each(known.map((family) => [family.name, family] as const))("%s", (_name, family) => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 2 }), chunks, (some, sizes) => {
        const calls = fitting(some, family);
        const whole = `I look.\n${family.write(calls)}\nThat does it.`;
        const { said, ...rest } = parse(cut(whole, sizes));
        expect({ ...rest, said: said.replace(/\s+/g, " ") }, whole).toEqual({ said: "I look. That does it.", thought: "", calls, bad: 0 });
      }),
      { numRuns: 20 },
    );
  });
});

describe("whatever is written", () => {
  const marks = families.flatMap((family) =>
    family
      .write([
        ["write", { path: "a", text: "b" }],
        ["list", {}],
      ])
      .split(/(?<=[>\]}])|(?=[<[{])/),
  );
  const soup = fc
    .array(
      fc.oneof(
        fc.constantFrom(...new Set(marks)),
        fc.constantFrom("<think>", "</think>", "analysis", " ", "\n", "x", '"', "`", "```", "```json\n", "`<tool_call>`", "list", "write\n"),
        fc.string({ maxLength: 5 }),
      ),
      { maxLength: 25 },
    )
    .map((parts) => parts.join(""));

  it("reads the same at every cut, and loses nothing but marks", () => {
    fc.assert(
      fc.property(soup, chunks, (whole, sizes) => {
        expect(parse(cut(whole, sizes))).toEqual(parse([whole]));
      }),
      { numRuns: 1500 },
    );
  });

  const lines = [
    "if (a[0] < b && c > {d: 1}) { x<T>(); }",
    "const { name, id } = [{ a: 1 }];",
    "def f(x): return [y for y in x if y < 3]",
    "write(path, text)",
    "print(write)",
    '{"name": "left-pad", "version": "1.0.0",',
    '  "type": "module", "id": 3,',
    '{"id": 1, "type": "object", "properties": {"a": {"type": "string"}}}',
    '[{"id": "1", "name": "Anna"}, {"tool": "hammer"}]',
    '<div class="a"><b>x</b></div> <function> <tool> <list of=x>',
    "<write a file>",
    "`<tool_call>` opens, `</tool_call>` closes",
    "```json",
    "```python",
    "```",
    "~~~",
    "[link](http://a.b) and [x] and [list] and [write",
    "Action: write it down",
    "a | b | >>> 1 + 1",
    "- it's <= 5, \"quoted\", 'so' {",
    "analysis of the final commentary",
    "Here is what I think.",
    "",
  ];
  it("shows plain text and code as it comes, holding back nothing for long", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 6 }), chunks, (some, sizes) => {
        const whole = `It goes like this:\n${some.join("\n")}\n\n`;
        const parser = openCallParser({ tools });
        let shown = "";
        for (const chunk of [...cut(whole, sizes), ..."Plain words end it all."]) for (const piece of parser.push(chunk)) if (piece.type === "text") shown += piece.delta;
        expect(shown).toBe(`${whole}Plain words end it all.`);
      }),
      { numRuns: 400 },
    );
  });

  it("reads damaged calls the same at every cut", () => {
    fc.assert(
      fc.property(
        fc.array(call, { minLength: 1, maxLength: 2 }),
        fc.constantFrom(...families),
        fc.nat(400),
        fc.nat(30),
        fc.constantFrom("", " ", "x", '"', "}", "<", "\n"),
        chunks,
        (some, family, at, length, instead, sizes) => {
          const whole = family.write(fitting(some, family));
          const from = at % whole.length;
          const damaged = whole.slice(0, from) + instead + whole.slice(from + length);
          expect(parse(cut(damaged, sizes)), damaged).toEqual(parse([damaged]));
        },
      ),
      { numRuns: 600 },
    );
  });

  it("calls nothing where all of it is quoted as code", () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 2 }), fc.constantFrom(...families.filter(({ alone }) => !alone)), (some, family) => {
        const written = family.write(fitting(some, family)).replace(/[`\n]/g, "");
        const quoted = `It writes \`${written}\` then.`;
        expect(parse([quoted]), quoted).toEqual({ said: quoted, thought: "", calls: [], bad: 0 });
      }),
      { numRuns: 200 },
    );
  });
});
