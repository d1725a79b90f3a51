// Wrapping of plain text that grows at its end: what was wrapped before stays, only the last line is wrapped again.
import { breaks } from "../../../core/text.ts";
import { type Line, line, type Style, style } from "./line.ts";

interface Flowed {
  text: string;
  width: number;
  look: Style;
  lines: Line[];
  /** Where the last line begins in `text`. */
  tail: number;
}
let flows: Flowed[] = [];

/** Sanitised text in lines of at most `width`. The same growing text costs only its new end; lines that stay are the same objects. */
export function flow(text: string, width: number, look: Style = style.plain): Line[] {
  const known = flows.find((one) => one.width === width && one.look === look && text.startsWith(one.text));
  const lines = known ? known.lines.slice(0, -1) : [];
  let tail = known?.tail ?? 0;
  if (known && known.text.length === text.length) return known.lines;
  for (;;) {
    const newline = text.indexOf("\n", tail);
    const end = newline < 0 ? text.length : newline;
    const part = text.slice(tail, end);
    const ranges = breaks(part, width);
    for (let at = 0; at < ranges.length; at += 2) lines.push(line(part.slice(ranges[at], ranges[at + 1]), look));
    if (newline < 0) {
      tail += ranges.at(-2) ?? 0;
      break;
    }
    tail = newline + 1;
  }
  const flowed: Flowed = { text, width, look, lines, tail };
  flows = [flowed, ...flows.filter((one) => one !== known)].slice(0, 4);
  return lines;
}
