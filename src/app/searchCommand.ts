// `aura search "words"`: what the index finds, best first, with the reason.
import type { Paths } from "../config/paths.ts";
import type { ExitCode } from "../core/error.ts";
import { cut, sanitiseLine } from "../core/text.ts";
import type { Flags } from "./flagvalues.ts";
import { progressOf } from "./indexCommand.ts";
import { openIndexing } from "./indexing.ts";
import type { Output } from "./output.ts";
import { findRoot } from "./root-of.ts";

export interface SearchCommandNeeds {
  paths: Paths;
  flags: Pick<Flags, "cwd" | "json" | "quiet">;
  output: Output;
  words: string;
  limit: number;
}
const snippetLines = 3;

/** Exit 0 when something was found, 1 when nothing was. */
export async function runSearch({ paths, flags, output, words, limit }: SearchCommandNeeds): Promise<ExitCode> {
  const root = findRoot(flags.cwd);
  const indexing = openIndexing({ paths, root, env: process.env });
  const signal = AbortSignal.any([]);
  try {
    let answer = await indexing.search({ words, limit }, signal);
    if (answer.partial) {
      // never indexed, or much has changed: the whole is worth the wait, and it is shown
      let shown = 0;
      await indexing.refresh((state) => {
        if (flags.quiet || flags.json || state.toRead < 200 || performance.now() - shown < 2_000) return;
        shown = performance.now();
        output.err(progressOf(state));
      }, signal);
      answer = await indexing.search({ words, limit }, signal);
    }
    const { results } = answer;
    if (flags.json) output.json({ results });
    else
      for (const hit of results) {
        output.out(
          `${output.paint(`${sanitiseLine(hit.path)}:${hit.line}`, "green")}${hit.symbol === null ? "" : `  ${sanitiseLine(hit.symbol)}`}  ${output.paint(hit.why.map(sanitiseLine).join("; "), "dim")}`,
        );
        for (const line of hit.snippet.split("\n").slice(0, snippetLines)) output.out(`    ${cut(sanitiseLine(line), Math.max(20, output.columns - 4))}`);
      }
    if (results.length === 0 && !flags.json) output.err("aura: nothing found");
    return results.length > 0 ? 0 : 1;
  } finally {
    indexing.close();
  }
}
