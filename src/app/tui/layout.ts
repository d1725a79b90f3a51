// Where everything is on the screen: rectangles for a size. Pure; what is inside them is none of its business.

import { promptHeight } from "./parts/prompt.ts";
import type { PaneName, UiState } from "./state.ts";

export interface Rect {
  /** 0-based, from the top left. */
  x: number;
  y: number;
  width: number;
  height: number;
}
/** `rect` is the whole room with its borders. A boxed pane owns its top border; its bottom border too when it is the last of its column. */
export interface PaneRect extends Rect {
  pane: PaneName;
  border: "none" | "first" | "joined";
  bottom: boolean;
}
export interface Layout {
  mode: "tiny" | "tabs" | "wide";
  header: Rect | null;
  tabs: Rect | null;
  panes: PaneRect[];
  /** The line between pane and prompt where nothing is boxed. */
  rule: Rect | null;
  prompt: Rect;
  status: Rect | null;
}

/** Sizes at which the picture changes. */
export const sizes = { tinyColumns: 60, tinyRows: 15, wideColumns: 110, wideRows: 30 };

type Shape = Pick<UiState, "columns" | "rows" | "focus" | "front" | "zoomed" | "prompt" | "rejecting">;

/** Rectangles that tile `columns` x `rows` without overlap. Sizes below 10 x 4 are taken as 10 x 4. */
export function layout(ui: Shape): Layout {
  const columns = Math.max(10, ui.columns);
  const rows = Math.max(4, ui.rows);
  const line = (y: number, height = 1): Rect => ({ x: 0, y, width: columns, height });
  const promptRows = Math.min(promptHeight(ui, columns), Math.max(1, Math.min(8, Math.floor(rows / 4))));
  const tiny = columns < sizes.tinyColumns || rows < sizes.tinyRows;
  const wide = !tiny && columns >= sizes.wideColumns && rows >= sizes.wideRows;
  const hasStatus = rows >= 6;
  const status = hasStatus ? line(rows - 1) : null;
  const promptTop = rows - promptRows - (hasStatus ? 1 : 0);
  const prompt = line(promptTop, promptRows);
  const header = rows >= 5 ? line(0) : null;
  const top = header ? 1 : 0;
  if (wide) return { mode: "wide", header, tabs: null, panes: boxes(ui, top, promptTop - top, columns), rule: null, prompt, status };
  const tabs = tiny ? null : line(top);
  const rule = tiny ? null : line(promptTop - 1);
  const from = top + (tabs ? 1 : 0);
  const front = tiny && ui.front !== "diff" ? "conversation" : ui.front;
  const pane: PaneRect = { ...line(from, promptTop - from - (rule ? 1 : 0)), pane: front, border: "none", bottom: false };
  return { mode: tiny ? "tiny" : "tabs", header, tabs, panes: [pane], rule, prompt, status };
}

function boxes(ui: Shape, y: number, height: number, columns: number): PaneRect[] {
  if (ui.zoomed) return [{ pane: ui.front, x: 0, y, width: columns, height, border: "first", bottom: true }];
  const left = Math.round(columns * 0.6);
  const right = { x: left, width: columns - left };
  const plan = Math.max(4, Math.round(height * 0.22));
  const last = Math.max(6, Math.round(height * 0.31));
  const corner: PaneName = (ui.focus === "log" || ui.front === "log") && ui.focus !== "terminal" ? "log" : "terminal";
  return [
    { pane: "conversation", x: 0, y, width: left, height, border: "first", bottom: true },
    { ...right, pane: "plan", y, height: plan, border: "first", bottom: false },
    { ...right, pane: "diff", y: y + plan, height: height - plan - last, border: "joined", bottom: false },
    { ...right, pane: corner, y: y + height - last, height: last, border: "joined", bottom: true },
  ];
}

/** The room for a pane's text inside its borders and margins. */
export function inner(rect: PaneRect): Rect {
  if (rect.border === "none") return { x: rect.x + 1, y: rect.y, width: Math.max(1, rect.width - 2), height: Math.max(0, rect.height) };
  return { x: rect.x + 2, y: rect.y + 1, width: rect.width - 4, height: Math.max(0, rect.height - 1 - (rect.bottom ? 1 : 0)) };
}

/** The panes a person sees now, in reading order. */
export const shownPanes = (ui: Shape): PaneName[] => layout(ui).panes.map(({ pane }) => pane);
