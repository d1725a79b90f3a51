// Applies operations on several files to their texts, all or nothing.
import { type Edited, type Placed, refuse } from "../match.ts";
import { placeChunks } from "./chunks.ts";
import { splitBom, splitLines } from "./lines.ts";
import type { FileOp } from "./patch.ts";
import { placeholdersIn, tongueOf } from "./placeholder.ts";

/** What each named file becomes; null = it is gone. Only files that change are in `files`. */
export type Operated = { ok: true; files: Map<string, string | null>; placed: Map<string, Placed[]>; notes: string[] } | (Edited & { ok: false });

/** Every path the operations touch, in order, once. */
export const pathsOf = (ops: readonly FileOp[]): string[] => [...new Set(ops.flatMap((op) => (op.op === "update" && op.to ? [op.path, op.to] : [op.path])))];

/** `before` holds the text of every path of `pathsOf`, null where there is no file. */
export function applyOps(ops: readonly FileOp[], before: ReadonlyMap<string, string | null>): Operated {
  const now = new Map(before);
  const placed = new Map<string, Placed[]>();
  const notes: string[] = [];
  const fail = (path: string, why: (Edited & { ok: false })["why"], message: string): Operated =>
    refuse(why, `${path}: ${message}${ops.length > 1 ? "\nNothing of the patch was applied." : ""}`);
  for (const op of ops) {
    const text = now.get(op.path) ?? null;
    if (op.op === "add") {
      const lines = splitLines(op.text).lines;
      const [left] = placeholdersIn(lines, [], splitLines(text ?? "").lines, tongueOf(op.path));
      if (left !== undefined) return fail(op.path, "placeholder", `line ${left + 1} stands for code left out (${(lines[left] ?? "").trim().slice(0, 80)}). Write the code itself.`);
      if (text !== null && text !== "") notes.push(`${op.path} existed and was replaced whole.`);
      now.set(op.path, op.text);
      placed.set(op.path, [{ rung: "whole", line: 1, lines: lines.length, places: 1 }]);
      continue;
    }
    if (text === null) return fail(op.path, "no-file", "there is no such file.");
    if (op.op === "delete") {
      now.set(op.path, null);
      continue;
    }
    const edited = op.chunks.length > 0 ? updated(text, op.path, op.chunks) : null;
    if (edited && !edited.ok) return fail(op.path, edited.why, edited.message);
    if (edited) placed.set(op.to ?? op.path, edited.placed);
    const after = edited ? edited.text : text;
    if (op.to && op.to !== op.path) {
      if ((now.get(op.to) ?? null) !== null) return fail(op.to, "exists", `it exists; ${op.path} can't be moved over it. Delete it first.`);
      now.set(op.path, null);
      now.set(op.to, after);
    } else now.set(op.path, after);
  }
  for (const [path, text] of before) if (now.get(path) === text) now.delete(path);
  if (now.size === 0) return refuse("same", "The patch changes nothing: the files already read like that.");
  return { ok: true, files: now, placed, notes };
}

function updated(text: string, path: string, chunks: Extract<FileOp, { op: "update" }>["chunks"]): Edited {
  const { bom, body } = splitBom(text);
  const file = splitLines(body);
  const edited = placeChunks(file, chunks, path);
  return edited.ok ? { ...edited, text: bom + edited.text } : edited;
}
