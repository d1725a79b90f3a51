// Reads the `*** Begin Patch` form: whole operations on files, chunks found by their lines and never by number.
import type { Parsed } from "./blocks.ts";
import { splitLines } from "./lines.ts";

/** Some lines become others. `contexts` are lines that come before, the last one nearest; `eof`: the old lines are the file's last. */
export interface Chunk {
  contexts: string[];
  old: string[];
  new: string[];
  eof: boolean;
  /** 1-based line the form says it begins at. */
  hint?: number;
  /** The new text says that it has no newline at its end. */
  open?: boolean;
}
export type FileOp = { op: "add"; path: string; text: string } | { op: "delete"; path: string } | { op: "update"; path: string; to: string | null; chunks: Chunk[] };

export const looksLikePatch = (text: string): boolean => /^\s*\*\*\* (?:Begin Patch|(?:Add|Update|Delete) File: )/m.test(text);
const marker = /^\*\*\* (Begin Patch|End Patch|End of File|(?:Add|Update|Delete) File: .+|Move to: .+)$/;

export function parsePatch(text: string): Parsed<FileOp[]> {
  const all = unwrap(splitLines(text).lines);
  const first = all.findIndex((line) => line.trim() !== "");
  if (first < 0) return { ok: false, message: "The patch is empty." };
  const last = all.findLastIndex((line) => line.trim() !== "");
  if ((all[first] ?? "").trim() !== "*** Begin Patch") return { ok: false, message: "The first line of a patch must be *** Begin Patch." };
  if ((all[last] ?? "").trim() !== "*** End Patch") return { ok: false, message: "The last line of a patch must be *** End Patch." };
  const ops: FileOp[] = [];
  let at = first + 1;
  while (at < last) {
    const line = (all[at] ?? "").trim();
    const found = /^\*\*\* (Add|Update|Delete) File: (.+)$/.exec(line);
    const path = found?.[2]?.trim() ?? "";
    if (line === "") {
      at++;
    } else if (found?.[1] === "Delete") {
      ops.push({ op: "delete", path });
      at++;
    } else if (found?.[1] === "Add") {
      let body = "";
      for (at++; at < last && (all[at] ?? "").startsWith("+"); at++) body += `${(all[at] ?? "").slice(1)}\n`;
      ops.push({ op: "add", path, text: body });
    } else if (found) {
      const update = parseUpdate(all, at + 1, last, path);
      if (!update.ok) return update;
      ops.push(update.parsed.op);
      at = update.parsed.next;
    } else return { ok: false, message: `Line ${at + 1} of the patch (${line.slice(0, 60)}) isn't one of *** Add File: PATH, *** Update File: PATH, *** Delete File: PATH.` };
  }
  return ops.length === 0 ? { ok: false, message: "The patch changes no files." } : { ok: true, parsed: ops };
}

function parseUpdate(all: readonly string[], from: number, last: number, path: string): Parsed<{ op: FileOp; next: number }> {
  const moved = /^\*\*\* Move to: (.+)$/.exec((all[from] ?? "").trim());
  let at = moved ? from + 1 : from;
  const chunks: Chunk[] = [];
  let chunk: Chunk | null = null;
  const wrong = (what: string): Parsed<never> => ({ ok: false, message: `Line ${at + 1} of the patch: ${what}` });
  const isEmpty = (of: Chunk): boolean => of.old.length === 0 && of.new.length === 0;
  for (; at < last; at++) {
    const line = all[at] ?? "";
    const mark = line.trim();
    if (marker.test(mark) && /^\s*\*/.test(line)) {
      if (mark !== "*** End of File") break;
      if (!chunk || isEmpty(chunk)) return wrong("*** End of File follows no lines.");
      chunk.eof = true;
    } else if (/^@@/.test(line)) {
      const context = line.replace(/^@@+\s?/, "").replace(/\s*@@$/, "");
      const numbers = /^-(\d+)(?:,\d+)? \+\d+(?:,\d+)?$/.exec(context.trim());
      if (chunk && isEmpty(chunk)) {
        if (context.trim() !== "") chunk.contexts.push(context);
      } else {
        chunk = { contexts: context.trim() === "" || numbers ? [] : [context], old: [], new: [], eof: false, ...(numbers ? { hint: Number(numbers[1]) } : {}) };
        chunks.push(chunk);
      }
    } else {
      if (!chunk || chunk.eof) {
        if (mark === "") continue;
        if (chunk) return wrong(`expected @@ before ${mark.slice(0, 60)}`);
        chunk = { contexts: [], old: [], new: [], eof: false };
        chunks.push(chunk);
      }
      const sign = line[0];
      const body = line.slice(1);
      if (line === "" || sign === " ") {
        chunk.old.push(body);
        chunk.new.push(body);
      } else if (sign === "-") chunk.old.push(body);
      else if (sign === "+") chunk.new.push(body);
      else return wrong(`every line must begin with a space, + or -, this one is: ${mark.slice(0, 60)}`);
    }
  }
  const hollow = chunks.find(isEmpty);
  if (hollow) return { ok: false, message: `A chunk for ${path} has no lines.` };
  if (chunks.length === 0 && !moved) return { ok: false, message: `The update of ${path} is empty.` };
  return { ok: true, parsed: { op: { op: "update", path, to: moved?.[1]?.trim() ?? null, chunks }, next: at } };
}
/** Without the here-document, code fence or shell call around it. */
function unwrap(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => line.trim() === "*** Begin Patch");
  const end = lines.findLastIndex((line) => line.trim() === "*** End Patch");
  if (first < 0) return [...lines];
  const lead = lines.slice(0, first).filter((line) => line.trim() !== "");
  const around = lead.length <= 1 && lead.every((line) => /(?:<<-?\s*['"]?\w+['"]?|^\s*```\w*)\s*$/.test(line) || /apply_patch/.test(line));
  return around ? lines.slice(first, end < first ? undefined : end + 1) : [...lines];
}
