// SEARCH/REPLACE blocks in every fencing models use (<<<<<<< SEARCH, ------- SEARCH, code fences, tags, start lines), out of a whole reply.
import { splitLines } from "./lines.ts";

/** Texts are whole lines with their terminators. `path` null = the reply names no file. */
export interface Block {
  path: string | null;
  old: string;
  new: string;
  /** 1-based line the block says it begins at. */
  hint?: number;
}
export type Parsed<T> = { ok: true; parsed: T } | { ok: false; message: string };

const head = /^(?:<{5,9}|-{3,}) ?(?:SEARCH|ORIGINAL)>?:?\s*$/;
const divider = /^={5,9}\s*$/;
const foot = /^(?:>{5,9}|\+{3,}) ?(?:REPLACE|UPDATED)>?:?\s*$/;
const strayHead = /^[<-]{1,}.{0,4}(?:SEARCH|ORIGINAL)\b.{0,3}$/;

export const looksLikeBlocks = (text: string): boolean =>
  splitLines(text).lines.some((line) => head.test(line.trim())) && splitLines(text).lines.some((line) => foot.test(line.trim()));

/** All blocks of a reply; a block that is cut, unclosed or nested spoils the whole reply, so that nothing is half applied. `fence` opens the code fences in use. */
export function parseBlocks(text: string, fence = "```"): Parsed<Block[]> {
  const { lines, ends } = splitLines(text);
  const blocks: Block[] = [];
  let path: string | null = null;
  let state: "prose" | "old" | "new" = "prose";
  let old: number[] = [];
  let neu: number[] = [];
  let began = 0;
  const join = (of: number[]): string => of.map((i) => unescapeMarker(lines[i] ?? "") + (ends[i] || "\n")).join("");
  const close = (): void => {
    const { from, hint } = preamble(old.map((i) => lines[i] ?? ""));
    blocks.push({ path, old: join(old.slice(from)), new: join(neu), ...(hint === null ? {} : { hint }) });
    state = "prose";
  };
  for (const [i, line] of lines.entries()) {
    const mark = line.trim();
    if (head.test(mark) && !(state === "old" && old.length === 0 && /^-+$/.test(mark))) {
      if (state !== "prose") return { ok: false, message: `The block begun at line ${began + 1} isn't closed before the next one at line ${i + 1}.` };
      path = pathBefore(lines, i, fence) ?? path;
      [state, old, neu, began] = ["old", [], [], i];
    } else if (state === "old" && divider.test(mark)) state = "new";
    else if (state === "new" && neu.length === 0 && divider.test(mark) && divider.test((lines[i - 1] ?? "").trim()))
      continue; // the same line twice
    else if (state === "old" && foot.test(mark)) return { ok: false, message: `The block begun at line ${began + 1} has no ======= line between the old and the new text.` };
    else if (state === "old") old.push(i);
    else if (state === "new" && foot.test(mark)) close();
    else if (state === "new" && divider.test(mark)) {
      const next = lines.slice(i + 1).find((other) => head.test(other.trim()) || foot.test(other.trim()));
      if (next !== undefined && foot.test(next.trim()))
        return { ok: false, message: `The block begun at line ${began + 1} has two ======= lines (the second at line ${i + 1}): it can't be told which one divides.` };
      close();
    } else if (state === "new") neu.push(i);
    else if (foot.test(mark))
      return { ok: false, message: `Line ${i + 1} (${mark}) ends a block that was never begun: the line before the old text must be exactly <<<<<<< SEARCH.` };
    else if (strayHead.test(mark) && lines.slice(i + 1).some((other) => foot.test(other.trim()))) {
      return { ok: false, message: `Line ${i + 1} (${mark}) isn't a proper marker: write exactly <<<<<<< SEARCH.` };
    }
  }
  if (state !== "prose") return { ok: false, message: `The block begun at line ${began + 1} isn't finished: ${state === "old" ? "======= and " : ""}>>>>>>> REPLACE is missing.` };
  if (blocks.length === 0) return { ok: false, message: "There is no SEARCH/REPLACE block in it." };
  return { ok: true, parsed: blocks };
}

/** `\=======` stands for a line that only looks like a marker. */
const unescapeMarker = (line: string): string => line.replace(/^(\s*)\\(?=(?:<{5,9}|>{5,9}|={5,9}|-{5,}|\+{5,}|:start_line:|:end_line:))/, "$1");

/** `:start_line:12` and a rule under it, before the old text proper. */
function preamble(old: readonly string[]): { from: number; hint: number | null } {
  let from = 0;
  let hint: number | null = null;
  for (; from < old.length; from++) {
    const found = /^:(start|end)_line:\s*(\d+)?\s*$/.exec((old[from] ?? "").trim());
    if (!found) break;
    if (found[1] === "start" && found[2]) hint = Number(found[2]);
  }
  if (/^-{5,}$/.test((old[from] ?? "").trim())) from++;
  return { from, hint };
}

/** The file a block is for: among the three lines above it, going up only as long as there are fences. */
function pathBefore(lines: readonly string[], at: number, fence: string): string | null {
  const names: string[] = [];
  for (let i = at - 1; i >= 0 && i >= at - 3; i--) {
    const line = lines[i] ?? "";
    const name = nameIn(line, fence);
    if (name) names.push(name);
    if (!line.trimStart().startsWith(fence) && !line.trimStart().startsWith("```")) break;
  }
  return names.find((name) => name.includes(".")) ?? names[0] ?? null;
}
function nameIn(line: string, fence: string): string | null {
  const text = line.trim();
  if (text === "" || text === "..." || foot.test(text)) return null;
  for (const open of [fence, "```"]) {
    if (!text.startsWith(open)) continue;
    const rest = text.slice(open.length).replace(/^`+/, "").trim();
    return /[./]/.test(rest) && !/\s/.test(rest) ? rest : null;
  }
  if (/^<\/?\w+>$/.test(text)) return null;
  const name = text
    .replace(/:+$/, "")
    .replace(/^#+/, "")
    .trim()
    .replace(/^(?:file(?:name|path)?|path):\s*/i, "")
    .replace(/^[`*"']+|[`*"']+$/g, "")
    .replace(/:+$/, "")
    .replace(/\\_/g, "_");
  return name === "" || name.length > 300 || /^<\/?\w+>$/.test(name) ? null : name;
}
