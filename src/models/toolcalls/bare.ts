// JSON calls without any mark, and calls inside a code fence. Only offered names count.
import { readJsonBody } from "./body.ts";
import { type Dialect, more, not, offered, type ReadContext, type Reading, skipSpace } from "./dialect.ts";
import { readCalls } from "./pythonic.ts";

export const bareJson: Dialect = {
  name: "json",
  opens: () => ["{", "["],
  where: "word",
  sure: false,
  read: (text, context) => readJsonBody(text, 0, { closers: [], ambiguous: true }, context),
};

const infos = /^(json|jsonl?|xml|tool_calls?|tool_code|tool|function_call|python|py|)$/;

/** A fence that holds nothing but calls. `inner`: the dialects that may stand in it. */
export const fenced = (inner: readonly Dialect[]): Dialect => ({
  name: "fence",
  opens: () => ["```"],
  where: "line",
  sure: false,
  read(text, context) {
    const head = /^```[ \t]*(\w*)[ \t]*\r?\n?\s*/.exec(text);
    const info = head?.[1] ?? "";
    const from = head?.[0].length ?? 0;
    if (from >= text.length) return !context.ended && ["json", "xml", "tool_calls", "tool_code", "function_call", "python"].some((name) => name.startsWith(info)) ? more : not;
    if (!infos.test(info)) return not;
    const body = text.slice(from);
    const read = readInner(body, inner, context);
    if (read.is !== "calls") return read;
    if (!read.calls.every((call) => offered(call.name, context))) return not;
    const after = skipSpace(text, from + read.length);
    if (text.startsWith("```", after)) return { ...read, length: after + 3 };
    return !context.ended && "```".startsWith(text.slice(after)) ? more : not;
  },
});

function readInner(body: string, inner: readonly Dialect[], context: ReadContext): Reading {
  if (/^[{[]/.test(body)) {
    const read = readJsonBody(body, 0, { closers: [], ambiguous: true }, context);
    if (read.is !== "not") return read;
  }
  for (const dialect of inner) {
    if (!dialect.opens(context.tools).some((open) => body.startsWith(open))) continue;
    const read = dialect.read(body, context);
    if (read.is !== "not") return read;
  }
  if (!context.ended && inner.some((dialect) => dialect.opens(context.tools).some((mark) => mark.startsWith(body)))) return more;
  const calls = readCalls(body, 0, context);
  if (calls.is === "read") return { is: "calls", length: calls.end, calls: calls.calls };
  return calls.is === "cut" && !context.ended && body.length < 20_000 ? more : not;
}
