// The tool that changes part of a file: old text becomes new, in whatever form the model writes that.
import * as z from "zod/mini";
import { ToolError } from "../core/error.ts";
import type { EditForm } from "../core/probed.ts";
import { makeDraft } from "./draft.ts";
import { type EditArgs, normaliseEdit } from "./match/args.ts";
import { decodeText, EncodingError } from "./match/bytes.ts";
import { carryOut, type Plan, planEdit } from "./match/plan.ts";
import type { Draft, Files, Hands, Outcome, Risk, Tool } from "./tool.ts";

/** What the model is shown is the object; what it may send is anything `normaliseEdit` understands. */
const args = z.pipe(z.transform(normaliseEdit), z.looseObject({ path: z.string(), old: z.string(), new: z.string(), all: z.optional(z.boolean()) }));

export const edit: Tool<EditArgs> = {
  name: "edit",
  about: "Replace text in a file: old, quoted exactly with enough lines to be unique, becomes new. Empty old creates the file. all: replace every match.",
  args,
  title: (given) => (given.path === "" ? planEdit(given, false).paths.join(", ") || "a patch" : given.path),
  risk: (given, { files }) => writeRisk(planEdit(given, true).paths, files),
  async draft(given, hands) {
    const plan = planEdit(given, given.path !== "" && (await hands.files.locate(given.path)).exists);
    if (plan.form === "wrong") throw new ToolError(`${given.path || "edit"}: ${plan.message}`);
    return draftPlan(plan, hands);
  },
  async execute(_given, _hands, applied) {
    return { ok: true, text: tell(applied?.drafts ?? [], applied?.note ?? "") } satisfies Outcome;
  },
};

type Shown = Pick<Tool<EditArgs>, "name" | "about" | "args">;
const aside = (about: string, fields: Record<string, z.ZodMiniType>): Shown => ({ name: edit.name, about, args: z.object(fields) as unknown as Shown["args"] });
/** How the tool is told of where edits are asked for in another form. It takes them all, whatever was told. */
export const editAs: Record<Exclude<EditForm, "whole">, Shown> = {
  replace: edit,
  blocks: aside(
    "Change a file by blocks, each: a line <<<<<<< SEARCH, the old lines exactly, a line =======, the new lines, a line >>>>>>> REPLACE. No old lines: creates the file.",
    { path: z.string(), blocks: z.string() },
  ),
  patch: aside(
    "Change files by a patch: *** Begin Patch, then *** Update File: PATH, @@, and lines that begin with a space (stay), - (go) or + (come); *** Add File: PATH and + lines; *** End Patch.",
    { patch: z.string() },
  ),
};

/** The strictest of what the paths ask for. */
export async function writeRisk(paths: readonly string[], files: Files): Promise<Risk> {
  const risk = { kind: "write" as const, outside: false, protected: false };
  for (const path of paths) {
    const { access } = await files.locate(path);
    risk.outside ||= access === "outside";
    risk.protected ||= access === "read";
  }
  return risk;
}

interface Opened {
  shown: string;
  realPath: string;
  bytes: Buffer | null;
  text: string | null;
  encode(text: string): Buffer;
}
/** A file as text, or the place of one that isn't there yet. Throws ToolError for what isn't text. */
export async function openText(path: string, hands: Hands): Promise<Opened> {
  const { shown, realPath, exists } = await hands.files.locate(path);
  if (!exists) return { shown, realPath, bytes: null, text: null, encode: (text) => Buffer.from(text, "utf8") };
  const bytes = await hands.files.read(path, { allowOutside: hands.outside });
  const decoded = decodeText(bytes);
  if (!decoded.ok) throw new ToolError(`${shown} ${decoded.message}`);
  return { shown, realPath, bytes, text: decoded.text, encode: decoded.encode };
}
export function encoded(file: Opened, text: string): Buffer {
  try {
    return file.encode(text);
  } catch (error) {
    if (error instanceof EncodingError) throw new ToolError(`${file.shown} ${error.message}`);
    throw error;
  }
}

async function draftPlan(plan: Exclude<Plan, { form: "wrong" }>, hands: Hands): Promise<{ drafts: Draft[]; note: string }> {
  const opened = new Map<string, Opened>();
  for (const path of plan.paths) opened.set(path, await openText(path, hands));
  const carried = carryOut(plan, new Map([...opened].map(([path, { text }]) => [path, text])));
  if (!carried.ok && carried.missing !== undefined) await hands.files.read(carried.missing, { allowOutside: hands.outside }); // says so, with the nearest names
  if (!carried.ok) throw new ToolError(carried.message);
  const drafts = [...carried.files].flatMap(([path, text]) => {
    const file = opened.get(path);
    if (!file) return [];
    return [makeDraft({ path: file.shown, realPath: file.realPath, before: file.bytes, after: text === null ? null : encoded(file, text) })];
  });
  return { drafts, note: carried.notes.join(" ") };
}

/** One line a file: what happened and where, then the remarks. */
export function tell(drafts: readonly Draft[], note: string): string {
  if (drafts.length === 0) return "Nothing was changed.";
  const lines = drafts.map(({ change, before, after }) => {
    if (after === null) return `Deleted ${change.path}.`;
    if (before === null) return `Created ${change.path}, ${change.added} lines.`;
    return `Edited ${change.path}: ${ranges(change.hunks)}.`;
  });
  return [...lines, ...(note ? [note] : [])].join("\n");
}

/** The changed lines of the new file, `lines 12-14, 40`; a place where lines only went is the line that is there now. */
function ranges(hunks: Draft["change"]["hunks"]): string {
  const places: string[] = [];
  for (const { newStart, lines } of hunks) {
    let line = Math.max(newStart, 1);
    let from: number | null = null;
    let gone = false;
    const close = (): void => {
      if (from !== null) places.push(from === line - 1 ? `${from}` : `${from}-${line - 1}`);
      else if (gone) places.push(`${line} (removed)`);
      from = null;
      gone = false;
    };
    for (const text of lines) {
      if (text.startsWith("-")) gone = true;
      else if (text.startsWith("+")) {
        from ??= line;
        line++;
      } else {
        close();
        line++;
      }
    }
    close();
  }
  const shown = places.slice(0, 6).join(", ");
  return `${places.length === 1 && !shown.includes("-") ? "line" : "lines"} ${shown}${places.length > 6 ? ` and ${places.length - 6} more places` : ""}`;
}
