// GLM 4.5 to 4.7, Hunyuan 3, Laguna, HyperCLOVA: `<tool_call>NAME<arg_key>K</arg_key><arg_value>V</arg_value></tool_call>`.
import { readArgs } from "./body.ts";
import { broken, cutCall, type Dialect, more, not, type ReadContext, type Reading, satisfied, take, takeAny, toolOf } from "./dialect.ts";
import { type Ends, valueEnd } from "./ends.ts";
import { unwrapped } from "./shape.ts";
import { schemaOf, typed } from "./typed.ts";

const open = "<tool_call>";
const close = "</tool_call>";
/** White space, or a line break that was escaped once too often. */
const space = /(?:\s|\\n)*/y;
const skip = (text: string, at: number): number => {
  space.lastIndex = at;
  return at + (space.exec(text)?.[0].length ?? 0);
};

export const glm: Dialect = {
  name: "glm",
  opens: () => [open, "<tool_calls>"],
  where: "any",
  sure: true,
  read(text, context) {
    const nothing: Reading = context.ended ? { is: "nothing", length: text.length } : more;
    const outer = /^<tool_calls>\s*/.exec(text)?.[0] ?? "";
    if (outer !== "" && !text.startsWith(open, outer.length)) return open.startsWith(text.slice(outer.length)) ? nothing : not;
    const start = outer.length + open.length;
    const name = /^\r?\n?([A-Za-z_][\w.:/-]*)/.exec(text.slice(start, start + 300))?.[1];
    if (!name) return /^\s?$/.test(text.slice(start)) ? nothing : not;
    let at = skip(text, text.indexOf(name, start) + name.length);
    const separator = take(text, at, "<tool_sep>");
    if (typeof separator === "number") at = skip(text, separator);
    if (text[at] === "{") return readArgs(text, at, name, { closers: [close] }, context);
    const mark = takeAny(text, at, [close, "<arg_key>"]);
    if (text.startsWith(close, at)) return { is: "calls", length: at + close.length, calls: [{ name, args: {} }] };
    if (typeof mark === "number" || keyAt(text, at, context)) return readPairs(text, at, name, context);
    if (separator === "more" || mark === "more") return nothing;
    return !context.ended && text.length - at < 150 && begunKey.test(text.slice(at)) ? more : not;
  },
};

/** A key and the tags before its value, one of which may be missing. */
const keyTags = /(?:<arg_key>([^<\n]{1,100}?)|([\w.-]{1,60}))\s*<\/arg_key>(?:\s|\\n)*(<arg_value>)?|<arg_key>([^<\n]{1,100}?)\s*(<arg_value>)/y;
/** A text that ends within such tags, or before a key of which the opening tag is missing has been closed. */
const begunKey =
  /^(?:\\|<[a-z_]*|[\w.-]{0,60}\s*(?:<[a-z_/]*)?|<arg_key>[^<\n]{0,100}(?:<[a-z_/]*)?|(?:<arg_key>[^<\n]{1,100}|[\w.-]{1,60}\s*)<\/arg_key>(?:\s|\\n|\\)*(?:<[a-z_]*)?)$/;

/** Undefined: there is none, or it can't be told yet where its value begins. */
function keyAt(text: string, at: number, context: ReadContext): { key: string; end: number } | undefined {
  keyTags.lastIndex = at;
  const found = keyTags.exec(text);
  if (!found) return undefined;
  const end = at + found[0].length;
  if (!found[3] && !found[5] && !context.ended && (end >= text.length || text[end] === "\\" || take(text, end, "<arg_value>") === "more")) return undefined;
  return { key: (found[1] ?? found[2] ?? found[4] ?? "").trim(), end };
}

function readPairs(text: string, from: number, name: string, context: ReadContext): Reading {
  const args: Record<string, unknown> = {};
  const tool = toolOf(name, context);
  const waits = (): Reading => (context.ended ? cutCall(name, text, true) : more);
  const done = (length: number): Reading => ({ is: "calls", length, calls: [{ name, args: unwrapped(args, name, context) }] });
  const ends = endsOf(text, context);
  for (let at = skip(text, from), nth = 0; ; at = skip(text, at), nth++) {
    if (text.startsWith(close, at)) return done(at + close.length);
    if (at >= text.length && nth > 0 && context.whole && satisfied(args, name, context)) return done(text.length);
    const key = keyAt(text, at, context);
    if (!key) {
      if (text.length - at < 300 && (take(text, at, close) === "more" || begunKey.test(text.slice(at)))) return waits();
      const closed = text.indexOf(close, at);
      context.spent += (closed < 0 ? text.length : closed) - at;
      if (closed < 0) return waits();
      return { is: "calls", length: closed + close.length, calls: [broken(name, text.slice(0, closed + close.length))] };
    }
    const value = valueEnd(text, key.end, ends, context);
    if (value === "more") return waits();
    const raw = text.slice(key.end, value.at);
    const read = typed(value.end === value.at ? raw.replace(/\r?\n$/, "") : raw, schemaOf(tool, key.key), true);
    Object.defineProperty(args, key.key, { value: read, enumerable: true, configurable: true, writable: true });
    at = value.end;
  }
}

const endsOf = (text: string, context: ReadContext): Ends => ({
  close: ["</arg_value>"],
  outer: [close],
  open: [open],
  next(at, alone) {
    const mark = take(text, at, "<arg_key>");
    if (typeof mark !== "number") return mark === "more" ? "more" : false;
    if (!alone || keyAt(text, at, context)) return true;
    return text.length - at < 150 ? "more" : false;
  },
});
