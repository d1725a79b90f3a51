// One line of the screen as styled spans, and how spans become columns and escape codes. The only place that writes colours.
import { breaks, cut, sanitiseLine, widthOf } from "../../../core/text.ts";

/** Bits of a style, added with `|`. One accent beside red and green, which mean removed/failed and added/passed. */
export const style = { plain: 0, bold: 1, dim: 2, italic: 4, underline: 8, inverse: 16, accent: 64, red: 128, green: 192 } as const;
export type Style = number;
export interface Span {
  readonly text: string;
  readonly style: Style;
}
export type Line = readonly Span[];

const colours = 192;
const codes: [bit: number, on: string, off: string][] = [
  [style.bold, "\x1b[1m", "\x1b[22m"],
  [style.dim, "\x1b[2m", "\x1b[22m"],
  [style.italic, "\x1b[3m", "\x1b[23m"],
  [style.underline, "\x1b[4m", "\x1b[24m"],
  [style.inverse, "\x1b[7m", "\x1b[27m"],
];
const colourCodes: Record<number, string> = { [style.accent]: "\x1b[36m", [style.red]: "\x1b[31m", [style.green]: "\x1b[32m" };

export const span = (text: string, look: Style = style.plain): Span => ({ text, style: look });
/** A line of one span. */
export const line = (text: string, look: Style = style.plain): Line => (text === "" ? blank : [{ text, style: look }]);
export const blank: Line = [];
export const plainOf = (spans: Line): string => spans.map(({ text }) => text).join("");
export const lineWidth = (spans: Line): number => spans.reduce((width, { text }) => width + widthOf(text), 0);
/** The same line with `look` added to every span. */
export const restyled = (spans: Line, look: Style): Line =>
  spans.map((part) => ({ text: part.text, style: (part.style & colours && look & colours ? part.style & ~colours : part.style) | look }));

const unsafe = /[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u206f]/;

/** The line in exactly `width` columns, cut with … or filled with spaces; no span can smuggle a control character through here. */
export function fitLine(spans: Line, width: number): Line {
  const fitted: Span[] = [];
  let left = width;
  for (const { text, style: look } of spans) {
    const safe = unsafe.test(text) ? sanitiseLine(text) : text;
    const columns = widthOf(safe);
    if (columns > left) {
      const part = cut(safe, left);
      fitted.push({ text: part, style: look });
      left -= widthOf(part);
      break;
    }
    fitted.push({ text: safe, style: look });
    left -= columns;
  }
  if (left > 0) fitted.push({ text: " ".repeat(left), style: style.plain });
  return fitted;
}

/** `left` at the left end, `right` at the right one, which is kept when both don't fit. */
export function spread(left: Line, right: Line, width: number): Line {
  const rightWidth = lineWidth(right);
  if (rightWidth >= width) return fitLine(right, width);
  return [...fitLine(left, width - rightWidth), ...right];
}

/** Spans as text with escape codes (none for colours when `noColor`). */
export function ansi(spans: Line, noColor: boolean): string {
  let out = "";
  for (const { text, style: look } of spans) {
    if (look === style.plain) {
      out += text;
      continue;
    }
    const colour = noColor ? undefined : colourCodes[look & colours];
    let on = colour ?? "";
    let off = colour ? "\x1b[39m" : "";
    for (const [bit, begin, end] of codes) {
      if (!(look & bit)) continue;
      on += begin;
      off = end + off;
    }
    out += on + text + off;
  }
  return out;
}

const painted = new WeakMap<Line, { width: number; noColor: boolean; text: string }>();
/** `fitLine` and `ansi`, remembered for as long as the line lives. */
export function paint(spans: Line, width: number, noColor: boolean): string {
  const known = painted.get(spans);
  if (known && known.width === width && known.noColor === noColor) return known.text;
  const text = ansi(fitLine(spans, width), noColor);
  if (spans.length > 0) painted.set(spans, { width, noColor, text });
  return text;
}

/** Spans wrapped to `width`: `first` stands before the first line, `rest` before the others (as wide as `first`). \n doesn't break here. */
export function wrapSpans(spans: Line, width: number, first: Line = blank, rest: Line = first): Line[] {
  const room = Math.max(1, width - lineWidth(first));
  const text = plainOf(spans);
  const ranges = breaks(text, room);
  if (ranges.length === 2 && ranges[1] === text.length) return [first.length > 0 ? [...first, ...spans] : spans];
  const lines: Line[] = [];
  for (let at = 0; at < ranges.length; at += 2) lines.push([...(at === 0 ? first : rest), ...sliceSpans(spans, ranges[at] ?? 0, ranges[at + 1] ?? 0)]);
  return lines;
}

/** The part of the spans between two offsets into their joined text. */
export function sliceSpans(spans: Line, from: number, to: number): Span[] {
  const parts: Span[] = [];
  let at = 0;
  for (const { text, style: look } of spans) {
    const begin = Math.max(0, from - at);
    const end = Math.min(text.length, to - at);
    if (begin < end) parts.push({ text: text.slice(begin, end), style: look });
    at += text.length;
    if (at >= to) break;
  }
  return parts;
}

/** Text of several lines, wrapped, in one style behind an indent; `rest` stands before every line but the very first. */
export const wrapText = (text: string, width: number, look: Style = style.plain, indent: Line = blank, rest: Line = indent): Line[] =>
  text.split("\n").flatMap((part, index) => wrapSpans([span(part, look)], width, index === 0 ? indent : rest, rest));
