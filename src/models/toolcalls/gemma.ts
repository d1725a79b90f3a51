// Gemma 4 and FunctionGemma: `call:NAME{key:value}` between marks, strings in marks of their own. Outside of calls such an object is shown as JSON.
import { readArgs, readCharged } from "./body.ts";
import { type Dialect, more, not, skipSpace, take } from "./dialect.ts";

const quote = '<|"|>';

const gemma = (name: string, open: string, close: string[], mark: string): Dialect => ({
  name,
  opens: () => [open],
  where: "any",
  sure: true,
  special: true,
  read(text, context) {
    const rest = text.slice(open.length, open.length + 301);
    const head = /^\s*(?:call:)?\s*([\w.:/-]+)\s*(?=\{)/.exec(rest);
    if (head?.[1]) return readArgs(text, open.length + head[0].length, head[1].replace(/^call:/, ""), { closers: close, loose: { marks: [mark], bareWords: true } }, context);
    if (rest.length > 300 || !/^\s*(?:call:)?\s*[\w.:/-]*\s*$/.test(rest)) return not;
    return context.ended ? { is: "nothing", length: text.length } : more;
  },
});

/** An object or a list that is no call: its special tokens are nothing that a person should see. */
export const gemmaObject: Dialect = {
  name: "gemma-object",
  opens: () => ["{", "["],
  where: "word",
  sure: false,
  read(text, context) {
    const marked = holdsMark(text);
    if (marked !== true) return marked === "more" && !context.ended ? more : not;
    const read = readCharged(text, 0, { marks: [quote], bareWords: true }, context);
    if (read.is === "cut" && !context.ended) return more;
    return read.is === "value" ? { is: "text", length: read.end, text: asJson(text.slice(0, read.end)) } : not;
  },
};

/** Does a string in Gemma's marks stand in it, before anything that isn't Gemma's? */
function holdsMark(text: string): boolean | "more" {
  const plain = /(?:\w+\s*:|-?[\d.]+\s*[,\]}]|(?:true|false|null)\s*[,\]}]|[[{])/y;
  for (let at = 0; at < 300; ) {
    at = skipSpace(text, at);
    const mark = take(text, at, quote);
    if (mark !== "no") return mark === "more" ? "more" : true;
    plain.lastIndex = at;
    const found = plain.exec(text);
    if (!found) return /^[\w.-]*\s*$/.test(text.slice(at, at + 60)) && text.length - at < 60 ? "more" : false;
    at += found[0].length;
  }
  return false;
}

/** Strings quoted, keys too, everything else as it was. */
const asJson = (text: string): string =>
  text
    .split(quote)
    .map((part, nth) => (nth % 2 === 1 ? JSON.stringify(part) : part.replace(/([{,]\s*)([\p{L}\p{N}_]+)(?=\s*:)/gu, '$1"$2"')))
    .join("");

export const gemmaDialects: Dialect[] = [
  gemma("gemma4", "<|tool_call>", ["<tool_call|>"], quote),
  gemma("functiongemma", "<start_function_call>", ["<end_function_call>"], "<escape>"),
];
