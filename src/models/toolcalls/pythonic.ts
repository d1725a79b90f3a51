// Calls written as Python: LFM2, Llama 4, OLMo 3, ToolACE and others.
import { readCharged } from "./body.ts";
import { broken, cutCall, type Dialect, more, not, offered, type ReadCall, type ReadContext, type Reading, skipSpace, takeAny, toolOf } from "./dialect.ts";
import { isFields } from "./shape.ts";

type Calls = { is: "read"; calls: ReadCall[]; end: number } | { is: "cut"; name: string } | { is: "wrong"; name: string };

/** `f(a=1), g()`, separated by commas or line breaks, from `at` as far as they go. `known`: only offered names, anything else is wrong at once. */
export function readCalls(text: string, at: number, context: ReadContext, known = false): Calls {
  const calls: ReadCall[] = [];
  let end = at;
  for (;;) {
    let from = skipSpace(text, end);
    const comma = calls.length > 0 && text[from] === ",";
    if (comma) from = skipSpace(text, from + 1);
    const head = /^([A-Za-z_][\w.-]*)\s*\(/.exec(text.slice(from, from + 200));
    if (!head) {
      const partial = from >= text.length || (/^[A-Za-z_][\w.-]*\s*$/.test(text.slice(from)) && text.length - from < 200);
      if (calls.length > 0 && (!partial || context.ended || (from >= text.length && !comma))) return { is: "read", calls, end };
      return { is: partial ? "cut" : "wrong", name: "" };
    }
    const name = head[1] as string;
    if (known && !offered(name, context)) return { is: "wrong", name };
    const args = readArguments(text, from + head[0].length, name, context);
    if (args.is !== "read") return { is: args.is, name };
    calls.push({ name, args: args.args });
    end = args.end;
  }
}

type Arguments = { is: "read"; args: Record<string, unknown>; end: number } | { is: "cut" } | { is: "wrong" };
function readArguments(text: string, at: number, name: string, context: ReadContext): Arguments {
  const args: Record<string, unknown> = {};
  for (let end = at, nth = 0; ; nth++) {
    end = skipSpace(text, end);
    if (end >= text.length) return { is: "cut" };
    if (text[end] === ")") return { is: "read", args, end: end + 1 };
    const keyword = /^([A-Za-z_]\w*)\s*=(?!=)/.exec(text.slice(end, end + 200));
    if (!keyword && /^[A-Za-z_]\w*\s*$/.test(text.slice(end))) return { is: "cut" };
    const key = keyword?.[1] ?? Object.keys(propertiesOf(name, context))[nth];
    const read = readCharged(text, end + (keyword?.[0].length ?? 0), {}, context);
    if (read.is !== "value") return { is: read.is };
    if (key === undefined) return { is: "wrong" };
    Object.defineProperty(args, key, { value: read.value, enumerable: true, configurable: true, writable: true });
    end = skipSpace(text, read.end);
    if (text[end] === ",") end++;
    else if (end < text.length && text[end] !== ")") return { is: "wrong" };
  }
}
const propertiesOf = (name: string, context: ReadContext): Record<string, unknown> => {
  const properties = toolOf(name, context)?.parameters.properties;
  return isFields(properties) ? properties : {};
};

interface Marks {
  name: string;
  open: string;
  close: string[];
}
const kinds: Marks[] = [
  { name: "lfm2-python", open: "<|tool_call_start|>", close: ["<|tool_call_end|>"] },
  { name: "llama4", open: "<|python_start|>", close: ["<|python_end|>", "<|eom|>", "<|eot|>"] },
  { name: "llama3-python", open: "<|python_tag|>", close: ["<|eom_id|>", "<|eot_id|>"] },
  { name: "olmo3", open: "<function_calls>", close: ["</function_calls>"] },
  { name: "tool_call-python", open: "<tool_call>", close: ["</tool_call>"] },
  { name: "tool_code", open: "<tool_code>", close: ["</tool_code>"] },
  { name: "tools-python", open: "<tools>", close: ["</tools>"] },
];

const marked = ({ name, open, close }: Marks): Dialect => ({
  name,
  opens: () => [open],
  where: "any",
  sure: true,
  special: open.startsWith("<|"),
  read(text, context) {
    let from = skipSpace(text, open.length);
    const listed = text[from] === "[";
    if (listed) from++;
    const read = readCalls(text, from, context);
    if (read.is === "cut") {
      if (!context.ended) return more;
      return nextOf(text, from, close, context) === undefined ? cutCall(read.name, text, read.name !== "") : not;
    }
    if (read.is === "wrong") return wrongCall(text, from, read.name, close, context);
    const calls = read.calls.map(withoutBuiltin);
    if (open === "<|python_tag|>" && !read.calls.every((call) => call.name.endsWith(".call") || offered(call.name, context))) return not; // code
    let end = skipSpace(text, read.end);
    if (text[end] === "]") end = skipSpace(text, end + 1);
    else if (listed && end >= text.length) return context.ended ? cutCall(read.calls[0]?.name ?? "", text, true) : more;
    const closed = takeAny(text, end, close);
    if (typeof closed === "number") return { is: "calls", length: closed, calls };
    if (closed === "more") return context.ended ? { is: "calls", length: text.length, calls } : more;
    return { is: "calls", length: end, calls };
  },
});
/** Llama's built-in tools are written NAME.call(...). */
const withoutBuiltin = (call: ReadCall): ReadCall => ({ ...call, name: call.name.replace(/\.call$/, "") });

function nextOf(text: string, from: number, close: readonly string[], context: ReadContext): number | undefined {
  const closer = close.map((mark) => text.indexOf(mark, from)).find((at) => at >= 0);
  context.spent += (closer ?? text.length) - from;
  return closer;
}

function wrongCall(text: string, from: number, name: string, close: readonly string[], context: ReadContext): Reading {
  if (name === "" || !context.tools || !offered(name, context)) return not;
  const closer = nextOf(text, from, close, context);
  if (closer === undefined && !context.ended) return more;
  const length = closer === undefined ? text.length : (takeAny(text, closer, close) as number);
  return { is: "calls", length, calls: [broken(name, text.slice(0, length))] };
}

/** `[f(a=1), g()]` without marks: only offered names. */
const bare: Dialect = {
  name: "python-list",
  opens: () => ["["],
  where: "word",
  sure: false,
  read(text, context) {
    const head = /^\[\s*([A-Za-z_][\w.-]*)\s*\(/.exec(text.slice(0, 200));
    if (!head) return !context.ended && /^\[\s*([A-Za-z_][\w.-]*\s*)?$/.test(text) && mayGrow(text, context) ? more : not;
    if (!offered(head[1] as string, context)) return not;
    const read = readCalls(text, 1, context, true);
    if (read.is === "wrong") return not;
    if (read.is === "cut") return context.ended ? not : more;
    const end = skipSpace(text, read.end);
    if (end >= text.length) return context.ended ? not : more;
    if (text[end] !== "]" || !read.calls.every((call) => offered(call.name, context))) return not;
    return { is: "calls", length: end + 1, calls: read.calls };
  },
};
function mayGrow(text: string, context: ReadContext): boolean {
  const begun = text.slice(1).trim();
  return text.length < 200 && (context.tools === null || context.tools.some((tool) => tool.name.startsWith(begun)));
}

export const pythonicDialects: Dialect[] = [...kinds.map(marked), bare];
