// What a dialect of tool calls is: the marks it begins with, and a function that reads one call, or several, from there.
import type { ToolSpec } from "../model.ts";

export interface ReadCall {
  name: string;
  args: Record<string, unknown>;
  /** Why it is no usable call, for the model to read; `args` is then {}. */
  bad?: string;
}

/**
 * What stands at the beginning of a text. It must depend on nothing but the text's beginning: once it is not `more`, longer text says the same, so that
 * a stream gives the same calls however it was cut into deltas. `nothing`: marks that carry no call and are not shown; `text`: no call, and
 * shown as something else than it was written.
 */
export type Reading =
  | { is: "more" }
  | { is: "not" }
  | { is: "calls"; length: number; calls: ReadCall[] }
  | { is: "nothing"; length: number }
  | { is: "text"; length: number; text: string }
  | { is: "opens"; length: number; what: "text" | "thought"; closers: readonly string[] };

export interface ReadContext {
  /** Null: unknown, any name will do. */
  tools: readonly ToolSpec[] | null;
  /** Nothing follows the text. */
  ended: boolean;
  /** The same, and the model itself ended there: it wasn't cut off. */
  whole: boolean;
  /** Characters gone over so far, by whoever reads far. */
  spent: number;
}

/**
 * Where the marks count: `any` for marks that nobody writes by chance, `word` after white space, `line` at the beginning of a line, `start` at that of
 * the answer.
 */
export type Where = "any" | "word" | "line" | "start";

export interface Dialect {
  name: string;
  opens(tools: readonly ToolSpec[] | null): readonly string[];
  where: Where;
  /** The marks alone make it a call. Else only offered names count, and the call must begin or end the answer. */
  sure: boolean;
  /** Special tokens: they end a thought that was never closed. */
  special?: boolean;
  /** Reads `text`, which begins with one of the marks. */
  read(text: string, context: ReadContext): Reading;
}

export const more: Reading = { is: "more" };
export const not: Reading = { is: "not" };

export const toolOf = (name: string, context: ReadContext): ToolSpec | undefined => context.tools?.find((tool) => tool.name === name);
/** Offered, or any name where the offer isn't known. */
export const offered = (name: string, context: ReadContext): boolean => context.tools === null || toolOf(name, context) !== undefined;

/** All that the tool, which must be of the offer, can't do without is there. */
export function satisfied(args: Record<string, unknown>, name: string, context: ReadContext): boolean {
  const required = toolOf(name, context)?.parameters.required;
  return toolOf(name, context) !== undefined && (!Array.isArray(required) || required.every((key) => String(key) in args));
}

const excerpt = (raw: string): string => (raw.length > 300 ? `${raw.slice(0, 300)} …` : raw);
export const broken = (name: string, raw: string): ReadCall => ({ name, args: {}, bad: `its arguments can't be read: ${excerpt(raw)}` });
/** What the end of the stream left of a call: dropped where no argument had begun. */
export function cutCall(name: string, raw: string, begun: boolean): Reading {
  if (!begun) return { is: "nothing", length: raw.length };
  return { is: "calls", length: raw.length, calls: [{ name, args: {}, bad: `it was cut off before its end: ${excerpt(raw)}` }] };
}

/** Index after `literal` at `at`; `more` while the text ends within it; `no` else. */
export function take(text: string, at: number, literal: string): number | "more" | "no" {
  if (text.startsWith(literal, at)) return at + literal.length;
  return literal.startsWith(text.slice(at)) ? "more" : "no";
}
/** `take` for the first literal that fits; `more` if none does but one may yet. */
export function takeAny(text: string, at: number, literals: readonly string[]): number | "more" | "no" {
  let waits = false;
  for (const literal of literals) {
    const taken = take(text, at, literal);
    if (typeof taken === "number") return taken;
    waits ||= taken === "more";
  }
  return waits ? "more" : "no";
}
export function skipSpace(text: string, at: number): number {
  const space = /\s*/y;
  space.lastIndex = at;
  return at + (space.exec(text)?.[0].length ?? 0);
}
