// Which form an edit has, and which files it touches, before any is read.
import { editText, type Placed, rungWords } from "../match.ts";
import type { EditArgs, OneEdit } from "./args.ts";
import { looksLikeBlocks, parseBlocks } from "./blocks.ts";
import type { TextEdit } from "./find.ts";
import { applyOps, pathsOf } from "./ops.ts";
import { type FileOp, looksLikePatch, parsePatch } from "./patch.ts";
import { looksLikeDiff, opsOfHunks, parseHunks } from "./udiff.ts";

/** `paths` as the model wrote them, each once. */
export type Plan =
  | { form: "edits"; paths: string[]; files: { path: string; edits: TextEdit[] }[] }
  | { form: "ops"; paths: string[]; ops: FileOp[] }
  | { form: "wrong"; paths: string[]; message: string };

/** `exists`: there is a file at `path`, so an empty `old` can only mean that `new` holds a patch. Pure; never throws. */
export function planEdit(args: EditArgs, exists: boolean): Plan {
  const { path, old, edits } = args;
  const own = path === "" ? [] : [path];
  if (edits) return { form: "edits", paths: own, files: [{ path, edits: edits.map(toTextEdit) }] };
  const text = args.new;
  const patch = old === "" && !/\.(?:patch|diff)$/.test(path) && (exists || path === "" || args.patch === true || text.trimStart().startsWith("*** Begin Patch"));
  if (patch && looksLikePatch(text)) return ofOps(parsePatch(text), own);
  if (patch && looksLikeBlocks(text)) return ofBlocks(text, path);
  if (patch && looksLikeDiff(text)) {
    const hunks = parseHunks(text);
    return ofOps(hunks.ok ? opsOfHunks(hunks.parsed, path || null) : hunks, own);
  }
  if (args.patch || path === "")
    return { form: "wrong", paths: own, message: path === "" ? "path is missing: name the file." : "the patch has no form known here; give old and new instead." };
  return { form: "edits", paths: own, files: [{ path, edits: [toTextEdit(args)] }] };
}

const toTextEdit = (edit: OneEdit): TextEdit => ({ old: edit.old, new: edit.new, ...(edit.all ? { all: true } : {}) });
function ofOps(parsed: { ok: true; parsed: FileOp[] } | { ok: false; message: string }, own: string[]): Plan {
  if (!parsed.ok) return { form: "wrong", paths: own, message: parsed.message };
  return { form: "ops", paths: pathsOf(parsed.parsed), ops: parsed.parsed };
}
function ofBlocks(text: string, path: string): Plan {
  const blocks = parseBlocks(text);
  if (!blocks.ok) return { form: "wrong", paths: path === "" ? [] : [path], message: blocks.message };
  const files = new Map<string, TextEdit[]>();
  for (const block of blocks.parsed) {
    // a path of the call's own outweighs what stands above a block, which may be prose
    const at = path || block.path;
    if (!at) return { form: "wrong", paths: [], message: "a block doesn't say which file it is for: put the path on the line above it." };
    const edit: TextEdit = { old: block.old, new: block.new, lines: true, ...(block.hint === undefined ? {} : { hint: block.hint }) };
    files.set(at, [...(files.get(at) ?? []), edit]);
  }
  return { form: "edits", paths: [...files.keys()], files: [...files].map(([at, edits]) => ({ path: at, edits })) };
}

/** `files`: what becomes of each, null = it is gone; `notes`: how it matched, each once. `missing`: an edit is of this file, which isn't there. */
export type Carried = { ok: true; files: Map<string, string | null>; notes: string[] } | { ok: false; message: string; missing?: string };

/** Applies a plan to the texts of its paths (null = no such file), all or nothing. Pure; `message` is written for the model. */
export function carryOut(plan: Exclude<Plan, { form: "wrong" }>, before: ReadonlyMap<string, string | null>): Carried {
  const remarks = (placed: readonly Placed[]): string[] =>
    placed.flatMap(({ rung, places }) => [...(rungWords[rung] ? [`Matched ${rungWords[rung]}.`] : []), ...(places > 1 ? [`${places} places.`] : [])]);
  if (plan.form === "ops") {
    const done = applyOps(plan.ops, before);
    return done.ok ? { ok: true, files: done.files, notes: [...new Set([...[...done.placed.values()].flatMap(remarks), ...done.notes])] } : { ok: false, message: done.message };
  }
  const files = new Map<string, string | null>();
  const notes = new Set<string>();
  for (const { path, edits } of plan.files) {
    const edited = editText(before.get(path) ?? null, edits, path);
    if (!edited.ok) {
      const message = `${path}: ${edited.message}${plan.files.length > 1 ? "\nNo file was changed." : ""}`;
      return { ok: false, message, ...(edited.why === "no-file" ? { missing: path } : {}) };
    }
    files.set(path, edited.text);
    for (const remark of remarks(edited.placed)) notes.add(remark);
  }
  return { ok: true, files, notes: [...notes] };
}
