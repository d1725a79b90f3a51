// The diff: what waits for an answer, hunk by hunk, or the command that does; else the newest changes.
import type { Change, Hunk } from "../../../core/events.ts";
import { sanitise } from "../../../core/text.ts";
import { blank, type Line, line, type Span, type Style, span, style, wrapSpans, wrapText } from "../parts/line.ts";
import type { Pending, UiState, ViewState } from "../state.ts";
import type { Drawn, Pane } from "./pane.ts";

const shownChanges = 30;

export const diff: Pane = {
  name: "diff",
  label: "Diff",
  follows: "start",
  title(view, ui) {
    const pending = view.pending[0];
    const more = view.pending.length > 1 ? `  1 of ${view.pending.length} waiting` : "";
    if (!pending) return view.changes.length > 0 ? `${new Set(view.changes.map(({ change }) => change.path)).size} changed` : "";
    if (pending.changes.length === 0) return `${pending.name} waits for you${more}`;
    if (isUndo(pending)) return "undo";
    const at = hunkAt(pending, ui.hunk);
    return at ? `hunk ${at.index + 1} of ${at.count}  ${at.change.path}${more}` : `${pending.about}${more}`;
  },
  waits: (view) => view.pending.length > 0,
  draw(view, ui, width) {
    const pending = view.pending[0];
    if (!pending) return { blocks: newest(view, width), footer: [] };
    return pending.changes.length === 0 ? command(pending, ui, width) : hunks(pending, ui, width);
  },
};

/** The hunk under the cursor: its change, its index among all hunks of the approval, and how many there are. */
export function hunkAt(pending: Pending, index: number): { change: Change; hunk: Hunk; index: number; count: number } | null {
  const all = pending.changes.flatMap((change) => change.hunks.map((hunk) => ({ change, hunk })));
  const at = Math.max(0, Math.min(index, all.length - 1));
  const found = all[at];
  return found ? { ...found, index: at, count: all.length } : null;
}

function command(pending: Pending, ui: UiState, width: number): Drawn {
  const lines: Line[] = [
    ...(pending.name === "run" || pending.name === "test"
      ? wrapText(pending.command ?? pending.about, width, style.bold, line("$ ", style.accent), line("  "))
      : wrapText(`${pending.name} ${pending.command ?? pending.about}`, width, style.bold)),
    blank,
    ...wrapSpans([span(pending.outside ? `! ${pending.why}` : pending.why, pending.outside ? style.red | style.bold : style.plain)], width),
  ];
  if (pending.always !== null) lines.push(...wrapSpans([span(`always: ${pending.always}`, style.dim)], width));
  const keys = pending.always === null ? commandKeys : [...commandKeys, ["A", "always"] as const];
  return { blocks: [lines], footer: keyLine(keys, width, ui) };
}
/** Why the keys don't answer. */
const whyNot = (ui: UiState): string => (ui.prompt.text !== "" ? "after the prompt is sent or empty" : ui.focus !== "diff" ? "Tab here first" : "");

const answers = (ui: UiState): boolean => ui.focus === "diff" && ui.prompt.text === "" && !ui.rejecting;
type Keys = readonly (readonly [key: string, word: string])[];
const commandKeys: Keys = [
  ["y", "yes"],
  ["n", "no"],
  ["r", "why not"],
];
const hunkKeys: Keys = [
  ["y", "keep"],
  ["n", "drop"],
  ["a", "all"],
  ["e", "edit"],
  ["r", "why"],
];
const undoKeys: Keys = [
  ["y", "take back"],
  ["n", "leave"],
];
/** The screen's own question, which looks like an approval but has no parts to answer. */
const isUndo = (pending: Pending): boolean => pending.name === "undo";

/** Dim while the keys belong to the prompt or another pane. */
const keyLine = (keys: Keys, width: number, ui: UiState): Line[] => {
  const spans = keys.flatMap(([key, word], index) => [
    ...(index > 0 ? [span("  ")] : []),
    span(key, answers(ui) ? style.accent | style.bold : style.dim),
    span(` ${word}`, answers(ui) ? style.plain : style.dim),
  ]);
  const why = whyNot(ui);
  return wrapSpans(why === "" ? spans : [...spans, span(`   ${why}`, style.dim)], width);
};

