// Where in an answer a mark stands: marks count or not by what is before them.
import type { Where } from "./dialect.ts";

/** A summary, so that it costs nothing to keep however long a line is. */
export interface Place {
  /** The current line: its first characters that aren't white space, enough to tell a fence; whether anything visible is on it; its last character. */
  head: string;
  blank: boolean;
  last: string;
  /** Inside inline code: an odd number of back ticks on the line. */
  code: boolean;
  /** Nothing but white space and thoughts yet. */
  first: boolean;
  /** The run of back ticks or tildes that opened the code fence we are in; empty outside. */
  fence: string;
  /** Nothing but white space since the last call. */
  afterCall: boolean;
}
const lineStart = { head: "", blank: true, last: "", code: false };
export const beginning: Place = { ...lineStart, first: true, fence: "", afterCall: false };
/** The same place as if a new line began there. */
export const newLine = (place: Place): Place => ({ ...place, ...lineStart });

const headChars = 200;
const run = /^(`{3,}|~{3,})(.*)$/s;

/** The place after `text`. */
export function advance(place: Place, text: string): Place {
  if (text === "") return place;
  const next = { ...place };
  for (let from = 0; ; ) {
    const end = text.indexOf("\n", from);
    addToLine(next, end < 0 ? text.slice(from) : text.slice(from, end));
    if (end < 0) break;
    next.fence = fenceAfter(next);
    Object.assign(next, lineStart);
    from = end + 1;
  }
  const visible = /\S/.test(text);
  next.first &&= !visible;
  next.afterCall &&= !visible;
  return next;
}

function addToLine(place: Place, part: string): void {
  if (part === "") return;
  if (place.blank) place.blank = !/\S/.test(part);
  if (!place.blank && place.head.length < headChars) place.head = (place.head === "" ? part.trimStart() : place.head + part).slice(0, headChars);
  for (let at = part.indexOf("`"); at >= 0; at = part.indexOf("`", at + 1)) place.code = !place.code;
  place.last = part.at(-1) as string;
}

/** A fence opens with a run of three or more, without back ticks after it; it ends with a line of at least as many and nothing else. */
function fenceAfter({ head, fence }: Place): string {
  const [, marks = "", rest = ""] = run.exec(head) ?? [];
  if (marks === "") return fence;
  if (fence === "") return marks.startsWith("`") && rest.includes("`") ? "" : marks;
  return marks[0] === fence[0] && marks.length >= fence.length && rest.trim() === "" ? "" : fence;
}

/** Does a mark with this `where` count at `place`? Never inside inline code or right after a quote: that is talk about marks. */
export function counts(where: Where, place: Place): boolean {
  if (place.blank) return where !== "start" || place.first;
  if (where === "line" || where === "start" || place.code || `"'\``.includes(place.last)) return false;
  return where === "any" || /[\s:;>,]/.test(place.last);
}
