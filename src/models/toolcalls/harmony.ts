// gpt-oss and Muse Glimmer: messages with headers that say whether what follows is a thought, text for the person, or a call.
import { readArgs } from "./body.ts";
import { type Dialect, more, not, type ReadContext, type Reading, skipSpace, take } from "./dialect.ts";

/** Where a message ends: marks that begin the next one and stay, and marks that go. */
const starts = ["<|start|>", "<|channel|>"];
const ends = ["<|end|>", "<|return|>", "<|call|>", "<|eom|>", "<|eot|>"];

const header = /^(?:assistant)?[^<]{0,200}(?:<\|(?:start|channel|constrain)\|>[^<]{0,200})*<\|message\|>/;
const partial = /^(?:assistant)?[^<]{0,200}(?:<\|(?:start|channel|constrain)\|>[^<]{0,200})*(?:<(?:\|(?:[a-z]*\|?)?)?)?$/;

export const harmony: Dialect = {
  name: "harmony",
  opens: () => [...starts, "<|constrain|>"],
  where: "any",
  sure: true,
  special: true,
  read: (text, context) => readMessage(text, context),
};

/** The server's template may have written `<|start|>assistant` already: the answer begins in the header. */
export const harmonyRest: Dialect = {
  name: "harmony-rest",
  opens: (tools) => [
    ...["self", "user", ...(tools ?? []).map(({ name }) => name)].map((name) => `to=${name}<`),
    "to=functions.",
    "assistant<|",
    "analysis<|",
    "final<|",
    "commentary<|",
    "commentary to=",
    "<|message|>",
  ],
  where: "start",
  sure: true,
  read: (text, context) => readMessage(text, context),
};

function readMessage(text: string, context: ReadContext): Reading {
  const stripped = /^(?:commentary )?to=functions\.([\w.-]+)\s*(?:json|code)?\s*(?=\{)/.exec(text);
  if (stripped?.[1]) return readArgs(text, stripped[0].length, stripped[1], { closers: [] }, context);
  const start = text.slice(0, 2000);
  const head = header.exec(start)?.[0];
  if (head === undefined) return text.length < 2000 && partial.test(start) ? (context.ended ? { is: "nothing", length: text.length } : more) : not;
  const to = /\bto=(?:functions\.)?([\w.:/-]+)/.exec(head)?.[1];
  const channel = /.*<\|channel\|>\s*(\w+)/s.exec(head)?.[1] ?? /^(analysis|final|commentary)/.exec(head)?.[1];
  const opens = (what: "text" | "thought"): Reading => ({ is: "opens", length: head.length, what, closers: [...ends, ...starts] });
  if (to === "self") return opens("thought");
  if (to !== undefined && to !== "assistant" && to !== "user" && to !== "all") {
    // Muse writes tags in there, which are read as such
    const tagged = take(text, skipSpace(text, head.length), "<atem:");
    if (tagged !== "no") return typeof tagged === "number" || context.ended ? opens("text") : more;
    const read = readArgs(text, head.length, to, { closers: ends }, context);
    return read.is === "not" ? opens("text") : read;
  }
  return opens(channel === "analysis" ? "thought" : "text");
}
