// Scores the edit engine on a file of cases: {id, got, pass, why} each, totals per kind and source, and every silent wrong edit.
import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import { parseBlocks } from "../../src/tools/match/blocks.ts";
import type { TextEdit } from "../../src/tools/match/find.ts";
import { applyOps, pathsOf } from "../../src/tools/match/ops.ts";
import { type FileOp, parsePatch } from "../../src/tools/match/patch.ts";
import { parseHunks } from "../../src/tools/match/udiff.ts";
import { editText } from "../../src/tools/match.ts";
import { type Result, scoreSuite } from "./shared/suite.ts";

const pair = z.object({ old_string: z.string(), new_string: z.string(), replace_all: z.optional(z.boolean()) });
const text = z.string();
const files = z.record(z.string(), z.string());
const rest = { id: text, source: text, peculiar: z.optional(z.unknown()), expect: z.record(z.string(), z.unknown()) };
const caseShape = z.discriminatedUnion("kind", [
  z.object({ ...rest, kind: z.literal("replace"), file_before: z.nullable(text), ...pair.shape }),
  z.object({ ...rest, kind: z.literal("multi_replace"), file_before: z.nullable(text), edits: z.array(pair) }),
  z.object({ ...rest, kind: z.literal("apply_blocks"), file_before: z.nullable(text), text }),
  z.object({ ...rest, kind: z.literal("patch"), files_before: files, patch: text }),
  z.object({ ...rest, kind: z.literal("parse_blocks"), text, fence: z.optional(z.array(text)) }),
  z.object({ ...rest, kind: z.literal("parse_patch"), text }),
  z.object({ ...rest, kind: z.literal("parse_udiff"), text }),
]);
type Case = z.infer<typeof caseShape>;
type Got = { after: string } | { files_after: Record<string, string> } | { edits: unknown[] } | { hunks: unknown[] } | { error: string };

const kindOf = (one: Case): string => (one.peculiar === undefined ? one.kind : `${one.kind} (peculiar)`);

export const score = (args: string[]): number =>
  scoreSuite<Case, Got>(
    {
      name: "edits",
      shape: caseShape,
      run: (one) => judge(one, run(one)),
      tables: [
        { title: "kind", cells: (one) => ({ row: kindOf(one), columns: ["cases"] }) },
        { title: "source", cells: (one) => ({ row: one.source, columns: [kindOf(one)] }) },
      ],
      notes: (scored) => [`silent wrong edits: ${scored.filter(({ result }) => result.why.startsWith("SILENT")).length}`],
      label: kindOf,
    },
    args,
  );

const toEdit = (edit: z.infer<typeof pair>): TextEdit => ({ old: edit.old_string, new: edit.new_string, ...(edit.replace_all ? { all: true } : {}) });
const edited = (before: string | null, edits: TextEdit[]): Got => {
  const outcome = editText(before, edits);
  return outcome.ok ? { after: outcome.text } : { error: outcome.message };
};

function run(one: Case): Got {
  switch (one.kind) {
    case "replace":
      return edited(one.file_before, [toEdit(one)]);
    case "multi_replace":
      return edited(one.file_before, one.edits.map(toEdit));
    case "apply_blocks": {
      const blocks = parseBlocks(one.text);
      if (!blocks.ok) return { error: blocks.message };
      const edits = blocks.parsed.map((block) => ({ old: block.old, new: block.new, lines: true, ...(block.hint === undefined ? {} : { hint: block.hint }) }));
      return edited(one.file_before, edits);
    }
    case "patch":
      return patched(one.patch, one.files_before);
    case "parse_blocks": {
      const blocks = parseBlocks(one.text, one.fence?.[0]);
      if (!blocks.ok) return { error: blocks.message };
      const nameless = blocks.parsed.findIndex((block) => block.path === null);
      if (nameless >= 0) return { error: `Block ${nameless + 1} doesn't say which file it is for.` };
      return { edits: blocks.parsed.map((block) => ({ path: block.path, old_string: block.old, new_string: block.new })) };
    }
    case "parse_patch": {
      const patch = parsePatch(one.text);
      return patch.ok ? { hunks: patch.parsed.map(plainOp) } : { error: patch.message };
    }
    case "parse_udiff": {
      const hunks = parseHunks(one.text);
      return hunks.ok ? { hunks: hunks.parsed.map(({ path, lines }) => ({ path, lines })) } : { error: hunks.message };
    }
  }
}

function patched(text: string, before: Record<string, string>): Got {
  const patch = parsePatch(text);
  if (!patch.ok) return { error: patch.message };
  const outcome = applyOps(patch.parsed, new Map(pathsOf(patch.parsed).map((path) => [path, before[path] ?? null])));
  if (!outcome.ok) return { error: outcome.message };
  const after = { ...before };
  for (const [path, content] of outcome.files) {
    if (content === null) delete after[path];
    else after[path] = content;
  }
  return { files_after: after };
}

function plainOp(op: FileOp): unknown {
  if (op.op === "add") return { type: "AddFile", path: op.path, contents: op.text };
  if (op.op === "delete") return { type: "DeleteFile", path: op.path };
  const chunks = op.chunks.map((chunk) => ({ changeContext: chunk.contexts.at(-1) ?? null, oldLines: chunk.old, newLines: chunk.new, isEndOfFile: chunk.eof }));
  return { type: "UpdateFile", path: op.path, movePath: op.to, chunks };
}

function judge(one: Case, got: Got): Result<Got> {
  const { id } = one;
  const { expect } = one;
  if (expect.error) return { id, got, pass: "error" in got, why: "error" in got ? "refused, as it should be" : "SILENT: applied where an error was expected" };
  if ("error" in got) return { id, got, pass: false, why: `refused: ${got.error.split("\n")[0]}` };
  const key = Object.keys(got)[0] ?? "";
  const wanted = expect[key];
  const pass = isDeepStrictEqual(wanted, Object.values(got)[0]);
  return { id, got, pass, why: pass ? "as expected" : `${"after" in got || "files_after" in got ? "SILENT: " : ""}differs, expected ${JSON.stringify(wanted)}` };
}
