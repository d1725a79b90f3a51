// The terminal: the screen or output of the command that runs, or of the last one.
import { type Line, line, style, wrapText } from "../parts/line.ts";
import type { Pane } from "./pane.ts";

const drawn = new WeakMap<string[], { width: number; lines: Line[] }>();

export const terminal: Pane = {
  name: "terminal",
  label: "Terminal",
  follows: "end",
  title: (view) => view.terminal.title.replaceAll("\n", " "),
  waits: () => false,
  draw(view, _ui, width) {
    const { lines: raw, running } = view.terminal;
    if (raw.length === 0) return { blocks: [[line(running ? "no output yet" : "No command has run.", style.dim)]], footer: [] };
    const known = drawn.get(raw);
    if (known?.width === width) return { blocks: [known.lines], footer: [] };
    const end = raw.at(-1) === "" ? raw.slice(0, -1) : raw;
    const lines = end.flatMap((text) => wrapText(text, width));
    drawn.set(raw, { width, lines });
    return { blocks: [lines], footer: [] };
  },
};
