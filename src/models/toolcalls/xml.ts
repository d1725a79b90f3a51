// Calls as tags: Qwen3-Coder, Nemotron, Seed-OSS and Step (`<function=F><parameter=P>`), and the `<invoke name="F">` kind of MiniMax M2, DeepSeek, Step 3, Muse.
import { broken, cutCall, type Dialect, more, not, type ReadContext, type Reading, skipSpace, take, toolOf } from "./dialect.ts";
import { parseLoose } from "./loose.ts";
import { isFields, unwrapped } from "./shape.ts";
import { schemaOf, typed } from "./typed.ts";

/** How one kind writes its tags. Patterns are sticky; `partial` matches a text that ends within such a tag. */
interface Tags {
  functionOpen: RegExp;
  functionPartial: RegExp;
  parameterOpen: RegExp;
  parameterPartial: RegExp;
  parameterClose: string[];
  functionClose: string[];
  /** Begins the next parameter. */
  parameterMark: string;
  /** Ends the call even if the function's own tag is missing. */
  outerClose: string[];
}

function readFunction(text: string, at: number, tags: Tags, context: ReadContext): Reading {
  const head = sticky(tags.functionOpen, text, at);
  if (!head) {
    const rest = text.slice(at, at + 300);
    if (!tags.functionPartial.test(rest)) return badHead(text, at, tags);
    return context.ended ? { is: "nothing", length: text.length } : more;
  }
  const name = (head[1] as string).trim();
  const tool = toolOf(name, context);
  const args: Record<string, unknown> = {};
  const waits = (): Reading => (context.ended ? cutCall(name, text, true) : more);
  let end = at + head[0].length;
  for (;;) {
    end = skipSpace(text, end);
    if (end >= text.length) return waits();
    const closed = takeClose(text, end, tags);
    if (closed === "more") return waits();
    if (typeof closed === "number") return { is: "calls", length: closed, calls: [{ name, args: unwrapped(args, name, context) }] };
    const parameter = sticky(tags.parameterOpen, text, end);
    if (!parameter) {
      if (tags.parameterPartial.test(text.slice(end, end + 300)) && text.length - end < 300) return waits();
      if (text[end] === "{" && Object.keys(args).length === 0) return jsonInside(text, end, name, tags, context);
      const close = firstOf(text, end, tags.functionClose);
      if (close === undefined) return context.ended ? cutCall(name, text, true) : more;
      return { is: "calls", length: close.end, calls: [broken(name, text.slice(0, close.end))] };
    }
    const start = end + parameter[0].length;
    const value = readParameter(text, start, tags, context);
    if (value === "more") return context.ended ? cutCall(name, text, true) : more;
    const raw = text
      .slice(start, value.at)
      .replace(/^\r?\n/, "")
      .replace(/\r?\n$/, "");
    const key = (parameter[1] as string).trim();
    const read = parameter[2] === "true" ? raw : parameter[2] === "false" ? (parseLoose(raw)?.value ?? raw) : typed(raw, schemaOf(tool, key));
    Object.defineProperty(args, key, { value: read, enumerable: true, configurable: true, writable: true });
    end = value.end;
  }
}

