// Which form an edit has, and which files it touches, before any is read.
import type { EditArgs, OneEdit } from "./args.ts";
import { looksLikeBlocks, parseBlocks } from "./blocks.ts";
import type { TextEdit } from "./find.ts";
import { pathsOf } from "./ops.ts";
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
