// Bodies of calls that several dialects share: JSON between two marks, and one value of arguments after a name.
import { broken, cutCall, more, not, offered, type ReadCall, type ReadContext, type Reading, satisfied, skipSpace, takeAny } from "./dialect.ts";
import { type Loose, type LooseOptions, parseLoose, readLoose } from "./loose.ts";
import { callKeys, callsIn, isFields, looksLikeCall, mayBeField, unwrapped } from "./shape.ts";

export interface JsonBody {
  closers: readonly string[];
  /** {NAME: ARGS} is a call too. */
  keyed?: boolean;
  /** Nothing but the JSON says that it is a call: only offered names count. */
  ambiguous?: boolean;
}

/** `readLoose`, charged to the one who asked. */
export function readCharged(text: string, from: number, options: LooseOptions, context: ReadContext): Loose {
  const read = readLoose(text, from, options);
  context.spent += (read.is === "value" ? read.end : read.is === "wrong" ? read.at : text.length) - from;
  return read;
}

/** One JSON value or several, objects or lists of calls, from `at`, up to a closing mark or to what is no further value. */
export function readJsonBody(text: string, at: number, body: JsonBody, context: ReadContext): Reading {
  const calls: ReadCall[] = [];
  let odd: unknown;
  const done = (length: number): Reading => {
    if (calls.length > 0) return { is: "calls", length, calls };
    if (looksLikeCall(odd) && !body.ambiguous) return { is: "calls", length, calls: [broken(nameIn(text), text.slice(0, length))] };
    return Array.isArray(odd) && odd.length === 0 && !body.ambiguous ? { is: "nothing", length } : not;
  };
  for (let end = at, first = true; ; first = false) {
    const from = first ? skipSpace(text, at) : nextValue(text, end);
    const closed = takeAny(text, skipSpace(text, end), body.closers);
    if (typeof closed === "number") return first ? { is: "nothing", length: closed } : done(closed);
    if (from >= text.length) return !context.ended ? more : first ? (body.ambiguous ? not : cutCall("", text, false)) : done(end);
    if (closed === "more" && !context.ended) return more;
    if (!"{[".includes(text[from] as string) || !mayBeCall(text, from, body, context)) return first ? not : done(end);
    const read = readCharged(text, from, body.ambiguous ? { field: (key, value) => mayBeField(key, value, context) } : {}, context);
    if (read.is === "cut") {
      if (!context.ended) return more;
      return cutBody(text, from, calls, body, context);
    }
    if (read.is === "wrong") return repaired(text, { from, wrongAt: read.at, calls }, body, context);
    const found = callsIn(read.value, context, body.keyed);
    if (found?.every((call) => !body.ambiguous || offered(call.name, context))) calls.push(...found);
    else odd = read.value;
    end = read.end + (/^[\]}]+/.exec(text.slice(read.end, read.end + 8))?.[0].length ?? 0);
  }
}

/** Past white space and one separator, if another value follows it. */
function nextValue(text: string, end: number): number {
  const at = skipSpace(text, end);
  if (!",;".includes(text[at] ?? " ")) return at;
  const next = skipSpace(text, at + 1);
  return next >= text.length || text[next] === "{" ? next : at;
}