function sticky(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The end of a function: its own closing tag, or an outer one where that is missing. */
function takeClose(text: string, at: number, tags: Tags): number | "more" | "no" {
  let waits = false;
  for (const literal of tags.functionClose) {
    const taken = take(text, at, literal);
    if (typeof taken === "number") return taken;
    waits ||= taken === "more";
  }
  for (const literal of tags.outerClose) {
    const taken = take(text, at, literal);
    if (typeof taken === "number") return at; // left for those who swallow closing tags after a call
    waits ||= taken === "more";
  }
  return waits ? "more" : "no";
}

/**
 * Where a parameter's value ends. Its closing tag counts only before another parameter or the function's end: code may contain the tag. Without one, the
 * next parameter or the end of the whole call ends it.
 */
function readParameter(text: string, start: number, tags: Tags, context: ReadContext): { at: number; end: number } | "more" {
  for (let from = start; ; ) {
    const close = firstOf(text, from, tags.parameterClose);
    const next = unclosed(text, start, close?.at ?? text.length, tags);
    if (next !== undefined) return { at: next, end: next };
    if (!close) return "more";
    const after = skipSpace(text, close.end);
    if (after >= text.length && !context.ended) return "more";
    if (after >= text.length) return { at: close.at, end: close.end };
    const follows = [tags.parameterMark, ...tags.functionClose, ...tags.outerClose].map((literal) => take(text, after, literal));
    if (follows.some((taken) => typeof taken === "number")) return { at: close.at, end: close.end };
    if (follows.includes("more") && !context.ended) return "more";
    from = close.end;
  }
}
/** A new parameter at the beginning of a line, or the end of function and call, before `limit`: the value's own tag is missing. */
function unclosed(text: string, start: number, limit: number, tags: Tags): number | undefined {
  const value = text.slice(start, limit);
  const next = value.indexOf(`\n${tags.parameterMark}`);
  if (next >= 0) return start + next;
  for (const close of tags.functionClose) {
    for (let at = value.indexOf(close); at >= 0; at = value.indexOf(close, at + 1)) {
      const after = skipSpace(value, at + close.length);
      if (tags.outerClose.some((outer) => value.startsWith(outer, after))) return start + at;
    }
  }
  return undefined;
}

function firstOf(text: string, from: number, literals: readonly string[]): { at: number; end: number } | undefined {
  return literals
    .map((literal) => ({ at: text.indexOf(literal, from), end: text.indexOf(literal, from) + literal.length }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0];
}

function jsonInside(text: string, at: number, name: string, tags: Tags, context: ReadContext): Reading {
  const close = firstOf(text, at, tags.functionClose);
  if (!close) return context.ended ? cutCall(name, text, true) : more;
  const args = parseLoose(text.slice(at, close.at))?.value;
  if (!isFields(args)) return { is: "calls", length: close.end, calls: [broken(name, text.slice(0, close.end))] };
  return { is: "calls", length: close.end, calls: [{ name, args: unwrapped(args, name, context) }] };
}

/** A function's opening tag that is no tag, but is followed by a function's end: nothing to save, nothing to show. */
function badHead(text: string, at: number, tags: Tags): Reading {
  const empty = /^<function=[^>]{0,200}>?\s*<\/function>/.exec(text.slice(at));
  return empty && tags.parameterMark === "<parameter=" ? { is: "nothing", length: at + empty[0].length } : not;
}

const functionTags: Tags = {
  functionOpen: /<function=\s*["']?([\w.:/-]+)["']?\s*>/y,
  functionPartial: /^(<|<f[a-z]*|<function=\s*["']?[\w.:/-]*["']?\s*)$|^<function=[^>]{0,200}>?\s*(<(\/[a-z]*)?)?$/,
  parameterOpen: /<parameter=\s*["']?([^>"']+?)["']?\s*>/y,
  parameterPartial: /^(<|<p[a-z]*|<parameter=[^>]*)$/,
  parameterClose: ["</parameter>"],
  functionClose: ["</function>"],
  parameterMark: "<parameter=",
  outerClose: ["</tool_call>", "</seed:tool_call>"],
};

/** The `<invoke>` kind with a prefix in its tags. */
const invokeTags = (prefix: string, outerClose: string[]): Tags => ({
  functionOpen: new RegExp(`<${prefix}invoke name="([^"<>]+)"\\s*>`, "y"),
  functionPartial: new RegExp(`^<${prefix}invoke[^>]{0,200}$`),
  parameterOpen: new RegExp(`<${prefix}parameter name="([^"<>]+)"(?:\\s+string="(true|false)")?[^>]*>`, "y"),
  parameterPartial: new RegExp(`^(<|<${prefix}parameter[^>]*)$`),
  parameterClose: [`</${prefix}parameter>`],
  functionClose: [`</${prefix}invoke>`],
  parameterMark: `<${prefix}parameter`,
  outerClose,
});

/** Marks around functions may stand before the function's tag, in any number. */
function wrapped(name: string, wrappers: string[], start: string, tags: Tags): Dialect {
  const marks = [...wrappers, start];
  return {
    name,
    opens: () => marks,
    where: "any",
    sure: true,
    special: start.includes("｜"),
    read(text, context) {
      for (let at = 0; ; ) {
        if (text.startsWith(start, at)) return readFunction(text, at, tags, context);
        const taken = wrappers.map((mark) => take(text, at, mark));
        if ([...taken, take(text, at, start)].includes("more")) return context.ended ? { is: "nothing", length: text.length } : more;
        const next = taken.find((end) => typeof end === "number");
        if (next === undefined) return not;
        at = skipSpace(text, next);
      }
    },
  };
}

export const xmlDialects: Dialect[] = [
  wrapped("qwen3-coder", ["<tool_call>", "<seed:tool_call>"], "<function=", functionTags),
  wrapped("deepseek-dsml", ["<｜DSML｜function_calls>", "<｜DSML｜tool_calls>"], "<｜DSML｜invoke", invokeTags("｜DSML｜", ["</｜DSML｜function_calls>", "</｜DSML｜tool_calls>"])),
  wrapped(
    "step3",
    ["<｜tool_calls_begin｜>", "<｜tool_call_begin｜>function<｜tool_sep｜>", "<｜tool_call_begin｜>"],
    "<steptml:invoke",
    invokeTags("steptml:", ["<｜tool_call_end｜>", "<｜tool_calls_end｜>"]),
  ),
  wrapped("muse", ["<atem:function_calls>"], "<atem:invoke", invokeTags("atem:", ["</atem:function_calls>"])),
  wrapped("invoke", ["<minimax:tool_call>", "<function_calls>", "<tool_call>"], "<invoke name=", invokeTags("", ["</minimax:tool_call>", "</function_calls>", "</tool_call>"])),
];
