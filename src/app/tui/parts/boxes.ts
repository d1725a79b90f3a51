// Panes in their boxes: borders, titles, marks of what is below. Whole rows of text with escape codes come out, ready to be joined.
import { sanitiseLine } from "../../../core/text.ts";
import { inner, type PaneRect } from "../layout.ts";
import { paneOf } from "../panes/index.ts";
import { topLine, windowOf } from "../panes/scroll.ts";
import type { UiState, ViewState } from "../state.ts";
import { ansi, blank, fitLine, type Line, lineWidth, paint, type Span, span, style } from "./line.ts";

/** A pane as `rect.height` strings of exactly `rect.width` columns. `flash`: words for its bottom border. */
export function drawPane(rect: PaneRect, view: ViewState, ui: UiState, now: number, flash: string | null): string[] {
  const room = inner(rect);
  const body = paneLines(rect, view, ui, now);
  const plain = (content: Line): string => paint(content, room.width, ui.noColor);
  if (rect.border === "none") return body.map((content) => ` ${plain(content)} `).map((text) => text + " ".repeat(Math.max(0, rect.width - room.width - 2)));
  const side = ansi([span("│", style.dim)], ui.noColor);
  const rows = [ansi(topBorder(rect, view, ui), ui.noColor)];
  for (const content of body) rows.push(`${side} ${plain(content)} ${side}`);
  if (rect.bottom) rows.push(ansi(ruleLine("╰", "╯", rect.width, belowMark(rect, ui), flash), ui.noColor));
  return rows;
}

function paneLines(rect: PaneRect, view: ViewState, ui: UiState, now: number): Line[] {
  const { width, height } = inner(rect);
  const pane = paneOf(rect.pane);
  const drawn = pane.draw(view, ui, width, now);
  const footer = drawn.footer.slice(0, Math.max(0, height - 1));
  const room = Math.max(0, height - footer.length);
  const moving = rect.pane === "terminal" ? view.terminal.running : view.running;
  const lines = windowOf(drawn.blocks, topLine(pane, drawn, Math.max(1, room), ui.scroll[rect.pane], moving), room);
  // the keys of a short diff stand right below it
  const all = lines.length < room && footer.length > 0 ? [...lines, blank, ...footer].slice(0, height) : [...lines, ...footer];
  while (all.length < height) all.push(blank);
  return all;
}

function topBorder(rect: PaneRect, view: ViewState, ui: UiState): Line {
  const pane = paneOf(rect.pane);
  const [left, right] = rect.border === "first" ? ["╭", "╮"] : ["├", "┤"];
  const focused = ui.focus === rect.pane;
  const label = span(` ${pane.label} `, focused ? style.accent | style.bold : pane.waits(view) ? style.bold : style.plain);
  const title = sanitiseLine(pane.title(view, ui));
  const room = rect.width - 4 - lineWidth([label]);
  const words: Line = title === "" ? blank : [span(` ${title} `, pane.waits(view) ? style.accent : style.dim)];
  const shown: Line = lineWidth(words) > room ? [...fitLine(words, Math.max(0, room - 1)), span(" ")] : words;
  const head = [span(left, style.dim), label, ...shown];
  return [...head, span(`${"─".repeat(Math.max(0, rect.width - 1 - lineWidth(head)))}${right}`, style.dim)];
}

/** `12 new lines ↓`, `↓` when scrolled up without news. */
export function belowMark(rect: PaneRect, ui: UiState): string | null {
  const scroll = ui.scroll[rect.pane];
  if (paneOf(rect.pane).follows === "start" || scroll === 0) return null;
  const news = ui.unseen[rect.pane];
  return news > 0 ? `${news} new ${news === 1 ? "line" : "lines"} ↓` : `${scroll} ${scroll === 1 ? "line" : "lines"} below ↓`;
}

/** A horizontal line that may carry words: a flash at its left, a mark at its right. */
export function ruleLine(left: string, right: string, width: number, mark: string | null, flash: string | null): Line {
  const begin: Span[] = [span(`${left}─`, style.dim)];
  if (flash !== null) begin.push(span(` ${sanitiseLine(flash)} `, style.bold));
  const end: Span[] = mark === null ? [] : [span(` ${mark} `, style.accent)];
  const tail = span(`─${right}`, style.dim);
  const filled = fitLine(begin, Math.min(lineWidth(begin), width - lineWidth(end) - lineWidth([tail])));
  const gap = width - lineWidth(filled) - lineWidth(end) - lineWidth([tail]);
  return [...filled, span("─".repeat(Math.max(0, gap)), style.dim), ...end, tail];
}
