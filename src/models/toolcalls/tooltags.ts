// A tool's own name as a tag and its parameters as tags within, `<read><path>a</path></read>`: what models of some agents were taught. Only offered names count.
import { type Dialect, more, not, type ReadContext, type Reading, satisfied, skipSpace, take, takeAny, toolOf } from "./dialect.ts";
import { type Ends, valueEnd } from "./ends.ts";
import { isFields } from "./shape.ts";
import { schemaOf, typed } from "./typed.ts";

export const toolTags: Dialect = {
  name: "tool-tags",
  opens: (tools) => (tools ?? []).map(({ name }) => `<${name}>`),
  where: "line",
  sure: false,
  read(text, context) {
    const name = /^<([^<>]+)>/.exec(text.slice(0, 200))?.[1] ?? "";
    const properties = toolOf(name, context)?.parameters.properties;
    return isFields(properties) ? readParameters(text, name, Object.keys(properties), context) : not;
  },
};

function readParameters(text: string, name: string, keys: readonly string[], context: ReadContext): Reading {
  const args: Record<string, unknown> = {};
  const close = `</${name}>`;
  for (let at = skipSpace(text, name.length + 2); ; at = skipSpace(text, at)) {
    const ended = take(text, at, close);
    if (typeof ended === "number") return satisfied(args, name, context) ? { is: "calls", length: ended, calls: [{ name, args }] } : not;
    const opens = takeAny(
      text,
      at,
      keys.map((key) => `<${key}>`),
    );
    if (typeof opens !== "number") return (ended === "more" || opens === "more") && !context.ended ? more : not;
    const key = text.slice(at + 1, opens - 1);
    const value = valueEnd(text, opens, endsOf(text, key, keys, close), context);
    if (value === "more") return context.ended ? not : more;
    const raw = text
      .slice(opens, value.at)
      .replace(/^\r?\n/, "")
      .replace(/\r?\n[ \t]*$/, "");
    Object.defineProperty(args, key, { value: typed(raw, schemaOf(toolOf(name, context), key)), enumerable: true, configurable: true, writable: true });
    at = value.end;
  }
}

const endsOf = (text: string, key: string, keys: readonly string[], close: string): Ends => ({
  close: [`</${key}>`],
  outer: [close],
  open: [],
  next(at, alone) {
    if (alone) return false;
    const mark = takeAny(
      text,
      at,
      keys.map((one) => `<${one}>`),
    );
    return mark === "more" ? "more" : typeof mark === "number";
  },
});
