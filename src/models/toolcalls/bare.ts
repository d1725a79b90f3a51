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

const infos = ["", "json", "jsonl", "xml", "tool_call", "tool_calls", "tool_code", "tool", "function_call", "python", "py"];

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
    if (from >= text.length) return !context.ended && infos.some((name) => name.startsWith(info)) ? more : not;
    if (!infos.includes(info)) return not;
    const read = readInner(text.slice(from), inner, context);
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
    const opens = dialect.opens(context.tools);
    if (!opens.some((open) => body.startsWith(open))) continue;
    const read = dialect.read(body, context);
    if (read.is !== "not") return read;
  }
  if (!context.ended && inner.some((dialect) => dialect.opens(context.tools).some((mark) => mark.length > body.length && mark.startsWith(body)))) return more;
  return readPython(body, context);
}

/** Calls as Python, all of tools that are offered for sure: any code is full of calls. */
function readPython(body: string, context: ReadContext): Reading {
  if (!context.tools) return not;
  const name = /^\[?\s*([\w.-]*)/.exec(body)?.[1] ?? "";
  const begun = body.length < 200 && /^\[?\s*[\w.-]*\s*$/.test(body) && context.tools.some((tool) => tool.name.startsWith(name));
  if (!offered(name, context) || begun) return begun && !context.ended ? more : not;
  const listed = body.startsWith("[");
  const read = readCalls(body, listed ? 1 : 0, context, true);
  if (read.is === "cut") return context.ended ? not : more;
  if (read.is === "wrong") return not;
  const end = skipSpace(body, read.end);
  if (!listed) return { is: "calls", length: read.end, calls: read.calls };
  if (body[end] === "]") return { is: "calls", length: end + 1, calls: read.calls };
  return end >= body.length && !context.ended ? more : not;
}
