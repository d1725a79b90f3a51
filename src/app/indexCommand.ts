// `aura index`: brings the index of this repository up to date, showing how far it is, and says what it holds.
import { rmSync } from "node:fs";
import type { Paths } from "../config/paths.ts";
import { AuraError, type ExitCode } from "../core/error.ts";
import type { IndexState } from "../core/indexing.ts";
import { lockHolder, signalHolder } from "../core/lock.ts";
import { sanitiseLine } from "../core/text.ts";
import { duration } from "../core/time.ts";
import { indexFolder } from "../index/place.ts";
import type { Flags } from "./flagvalues.ts";
import { indexPlace, openIndexing } from "./indexing.ts";
import type { Output } from "./output.ts";
import { findRoot } from "./root-of.ts";

export interface IndexCommandNeeds {
  paths: Paths;
  flags: Pick<Flags, "cwd" | "json" | "quiet">;
  output: Output;
  fresh: boolean;
}

/** Ctrl-C leaves the worker at its work; what it has read is kept. */
export async function runIndex({ paths, flags, output, fresh }: IndexCommandNeeds): Promise<ExitCode> {
  const root = findRoot(flags.cwd);
  if (fresh) await throwAway(paths, root);
  const indexing = openIndexing({ paths, root, env: process.env });
  const interrupted = new AbortController();
  const onInterrupt = (): void => interrupted.abort();
  process.once("SIGINT", onInterrupt);
  const started = performance.now();
  let shown = 0;
  try {
    const state = await indexing.refresh((now) => {
      if (flags.quiet || flags.json || now.toRead === 0) return;
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${progressOf(now)}`);
      else if (performance.now() - shown > 2_000) output.err(progressOf(now));
      shown = performance.now();
    }, interrupted.signal);
    if (process.stderr.isTTY && shown > 0) process.stderr.write("\r\u001b[K");
    if (flags.json) output.json(state);
    else for (const line of linesOf(state, performance.now() - started)) output.out(line);
    return state.is === "failed" ? 1 : 0;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    output.err("aura: interrupted; what was read is kept, and the index goes on by itself");
    return 130;
  } finally {
    process.off("SIGINT", onInterrupt);
    indexing.close();
  }
}

/** Ends the worker and removes what it kept: the index is nothing but derived. */
async function throwAway(paths: Paths, root: string): Promise<void> {
  const { lock } = indexPlace(paths, root);
  const holder = lockHolder(lock);
  if (holder) signalHolder(holder, "SIGTERM");
  for (const end = Date.now() + 10_000; holder && lockHolder(lock)?.token === holder.token; await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (Date.now() > end) throw new AuraError("index.busy", `the index worker (process ${holder.pid}) doesn't end`, { hint: `kill ${holder.pid}, then try again` });
  }
  rmSync(indexFolder(root), { recursive: true, force: true });
}

export function progressOf(state: IndexState): string {
  const left = state.leftMs === null ? "" : `, ${duration(Math.max(1000, Math.round(state.leftMs / 1000) * 1000))} left`;
  const rate = state.perS === null ? "" : `, ${state.perS} a second`;
  return `indexing: ${state.read} of ${state.toRead} files${rate}${left}`;
}

const counted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");

function linesOf(state: IndexState, ms: number): string[] {
  const size = state.bytes === null ? "" : `, ${(state.bytes / 1e6).toFixed(1)} MB on disk`;
  return [
    `${state.files} files, ${state.lines} lines, ${state.symbols} symbols, ${state.chunks} pieces, ${state.commits} commits${size}; ${state.toRead} files read in ${duration(Math.round(ms))}`,
    ...(Object.keys(state.languages).length > 0 ? [`languages: ${counted(state.languages)}`] : []),
    ...(Object.keys(state.skipped).length > 0 ? [`known by name only: ${counted(state.skipped)}`] : []),
    ...state.notes.map((note) => `note: ${sanitiseLine(note)}`),
  ];
}
