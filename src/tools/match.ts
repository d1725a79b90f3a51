// One engine for every way a model writes an edit: pure, exact wherever it can be, never guessing between two places.
import { anchorsIn, placeAnchored } from "./match/anchors.ts";
import { applySplices, find, type TextEdit } from "./match/find.ts";
import { isBlank, type Lines, lineAt, splitBom, splitLines, toLf } from "./match/lines.ts";
import { describeNearest, lineList, tellApart } from "./match/nearest.ts";
import { expand, placeholdersIn, tongueOf } from "./match/placeholder.ts";
import type { Rung } from "./match/rungs.ts";
import type { Splice } from "./match/splice.ts";

export type { TextEdit } from "./match/find.ts";
export { type Rung, rungWords } from "./match/rungs.ts";

/** Where an edit landed in the new text: 1-based first line, number of lines (0 = only removed), and at how many places. */
export interface Placed {
  rung: Rung;
  line: number;
  lines: number;
  places: number;
}
export type Why = "missing" | "ambiguous" | "same" | "placeholder" | "exists" | "no-file" | "form";
/** `message` is written for the model, without the path; nothing is changed unless `ok`. */
export type Edited = { ok: true; text: string; placed: Placed[] } | { ok: false; why: Why; message: string };
export const refuse = (why: Why, message: string): Edited & { ok: false } => ({ ok: false, why, message });

/** Applies edits in order, each to what the one before left; all or nothing. `text` null = no such file. `path` tells where a bare `...` is code. */
export function editText(text: string | null, edits: readonly TextEdit[], path = ""): Edited {
  if (edits.length === 0) return refuse("form", "There is no edit in it.");
  let now = text;
  const placed: Placed[] = [];
  const shifts: { line: number; by: number }[] = [];
  for (const [index, edit] of edits.entries()) {
    const hint = edit.hint === undefined ? undefined : edit.hint + shifts.reduce((sum, { line, by }) => (line < (edit.hint ?? 0) ? sum + by : sum), 0);
    const before = now ?? "";
    const edited = editOnce(now, hint === undefined ? edit : { ...edit, hint }, path);
    if (!edited.ok) return edits.length === 1 ? edited : refuse(edited.why, `Edit ${index + 1} of ${edits.length}: ${edited.message}\nNone of them was made.`);
    const [place] = edited.placed;
    const by = countLines(edited.text) - countLines(before);
    if (place) shifts.push({ line: place.line, by });
    for (const earlier of placed) if (place && earlier.line > place.line) earlier.line += by;
    now = edited.text;
    placed.push(...edited.placed);
  }
  return now === text ? refuse("same", "The edits cancel each other out: nothing to change.") : { ok: true, text: now ?? "", placed };
}

const countLines = (text: string): number => text.split("\n").length;

function editOnce(text: string | null, edit: TextEdit, path: string): Edited {
  if (toLf(edit.old) === toLf(edit.new)) return refuse("same", "old and new are the same: nothing to change.");
  if (edit.old === "" || (edit.lines && isBlank(edit.old))) return create(text, edit.new, path);
  if (text === null) return refuse("no-file", "There is no such file. To create it, leave old empty.");
  const { bom, body } = splitBom(text);
  const file = splitLines(body);
  const wanted = edit.old.startsWith("\uFEFF") ? { ...edit, old: splitBom(edit.old).body, new: splitBom(edit.new).body } : edit;
  const anchors = body.includes(wanted.old) ? null : anchorsIn(wanted.old);
  if (anchors) {
    const at = placeAnchored(file, anchors, wanted.new);
    return at.ok ? done(text, bom, file, "anchor", [at.splice]) : refuse("missing", at.message);
  }
  const whole = withoutPlaceholders(file, wanted, path);
  if (typeof whole === "string") return refuse("placeholder", whole);
  const found = find(file, whole);
  if (found.is === "found") return done(text, bom, file, found.rung, found.splices);
  if (found.is === "ambiguous") return refuse("ambiguous", ambiguous(file, found.firsts, edit));
  return refuse("missing", missing(file, edit));
}

function create(text: string | null, content: string, path: string): Edited {
  if (text !== null && splitBom(text).body !== "") {
    return refuse("exists", "old is empty, but the file exists and isn't empty. Quote in old the lines to change, or one next to which to insert.");
  }
  const [left] = placeholdersIn(splitLines(content).lines, [], [], tongueOf(path));
  if (left !== undefined) return refuse("placeholder", placeholderWords(splitLines(content).lines[left] ?? "", left));
  const { bom } = splitBom(text ?? "");
  return { ok: true, text: bom + splitBom(content).body, placed: [{ rung: "whole", line: 1, lines: splitLines(content).lines.length, places: 1 }] };
}

/** The edit with stand-ins for left-out code written out, or why that can't be done. */
function withoutPlaceholders(file: Lines, edit: TextEdit, path: string): TextEdit | string {
  const neu = splitLines(edit.new).lines;
  const old = splitLines(edit.old).lines;
  const at = placeholdersIn(neu, old, file.lines, tongueOf(path));
  if (at.length === 0) return edit;
  const lines = expand(neu, old, at);
  if (!lines) return placeholderWords(neu[at[0] ?? 0] ?? "", at[0] ?? 0);
  return { ...edit, new: lines.join("\n") + (/\n$/.test(edit.new) ? "\n" : "") };
}
const placeholderWords = (line: string, index: number): string =>
  `Line ${index + 1} of new stands for code left out (${line.trim().slice(0, 80)}). Write the code itself, or make old smaller.`;

function done(text: string, bom: string, file: Lines, rung: Rung, splices: Splice[]): Edited {
  const after = bom + applySplices(file.text, splices);
  if (after === text) return refuse("same", "The file already reads like that: nothing to change.");
  const first = splices[0];
  const line = first ? lineAt(file, first.from) + 1 : 1;
  return { ok: true, text: after, placed: [{ rung, line, lines: splitLines(first?.text ?? "").lines.length, places: splices.length }] };
}

function ambiguous(file: Lines, firsts: number[], { old, lines }: TextEdit): string {
  const way = lines ? "Add lines around it until only one fits." : "Add lines around it until only one fits, or set all to true.";
  return `old fits ${firsts.length} places, at ${lineList(firsts)}${tellApart(file.lines, firsts, splitLines(old).lines.length)}\n${way}`;
}

function missing(file: Lines, edit: TextEdit): string {
  const near = describeNearest(file.lines, splitLines(edit.old).lines);
  const already = edit.new.trim().length >= 12 ? toLf(file.text).indexOf(toLf(edit.new).trim()) : -1;
  if (already < 0) return `old isn't in the file. ${near}`;
  return `old isn't in the file, but new already is, at line ${toLf(file.text).slice(0, already).split("\n").length}: if that is the change you meant, go on. ${near}`;
}
