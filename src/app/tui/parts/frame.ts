// A whole frame: every line of the terminal as text with escape codes, and the cursor's place. Pure but for its caches.

import { sanitiseLine, widthOf } from "../../../core/text.ts";
import { layout } from "../layout.ts";
import { paneOf, panes } from "../panes/index.ts";
import type { UiState, ViewState } from "../state.ts";
import { drawPane, ruleLine } from "./boxes.ts";
import { ansi, type Line, paint, type Span, span, style } from "./line.ts";
import { flashLines, helpLines, type KeyRow, popupLines } from "./overlays.ts";
import { drawPrompt } from "./prompt.ts";
import { headerLine, statusLine } from "./status.ts";

export interface Frame {
  /** One per terminal row, each at most as wide as the terminal. */
  lines: string[];
  /** null: hidden. */
  cursor: { x: number; y: number } | null;
}

/** The picture of `view` and `ui` at the moment `now` (ms). `keys`: rows for the help. Equal input, equal output. */
export function frame(view: ViewState, ui: UiState, now: number, keys: readonly KeyRow[]): Frame {
  const plan = layout(ui);
  const { width } = plan.prompt;
  const draw = (content: Line): string => paint(content, width, ui.noColor);
  const lines: string[] = [];
  if (plan.header) lines.push(draw(headerLine(view, ui, width)));
  if (plan.tabs) lines.push(draw(tabsLine(view, ui)));
  const bodyTop = lines.length;
  const bodyHeight = plan.prompt.y - bodyTop;
  lines.push(...body(plan, view, ui, now, bodyHeight));
  const place = flashPlace(plan, ui);
  const over = ui.help
    ? helpLines(keys, width, bodyHeight)
    : ui.popup
      ? popupLines(ui.popup, width, Math.min(9, bodyHeight))
      : place === "over" && ui.flash !== null
        ? flashLines(ui.flash, width, Math.min(12, Math.max(1, bodyHeight)))
        : [];
  const overTop = ui.help ? bodyTop : plan.prompt.y - over.length;
  for (const [index, content] of over.entries()) lines[overTop + index] = draw(content);
  const prompt = drawPrompt(view, ui, width, plan.prompt.height);
  lines.push(...prompt.lines.map(draw));
  if (plan.status) lines.push(draw(statusLine(view, ui, width, now, place === "status")));
  const answering = view.pending.length > 0 && ui.focus === "diff" && ui.prompt.text === "" && !ui.rejecting && !ui.popup;
  const typing = !ui.help && !answering;
  return { lines, cursor: typing ? { x: Math.min(width - 1, prompt.x), y: plan.prompt.y + prompt.y } : null };
}

/** A flash stands where it covers nothing; one that is too long for that lies over the panes until the next key. */
function flashPlace(plan: ReturnType<typeof layout>, ui: UiState): "rule" | "status" | "over" {
  const short = (room: number): boolean => ui.flash === null || (!ui.flash.includes("\n") && widthOf(sanitiseLine(ui.flash)) <= room);
  if (ui.help || ui.popup !== null) return "status";
  if (plan.mode === "tiny") return short(plan.prompt.width - 2) ? "status" : "over";
  return short((plan.mode === "wide" ? (plan.panes[0]?.width ?? 0) : plan.prompt.width) - (plan.mode === "wide" ? 6 : 30)) ? "rule" : "over";
}

function body(plan: ReturnType<typeof layout>, view: ViewState, ui: UiState, now: number, height: number): string[] {
  const [first, ...others] = plan.panes;
  if (!first) return [];
  if (plan.mode !== "wide") {
    const { rows, mark } = drawPane(first, view, ui, now, null);
    if (!plan.rule) return rows;
    const title = paneOf(first.pane).title(view, ui);
    const words = ui.flash !== null && flashPlace(plan, ui) === "rule" ? span(ui.flash, style.bold) : title === "" ? null : span(title, style.dim);
    return [...rows, ansi(ruleLine("─", "─", plan.rule.width, mark, words), ui.noColor)];
  }
  const left = drawPane(first, view, ui, now, flashPlace(plan, ui) === "rule" ? ui.flash : null).rows;
  const right = others.flatMap((rect) => drawPane(rect, view, ui, now, null).rows);
  return Array.from({ length: height }, (_, row) => (left[row] ?? "") + (right[row] ?? ""));
}

/** `1 Conversation  2 Diff •  3 Plan`: the pane in front in the accent, a dot where something waits. Its title stands on the rule below. */
function tabsLine(view: ViewState, ui: UiState): Line {
  const full: Span[] = [];
  for (const [index, pane] of panes.entries()) {
    const front = ui.front === pane.name;
    full.push(span(" "), span(` ${index + 1} ${pane.label} `, front ? style.accent | style.bold | style.inverse : style.dim));
    full.push(pane.waits(view) ? span("•", style.accent | style.bold) : span(" "));
  }
  return full;
}