function hunks(pending: Pending, ui: UiState, width: number): Drawn {
  const lines: Line[] = [];
  const cursor = hunkAt(pending, ui.hunk);
  let anchor = { from: 0, to: 0 };
  let number = 0;
  if (isUndo(pending)) lines.push(...wrapSpans([span(pending.about, style.bold)], width));
  if (pending.outside) lines.push(...wrapSpans([span(`! ${pending.why}`, style.red | style.bold)], width));
  for (const change of pending.changes) {
    if (lines.length > 0) lines.push(blank);
    const top = lines.length;
    lines.push(...changeHead(change, width));
    for (const hunk of change.hunks) {
      number++;
      const here = cursor?.hunk === hunk;
      const from = here && hunk === change.hunks[0] ? top : lines.length;
      if (!isUndo(pending)) lines.push(hunkHead(hunk, number, cursor?.count ?? 0, here, ui));
      lines.push(...hunkLines(hunk, width, ui.decisions[hunk.id] === "dropped"));
      const edited = ui.edits[hunk.id];
      if (edited !== undefined) lines.push(line("edited to:", style.dim), ...wrapText(sanitise(edited), width, style.green, line("     ")));
      if (here) anchor = { from, to: lines.length - 1 };
    }
  }
  const keys = isUndo(pending) ? undoKeys : cursor ? hunkKeys : commandKeys;
  return { blocks: [lines], footer: keyLine(keys, width, ui), anchor };
}

const signs = { kept: span("  ✓ kept", style.green), dropped: span("  ✗ dropped", style.red), edited: span("  ~ edited", style.accent) };

function hunkHead(hunk: Hunk, number: number, count: number, here: boolean, ui: UiState): Line {
  const decided = ui.decisions[hunk.id];
  const head: Span[] = [here ? span("▸ ", style.accent | style.bold) : span("  "), span(`hunk ${number} of ${count}`, here ? style.bold : style.dim)];
  return decided ? [...head, signs[decided]] : head;
}

function changeHead(change: Change, width: number): Line[] {
  const what = change.before === null ? "  new file" : change.after === null ? "  deleted" : "";
  return wrapSpans([span(change.path, style.bold), span(what), span(`  +${change.added}`, style.green), span(` -${change.removed}`, style.red)], width);
}

const drawn = new WeakMap<Hunk, { width: number; dropped: boolean; lines: Line[] }>();

/** Numbered lines with their signs. Long lines wrap: what is agreed to is seen whole. */
function hunkLines(hunk: Hunk, width: number, dropped: boolean): Line[] {
  const known = drawn.get(hunk);
  if (known && known.width === width && known.dropped === dropped) return known.lines;
  let before = hunk.oldStart;
  let after = hunk.newStart;
  const digits = Math.max(3, String(Math.max(before + hunk.oldLines, after + hunk.newLines)).length);
  const lines = hunk.lines.flatMap((text) => {
    const sign = text[0] ?? " ";
    const number = sign === "-" ? before : after;
    if (sign !== "+") before++;
    if (sign !== "-") after++;
    const look: Style = sign === "-" ? style.red : sign === "+" ? style.green : style.plain;
    const first = [span(String(number).padStart(digits), style.dim), span(` ${sign} `, look)];
    return wrapSpans([span(text.slice(1), dropped ? look | style.dim : look)], width, first, [span(" ".repeat(digits + 3))]);
  });
  drawn.set(hunk, { width, dropped, lines });
  return lines;
}

function newest(view: ViewState, width: number): Line[][] {
  if (view.changes.length === 0) return [[line("No changes yet.", style.dim)]];
  const blocks: Line[][] = [];
  for (const { change } of view.changes.slice(-shownChanges).reverse()) {
    if (blocks.length > 0) blocks.push([blank]);
    blocks.push(changeHead(change, width), ...change.hunks.map((hunk) => hunkLines(hunk, width, false)));
  }
  blocks.push([blank, line("/undo takes the newest run's changes back", style.dim)]);
  return blocks;
}
