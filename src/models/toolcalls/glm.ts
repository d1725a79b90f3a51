// GLM 4.5 to 4.7, Hunyuan 3, Laguna: `<tool_call>NAME<arg_key>K</arg_key><arg_value>V</arg_value></tool_call>`.
import { readArgs } from "./body.ts";
import { broken, cutCall, type Dialect, more, not, type ReadContext, type Reading, toolOf } from "./dialect.ts";
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
    const rest = text.slice(at, at + "<tool_sep>".length);
    if (rest === "<tool_sep>") at = skip(text, at + rest.length);
    else if (rest.length < "<tool_sep>".length && ["<tool_sep>", "<arg_key>", close, "\\"].some((mark) => mark.startsWith(rest))) return nothing;
    if (text[at] === "{") return readArgs(text, at, name, { closers: [close] }, context);
    if (text.startsWith(close, at)) return { is: "calls", length: at + close.length, calls: [{ name, args: {} }] };
    if (!text.startsWith("<arg_key>", at)) return at >= text.length || "<arg_key>".startsWith(text.slice(at)) || close.startsWith(text.slice(at)) ? nothing : not;
    return readPairs(text, at, name, context);
  },
};

function readPairs(text: string, from: number, name: string, context: ReadContext): Reading {
  const args: Record<string, unknown> = {};
  const tool = toolOf(name, context);
  const waits = (): Reading => (context.ended ? cutCall(name, text, true) : more);
  for (let at = skip(text, from); ; at = skip(text, at)) {
    if (text.startsWith(close, at)) return { is: "calls", length: at + close.length, calls: [{ name, args: unwrapped(args, name, context) }] };
    const pair = /<arg_key>([^<]*)<\/arg_key>(?:\s|\\n)*<arg_value>/y;
    pair.lastIndex = at;
    const key = pair.exec(text);
    if (!key) {
      if (/^(<|<\/?[a-z_]{0,10}|<arg_key>[^<]*(<\/?[a-z_]*>?((\s|\\n|\\)*(<[a-z_]*)?)?)?)?$/.test(text.slice(at, at + 400))) return waits();
      const closed = text.indexOf(close, at);
      if (closed < 0) return waits();
      return { is: "calls", length: closed + close.length, calls: [broken(name, text.slice(0, closed + close.length))] };
    }
    const start = at + key[0].length;
    const closed = text.indexOf("</arg_value>", start);
    const next = text.slice(start, closed < 0 ? text.length : closed).search(/\n?<arg_key>[^<\n]{1,100}<\/arg_key>(\s|\\n)*<arg_value>/);
    if (closed < 0 && next < 0) return waits();
    const end = next >= 0 ? start + next : closed;
    const value = typed(text.slice(start, end), schemaOf(tool, (key[1] as string).trim()), true);
    Object.defineProperty(args, (key[1] as string).trim(), { value, enumerable: true, configurable: true, writable: true });
    at = next >= 0 ? end : end + "</arg_value>".length;
  }
}
