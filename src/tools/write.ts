// The tool that writes a whole file.
import * as z from "zod/mini";
import { ToolError } from "../core/error.ts";
import { makeDraft } from "./draft.ts";
import { encoded, openText, tell, writeRisk } from "./edit.ts";
import { dominantEol, splitBom, splitLines, withEol } from "./match/lines.ts";
import { placeholdersIn, tongueOf } from "./match/placeholder.ts";
import type { Tool } from "./tool.ts";

interface WriteArgs {
  path: string;
  content: string;
  [other: string]: unknown;
}
const args = z.pipe(z.transform(normalise), z.looseObject({ path: z.string(), content: z.string() }));
const pathNames = ["path", "file_path", "filePath", "filename", "file", "target_file", "absolute_path"];
const contentNames = ["content", "contents", "text", "new", "file_text", "code", "data"];
function normalise(given: unknown): unknown {
  if (typeof given !== "object" || given === null) return given;
  const from = given as Record<string, unknown>;
  const pick = (names: string[]): unknown => names.map((name) => from[name]).find((value) => value !== undefined);
  return { path: pick(pathNames), content: pick(contentNames) };
}

export const write: Tool<WriteArgs> = {
  name: "write",
  about: "Write a whole file; parent folders are made. To change part of one, use edit.",
  args,
  title: ({ path }) => path,
  risk: ({ path }, { files }) => writeRisk([path], files),
  async draft({ path, content }, hands) {
    const file = await openText(path, hands);
    const lines = splitLines(content).lines;
    const [left] = placeholdersIn(lines, [], splitLines(file.text ?? "").lines, tongueOf(path));
    if (left !== undefined) {
      throw new ToolError(`${file.shown}: line ${left + 1} of content stands for code left out (${(lines[left] ?? "").trim().slice(0, 80)}). Write the whole file, or use edit.`);
    }
    const after = file.text === null ? content : likeBefore(file.text, content);
    if (after === file.text) throw new ToolError(`${file.shown} already holds exactly that: nothing to change.`);
    return { drafts: [makeDraft({ path: file.shown, realPath: file.realPath, before: file.bytes, after: encoded(file, after) })], note: "" };
  },
  async execute(_given, _hands, applied) {
    return { ok: true, text: tell(applied?.drafts ?? [], applied?.note ?? "") };
  },
};

/** `write` where no other tool changes files. */
export const writeAlone: Pick<Tool<WriteArgs>, "name" | "about" | "args"> = {
  name: write.name,
  about: "Write a whole file, new or old: every line of it, those that stay too. Parent folders are made.",
  args,
};

/** The file's own BOM, and its CRLF where it had nothing else: a model writes neither. */
function likeBefore(before: string, content: string): string {
  const { bom, body } = splitBom(before);
  const ends = splitLines(body).ends.filter((end) => end !== "");
  const crlf = ends.length > 0 && ends.every((end) => end === "\r\n") && dominantEol(ends) === "\r\n";
  return bom + (crlf ? withEol(splitBom(content).body, "\r\n") : splitBom(content).body);
}
