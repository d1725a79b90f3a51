// The prompt as lines: the text wrapped as typed, the cursor's place, the placeholder.
import { graphemes, sanitise, widthOf } from "../../../core/text.ts";
import type { PromptState, UiState, ViewState } from "../state.ts";
import { type Line, span, style } from "./line.ts";

const margin = 3; // " › "

interface Wrapped {
  rows: string[];
  /** Where the cursor stands: row and column in `rows`. */
  row: number;
  column: number;
}
/** What is typed, in rows of at most `room` columns. Nothing is dropped where a row breaks, so that the cursor has a place everywhere. */
function wrapPrompt(prompt: PromptState, room: number): Wrapped {
  const before = sanitise(prompt.text.slice(0, prompt.cursor));
  const text = before + sanitise(prompt.text.slice(prompt.cursor));
  const rows: string[] = [""];
  let column = 0;
  let cursor: { row: number; column: number } | null = null;
  for (const { segment, index } of graphemes(text)) {
    const width = segment === "\n" ? 0 : widthOf(segment);
    if (segment !== "\n" && column + width > room) {
      rows.push("");
      column = 0;
    }
    if (index >= before.length && !cursor) cursor = { row: rows.length - 1, column };
    if (segment === "\n") {
      rows.push("");
      column = 0;
      continue;
    }
    rows[rows.length - 1] += segment;
    column += width;
  }
  if (!cursor && column >= room) {
    rows.push("");
    column = 0;
  }
  return { rows, ...(cursor ?? { row: rows.length - 1, column }) };
}

let last: { text: string; cursor: number; room: number; wrapped: Wrapped } | null = null;
function wrapped(prompt: PromptState, columns: number): Wrapped {
  const room = Math.max(1, columns - margin - 1);
  if (last && last.text === prompt.text && last.cursor === prompt.cursor && last.room === room) return last.wrapped;
  last = { text: prompt.text, cursor: prompt.cursor, room, wrapped: wrapPrompt(prompt, room) };
  return last.wrapped;
}

/** Rows the whole prompt wants. */
export const promptHeight = (ui: Pick<UiState, "prompt">, columns: number): number => wrapped(ui.prompt, columns).rows.length;

/** The prompt in `height` lines, scrolled to the cursor; the cursor's place in them. */
export function drawPrompt(view: ViewState, ui: UiState, columns: number, height: number): { lines: Line[]; x: number; y: number } {
  const { rows, row, column } = wrapped(ui.prompt, columns);
  const from = Math.max(0, Math.min(row - Math.floor(height / 2), rows.length - height));
  const sign = ui.rejecting ? span(" ? ", style.red | style.bold) : span(" › ", style.accent | style.bold);
  const lines: Line[] = [];
  for (let at = from; at < from + height; at++) {
    // a prompt that isn't seen whole says so at its edges
    const more = (at === from && from > 0) || (at === from + height - 1 && at < rows.length - 1);
    const begin = at === 0 ? sign : span(more ? " … " : "   ", style.dim);
    lines.push([begin, span(rows[at] ?? "")]);
  }
  if (ui.prompt.text === "") lines[0] = [sign, span(placeholder(view, ui), style.dim)];
  return { lines, x: margin + column, y: row - from };
}

function placeholder(view: ViewState, ui: UiState): string {
  if (ui.rejecting) return "why not? The model is told; Enter rejects, Esc goes back";
  if (view.pending.length > 0 && ui.focus === "diff") return "the keys answer the diff; Tab comes back here";
  if (view.pending.length > 0) return "something waits for you: Tab to the diff, or type to steer";
  if (view.running) return "type to steer: it reaches the model at its next turn";
  return "say what to do   / commands   @ files   ! a shell command";
}
