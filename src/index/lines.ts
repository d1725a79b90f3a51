// Lines that hold a text, as search results: a hit for each file, the files ranked as the index ranks them.
import type { SearchHit } from "../core/indexing.ts";
import type { ChunkRow } from "./records.ts";

export interface Line {
  path: string;
  line: number;
  text: string;
}
const shownLines = 4;

/** `scoreOf`: how the index ranks the file for the same words; `around`: the piece a line lies in. Files with more lines come first among equals. */
export function hitsOf(lines: readonly Line[], limit: number, scoreOf: (path: string) => number, around: (path: string, line: number) => ChunkRow | undefined): SearchHit[] {
  const files = new Map<string, Line[]>();
  for (const line of lines) {
    const known = files.get(line.path);
    if (known) known.push(line);
    else files.set(line.path, [line]);
  }
  const ranked = [...files]
    .map(([path, found]) => ({ path, found, score: scoreOf(path) + Math.log(1 + found.length) / 10 }))
    .sort((one, other) => other.score - one.score || (one.path < other.path ? -1 : 1));
  const top = ranked[0]?.score || 1;
  return ranked.slice(0, limit).map(({ path, found, score }) => {
    const first = found[0] as Line;
    const piece = around(path, first.line);
    return {
      path,
      line: first.line,
      endLine: first.line,
      symbol: piece && piece.symbol !== "" ? piece.symbol : null,
      score: Math.round((score / top) * 1000) / 1000,
      why: [found.length === 1 ? "holds the text" : `holds the text in ${found.length} lines`],
      snippet: found
        .slice(0, shownLines)
        .map(({ line, text }) => `${line}: ${text.trim().slice(0, 200)}`)
        .join("\n"),
    };
  });
}
