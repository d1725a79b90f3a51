// Where a value between tags ends: it may hold the very tags that would end it, as a file about them does.
import { type ReadContext, skipSpace, takeAny } from "./dialect.ts";

/** How the values of a call end. */
export interface Ends {
  /** Closing tags of a value. */
  close: readonly string[];
  /** Closing tags of the call and of what is around it. */
  outer: readonly string[];
  /** Begins a call inside a value, whose closing tags are its own. */
  open: readonly string[];
  /** Does the next value begin here? `more`: perhaps, the text ends within its tag. `alone`: no closing tag stands before it. */
  next(at: number, alone: boolean): boolean | "more";
}
/** `at`: index after the value; `end`: after its closing tag, if it has one. */
export type ValueEnd = { at: number; end: number } | "more";

/**
 * The end of the value that begins at `start`. A closing tag counts only before another value or the end of the call, and that one only if no further
 * closing tag of a value follows. Where the tag is missing, the next value on a line of its own or the end of the whole call ends it. Calls inside the
 * value are passed over, unless it never ends then. `more` may mean: never.
 */
export function valueEnd(text: string, start: number, ends: Ends, context: ReadContext): ValueEnd {
  const end = endFrom(text, start, ends, context);
  return end === "more" && context.ended ? endFrom(text, start, { ...ends, open: [] }, context) : end;
}

function endFrom(text: string, start: number, ends: Ends, context: ReadContext): ValueEnd {
  const next = finder(text, [...ends.close, "\n<", ...ends.outer, ...ends.open], context);
  let inside = 0;
  for (let from = start; ; ) {
    const first = next(from);
    if (!first) return "more";
    if (ends.open.includes(first.literal)) inside++;
    if (inside > 0) {
      if (first.literal === ends.outer[0]) inside--;
      from = first.at + 1;
      continue;
    }
    const value = { at: first.at, end: first.at };
    let verdict: boolean | "more";
    if (ends.close.includes(first.literal)) {
      value.end = first.at + first.literal.length;
      verdict = follows(text, skipSpace(text, value.end), ends, context);
    } else if (first.literal === "\n<") verdict = ends.next(first.at + 1, true);
    else verdict = wholeEnd(text, first.at, ends, context);
    if (verdict === "more" && !context.ended) return "more";
    if (verdict === true) return value;
    from = first.at + 1;
  }
}

/** Nearest occurrence of any literal from an index on, which must never go back: each is searched for once. */
function finder(text: string, literals: readonly string[], context: ReadContext): (from: number) => { at: number; literal: string } | undefined {
  const found = literals.map((literal) => ({ literal, at: -2 }));
  return (from) => {
    let best: { at: number; literal: string } | undefined;
    for (const one of found) {
      if (one.at === -2 || (one.at >= 0 && one.at < from)) {
        one.at = text.indexOf(one.literal, from);
        context.spent += (one.at < 0 ? text.length : one.at) - from;
      }
      if (one.at >= 0 && (!best || one.at < best.at)) best = one;
    }
    return best && { ...best };
  };
}

/** Is what stands at `at`, after a closing tag, what follows a value? */
function follows(text: string, at: number, ends: Ends, context: ReadContext): boolean | "more" {
  if (at >= text.length) return context.ended || "more";
  const next = ends.next(at, false);
  return next === false ? callEnds(text, at, ends, context) : next;
}

/** Closing tags of the call from `at` on, and no closing tag of a value after them. */
function callEnds(text: string, at: number, ends: Ends, context: ReadContext): boolean | "more" {
  let end = at;
  for (let nth = 0; ; nth++) {
    const taken = takeAny(text, end, ends.outer);
    if (taken === "more" && !context.ended) return "more";
    if (typeof taken !== "number") {
      if (nth === 0) return false;
      break;
    }
    end = skipSpace(text, taken);
    if (end >= text.length) return context.ended || "more";
  }
  const closed = takeAny(text, end, ends.close);
  return closed === "more" && !context.ended ? "more" : typeof closed !== "number";
}

/** The end of the call where the value has no closing tag: all its closing tags, or the end of the answer after one. */
function wholeEnd(text: string, at: number, ends: Ends, context: ReadContext): boolean | "more" {
  const taken = takeAny(text, at, ends.outer);
  if (typeof taken !== "number") return taken === "more" ? "more" : false;
  const after = skipSpace(text, taken);
  if (after >= text.length) return context.ended || "more";
  if (ends.outer.length === 1) return callEnds(text, at, ends, context);
  const second = takeAny(text, after, ends.outer);
  return second === "more" ? "more" : typeof second === "number" && callEnds(text, at, ends, context);
}
