// Ranks the files of real repositories for the words of their later commits: one {repo, commit, ranked} line for each query, on stdout.
// usage: npm run score -- retrieval FILE --trees DIR, DIR/OWNER+NAME being the checkouts, with their past and without their future
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod/mini";
import { openGitText } from "../../src/git/text.ts";
import { openEngine } from "../../src/index/engine.ts";
import { openMemory } from "../../src/index/memory.ts";
import { treeNames } from "../../src/tools/rg.ts";

const queryShape = z.object({ repo: z.string(), commit: z.string(), query: z.string() });
/** More than anybody scores. */
const mostRanked = 100;

export async function score(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: { trees: { type: "string" }, json: { type: "boolean" } }, allowPositionals: true });
  const [file] = positionals;
  if (!file || !values.trees) {
    console.error("usage: npm run score -- retrieval FILE --trees DIR");
    return 2;
  }
  const from = process.env.INIT_CWD ?? process.cwd();
  const queries = readFileSync(resolve(from, file), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => queryShape.parse(JSON.parse(line)));
  for (const repo of new Set(queries.map((query) => query.repo))) {
    const root = join(resolve(from, values.trees), repo.replace("/", "+"));
    const folder = await mkdtemp(join(tmpdir(), "aura-score-"));
    const memory = openMemory();
    const started = performance.now();
    const engine = await openEngine({
      root,
      folder,
      memory,
      learned: [],
      list: (signal) => treeNames(root, signal),
      git: openGitText(root, process.env),
    });
    try {
      await engine.refresh();
      const { files, lines, commits } = memory.counts;
      const builtMs = performance.now() - started;
      const asked = performance.now();
      const mine = queries.filter((query) => query.repo === repo);
      for (const { commit, query } of mine) {
        const ranked = memory.rank(query).slice(0, mostRanked);
        console.log(JSON.stringify({ repo, commit, ranked: ranked.map(({ path }) => path) }));
      }
      console.error(
        `${repo}: ${files} files, ${lines} lines, ${commits} commits in ${Math.round(builtMs)} ms; ${((performance.now() - asked) / mine.length).toFixed(1)} ms a query`,
      );
    } finally {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    }
  }
  return 0;
}
