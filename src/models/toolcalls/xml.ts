// Calls as tags: Qwen3-Coder, Nemotron, Seed-OSS, Step and MiniCPM (`<function=F><parameter=P>`), and the `<invoke name="F">` kind of MiniMax M2, DeepSeek, Step 3, Muse, Dots.
import { broken, cutCall, type Dialect, more, not, type ReadContext, type Reading, satisfied, skipSpace, take, takeAny, toolOf } from "./dialect.ts";
import { type Ends, valueEnd } from "./ends.ts";
import { parseLoose } from "./loose.ts";
import { isFields, unwrapped } from "./shape.ts";
import { schemaOf, typed } from "./typed.ts";

/** How one kind writes its tags. Patterns are sticky and take whole tags; the name is their first group that isn't empty. */
interface Tags {
  functionOpen: RegExp;
  parameterOpen: RegExp;
  /** Begin a function, the next parameter. */
  functionMark: string;
  parameterMark: string;
  parameterClose: string[];
  functionClose: string[];
  /** Ends the call even if the function's own tag is missing. */
  outerClose: string[];
}

/** Longest opening tag. */
const longestTag = 300;

function readFunction(text: string, at: number, tags: Tags, context: ReadContext): Reading {
  const head = sticky(tags.functionOpen, text, at);
  if (!head) {
    if (text.length - at >= longestTag || text.includes(">", at)) return badHead(text, at, tags, context);
    return context.ended ? { is: "nothing", length: text.length } : more;
  }
  const name = nameIn(head);
  const args: Record<string, unknown> = {};
  const done = (length: number): Reading => ({ is: "calls", length, calls: [{ name, args: unwrapped(args, name, context) }] });
  const waits = (): Reading => (context.ended ? cutCall(name, text, true) : more);
  const ends = endsOf(text, tags, name, context);
  let end = at + head[0].length;
  for (let nth = 0; ; nth++) {
    end = skipSpace(text, end);
    // the answer ended after a whole parameter: only closing tags are missing
    if (end >= text.length && nth > 0 && context.whole && satisfied(args, name, context)) return done(text.length);
    if (end >= text.length) return waits();
    const closed = takeClose(text, end, tags);
    if (closed === "more") return waits();
    if (typeof closed === "number") return done(closed);
    const parameter = sticky(tags.parameterOpen, text, end);
    if (!parameter) {
      if (ends.next(end, false) === "more") return waits();
      if (text[end] === "{" && nth === 0) return jsonInside(text, end, name, tags, context);
      const close = firstOf(text, end, tags.functionClose);
      if (close === undefined) return waits();
      return { is: "calls", length: close.end, calls: [broken(name, text.slice(0, close.end))] };
    }
    const start = end + parameter[0].length;
    const value = valueEnd(text, start, ends, context);
    if (value === "more") return waits();
    const raw = text
      .slice(start, value.at)
      .replace(/^\r?\n/, "")
      .replace(/\r?\n$/, "");
    Object.defineProperty(args, nameIn(parameter), { value: parameterValue(raw, parameter, name, context), enumerable: true, configurable: true, writable: true });
    end = value.end;
  }
}

const nameIn = (tag: RegExpExecArray): string => (tag.slice(1).find((group) => group !== undefined && group !== "") ?? "").trim();

/** DeepSeek says in the tag whether the value is a string; else the tool's schema does. */
function parameterValue(raw: string, tag: RegExpExecArray, name: string, context: ReadContext): unknown {
  const cdata = /^\s*<!\[CDATA\[([\s\S]*)\]\]>\s*$/.exec(raw)?.[1];
  const asString = /\sstring="(true|false)"/.exec(tag[0])?.[1];
  if (asString === "true") return raw;
  if (asString === "false") return parseLoose(raw)?.value ?? raw;
  return typed(cdata ?? raw, schemaOf(toolOf(name, context), nameIn(tag)));
}

