// A whole frame: every line of the terminal as text with escape codes, and the cursor's place. Pure but for its caches.
import { layout } from "../layout.ts";
import { panes } from "../panes/index.ts";
import type { UiState, ViewState } from "../state.ts";
import { drawPane, ruleLine } from "./boxes.ts";
import { ansi, type Line, lineWidth, paint, type Span, span, style } from "./line.ts";
import { helpLines, type KeyRow, popupLines } from "./overlays.ts";
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
  if (plan.tabs) lines.push(draw(tabsLine(view, ui, width)));
  const bodyTop = lines.length;
  const bodyHeight = plan.prompt.y - bodyTop;
  lines.push(...body(plan, view, ui, now, bodyHeight));
  const over = ui.help ? helpLines(keys, width, bodyHeight) : ui.popup ? popupLines(ui.popup, width, Math.min(9, bodyHeight)) : [];
  const overTop = ui.help ? bodyTop : plan.prompt.y - over.length;
  for (const [index, content] of over.entries()) lines[overTop + index] = draw(content);
  const prompt = drawPrompt(view, ui, width, plan.prompt.height);
  lines.push(...prompt.lines.map(draw));
  const flashHere = plan.mode === "tiny" || ui.help || ui.popup !== null;
  if (plan.status) lines.push(draw(statusLine(view, ui, width, now, flashHere)));
  const answering = view.pending.length > 0 && ui.focus === "diff" && ui.prompt.text === "" && !ui.rejecting && !ui.popup;
  const typing = !ui.help && !answering;
  return { lines, cursor: typing ? { x: Math.min(width - 1, prompt.x), y: plan.prompt.y + prompt.y } : null };
}

function body(plan: ReturnType<typeof layout>, view: ViewState, ui: UiState, now: number, height: number): string[] {
  const [first, ...others] = plan.panes;
  if (!first) return [];
  if (plan.mode !== "wide") {
    const { rows, mark } = drawPane(first, view, ui, now, null);
    return plan.rule ? [...rows, ansi(ruleLine("─", "─", plan.rule.width, mark, ui.flash), ui.noColor)] : rows;
  }
  const left = drawPane(first, view, ui, now, ui.flash).rows;
  const right = others.flatMap((rect) => drawPane(rect, view, ui, now, null).rows);
  return Array.from({ length: height }, (_, row) => (left[row] ?? "") + (right[row] ?? ""));
}

/** `1 Conversation  2 Diff •  3 Plan`: the pane in front in the accent, a dot where something waits. */
function tabsLine(view: ViewState, ui: UiState, width: number): Line {
  const full: Span[] = [];
  for (const [index, pane] of panes.entries()) {
    const front = ui.front === pane.name;
    full.push(span(" "), span(` ${index + 1} ${pane.label} `, front ? style.accent | style.bold | style.inverse : style.dim));
    full.push(pane.waits(view) ? span("•", style.accent | style.bold) : span(" "));
  }
  const title = panes.find(({ name }) => name === ui.front)?.title(view, ui) ?? "";
  const room = width - lineWidth(full) - 2;
  return title !== "" && room > 6 ? [...full, span(` ${title}`, style.dim)] : full;
}
