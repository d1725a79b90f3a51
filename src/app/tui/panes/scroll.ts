// One way of scrolling for all panes: which lines are in the window, how far a key moves it, and how a place is kept while text arrives.
import { inner, layout, type PaneRect } from "../layout.ts";
import type { Line } from "../parts/line.ts";
import type { PaneName, UiState, ViewState } from "../state.ts";
import { rowPlace } from "./conversation.ts";
import { paneOf } from "./index.ts";
import type { Drawn, Pane } from "./pane.ts";

type Blocks = readonly (readonly Line[])[];
/** Lines of all groups together. */
export const countOf = (blocks: Blocks): number => blocks.reduce((sum, block) => sum + block.length, 0);

/** Lines the pane's text has at this width (without its footer). */
export const paneLineCount = (pane: PaneName, view: ViewState, ui: UiState, width: number): number => countOf(paneOf(pane).draw(view, ui, width, 0).blocks);

/** The pane's rectangle on the screen, or null while it isn't shown. */
export const paneRect = (pane: PaneName, ui: UiState): PaneRect | null => layout(ui).panes.find((rect) => rect.pane === pane) ?? null;

/** Lines of text that are seen at once, footer not counted; at least 1. A page of PgUp and PgDn. */
export function visibleHeight(pane: PaneName, view: ViewState, ui: UiState): number {
  const rect = paneRect(pane, ui);
  if (!rect) return 1;
  const { width, height } = inner(rect);
  return Math.max(1, height - paneOf(pane).draw(view, ui, width, 0).footer.length);
}

/** First line of the window, from 0. While text streams in at the end, the window moves on by a quarter of its height at once. */
export function topLine(pane: Pane, drawn: Drawn, height: number, scroll: number, running: boolean): number {
  const total = countOf(drawn.blocks);
  const end = Math.max(0, total - height);
  if (pane.follows === "start") {
    const { from, to } = drawn.anchor ?? { from: 0, to: 0 };
    const home = to < height ? 0 : Math.min(from, end);
    return Math.max(0, Math.min(end, home + scroll));
  }
  if (scroll > 0) return Math.max(0, end - scroll);
  if (!running || end === 0) return end;
  const jump = Math.max(1, Math.floor(height / 4));
  return Math.ceil(end / jump) * jump;
}

/** `height` lines from line `top` on; fewer at the end. */
export function windowOf(blocks: Blocks, top: number, height: number): Line[] {
  const lines: Line[] = [];
  let skip = top;
  for (const block of blocks) {
    if (skip >= block.length) {
      skip -= block.length;
      continue;
    }
    for (let at = skip; at < block.length && lines.length < height; at++) lines.push(block[at] ?? []);
    skip = 0;
    if (lines.length >= height) break;
  }
  return lines;
}

/**
 * `ui` after scrolling a pane by `by` lines (down is positive), a whole page being `visibleHeight`, or to its first or last line. The same
 * object when nothing moves. At the newest line `unseen` is cleared.
 */
export function scrolled(pane: PaneName, view: ViewState, ui: UiState, by: number | "first" | "last"): UiState {
  const rect = paneRect(pane, ui);
  if (!rect) return ui;
  const kind = paneOf(pane);
  const { width, height } = inner(rect);
  const drawn = kind.draw(view, ui, width, 0);
  const room = Math.max(1, height - drawn.footer.length);
  const end = Math.max(0, countOf(drawn.blocks) - room);
  const top = topLine(kind, drawn, room, ui.scroll[pane], false);
  const wanted = by === "first" ? 0 : by === "last" ? end : Math.max(0, Math.min(end, top + by));
  const home = topLine(kind, drawn, room, 0, false);
  const scroll = kind.follows === "end" ? end - wanted : wanted - home;
  if (scroll === ui.scroll[pane] && (scroll > 0 || ui.unseen[pane] === 0)) return ui;
  return { ...ui, scroll: { ...ui.scroll, [pane]: scroll }, unseen: { ...ui.unseen, [pane]: scroll === 0 ? 0 : Math.min(ui.unseen[pane], scroll) } };
}

/** `ui` that shows the same lines of scrolled-up panes after the view went from `before` to `after`; counts what came below. The same object when nothing is to do. */
export function keepPlace(before: ViewState, after: ViewState, ui: UiState): UiState {
  let next = ui;
  for (const pane of ["conversation", "terminal"] as const) {
    const changed = pane === "terminal" ? before.terminal !== after.terminal : before.rows !== after.rows || before.saying !== after.saying;
    const rect = changed && ui.scroll[pane] > 0 ? paneRect(pane, ui) : null;
    if (!rect) continue;
    const { width } = inner(rect);
    // rows that were dropped at the top moved nothing: what is dropped is left out on both sides
    const first = after.rows[0]?.key;
    const cut = pane === "conversation" && after.earlier !== before.earlier ? before.rows.findIndex(({ key }) => key === first) : 0;
    const old = cut > 0 ? { ...before, rows: before.rows.slice(cut), earlier: after.earlier } : before;
    const added = paneLineCount(pane, after, next, width) - paneLineCount(pane, old, next, width);
    if (added === 0) continue;
    next = {
      ...next,
      scroll: { ...next.scroll, [pane]: Math.max(1, next.scroll[pane] + added) },
      unseen: { ...next.unseen, [pane]: Math.max(0, next.unseen[pane] + added) },
    };
  }
  return next;
}

/** `ui` with the selected row of the conversation in its window; the same object when it is there already. */
export function revealed(view: ViewState, ui: UiState): UiState {
  const rect = paneRect("conversation", ui);
  const place = rect && ui.selected !== null ? rowPlace(ui.selected, view, ui, inner(rect).width) : null;
  if (!rect || !place) return ui;
  const { width, height } = inner(rect);
  const kind = paneOf("conversation");
  const top = topLine(kind, kind.draw(view, ui, width, 0), height, ui.scroll.conversation, false);
  if (place.from < top) return scrolled("conversation", view, ui, place.from - top);
  // what is opened shows its beginning, however long it is
  const below = Math.min(place.to - (top + height - 1), place.from - top);
  return below > 0 ? scrolled("conversation", view, ui, below) : ui;
}

/** How far `ui.scroll[pane]` can go; 0 when everything is seen or the pane isn't shown. */
export function mostScroll(pane: PaneName, view: ViewState, ui: UiState): number {
  const rect = paneRect(pane, ui);
  if (!rect) return 0;
  const kind = paneOf(pane);
  const { width, height } = inner(rect);
  const drawn = kind.draw(view, ui, width, 0);
  const room = Math.max(1, height - drawn.footer.length);
  const end = Math.max(0, countOf(drawn.blocks) - room);
  return kind.follows === "end" ? end : end - topLine(kind, drawn, room, 0, false);
}

/** The pane's whole text without styles, for copying. Lines are wrapped at 200 columns. */
export function paneText(pane: PaneName, view: ViewState, ui: UiState): string {
  const lines = paneOf(pane).draw(view, ui, 200, 0).blocks.flat();
  return lines
    .map((content) =>
      content
        .map(({ text }) => text)
        .join("")
        .trimEnd(),
    )
    .join("\n");
}
