// Measures what confinement adds to a command: `true`, run through each sandbox level that works here.
import { realpathSync } from "node:fs";
import { join } from "node:path";
import type { SandboxLevel } from "../src/core/events.ts";
import { openSandbox } from "../src/sandbox/open.ts";
import { repositoryPolicy } from "../src/sandbox/policy.ts";
import { type Row, row } from "./table.ts";
import { openPlace } from "./task.ts";

export interface Confined {
  level: SandboxLevel;
  /** From the call to the outcome, one command each. */
  ms: number[];
}

export async function measureSandbox(runs: number): Promise<Confined[]> {
  const place = openPlace();
  const root = realpathSync(place.project);
  const results: Confined[] = [];
  try {
    for (const prefer of ["none", "userns", "bwrap"] as const) {
      const sandbox = await openSandbox({
        root,
        cwd: root,
        env: place.env,
        cacheDir: join(place.home, prefer, "cache"),
        policy: repositoryPolicy(root),
        hidden: [],
        off: prefer === "none",
        ...(prefer === "none" ? {} : { prefer }),
      });
      if ((await sandbox.ready) === prefer) results.push({ level: prefer, ms: await times(sandbox, root, runs) });
      await sandbox.close();
    }
  } finally {
    place.remove();
  }
  return results;
}

async function times(sandbox: Awaited<ReturnType<typeof openSandbox>>, cwd: string, runs: number): Promise<number[]> {
  const ms: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const started = performance.now();
    await sandbox.run({ command: "true", cwd, timeoutMs: 10_000, signal: new AbortController().signal });
    if (run > 0) ms.push(performance.now() - started);
  }
  return ms;
}

export const sandboxRows = (all: readonly Confined[]): Row[] => [
  { figure: "`true` in the sandbox", target: "", values: [], reached: null },
  ...all.map(({ level, ms }) => row(level === "none" ? "not confined" : level, [ms], " ms", null)),
];
