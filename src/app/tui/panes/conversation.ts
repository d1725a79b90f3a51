// The conversation: what was asked, thought, said and done, one group of lines per row, and what is being written now.
import type { PolicyName } from "../../../core/events.ts";
import { sanitiseLine } from "../../../core/text.ts";
import { duration } from "../../../core/time.ts";
import { isQueued } from "../keeping.ts";
import { shownPanes } from "../layout.ts";
import { markdownBlocks } from "../markdown.ts";
import { callLine, openedLines, tested } from "../parts/call.ts";
import { flow } from "../parts/flow.ts";
import { rich } from "../parts/later.ts";
import { blank, type Line, line, type Span, type Style, span, style, wrapSpans, wrapText } from "../parts/line.ts";
import { type Row, toldKey, type UiState, type ViewState } from "../state.ts";
import type { Pane } from "./pane.ts";

const indent = span("  ");
const foldedThought = 3;
const foldedAsk = 8;
const shelledLines = 10;
const whys = { done: "done", stopped: "stopped", limit: "limit reached", failed: "failed", forbidden: "not allowed" };

export const conversation: Pane = {
  name: "conversation",
  label: "Conversation",
  follows: "end",
  title: () => "",
  waits: () => false,
  draw(view, ui, width, now) {
    const blocks: (readonly Line[])[] = [];
    if (view.earlier > 0) blocks.push([line(`  ${view.earlier} earlier rows are in the log`, style.dim)]);
    const rows = worthShowing(view, ui);
    const drawRow = (row: Row, index: number): void => void blocks.push(rowBlock(row, rows[index - 1], ui, width, now));
    const queued = rows.findIndex(isQueued);
    for (const [index, row] of rows.entries()) if (queued < 0 || index < queued) drawRow(row, index);
    blocks.push(...streaming(view, width));
    // what is read later stands below what is being written now
    for (const [index, row] of rows.entries()) if (queued >= 0 && index >= queued) drawRow(row, index);
    if (view.saying.text === "" && view.saying.thought === "" && view.rows.every(({ key }) => key.startsWith(toldKey))) blocks.push(emptyLines(view, ui, width));
    return { blocks, footer: [] };
  },
};

/** Without the calls that only keep the plan, which has a pane of its own; where that isn't seen, the newest of them stays. */
function worthShowing(view: ViewState, ui: UiState): readonly Row[] {
  if (!view.rows.some(keepsPlan)) return view.rows;
  const newest = shownPanes(ui).includes("plan") ? undefined : view.rows.findLast(keepsPlan);
  return view.rows.filter((row) => row === newest || !keepsPlan(row));
}
const keepsPlan = (row: Row): boolean => row.kind === "call" && row.name === "plan" && row.state !== "failed" && row.state !== "refused";

const policyWords: Record<PolicyName, string> = {
  ask: "reads on its own, asks before it edits a file or runs a command",
  auto: "reads, edits and runs commands in the sandbox without asking",
  "read-only": "reads and searches, changes nothing",
};
/** Before the first task: what is missing, else what to do and what is in force. */
function emptyLines(view: ViewState, ui: UiState, width: number): Line[] {
  const say = (text: string, look: Style): Line[] => wrapText(text, width, look, [indent]);
  const model = view.model === null ? "" : `${sanitiseLine(view.model).replace(/^[^/]*\//, "")} does it.  `;
  const usual = [...say("Say what to do: find out why the tests fail, and mend it", style.dim), ...say(`${model}Policy ${view.policy}: ${policyWords[view.policy]}.`, style.dim)];
  return [blank, ...(ui.welcome ? ui.welcome.lines.flatMap((text) => say(text, style.plain)) : usual)];
}

/** First and last line of a row in what `draw` gives, or null when it isn't drawn. */
export function rowPlace(key: string, view: ViewState, ui: UiState, width: number): { from: number; to: number } | null {
  let from = view.earlier > 0 ? 1 : 0;
  const rows = worthShowing(view, ui);
  for (const [index, row] of rows.entries()) {
    const { length } = rowBlock(row, rows[index - 1], ui, width, 0);
    if (row.key === key) return { from, to: from + length - 1 };
    from += length;
  }
  return null;
}

const drawn = new WeakMap<Row, { key: string; lines: Line[] }>();

function rowBlock(row: Row, before: Row | undefined, ui: UiState, width: number, now: number): Line[] {
  const gap = before !== undefined && !(row.kind === "call" && before.kind === "call");
  const opened = ui.opened === row.key;
  const selected = ui.selected === row.key;
  const clock = row.kind === "call" && row.state === "running" ? Math.floor((now - row.startedAt) / 1000) : 0;
  const key = `${width} ${opened} ${selected} ${gap} ${clock} ${row.kind === "said" ? rich.generation : 0}`;
  const known = drawn.get(row);
  if (known?.key === key) return known.lines;
  const content = rowLines(row, opened, width, now);
  const marked = selected && content[0] ? [mark(content[0]), ...content.slice(1)] : content;
  const lines = gap ? [blank, ...marked] : marked;
  drawn.set(row, { key, lines });
  return lines;
}

/** The first two columns of every row are free for the mark of the selected one. */
function mark(first: Line): Line {
  const [begin, ...rest] = first;
  return begin ? [span("▸ ", style.accent), span(begin.text.slice(2), begin.style), ...rest] : [span("▸ ", style.accent)];
}

