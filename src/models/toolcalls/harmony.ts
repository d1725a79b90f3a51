// gpt-oss: messages in channels. A header says whether what follows is a thought, text for the person, or a call.
import { readArgs } from "./body.ts";
import { type Dialect, more, not, type ReadContext, type Reading } from "./dialect.ts";

/** Where a message ends; the first three also begin the next one and stay. */
const starts = ["<|start|>", "<|channel|>"];
const ends = ["<|end|>", "<|return|>", "<|call|>"];

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
  opens: () => ["to=functions.", "assistant<|", "analysis<|", "final<|", "commentary<|", "commentary to=", "<|message|>"],
  where: "start",
  sure: true,
  read: (text, context) => readMessage(text, context),
};

function readMessage(text: string, context: ReadContext): Reading {
  const stripped = /^(?:commentary )?to=functions\.([\w.-]+)\s*(?:json|code)?\s*(?=\{)/.exec(text);
  if (stripped?.[1]) return readArgs(text, stripped[0].length, stripped[1], { closers: [] }, context);
  const head = header.exec(text)?.[0];
  if (head === undefined) return partial.test(text) && text.length < 2000 ? (context.ended ? { is: "nothing", length: text.length } : more) : not;
  const to = /\bto=(?:functions\.)?([\w.:/-]+)/.exec(head)?.[1];
  const channel = /.*<\|channel\|>\s*(\w+)/s.exec(head)?.[1] ?? /^(analysis|final|commentary)/.exec(head)?.[1];
  if (to !== undefined && to !== "assistant" && to !== "user" && to !== "all") {
    const read = readArgs(text, head.length, to, { closers: ends }, context);
    return read.is === "not" ? { is: "opens", length: head.length, what: "text", closers: [...ends, ...starts] } : read;
  }
  return { is: "opens", length: head.length, what: channel === "analysis" ? "thought" : "text", closers: [...ends, ...starts] };
}
