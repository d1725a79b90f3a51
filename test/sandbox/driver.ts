// A process of its own that opens a sandbox and does what it is told line by line: so that tests can run it as another user.
import { createInterface } from "node:readline";
import { openSandbox, type SandboxNeeds } from "../../src/sandbox/open.ts";
import type { Running } from "../../src/sandbox/sandbox.ts";

export interface Order {
  id: number;
  do: "run" | "abort" | "jobs" | "read" | "stop" | "level" | "close";
  command?: string;
  cwd?: string;
  timeoutMs?: number;
  outside?: boolean;
  settleMs?: number;
  /** Keys sent once the output holds a text. */
  keys?: { after: string; send: string };
  /** Abort once the output holds this text. */
  abortAfter?: string;
  job?: string;
  screen?: boolean;
}
const needs = JSON.parse(process.argv[2] ?? "{}") as SandboxNeeds;
const sandbox = await openSandbox(needs);
const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function obey(order: Order): Promise<unknown> {
  const job = order.job as Parameters<typeof sandbox.readJob>[0];
  switch (order.do) {
    case "level":
      return { level: await sandbox.ready, why: sandbox.why };
    case "jobs":
      return sandbox.jobs();
    case "read":
      return sandbox.readJob(job);
    case "stop":
      return await sandbox.stopJob(job);
    case "close":
      await sandbox.close();
      return true;
    case "abort":
      return null;
    case "run": {
      const abort = new AbortController();
      let seen = "";
      let handle: Running | null = null;
      let keys = order.keys;
      const screens: string[][] = [];
      const outcome = await sandbox.run({
        command: order.command ?? "true",
        cwd: order.cwd ?? needs.cwd,
        timeoutMs: order.timeoutMs ?? 30_000,
        signal: abort.signal,
        ...(order.outside ? { outside: true } : {}),
        ...(order.settleMs === undefined ? {} : { background: { settleMs: order.settleMs } }),
        onStart: (running) => {
          handle = running;
          if (order.screen) running.wantScreen();
        },
        onScreen: (lines) => void screens.push(lines),
        onOutput: (chunk) => {
          seen = (seen + chunk).slice(-100_000);
          if (keys && seen.includes(keys.after)) {
            (handle as Running | null)?.write(keys.send);
            keys = undefined;
          }
          if (order.abortAfter && seen.includes(order.abortAfter)) abort.abort();
        },
      });
      return { ...outcome, screens: screens.slice(-2) };
    }
  }
}
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  void obey(order).then(
    (answer) => say({ id: order.id, answer }),
    (error: unknown) => say({ id: order.id, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }),
  );
}
await sandbox.close();
