// How a process comes to the index of a repository: through its worker, which is started when it isn't there and shared by all who ask.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { WorkerPlace } from "../bus/worker.ts";
import { openWorkerClient } from "../bus/workerclient.ts";
import type { Paths } from "../config/paths.ts";
import type { IndexState, SearchAnswer } from "../core/indexing.ts";
import { shortSocket } from "../core/paths.ts";
import { build, version } from "./version.ts";

export interface SearchQuery {
  words: string;
  limit: number;
  /** Paths the session has read or changed: what is near them is likelier. */
  inPlay?: readonly string[];
}
export interface Indexing {
  /** Brings the index up to date; hears how far it is. */
  refresh(tell: (state: IndexState) => void, signal: AbortSignal): Promise<IndexState>;
  /** What is found now; `wait`: not before the index is up to date. */
  search(query: SearchQuery & { wait?: boolean }, signal: AbortSignal): Promise<SearchAnswer>;
  state(): Promise<IndexState>;
  /** These files were just changed; null: look at everything. Resolves when they are searchable. Starts no worker. */
  update(paths: readonly string[] | null): Promise<void>;
  /** Ends the worker, if one runs. */
  close(): void;
}

const nameOf = (root: string): string => `index-${createHash("sha256").update(root).digest("hex").slice(0, 12)}`;
/** Where the worker of a repository (a real path) is found. */
export const indexPlace = (paths: Paths, root: string): WorkerPlace => ({
  socket: shortSocket(join(paths.runtime, `${nameOf(root)}.sock`)),
  lock: join(paths.runtime, `${nameOf(root)}.lock`),
});

/** Runs as it is from the sources, and bundled beside this file. */
function workerFile(): string {
  const here = fileURLToPath(import.meta.url);
  return join(dirname(here), here.endsWith(".ts") ? "indexer.ts" : "indexer.mjs");
}
/** MB of heap: a million lines take about half of it. */
const nodeFlags = ["--max-old-space-size=1400"];

export interface IndexingNeeds {
  paths: Paths;
  /** A real path. */
  root: string;
  env: Record<string, string | undefined>;
}
/** Starts nothing until it is asked. */
export function openIndexing({ paths, root, env }: IndexingNeeds): Indexing {
  const place = indexPlace(paths, root);
  const client = openWorkerClient({
    place,
    me: { version, build },
    start: () => {
      const { NODE_OPTIONS: _, NODE_V8_COVERAGE: __, ...clean } = env;
      const child = spawn(process.execPath, [...nodeFlags, workerFile(), root], { detached: true, stdio: ["ignore", "ignore", "pipe"], cwd: "/", env: clean });
      let said = "";
      child.stderr?.on("data", (bytes: Buffer) => {
        if (said.length < 4_000) said += bytes;
      });
      let exit: { code: number | null; said: string } | null = null;
      const ended = (code: number | null): void => {
        exit = {
          code,
          said:
            said
              .split("\n")
              .findLast((line) => /\w*Error\b/.test(line))
              ?.trim() ?? "",
        };
      };
      child.on("error", (error) => {
        said += `Error: ${error.message}`;
        ended(-1);
      });
      child.on("exit", ended);
      child.unref();
      (child.stderr as { unref?(): void } | null)?.unref?.();
      return { exit: () => exit };
    },
  });
  return {
    refresh: async (tell, signal) => (await client.call("refresh", null, { signal, onItem: (item) => tell(item as IndexState) })) as IndexState,
    search: async (query, signal) => (await client.call("search", query, { signal })) as SearchAnswer,
    state: async () => (await client.call("state", null)) as IndexState,
    update: async (changed) => {
      if (client.alive()) await client.call("update", changed);
    },
    close: () => client.close(),
  };
}
