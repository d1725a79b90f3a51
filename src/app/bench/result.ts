// The result of a bench: its sums, its file in the user's state, and which unfinished one is gone on with.
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../../config/paths.ts";
import { readSmall, writePrivate } from "../../config/private.ts";
import { note } from "../../core/note.ts";
import { addUp, reuseOf } from "./figures.ts";
import { type Result, type Row, resultShape } from "./shape.ts";

/** The sums that stand below the table and in `--json`. */
export function totalOf(result: Pick<Result, "tasks">): { solved: number; failed: number; open: number; skipped: number; reuse: number | null } & ReturnType<typeof addUp> {
  const number = (state: Row["state"]): number => result.tasks.filter((row) => row.state === state).length;
  const sum = addUp(result.tasks.flatMap((row) => (row.figures ? [row.figures] : [])));
  return { solved: number("solved"), failed: number("failed"), open: number("open"), skipped: number("skipped"), reuse: reuseOf(sum), ...sum };
}

const slug = (model: string): string => model.replace(/[^A-Za-z0-9.]+/g, "-").slice(0, 80);
const benchFolder = (paths: Paths): string => join(paths.state, "bench");
export const lockFile = (paths: Paths): string => join(benchFolder(paths), "lock");
/** `ollama-qwen3-8b-20261122-183045`: the file's name without its end, and the folder of its logs. */
export const nameOf = (result: Pick<Result, "model" | "startedAt">): string =>
  `${slug(result.model)}-${new Date(result.startedAt).toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15)}`;
export const fileOf = (paths: Paths, result: Pick<Result, "model" | "startedAt">): string => join(benchFolder(paths), `${nameOf(result)}.json`);
/** Where the sessions' logs of a result lie; made (0700) on the way. */
export function logFolder(paths: Paths, result: Pick<Result, "model" | "startedAt">): string {
  const folder = join(benchFolder(paths), nameOf(result));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Throws AuraError where the state can't be written. */
export function saveResult(paths: Paths, result: Result): void {
  result.changedAt = Date.now();
  writePrivate(fileOf(paths, result), `${JSON.stringify({ ...result, total: totalOf(result) }, null, 2)}\n`);
}

/** All results for a model that can be read, the newest first. A file that can't is left alone. Never throws. */
export function resultsFor(paths: Paths, model: string): Result[] {
  let names: string[] = [];
  try {
    names = readdirSync(benchFolder(paths)).filter((name) => name.startsWith(slug(model)) && name.endsWith(".json"));
  } catch {
    return [];
  }
  const results: Result[] = [];
  for (const name of names) {
    try {
      const parsed = resultShape.safeParse(JSON.parse(readSmall(join(benchFolder(paths), name)) ?? "null"));
      if (parsed.success && parsed.data.model === model) results.push(parsed.data);
    } catch (error) {
      note("bench", "a result can't be read", { name, error: String(error) }, "warn");
    }
  }
  return results.sort((one, other) => other.startedAt - one.startedAt);
}

/** What a result must have in common with the one asked for, to be gone on with. A limit that isn't asked for may be any. */
export type Asked = Pick<Result, "model" | "url" | "version" | "suite"> & { limits: Partial<Result["limits"]>; names: readonly string[] };

/** The newest result of that kind if it isn't finished, else null. */
export function unfinishedOf(results: readonly Result[], asked: Asked): Result | null {
  const same = (result: Result): boolean =>
    (["model", "url", "version", "suite"] as const).every((key) => result[key] === asked[key]) &&
    (asked.limits.maxTurns ?? result.limits.maxTurns) === result.limits.maxTurns &&
    (asked.limits.maxTimeMs ?? result.limits.maxTimeMs) === result.limits.maxTimeMs &&
    result.tasks.map((row) => row.name).join() === asked.names.join();
  const newest = results.find(same);
  return newest && !newest.finished ? newest : null;
}