function sticky(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** A parameter without a closing tag before it must be one that the tool has. */
function endsOf(text: string, tags: Tags, name: string, context: ReadContext): Ends {
  const properties = toolOf(name, context)?.parameters.properties;
  return {
    close: tags.parameterClose,
    outer: [...tags.functionClose, ...tags.outerClose],
    open: [tags.functionMark],
    next(at, alone) {
      const mark = take(text, at, tags.parameterMark);
      if (typeof mark !== "number") return mark === "more" ? "more" : false;
      const tag = sticky(tags.parameterOpen, text, at);
      if (!tag) return text.length - at < longestTag && !text.includes(">", at) ? "more" : false;
      return !alone || !isFields(properties) || nameIn(tag) in properties;
    },
  };
}

/** The end of a function: its own closing tag, or an outer one where that is missing, which is left for those who swallow closing tags after a call. */
function takeClose(text: string, at: number, tags: Tags): number | "more" | "no" {
  const own = takeAny(text, at, tags.functionClose);
  if (typeof own === "number") return own;
  const outer = takeAny(text, at, tags.outerClose);
  return typeof outer === "number" ? at : own === "more" || outer === "more" ? "more" : "no";
}

function firstOf(text: string, from: number, literals: readonly string[]): { at: number; end: number } | undefined {
  return literals
    .map((literal) => ({ at: text.indexOf(literal, from), end: text.indexOf(literal, from) + literal.length }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0];
}

function jsonInside(text: string, at: number, name: string, tags: Tags, context: ReadContext): Reading {
  const close = firstOf(text, at, tags.functionClose);
  context.spent += (close?.at ?? text.length) - at;
  if (!close) return context.ended ? cutCall(name, text, true) : more;
  const args = parseLoose(text.slice(at, close.at))?.value;
  if (!isFields(args)) return { is: "calls", length: close.end, calls: [broken(name, text.slice(0, close.end))] };
  return { is: "calls", length: close.end, calls: [{ name, args: unwrapped(args, name, context) }] };
}

/** A function's opening tag that is no tag, but is followed by a function's end: nothing to save, nothing to show. */
function badHead(text: string, at: number, tags: Tags, context: ReadContext): Reading {
  if (tags !== functionTags) return not;
  const start = text.slice(at, at + 2 * longestTag);
  const empty = /^<function=[^>]{0,200}>?\s*<\/function>/.exec(start);
  if (empty) return { is: "nothing", length: at + empty[0].length };
  return !context.ended && start.length < 2 * longestTag && /^<function=[^>]{0,200}>?\s*(?:<[/a-z]*)?$/.test(start) ? more : not;
}

const functionTags: Tags = {
  functionOpen: /<function(?:=\s*["']?([\w.:/-]+)["']?|\s*name\s*=\s*["']?([\w.:/-]+)["']?[^>]{0,100})\s*>/y,
  parameterOpen: /<param(?:eter)?(?:=\s*["']?([^>"']+?)["']?|\s*name\s*=\s*["']?([^>"']+?)["']?)\s*>/y,
  functionMark: "<function=",
  parameterMark: "<param",
  parameterClose: ["</parameter>", "</param>"],
  functionClose: ["</function>"],
  outerClose: ["</tool_call>", "</seed:tool_call>"],
};

/** The `<invoke>` kind with a prefix in its tags. */
const invokeTags = (prefix: string, outerClose: string[]): Tags => ({
  functionOpen: new RegExp(`<${prefix}invoke\\s+name\\s*=\\s*["']?([^"'<>]+)["']?[^<>]{0,100}>`, "y"),
  parameterOpen: new RegExp(`<${prefix}parameter\\s+name\\s*=\\s*["']?([^"'<>\\s]+)["']?[^<>]{0,100}>`, "y"),
  functionMark: `<${prefix}invoke name`,
  parameterMark: `<${prefix}parameter`,
  parameterClose: [`</${prefix}parameter>`],
  functionClose: [`</${prefix}invoke>`],
  outerClose,
});

/** Marks around functions may stand before the function's tag, up to three. */
function wrapped(name: string, wrappers: string[], starts: string[], tags: Tags): Dialect {
  const marks = [...wrappers, ...starts];
  return {
    name,
    opens: () => marks,
    where: "any",
    sure: true,
    special: starts.some((start) => start.includes("｜")),
    read(text, context) {
      for (let at = 0, nth = 0; nth < 4; nth++) {
        if (starts.some((start) => text.startsWith(start, at))) return readFunction(text, at, tags, context);
        const next = takeAny(text, at, marks);
        if (next === "more") return context.ended ? { is: "nothing", length: text.length } : more;
        if (next === "no") return not;
        at = skipSpace(text, next);
      }
      return not;
    },
  };
}

const generic = ["minimax:tool_call", "function_calls", "tool_call", "tool_calls", "dots_function_call", "anythingllm:function_calls"];
const openTag = (tag: string): string => `<${tag}>`;
const closeTag = (tag: string): string => `</${tag}>`;
const dsml = ["｜DSML｜function_calls", "｜DSML｜tool_calls"];

export const xmlDialects: Dialect[] = [
  wrapped("qwen3-coder", ["<tool_call>", "<seed:tool_call>"], ["<function=", "<function name", "<functionname="], functionTags),
  wrapped("deepseek-dsml", dsml.map(openTag), ["<｜DSML｜invoke"], invokeTags("｜DSML｜", dsml.map(closeTag))),
  wrapped(
    "step3",
    ["<｜tool_calls_begin｜>", "<｜tool_call_begin｜>function<｜tool_sep｜>", "<｜tool_call_begin｜>"],
    ["<steptml:invoke"],
    invokeTags("steptml:", ["<｜tool_call_end｜>", "<｜tool_calls_end｜>"]),
  ),
  wrapped("muse", ["<atem:function_calls>"], ["<atem:invoke"], invokeTags("atem:", ["</atem:function_calls>"])),
  wrapped("antml", ["<function_calls>"], ["<invoke"], invokeTags("antml:", ["</function_calls>"])),
  wrapped("invoke", generic.map(openTag), ["<invoke name", "<invoke  name"], invokeTags("", generic.map(closeTag))),
];
