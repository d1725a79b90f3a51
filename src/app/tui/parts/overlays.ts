// What lies over the panes for a moment: completions above the prompt, and the help.
import { cut, pad, sanitise, sanitiseLine, widthOf } from "../../../core/text.ts";
import type { Popup } from "../state.ts";
import { ruleLine } from "./boxes.ts";
import { blank, type Line, line, restyled, type Span, span, spread, style, wrapSpans } from "./line.ts";

const titles: Record<Popup["kind"], string> = { command: "Commands", file: "Files", history: "History", model: "Models", session: "Sessions" };

/** A rule with a title, then at most `most - 1` items around the chosen one. */
export function popupLines(popup: Popup, width: number, most: number): Line[] {
  const title = `${titles[popup.kind]}${popup.words === "" ? "" : `  ${popup.words}`}`;
  const count = popup.items.length > 1 ? `${popup.at + 1} of ${popup.items.length}` : null;
  const lines: Line[] = [ruleLine("─", "─", width, count, span(title, style.bold))];
  if (popup.items.length === 0) lines.push(line(popup.busy ? "   looking …" : "   nothing found", style.dim));
  const room = Math.max(1, most - 1);
  const from = Math.max(0, Math.min(popup.at - Math.floor(room / 2), popup.items.length - room));
  const shown = popup.items.slice(from, from + room).map(({ value, note }) => ({ value: sanitiseLine(value), note: sanitiseLine(note) }));
  const column = Math.min(Math.floor(width * 0.6), Math.max(10, ...shown.map(({ value }) => widthOf(value))) + 2);
  for (const [index, { value, note }] of shown.entries()) {
    const chosen = from + index === popup.at;
    const text: Line = [
      span(` ${chosen ? "›" : " "} `, style.accent),
      span(pad(value, note === "" ? width - 3 : column)),
      span(note === "" ? "" : cut(note, width - 3 - column), style.dim),
    ];
    lines.push(chosen ? spread(restyled(text, style.inverse), blank, width) : text);
  }
  return lines;
}

/** What is too long for one line: a rule and the words, wrapped, until the next key. */
export function flashLines(text: string, width: number, most: number): Line[] {
  const words = sanitise(text)
    .split("\n")
    .flatMap((part) => wrapSpans([span(part)], width - 1, [span("   ")]));
  return [ruleLine("─", "─", width, null, null), ...words].slice(0, most);
}

export interface KeyRow {
  keys: string;
  label: string;
  group: string;
}

const typed = " type: what to do   / commands   @ files   ! a shell command of your own in the sandbox";

/** The help in `width` x `height`: keys by group, in as many columns as fit; what doesn't is counted. */
export function helpLines(rows: readonly KeyRow[], width: number, height: number): Line[] {
  const groups = [...new Set(rows.map(({ group }) => group))];
  const keysWidth = Math.min(18, Math.max(4, ...rows.map(({ keys }) => widthOf(keys))));
  const entries: Line[] = groups.flatMap((group, index) => [
    ...(index > 0 ? [blank] : []),
    line(group, style.bold),
    ...rows.filter((row) => row.group === group).map((row): Line => [span(pad(row.keys, keysWidth), style.accent), span(`  ${row.label}`)]),
  ]);
  const most = Math.max(1, height - 3);
  const columns = Math.max(1, Math.min(Math.ceil(entries.length / most), Math.floor(width / 36)));
  const room = Math.min(most, Math.max(Math.ceil(entries.length / columns), Math.min(most, 12)));
  const each = Math.floor((width - 2) / columns);
  const shown = columns * room;
  const lines: Line[] = [ruleLine("─", "─", width, "? or Esc closes", span("Keys that work here", style.bold)), line(typed, style.dim)];
  for (let at = 0; at < room; at++) {
    const parts: Span[] = [span(" ")];
    for (let column = 0; column < columns; column++) parts.push(...spread(entries[column * room + at] ?? blank, [span(" ")], each));
    lines.push(parts);
  }
  if (entries.length > shown) lines.push(line(` ${entries.length - shown} more: docs/keys.md`, style.dim));
  while (lines.length < height) lines.push(blank);
  return lines.slice(0, height);
}
