// Reads unified diffs as models write them: numbers may be wrong or missing, so only the lines themselves are believed.
import type { Parsed } from "./blocks.ts";
import { splitLines } from "./lines.ts";
import type { Chunk, FileOp } from "./patch.ts";

/** One hunk as it stands: `lines` with sign and terminator. */
export interface RawHunk {
  path: string | null;
  header: string;
  lines: string[];
  /** The file did not exist before, or doesn't afterwards. */
  born: boolean;
  gone: boolean;
}
export const looksLikeDiff = (text: string): boolean => /^--- .+\r?\n\+\+\+ .+$/m.test(text) || /^@@ (?:-\d+|\.\.\.)/m.test(text);

/** Every hunk of a reply, prose and code fences around them left out. */
export function parseHunks(text: string): Parsed<RawHunk[]> {
  const { lines, ends } = splitLines(text);
  const fenced = lines.some((line) => /^\s*```diff\s*$/.test(line));
  const hunks: RawHunk[] = [];
  let inside = !fenced;
  let path: string | null = null;
  let [born, gone] = [false, false];
  let hunk: RawHunk | null = null;
  const finish = (): void => {
    while (!fenced && hunk && /^\r?\n$/.test(hunk.lines.at(-1) ?? "")) hunk.lines.pop();
    if (hunk?.lines.some((line) => /^[+-]/.test(line))) hunks.push(hunk);
    hunk = null;
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const next = lines[i + 1] ?? "";
    if (fenced ? /^\s*```/.test(line) : line.startsWith("```")) {
      finish();
      inside = !fenced || /^\s*```diff\s*$/.test(line);
    } else if (!inside) continue;
    else if (line.startsWith("--- ") && next.startsWith("+++ ") && !inCount(hunk)) {
      finish();
      const [a, b] = [nameOf(line), nameOf(next)];
      [born, gone] = [a === "/dev/null", b === "/dev/null"];
      path = gone ? a.replace(/^a\//, "") : (born || a.startsWith("a/")) && b.startsWith("b/") ? b.slice(2) : b;
      i++;
      hunk = { path, header: "", lines: [], born, gone };
    } else if (line.startsWith("@@")) {
      finish();
      hunk = { path, header: line, lines: [], born, gone };
    } else if (/^(?:diff --git |index [0-9a-f]+\.\.|new file mode|deleted file mode|similarity index|rename (?:from|to) |old mode|new mode)/.test(line) && !inCount(hunk)) finish();
    else if (hunk) hunk.lines.push(line + (ends[i] || "\n"));
  }
  finish();
  return hunks.length === 0 ? { ok: false, message: "There is no hunk with changed lines in it." } : { ok: true, parsed: hunks };
}
const nameOf = (line: string): string => line.slice(4).replace(/\t.*$/, "").trim();

/** Does the hunk's header promise more lines than were read? Then a line like `--- x` is one of them. */
function inCount(hunk: RawHunk | null): boolean {
  const counts = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(hunk?.header ?? "");
  if (!hunk || !counts) return false;
  const old = hunk.lines.filter((line) => !/^[+\\]/.test(line)).length;
  const neu = hunk.lines.filter((line) => !/^[-\\]/.test(line)).length;
  return old < Number(counts[1] ?? 1) && neu < Number(counts[2] ?? 1);
}

/** Hunks as operations on files, in order. `path` where the diff names none. */
export function opsOfHunks(hunks: readonly RawHunk[], path: string | null): Parsed<FileOp[]> {
  const ops: FileOp[] = [];
  for (const hunk of hunks) {
    const name = hunk.path ?? path;
    if (!name) return { ok: false, message: "The diff doesn't name its file: begin it with --- PATH and +++ PATH." };
    const chunk = chunkOf(hunk);
    const last = ops.at(-1);
    if (hunk.gone) ops.push({ op: "delete", path: name });
    else if (hunk.born) ops.push({ op: "add", path: name, text: chunk.new.map((line) => `${line}\n`).join("") });
    else if (last?.op === "update" && last.path === name) last.chunks.push(chunk);
    else ops.push({ op: "update", path: name, to: null, chunks: [chunk] });
  }
  return { ok: true, parsed: ops };
}

function chunkOf(hunk: RawHunk): Chunk {
  const numbers = /^@@ -(\d+)(?:,(\d+))?/.exec(hunk.header);
  const tail = /^@@.*@@\s(.+)$/.exec(hunk.header)?.[1];
  const chunk: Chunk = { contexts: tail ? [tail] : [], old: [], new: [], eof: false, ...(numbers ? { hint: Number(numbers[1]) } : {}) };
  let sign = " ";
  for (const raw of hunk.lines) {
    const line = raw.replace(/\r?\n$/, "");
    if (line.startsWith("\\")) {
      if (sign !== "-") chunk.open = true;
      continue;
    }
    sign = line[0] ?? " ";
    if (sign === "+") chunk.new.push(line.slice(1));
    else if (sign === "-") chunk.old.push(line.slice(1));
    else {
      // a context line whose leading space the model forgot is still a context line: it must be in the file anyway
      const body = sign === " " ? line.slice(1) : line;
      chunk.old.push(body);
      chunk.new.push(body);
    }
  }
  return chunk;
}
