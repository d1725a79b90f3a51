// The log: Aura's own debug lines, for when something is odd.
import { sanitiseLine } from "../../../core/text.ts";
import { type Line, line, style, wrapText } from "../parts/line.ts";
import type { Pane } from "./pane.ts";

const drawn = new WeakMap<string[], { width: number; lines: Line[] }>();

export const log: Pane = {
  name: "log",
  label: "Log",
  follows: "end",
  title: () => "",
  waits: () => false,
  draw(_view, ui, width) {
    if (ui.debug.length === 0) return { blocks: [[line("Nothing was noted.", style.dim)]], footer: [] };
    const known = drawn.get(ui.debug);
    if (known?.width === width) return { blocks: [known.lines], footer: [] };
    const lines = ui.debug.slice(-1000).flatMap((text) => wrapText(sanitiseLine(text), width, style.dim));
    drawn.set(ui.debug, { width, lines });
    return { blocks: [lines], footer: [] };
  },
};
