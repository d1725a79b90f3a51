// Where in an answer a mark stands: marks count or not by what is before them.
import type { Where } from "./dialect.ts";

export interface Place {
  /** The current line so far, its last 2,000 characters. */
  line: string;
  /** Nothing but white space and thoughts yet. */
  first: boolean;
  /** Inside a code fence. */
  fence: boolean;
  /** Nothing but white space since the last call. */
  afterCall: boolean;
}
export const beginning: Place = { line: "", first: true, fence: false, afterCall: false };

/** The place after `text`. */
export function advance(place: Place, text: string): Place {
  if (text === "") return place;
  let { line, fence } = place;
  const lines = text.split("\n");
  for (const [nth, part] of lines.entries()) {
    if (nth > 0) {
      if (/^\s*(```|~~~)/.test(line)) fence = !fence;
      line = "";
    }
    line = line.length > 2000 ? line : line + part;
  }
  const blank = /^\s*$/.test(text);
  return { line, fence, first: place.first && blank, afterCall: place.afterCall && blank };
}

/** Does a mark with this `where` count at `place`? Never inside inline code or right after a quote: that is talk about marks. */
export function counts(where: Where, place: Place): boolean {
  const blank = /^\s*$/.test(place.line);
  if (blank) return where !== "start" || place.first;
  if (where === "line" || where === "start") return false;
  if ((place.line.match(/`/g) ?? []).length % 2 === 1 || /["'`]$/.test(place.line)) return false;
  return where === "any" || /[\s:;>,]$/.test(place.line);
}