function rowLines(row: Row, opened: boolean, width: number, now: number): Line[] {
  switch (row.kind) {
    case "asked": {
      const lines = row.text
        .split("\n")
        .flatMap((text, index) => wrapSpans([span(text, style.bold)], width, [index === 0 ? span("› ", style.accent | style.bold) : indent], [indent]));
      const shown = opened || lines.length <= foldedAsk + 4 ? lines : [...lines.slice(0, foldedAsk), line(`  … ${lines.length - foldedAsk} more lines`, style.dim)];
      if (row.queued) return [...shown, line("  queued: reaches the model at its next turn", style.dim)];
      return row.unread ? [...shown, ...wrapText("not read: the run ended before; it goes along with what you ask next", width, style.dim, [indent])] : shown;
    }
    case "thought":
      return thoughtLines(row.text, width, opened ? Number.POSITIVE_INFINITY : foldedThought);
    case "said":
      return [...(row.text === "" ? [] : markdownBlocks(row.text, width - 2)).flat().map(indented), ...(row.stopped ? [line("  (stopped)", style.dim)] : [])];
    case "call": {
      const first: Line = [indent, ...callLine(row, width - 2, now)];
      if (opened) return [first, ...openedLines(row.text, width)];
      const failure = row.state === "failed" && row.detail === null ? (row.text.split("\n")[0] ?? "") : "";
      const sentence = failure || (row.note === null ? "" : `you: ${row.note}`);
      return sentence === "" ? [first] : [first, ...wrapText(sentence, width, style.dim, line("          "))];
    }
    case "shelled": {
      const all = row.text.trimEnd().split("\n");
      const shown = opened ? all : all.slice(-shelledLines);
      const sign = row.ok ? span("  ✓", style.green) : span("  ✗", style.red);
      const head = wrapSpans([span(row.command), sign, span(`  ${duration(row.ms)}`, style.dim)], width, [span("! ", style.accent | style.bold)], [indent]);
      const folded = all.length > shown.length ? [line(`  … ${all.length - shown.length} lines before`, style.dim)] : [];
      return [...head, ...folded, ...(row.text.trim() === "" ? [] : wrapText(shown.join("\n"), width, style.dim, [indent]))];
    }
    case "noted": {
      const look = row.level === "error" ? style.red : row.level === "warn" ? style.bold : style.dim;
      const sign = row.level === "error" ? "✗ " : row.level === "warn" ? "! " : "· ";
      const lines = row.text.split("\n").flatMap((text, index) => wrapSpans([span(text, look)], width, [indent, span(index === 0 ? sign : "  ", look)], [span("    ")]));
      return [...lines, ...hintLines(row.hint, width)];
    }
    case "ended":
      return endedLines(row, width);
  }
}

const hintLines = (hint: string | null, width: number): Line[] => (hint === null ? [] : wrapSpans([span(hint.replaceAll("\n", " "))], width, [span("    ")]));

function endedLines(row: Extract<Row, { kind: "ended" }>, width: number): Line[] {
  const good = row.why === "done";
  const sign = good ? "✓" : row.why === "stopped" ? "·" : "✗";
  const look = good ? style.green : row.why === "stopped" ? style.plain : style.red;
  const parts: Span[] = [span(`${sign} ${whys[row.why]}`, look), span(`   ${row.turns} ${row.turns === 1 ? "turn" : "turns"}   ${duration(row.ms)}`, style.dim)];
  if (row.tests) {
    const [text, testLook] = tested(row.tests);
    parts.push(span("   tests ", style.dim), span(text, testLook));
  }
  const why = row.text === "" ? [] : wrapText(row.text, width, style.plain, [span("    ")]);
  return [...wrapSpans(parts, width, [indent]), ...why, ...hintLines(row.hint, width)];
}

/** A thought, dim; what is folded away is counted. */
function thoughtLines(text: string, width: number, most: number): Line[] {
  const all = wrapText(text, width - 2, style.dim, [indent]);
  if (all.length <= most + 1) return labelled(all);
  return labelled([...all.slice(0, most), line(`  … ${all.length - most} more lines`, style.dim)]);
}
function labelled(lines: Line[]): Line[] {
  const last = lines.at(-1) ?? blank;
  return [...lines.slice(0, -1), [...last, span("  (thought)", style.dim)]];
}

const moved = new WeakMap<Line, Line>();
/** The line behind the indent; the same line gives the same object. */
function indented(content: Line): Line {
  if (content.length === 0) return blank;
  const known = moved.get(content);
  if (known) return known;
  const next: Line = [indent, ...content];
  moved.set(content, next);
  return next;
}

function streaming(view: ViewState, width: number): Line[][] {
  const { text, thought, call } = view.saying;
  const blocks: Line[][] = [];
  const before = view.rows.length > 0;
  if (thought.trim() !== "") {
    const whole = text !== "" || call !== null;
    const lines = whole ? thoughtLines(thought.trim(), width, foldedThought) : flow(thought.trimStart(), width - 2, style.dim).map(indented);
    blocks.push(before ? [blank, ...lines] : lines);
  }
  if (text.trim() !== "") {
    if (before || blocks.length > 0) blocks.push([blank]);
    blocks.push(...markdownBlocks(text, width - 2, true).map((block) => block.map(indented)));
  }
  if (call) blocks.push([blank, [indent, span(call.name.padEnd(8), style.bold), span(written(call.chars), style.dim)]]);
  return blocks;
}

/** The size of a call that is being written, in steps, so that it isn't redrawn with every token. */
const written = (chars: number): string => (chars < 200 ? "being written" : `being written, ${Math.floor(chars / 200) * 200} characters`);
