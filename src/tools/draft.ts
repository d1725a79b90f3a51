// A file change before it is made: its hunks for the person to judge, and whatever of them is left afterwards, byte for byte.
import { createHash } from "node:crypto";
import type { Change, Decision, Hunk, HunkId } from "../core/events.ts";
import { diffLines, type Run } from "./match/diff.ts";
import type { Draft } from "./tool.ts";

const context = 3;
/** A hunk shows at most this many lines, and a line at most this many characters; the bytes applied are always whole. */
const mostLines = 4_000;
const mostWidth = 2_000;

export interface DraftNeeds {
  /** As the person and the model know the file: relative to the root, absolute outside it. */
  path: string;
  realPath: string;
  before: Buffer | null;
  after: Buffer | null;
}

/** What turning `before` into `after` changes. Hunk ids are the same for the same change: `PATH#1`, `PATH#2`, so that they differ between the drafts of one call. */
export function makeDraft({ path, realPath, before, after }: DraftNeeds): Draft {
  const { a, groups } = compare(before, after);
  const b = byteLines(after);
  const hunks = groups.map((runs, index) => hunkOf(path, index, runs, a, b));
  const sum = (of: (run: Run) => number): number => groups.flat().reduce((total, run) => total + of(run), 0);
  const change: Change = { path, before: hashOf(before), after: hashOf(after), added: sum((run) => run.bTo - run.bFrom), removed: sum((run) => run.aTo - run.aFrom), hunks };
  return { change, realPath, before, after };
}

/**
 * The draft with only what was decided: dropped hunks keep the old lines, in edited ones `text` takes the place of the hunk's new
 * side (context lines included) with the file's line ends, the others stay. Bytes outside the hunks are those of `before`.
 * Decisions for other drafts are ignored; null if nothing is left to change.
 */
export function applyDecisions(draft: Draft, decisions: readonly Decision[]): Draft | null {
  const ids = new Set(draft.change.hunks.map((hunk) => hunk.id));
  const decided = new Map(decisions.filter(({ id }) => ids.has(id)).map((decision) => [decision.id, decision]));
  if ([...decided.values()].every(({ is }) => is === "kept")) return draft;
  const { a, groups } = compare(draft.before, draft.after);
  const b = byteLines(draft.after);
  const eol = b.some((line) => line.endsWith("\r\n")) && !b.some((line) => /[^\r]\n$/.test(line)) ? "\r\n" : "\n";
  let out = "";
  let reached = 0;
  let touched = false;
  for (const [index, runs] of groups.entries()) {
    const decision = decided.get(draft.change.hunks[index]?.id ?? idOf(draft.change.path, index));
    const { aFrom, aTo, bFrom, bTo } = around(runs, a.length);
    out += a.slice(reached, aFrom).join("");
    reached = aTo;
    if (decision?.is === "dropped") out += a.slice(aFrom, aTo).join("");
    else {
      touched = true;
      out += decision?.is === "edited" ? asLines(decision.text ?? "", eol, bTo < b.length || /\n$/.test(b.at(-1) ?? "\n")) : b.slice(bFrom, bTo).join("");
    }
  }
  out += a.slice(reached).join("");
  if (!touched) return null;
  const edited = [...decided.values()].some(({ is }) => is === "edited");
  const after = draft.after === null && out === "" ? null : Buffer.from(out, "latin1");
  if (draft.before !== null && after?.equals(draft.before)) return null;
  return edited || after === null || !draft.after?.equals(after) ? makeDraft({ path: draft.change.path, realPath: draft.realPath, before: draft.before, after }) : draft;
}

const hashOf = (bytes: Buffer | null): string | null => (bytes === null ? null : createHash("sha256").update(bytes).digest("hex"));
const idOf = (path: string, index: number): HunkId => `${path}#${index + 1}` as HunkId;

/** Lines with their terminators, one character per byte: joined again they are the very same bytes. */
const byteLines = (bytes: Buffer | null): string[] => bytes?.toString("latin1").match(/[^\n]*\n|[^\n]+$/g) ?? [];
/** Changed runs, those with at most six equal lines between them together. */
function compare(before: Buffer | null, after: Buffer | null): { a: string[]; groups: Run[][] } {
  const a = byteLines(before);
  const groups: Run[][] = [];
  for (const run of diffLines(a, byteLines(after))) {
    const last = groups.at(-1)?.at(-1);
    if (last && run.aFrom - last.aTo <= 2 * context) groups.at(-1)?.push(run);
    else groups.push([run]);
  }
  return { a, groups };
}
/** A hunk's extent on both sides, context included. Equal lines are as many on either side. */
function around(runs: readonly Run[], aLength: number): Run {
  const first = runs[0] ?? { aFrom: 0, aTo: 0, bFrom: 0, bTo: 0 };
  const last = runs.at(-1) ?? first;
  const before = Math.min(context, first.aFrom);
  const behind = Math.min(context, aLength - last.aTo);
  return { aFrom: first.aFrom - before, aTo: last.aTo + behind, bFrom: first.bFrom - before, bTo: last.bTo + behind };
}

function hunkOf(path: string, index: number, runs: readonly Run[], a: readonly string[], b: readonly string[]): Hunk {
  const { aFrom, aTo, bFrom, bTo } = around(runs, a.length);
  const lines: string[] = [];
  const add = (sign: string, of: readonly string[]): void => {
    for (const line of of) if (lines.length < mostLines) lines.push(sign + shown(line));
  };
  let reached = aFrom;
  for (const run of runs) {
    add(" ", a.slice(reached, run.aFrom));
    add("-", a.slice(run.aFrom, run.aTo));
    add("+", b.slice(run.bFrom, run.bTo));
    reached = run.aTo;
  }
  add(" ", a.slice(reached, aTo));
  // of nothing, a diff says that it begins at line 0
  const start = (from: number, to: number): number => (to > from ? from + 1 : from);
  return { id: idOf(path, index), oldStart: start(aFrom, aTo), oldLines: aTo - aFrom, newStart: start(bFrom, bTo), newLines: bTo - bFrom, lines };
}
const shown = (line: string): string => {
  const text = Buffer.from(line.replace(/\r?\n$/, ""), "latin1").toString("utf8");
  return text.length > mostWidth ? `${text.slice(0, mostWidth)}...` : text;
};

/** The person's text as byte lines; its last line ends like the file's did there. */
function asLines(text: string, eol: string, closed: boolean): string {
  if (text === "") return "";
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  return Buffer.from(lines.join(eol) + (closed ? eol : ""), "utf8").toString("latin1");
}
