// Gemma 4 and FunctionGemma: `call:NAME{key:value}` between marks, strings in marks of their own.
import { readArgs } from "./body.ts";
import { type Dialect, more, not } from "./dialect.ts";

const gemma = (name: string, open: string, close: string[], mark: string): Dialect => ({
  name,
  opens: () => [open],
  where: "any",
  sure: true,
  special: true,
  read(text, context) {
    const rest = text.slice(open.length);
    const head = /^\s*(?:call:)?\s*([\w.:/-]+)\s*(?=\{)/.exec(rest.slice(0, 300));
    if (head?.[1]) return readArgs(text, open.length + head[0].length, head[1].replace(/^call:/, ""), { closers: close, loose: { marks: [mark], bareWords: true } }, context);
    if (rest.length > 300 || !/^\s*(?:call:)?\s*[\w.:/-]*\s*$/.test(rest)) return not;
    return context.ended ? { is: "nothing", length: text.length } : more;
  },
});

export const gemmaDialects: Dialect[] = [
  gemma("gemma4", "<|tool_call>", ["<tool_call|>"], '<|"|>'),
  gemma("functiongemma", "<start_function_call>", ["<end_function_call>"], "<escape>"),
];
