// Panes in their boxes: borders, titles, marks of what is below. Whole rows of text with escape codes come out, ready to be joined.
import { sanitiseLine } from "../../../core/text.ts";
import { inner, type PaneRect } from "../layout.ts";
import { paneOf } from "../panes/index.ts";
import { countOf, topLine, windowOf } from "../panes/scroll.ts";
import type { UiState, ViewState } from "../state.ts";
import { ansi, blank, fitLine, type Line, lineWidth, paint, type Span, span, style } from "./line.ts";

/** A pane as `rect.height` strings of exactly `rect.width` columns; `mark`: what there is below. `flash`: words for its bottom border. */
export function drawPane(rect: PaneRect, view: ViewState, ui: UiState, now: number, flash: string | null): { rows: string[]; mark: string | null } {
  const room = inner(rect);
  const { lines, below } = paneLines(rect, view, ui, now);
  const mark = belowMark(rect, ui, below);
  const content = (one: Line): string => paint(one, room.width, ui.noColor);
  if (rect.border === "none") {
    const rest = " ".repeat(Math.max(0, rect.width - room.width - 1));
    return { rows: lines.map((one) => ` ${content(one)}${rest}`), mark };
  }
  const side = ansi([span("│", style.dim)], ui.noColor);
  const rows = [ansi(topBorder(rect, view, ui, rect.bottom ? null : mark), ui.noColor)];
  for (const one of lines) rows.push(`${side} ${content(one)} ${side}`);
  if (rect.bottom) rows.push(ansi(ruleLine("╰", "╯", rect.width, mark, flash === null ? null : span(flash, style.bold)), ui.noColor));
  return { rows, mark };
}

/** The lines that are seen, and how many are below them. */
function paneLines(rect: PaneRect, view: ViewState, ui: UiState, now: number): { lines: Line[]; below: number } {
  const { width, height } = inner(rect);
  const pane = paneOf(rect.pane);
  const drawn = pane.draw(view, ui, width, now);
  const footer = drawn.footer.slice(0, Math.max(0, height - 1));
  const room = Math.max(0, height - footer.length);
  const moving = rect.pane === "terminal" ? view.terminal.running : view.running;
  const top = topLine(pane, drawn, Math.max(1, room), ui.scroll[rect.pane], moving);
  const seen = windowOf(drawn.blocks, top, room);
  // the keys of a short diff stand right below it
  const lines = seen.length < room && footer.length > 0 ? [...seen, blank, ...footer].slice(0, height) : [...seen, ...footer];
  while (lines.length < height) lines.push(blank);
  return { lines, below: Math.max(0, countOf(drawn.blocks) - top - seen.length) };
}

function topBorder(rect: PaneRect, view: ViewState, ui: UiState, mark: string | null): Line {
  const pane = paneOf(rect.pane);
  const [left, right] = rect.border === "first" ? ["╭", "╮"] : ["├", "┤"];
  const focused = ui.focus === rect.pane;
  const label = span(` ${pane.label} `, focused ? style.accent | style.bold : pane.waits(view) ? style.bold : style.plain);
  const title = sanitiseLine(pane.title(view, ui));
  const end: Line = mark === null ? blank : [span(` ${mark} `, style.accent), span("─", style.dim)];
  const room = rect.width - 4 - lineWidth([label]) - lineWidth(end);
  const words: Line = title === "" ? blank : [span(` ${title} `, pane.waits(view) ? style.accent : style.dim)];
  const shown: Line = lineWidth(words) > room ? [...fitLine(words, Math.max(0, room - 1)), span(" ")] : words;
  const head = [span(left, style.dim), label, ...shown];
  return [...head, span("─".repeat(Math.max(0, rect.width - 1 - lineWidth(head) - lineWidth(end))), style.dim), ...end, span(right, style.dim)];
}

/** `12 new lines ↓` or `40 lines below ↓` for what can't be seen, null at the end. */
function belowMark(rect: PaneRect, ui: UiState, below: number): string | null {
  if (below === 0) return null;
  const news = ui.unseen[rect.pane];
  if (paneOf(rect.pane).follows === "end" && news > 0) return `${news} new ${news === 1 ? "line" : "lines"} ↓`;
  return `${below} ${below === 1 ? "line" : "lines"} below ↓`;
}

/** A horizontal line that may carry words: a flash or a title at its left, a mark at its right. */
export function ruleLine(left: string, right: string, width: number, mark: string | null, words: Span | null): Line {
  const begin: Span[] = [span(`${left}─`, style.dim)];
  if (words !== null) begin.push(span(` ${sanitiseLine(words.text)} `, words.style));
  const end: Span[] = mark === null ? [] : [span(` ${mark} `, style.accent)];
  const tail = span(`─${right}`, style.dim);
  const filled = fitLine(begin, Math.min(lineWidth(begin), width - lineWidth(end) - lineWidth([tail])));
  const gap = width - lineWidth(filled) - lineWidth(end) - lineWidth([tail]);
  return [...filled, span("─".repeat(Math.max(0, gap)), style.dim), ...end, tail];
}