/** Is what began at `from` still on the way to a call? Its first key tells, or as much of it as there is. */
function mayBeCall(text: string, from: number, body: JsonBody, context: ReadContext): boolean {
  const head = text.slice(from, from + 400);
  const list = /^\[\s*/.exec(head)?.[0] ?? "";
  const object = head.slice(list.length);
  if (object === "" || (list !== "" && object.startsWith("]"))) return true;
  const [begun = "", quote = "", key = ""] = /^\{\s*(["']?)(\w*)/.exec(object) ?? [];
  const code = body.ambiguous && quote === "" && key !== ""; // not JSON
  if (begun === "" || code) return false;
  const next = object[begun.length];
  if (body.keyed) return true;
  if (next === undefined) return callKeys.some((one) => one.startsWith(key));
  if (quote === "" && key === "") return next === "}";
  if (!callKeys.includes(key) || (quote !== "" && next !== quote)) return false;
  const name = /^\{\s*["'](?:name|tool_name)["']\s*:\s*["']([^"'\\]*)["']/.exec(object)?.[1];
  return !body.ambiguous || name === undefined || offered(name, context);
}

const nameIn = (raw: string): string => /["'](?:name|tool_name|function)["']\s*:\s*["']([^"'\\]{1,200})["']/.exec(raw.slice(0, 20_000))?.[1] ?? "";

/** The stream ended inside a value: whole calls of a list count, the rest of it is a bad one. Without marks it is one only where a tool is named. */
function cutBody(text: string, from: number, before: readonly ReadCall[], body: JsonBody, context: ReadContext): Reading {
  const calls = [...before];
  const closer = nextCloser(text, from, body.closers, context);
  const named = nameIn(text.slice(from, closer?.at));
  if (closer && named !== "") {
    // a quote that never closes took the closing mark for text
    const length = closer.at + closer.literal.length;
    return { is: "calls", length, calls: [...before, broken(named, text.slice(0, length))] };
  }
  let end = from;
  if (text[from] === "[") {
    for (end = skipSpace(text, from + 1); text[end] === "{"; ) {
      const read = readLoose(text, end);
      const found = read.is === "value" ? callsIn(read.value, context, body.keyed) : null;
      if (read.is !== "value" || !found?.every((call) => !body.ambiguous || offered(call.name, context))) break;
      calls.push(...found);
      end = skipSpace(text, read.end);
      if (text[end] === ",") end = skipSpace(text, end + 1);
    }
  }
  const rest = text.slice(end);
  const whole = body.keyed ? wholeArgs(rest) : context.whole && !body.ambiguous ? unclosed(rest, context) : null;
  if (whole) return { is: "calls", length: text.length, calls: [...calls, whole] };
  const name = nameIn(rest);
  if (rest !== "" && (name !== "" || !body.ambiguous)) {
    const read = cutCall(name, text, true);
    if (read.is === "calls") calls.push(...read.calls);
  }
  return calls.length > 0 ? { is: "calls", length: text.length, calls } : not;
}

/** {NAME: ARGS with nothing but closing brackets missing: no other key can follow, so the call is whole. */
function wholeArgs(text: string): ReadCall | null {
  const head = /^\s*\[?\s*\{\s*"([^"\\]+)"\s*:\s*/.exec(text);
  const read = head?.[1] ? readLoose(text, head[0].length) : undefined;
  return head?.[1] && read?.is === "value" && isFields(read.value) ? { name: head[1], args: read.value } : null;
}

/** The model ended there with nothing but closing brackets missing, after a whole value: the call is whole if its tool has all that it needs. */
function unclosed(text: string, context: ReadContext): ReadCall | null {
  if (!/["\]}]\s*$/.test(text.slice(-20))) return null;
  const read = parseLoose(text);
  const [call, ...others] = (read && callsIn(read.value, context)) ?? [];
  return call && others.length === 0 && satisfied(call.args, call.name, context) ? call : null;
}

/** JSON that breaks at `wrongAt`: brackets missing before the closing mark are put there, anything else is a bad call up to that mark. */
function repaired(text: string, found: { from: number; wrongAt: number; calls: ReadCall[] }, body: JsonBody, context: ReadContext): Reading {
  const closer = nextCloser(text, found.wrongAt, body.closers, context);
  if (body.ambiguous && !offered(nameIn(text.slice(found.from, found.wrongAt)), context)) return not;
  if (!closer && !context.ended) return more;
  const name = nameIn(text.slice(found.from, closer?.at));
  const length = closer ? closer.at + closer.literal.length : text.length;
  const whole = closer ? parseLoose(text.slice(found.from, closer.at)) : undefined;
  const calls = whole && callsIn(whole.value, context, body.keyed);
  if (calls) return { is: "calls", length, calls: [...found.calls, ...calls] };
  // without any mark, prose may follow: what can't be read is a call only where a tool of the offer is named
  if (name === "") return not;
  return { is: "calls", length, calls: [...found.calls, broken(name, text.slice(0, length))] };
}

function nextCloser(text: string, from: number, closers: readonly string[], context: ReadContext): { at: number; literal: string } | undefined {
  const [first] = closers
    .map((literal) => ({ at: text.indexOf(literal, from), literal }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  context.spent += (first?.at ?? text.length) - from;
  return first;
}

/** Arguments of a call whose name is known: one object, in a fence or not, and the closing mark where there is one. */
export function readArgs(text: string, at: number, name: string, body: { closers: readonly string[]; loose?: LooseOptions }, context: ReadContext): Reading {
  const done = (args: unknown, length: number): Reading =>
    isFields(args) ? { is: "calls", length, calls: [{ name, args: unwrapped(args, name, context) }] } : { is: "calls", length, calls: [broken(name, text.slice(0, length))] };
  let from = skipSpace(text, at);
  const fence = /^```\w*\s*/.exec(text.slice(from, from + 40));
  if (fence && from + fence[0].length >= text.length && !context.ended) return more;
  from += fence?.[0].length ?? 0;
  if (from >= text.length) return context.ended ? cutCall(name, text, false) : more;
  const closed = takeAny(text, from, body.closers);
  if (typeof closed === "number") return done({}, closed);
  if (closed === "more" && !context.ended) return more;
  if (!"{[<\"'`".includes(text[from] as string)) return not;
  const read = readCharged(text, from, body.loose ?? {}, context);
  if (read.is === "cut" && !context.ended) return more;
  if (read.is === "cut" && !nextCloser(text, from, body.closers, context)) return cutArgs(text, from, name, body.loose, context);
  if (read.is !== "value") {
    const closer = nextCloser(text, read.is === "wrong" ? read.at : from, body.closers, context);
    if (!closer) return context.ended ? { is: "calls", length: text.length, calls: [broken(name, text)] } : more;
    return done(parseLoose(text.slice(from, closer.at).replace(/```\s*$/, ""), body.loose)?.value, closer.at + closer.literal.length);
  }
  const args = typeof read.value === "string" ? parseLoose(read.value)?.value : read.value;
  return closing(text, read.end, [...body.closers, ...(fence ? ["```"] : [])], context, (length) => done(args, length));
}

/** Arguments that the end of the answer cut: whole if nothing but closing brackets is missing and the tool has all that it needs. */
function cutArgs(text: string, from: number, name: string, options: LooseOptions | undefined, context: ReadContext): Reading {
  const ends = /["\]}]\s*$/.test(text.slice(-20)) || options?.marks?.some((mark) => text.trimEnd().endsWith(mark));
  const args = context.whole && ends ? parseLoose(text.slice(from), options)?.value : undefined;
  if (!isFields(args) || !satisfied(args, name, context)) return cutCall(name, text, true);
  return { is: "calls", length: text.length, calls: [{ name, args: unwrapped(args, name, context) }] };
}

/** Takes the closing marks that follow, white space between them; waits for them unless something else comes or the text ends. */
function closing(text: string, end: number, closers: readonly string[], context: ReadContext, done: (length: number) => Reading): Reading {
  for (let length = end; ; ) {
    const closed = takeAny(text, skipSpace(text, length), closers);
    if (typeof closed !== "number") return closed === "more" && !context.ended ? more : done(length);
    length = closed;
  }
}
