// Kimi K3: everything stands in named channels, `<|open|>NAME<|sep|>...<|close|>NAME<|sep|>`; calls are channels within the channel of tools.
import { broken, cutCall, type Dialect, more, not, type ReadCall, type ReadContext, type Reading, skipSpace, take, takeAny } from "./dialect.ts";
import { type Ends, valueEnd } from "./ends.ts";
import { parseLoose } from "./loose.ts";
import { unwrapped } from "./shape.ts";

const close = (name: string): string => `<|close|>${name}<|sep|>`;
const mark = /<\|(open|close)\|>\s*([\w-]+)([^<]{0,300})<\|sep\|>/y;
const partial = /^<\|(?:open|close)\|>\s*[\w-]*[^<]{0,300}(?:<[|sep]{0,4}\|?)?$/;

/** The mark at `at`; `more`: the text ends within it. */
function markAt(text: string, at: number): RegExpExecArray | "more" | null {
  mark.lastIndex = at;
  const found = mark.exec(text);
  if (found || text.length - at > 400) return found;
  return takeAny(text, at, ["<|open|>", "<|close|>"]) === "more" || partial.test(text.slice(at)) ? "more" : null;
}

export const kimi3: Dialect = {
  name: "kimi-k3",
  opens: () => ["<|open|>", "<|close|>"],
  where: "any",
  sure: true,
  special: true,
  read(text, context) {
    const head = markAt(text, 0);
    if (head === "more") return context.ended ? { is: "nothing", length: text.length } : more;
    if (!head) return not;
    const length = head[0].length;
    if (head[1] === "close" || head[2] === "response" || head[2] === "message") return { is: "nothing", length };
    if (head[2] === "tools") return readTools(text, length, context);
    return /^(think|thinking|reasoning|analysis)$/.test(head[2] as string) ? { is: "opens", length, what: "thought", closers: [close(head[2] as string)] } : not;
  },
};

function readTools(text: string, from: number, context: ReadContext): Reading {
  const calls: ReadCall[] = [];
  const cut = (name: string, begun: boolean): Reading => {
    if (!context.ended) return more;
    const rest = cutCall(name, text, begun);
    return calls.length > 0 || rest.is === "calls" ? { is: "calls", length: text.length, calls: [...calls, ...(rest.is === "calls" ? rest.calls : [])] } : rest;
  };
  for (let at = skipSpace(text, from); ; at = skipSpace(text, at)) {
    const ended = take(text, at, close("tools"));
    if (typeof ended === "number") return calls.length > 0 ? { is: "calls", length: ended, calls } : { is: "nothing", length: ended };
    const head = markAt(text, at);
    if (head === "more") return cut("", false);
    if (!head) return not;
    const name = attributes(head[3] as string).tool ?? "";
    if (head[1] !== "open" || head[2] !== "call") return calls.length > 0 ? { is: "calls", length: at, calls } : not;
    const args = readArguments(text, at + head[0].length, context);
    if (args === "more") return cut(name, true);
    calls.push(name === "" || args.bad ? broken(name, text.slice(at, args.end)) : { name, args: unwrapped(args.args, name, context) });
    at = args.end;
  }
}

function readArguments(text: string, from: number, context: ReadContext): { args: Record<string, unknown>; bad: boolean; end: number } | "more" {
  const args: Record<string, unknown> = {};
  const ends: Ends = {
    close: [close("argument")],
    outer: [close("call"), close("tools")],
    open: [],
    next: (at) => {
      const taken = take(text, at, "<|open|>argument");
      return taken === "more" ? "more" : typeof taken === "number";
    },
  };
  for (let at = skipSpace(text, from); ; at = skipSpace(text, at)) {
    const ended = take(text, at, close("call"));
    if (typeof ended === "number") return { args, bad: false, end: ended };
    const head = markAt(text, at);
    if (head === "more") return "more";
    const { key, type } = attributes(head?.[3] ?? "");
    if (head?.[2] !== "argument" || key === undefined) {
      const end = text.indexOf(close("call"), at);
      context.spent += (end < 0 ? text.length : end) - at;
      return end < 0 ? "more" : { args, bad: true, end: end + close("call").length };
    }
    const start = at + head[0].length;
    const value = valueEnd(text, start, ends, context);
    if (value === "more") return "more";
    const raw = text.slice(start, value.at);
    Object.defineProperty(args, key, {
      value: type === "string" || type === undefined ? raw : (parseLoose(raw)?.value ?? raw),
      enumerable: true,
      configurable: true,
      writable: true,
    });
    at = value.end;
  }
}

const attributes = (text: string): Partial<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, (value ?? "").replaceAll("&quot;", '"').replaceAll("&amp;", "&")]));
