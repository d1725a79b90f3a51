// A name between marks, then its arguments as JSON: DeepSeek, Kimi K2, Mistral and Devstral, Functionary.
import { readArgs } from "./body.ts";
import { type Dialect, more, not, offered, type ReadContext, type Reading, skipSpace, takeAny } from "./dialect.ts";

interface Marks {
  name: string;
  /** Marks around several calls; either may be missing. */
  sections: string[];
  open: string[];
  separator: string[];
  close: string[];
  /** From what stands between `open` and `separator`. */
  nameOf(text: string): string;
}

const sided = (marks: string[]): string[] => marks.flatMap((mark) => [`<｜${mark}｜>`, `<|${mark}|>`]);
const kinds: Marks[] = [
  {
    name: "deepseek",
    sections: sided(["tool▁calls▁begin", "tool_calls_begin", "tool calls begin", "tool\\_calls\\_begin", "tool▁calls"]),
    open: sided(["tool▁call▁begin", "tool_call_begin"]),
    separator: sided(["tool▁sep", "tool_sep"]),
    close: sided(["tool▁call▁end", "tool_call_end", "tool▁calls▁end", "tool_calls_end"]),
    nameOf: (text) => text.trim(),
  },
  {
    name: "kimi",
    sections: ["<|tool_calls_section_begin|>", "<|tool_call_section_begin|>"],
    open: ["<|tool_call_begin|>"],
    separator: ["<|tool_call_argument_begin|>"],
    close: ["<|tool_call_end|>", "<|tool_calls_section_end|>", "<|tool_call_section_end|>"],
    nameOf: (text) =>
      text
        .trim()
        .replace(/^functions\.\s*/, "")
        .replace(/\s*:\d+$/, ""),
  },
];

const named = (marks: Marks): Dialect => ({
  name: marks.name,
  opens: () => [...marks.sections, ...marks.open],
  where: "any",
  sure: true,
  special: true,
  read: (text, context) => readNamed(text, marks, context),
});

const plainName = /^\s*[\w.:/-]+\s*$/;
/** What may stand before a separator. */
const nameSoFar = /^[\s\w.:/-]*$/;
function readNamed(text: string, marks: Marks, context: ReadContext): Reading {
  const waits: Reading = context.ended ? { is: "nothing", length: text.length } : more;
  let at = 0;
  const section = takeAny(text, at, marks.sections);
  if (typeof section === "number") at = skipSpace(text, section);
  let opened = takeAny(text, at, marks.open);
  if (opened === "more") return waits;
  if (opened === "no") {
    const ended = takeAny(text, at, marks.close);
    if (ended === "more") return waits;
    if (typeof ended === "number") return { is: "nothing", length: ended };
    // the mark may be missing, or stray words stand before it
    const straight = /^(?:function)?[\w.:/-]*(?=<[^<>]*$|<[^<>]*>)/.exec(text.slice(at, at + 300))?.[0] ?? "";
    const next = firstOf(text, at, marks.open);
    if (takeAny(text, at + straight.length, marks.separator) !== "no") opened = at;
    else if (next) opened = next.end;
    else return text.length - at < window ? waits : not;
  }
  const separator = firstOf(text, opened, marks.separator);
  if (!separator) {
    const name = text.slice(opened, opened + window).replace(/<[^>]*$/, "");
    return name.length < 200 && nameSoFar.test(name) ? waits : not;
  }
  const before = text.slice(opened, separator.at);
  if (before.trim() !== "function") {
    const name = marks.nameOf(before);
    return plainName.test(name) ? readArgs(text, separator.end, name, { closers: marks.close }, context) : not;
  }
  // DeepSeek's first form: function, separator, NAME, line break, fenced JSON
  const line = /^\s*([\w.:/-]+)\s*(?=[`{])/.exec(text.slice(separator.end, separator.end + 300));
  if (line) return readArgs(text, separator.end + line[0].length, line[1] as string, { closers: marks.close }, context);
  return /^\s*[\w.:/-]*\s*$/.test(text.slice(separator.end)) ? waits : not;
}

/** How far a mark may stand from the one before it. */
const window = 500;
function firstOf(text: string, from: number, literals: readonly string[]): { at: number; end: number } | undefined {
  let first: { at: number; end: number } | undefined;
  const near = text.slice(from, from + window);
  for (const literal of literals) {
    const at = near.indexOf(literal);
    if (at >= 0 && (!first || from + at < first.at)) first = { at: from + at, end: from + at + literal.length };
  }
  return first;
}

/** `[TOOL_CALLS]NAME[ARGS]{...}`, with an optional `[CALL_ID]ID`. */
const mistral: Dialect = {
  name: "mistral-args",
  opens: () => ["[TOOL_CALLS]"],
  where: "any",
  sure: true,
  special: true,
  read(text, context) {
    const head = /^\[TOOL_CALLS\]\s*([\w.:/-]*)\s*(?:\[CALL_ID\]\s*\w*\s*)?(?:\[ARGS\]\s*(?=[^\s])|(?=\{))/.exec(text);
    if (head?.[1]) return readArgs(text, head[0].length, head[1], { closers: ["[/ARGS]"] }, context);
    if (/^\[TOOL_CALLS\]\s*$/.test(text)) return context.ended ? { is: "nothing", length: text.length } : more;
    if (!/^\[TOOL_CALLS\]\s*[\w.:/-]+\s*(\[[A-Z_\]]*\s*\w*\s*(\[[A-Z\]]*\s*)?)?$/.test(text)) return not;
    return context.ended ? { is: "nothing", length: text.length } : more;
  },
};

/** `<function=NAME>{...}</function>`: Functionary 3.1 and Llama 3. */
const functionary: Dialect = {
  name: "functionary",
  opens: () => ["<function=", "<function:", "<function name="],
  where: "any",
  sure: true,
  read(text, context) {
    const head = /^<function(?:[=:]| name=)\s*["']?([\w.:/-]+)["']?\s*>\s*(?=\S)/.exec(text);
    if (head?.[1]) return text[head[0].length] === "{" ? readArgs(text, head[0].length, head[1], { closers: ["</function>"] }, context) : not;
    if (!/^<function(?:[=:]| name=)\s*["']?[\w.:/-]*["']?\s*>?\s*$/.test(text)) return not;
    return context.ended ? { is: "nothing", length: text.length } : more;
  },
};

/** Functionary 3.2: `>>>NAME` and JSON. `all` is plain text. */
const recipient: Dialect = {
  name: "functionary-recipient",
  opens: () => [">>>"],
  where: "any",
  sure: true,
  read(text, context) {
    const head = /^(>>>)?([\w.:/-]+)\n\s*(?=\S)/.exec(text);
    if (head?.[2] === "all") return { is: "opens", length: head[0].length, what: "text", closers: [] };
    if (head?.[2] && context.tools && offered(head[2], context)) {
      return text[head[0].length] === "{" ? readArgs(text, head[0].length, head[2], { closers: ["<|eot_id|>"] }, context) : not;
    }
    return !head && !context.ended && /^(>{0,3})[\w.:/-]*\n?\s*$/.test(text) ? more : not;
  },
};

/** At the beginning of the answer the template has written the mark. */
const firstRecipient: Dialect = {
  ...recipient,
  name: "functionary-first",
  sure: false,
  opens: (tools) => ["all\n", ...(tools ?? []).map((tool) => `${tool.name}\n`)],
  where: "start",
};

export const namedDialects: Dialect[] = [...kinds.map(named), mistral, functionary, recipient, firstRecipient];
