// The index over real trees: how long it takes, how much memory, what a search costs beside ripgrep, and what a saved file waits.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { rgPath } from "@vscode/ripgrep";
import { indexPlace, openIndexing } from "../src/app/indexing.ts";
import { findPaths } from "../src/config/paths.ts";
import type { IndexState } from "../src/core/indexing.ts";
import { lockHolder, signalHolder } from "../src/core/lock.ts";
import { middle, type Row } from "./table.ts";

export interface IndexFigures {
  tree: string;
  state: IndexState;
  coldMs: number;
  /** MB: the worker's at most, and when it rests. */
  peakMb: number;
  restMb: number;
  /** ms from a question to its answer, with a warm worker; the same words with ripgrep. */
  searchMs: number[];
  ripgrepMs: number[];
  /** ms: a worker's start on a whole index until it answers; a whole `aura search`; a saved file until it is found. */
  reopenMs: number;
  commandMs: number[];
  savedMs: number[];
  sourceBytes: number;
}
const queries = [
  "parse the header of a request",
  "read configuration file",
  "close the connection on timeout",
  "encode unicode string",
  "test for empty list",
  "cache of compiled patterns",
  "walk a directory tree",
  "format an error message",
];

/** Each tree is copied first: nothing is written into it. `main`: the built program. */
export async function measureIndex({ trees, main, said }: { trees: readonly string[]; main: string; said(line: string): void }): Promise<IndexFigures[]> {
  const all: IndexFigures[] = [];
  for (const tree of trees) {
    const base = realpathSync(mkdtempSync(join(tmpdir(), "aura-index-bench-")));
    const root = join(base, basename(tree));
    try {
      cpSync(tree, root, { recursive: true, filter: (path) => !/\/\.aura(\/|$)/.test(path) });
      said(`indexing ${basename(tree)} ...`);
      all.push(await measureTree(root, join(base, "home"), main));
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  }
  return all;
}

async function measureTree(root: string, home: string, main: string): Promise<IndexFigures> {
  const env = { ...process.env, AURA_HOME: home };
  const paths = findPaths(env);
  const never = new AbortController().signal;
  const indexing = openIndexing({ paths, root, env });
  const place = indexPlace(paths, root);
  const memory = (field: string): number => {
    const status = readFileSync(`/proc/${lockHolder(place.lock)?.pid}/status`, "utf8");
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1000;
  };
  const timed = async (work: () => unknown): Promise<number> => {
    const from = performance.now();
    await work();
    return performance.now() - from;
  };
  const times = async (count: number, work: (at: number) => unknown): Promise<number[]> => {
    const out: number[] = [];
    for (let at = 0; at < count; at++) out.push(await timed(() => work(at)));
    return out;
  };
  try {
    let state = await indexing.state();
    const coldMs = await timed(async () => {
      state = await indexing.refresh(() => {}, never);
    });
    const peakMb = memory("VmHWM");
    const words = (at: number): string => queries[at % queries.length] as string;
    await times(3, (at) => indexing.search({ words: words(at), limit: 10 }, never));
    const searchMs = await times(40, (at) => indexing.search({ words: words(at), limit: 10 }, never));
    const ripgrepMs = await times(8, (at) => spawnSync(rgPath, ["-i", "-c", words(at).split(" ").join("|"), root], { stdio: "ignore" }));
    const savedMs = await times(5, async (at) => {
      writeFileSync(join(root, "aura_bench_saved.py"), `def zebra_crossing_${at}():\n    pass\n`);
      for (;;) {
        const { results } = await indexing.search({ words: `zebra_crossing_${at}`, limit: 1 }, never);
        if (results[0]?.path === "aura_bench_saved.py" && results[0].symbol === `zebra_crossing_${at}`) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    rmSync(join(root, "aura_bench_saved.py"));
    const restMb = memory("VmRSS");
    const commandMs = await times(5, (at) => spawnSync(process.execPath, [main, "search", words(at)], { cwd: root, env, stdio: "ignore" }));
    const holder = lockHolder(place.lock);
    if (holder) signalHolder(holder, "SIGTERM");
    while (lockHolder(place.lock)) await new Promise((resolve) => setTimeout(resolve, 20));
    const reopenMs = await timed(() => indexing.search({ words: words(0), limit: 10 }, never));
    return { tree: basename(root), state, coldMs, peakMb, restMb, searchMs, ripgrepMs, reopenMs, commandMs, savedMs, sourceBytes: sourceBytesOf(root) };
  } finally {
    indexing.close();
    const holder = lockHolder(place.lock);
    if (holder) signalHolder(holder, "SIGTERM");
    while (lockHolder(place.lock)) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Bytes of the files that the index reads: what ripgrep takes for text. */
function sourceBytesOf(root: string): number {
  const { stdout } = spawnSync(rgPath, ["--stats", "--quiet", "-c", "zzzzzzzz", root], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return Number(/(\d+) bytes searched/.exec(stdout)?.[1] ?? 0);
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
export function indexRows(all: readonly IndexFigures[]): Row[] {
  const row = (figure: string, target: string, of: (one: IndexFigures) => string): Row => ({ figure, target, values: all.map(of), reached: null });
  return [
    row("index", "", ({ tree }) => tree),
    row("lines / files", "", ({ state }) => `${state.lines} / ${state.files}`),
    row("cold, to complete", "15 s a 100k lines, 150 s a million", ({ coldMs, state }) => `${(coldMs / 1000).toFixed(1)} s (${Math.round(state.lines / coldMs)}k lines/s)`),
    row("worker's memory, most / at rest", "<= 900 MB a million", ({ peakMb, restMb }) => `${Math.round(peakMb)} / ${Math.round(restMb)} MB`),
    row("search, warm: p50 / p95", "<= 30 / 60 ms", ({ searchMs }) => `${percentile(searchMs, 0.5).toFixed(1)} / ${percentile(searchMs, 0.95).toFixed(1)} ms`),
    row("ripgrep for the same words", "", ({ ripgrepMs }) => middle(ripgrepMs, " ms")),
    row("aura search, the whole command", "<= 300 ms", ({ commandMs }) => middle(commandMs, " ms")),
    row("saved file until it is found", "<= 300 ms", ({ savedMs }) => middle(savedMs, " ms")),
    row("first answer of a new worker", "<= 250 ms", ({ reopenMs }) => `${Math.round(reopenMs)} ms`),
    row("disk, times the sources", "<= 3", ({ state, sourceBytes }) => ((state.bytes ?? 0) / Math.max(1, sourceBytes)).toFixed(2)),
  ];
}
