// Measures the full screen in a real terminal of 120x40: when it can be used, how fast a key answers, what it costs at rest and while an answer streams.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { openScriptedServer, type ScriptedServer } from "../src/app/demo/server.ts";
import { type Cost, costOf, withEnvironment } from "./proc.ts";
import { openScreen, type Seen } from "./pty.ts";
import { type Row, row } from "./table.ts";
import { openPlace, type Place } from "./task.ts";

export interface Screen {
  main: string;
  /** Times in ms, of one run each, the first start of all (no daemon, nothing cached) left out. */
  paintedMs: number[];
  acceptsMs: number[];
  /** The daemon answered and the session is open. */
  upMs: number[];
  keyMs: number[];
  clientMb: number | null;
  daemonMb: number | null;
  idleCpuPercent: number | null;
  streamBytes: number;
  streamCpuS: number | null;
}
const tokens = 1000;
const perSecond = 50;
const settleMs = 5000;
const idleMs = 10_000;

/** Starts the screen `runs` times on a warm home; the last time it also rests and streams. About 50 s. */
export async function measureScreen(needs: { main: string; runs: number; said(line: string): void }): Promise<Screen> {
  const place = openPlace();
  const words = Array.from(
    { length: tokens },
    (_, at) => ["window", "carries", "the", "steady", "light", "of", "morning", "over", "quiet", "fields"][(at * 7 + (at >> 3)) % 10],
  ).join(" ");
  let streamed: Promise<unknown> = Promise.resolve();
  const server: ScriptedServer = await openScriptedServer({
    wire: "openai",
    model: "scripted-model",
    context: 131_072,
    rate: perSecond,
    script: [{ say: words }],
    intercept: (method, _path, response) => {
      if (method === "POST") streamed = once(response, "finish");
      return false;
    },
  });
  const result: Screen = {
    main: needs.main,
    paintedMs: [],
    acceptsMs: [],
    upMs: [],
    keyMs: [],
    clientMb: null,
    daemonMb: null,
    idleCpuPercent: null,
    streamBytes: 0,
    streamCpuS: null,
  };
  try {
    for (let run = 0; run <= needs.runs; run++) {
      const started = performance.now();
      const screen = openScreen(needs.main, place, server.url);
      const paintedMs = (await screen.until("scripted-model")) - started;
      screen.write("zqxv");
      const acceptsMs = (await screen.until("zqxv")) - started;
      const upMs = (await screen.until("\n ready ")) - started;
      needs.said(
        `screen: ${run === 0 ? "first start" : `start ${run}`}: painted ${Math.round(paintedMs)} ms, accepts keys ${Math.round(acceptsMs)} ms, session open ${Math.round(upMs)} ms`,
      );
      if (run > 0) result.paintedMs.push(paintedMs);
      if (run > 0) result.acceptsMs.push(acceptsMs);
      if (run > 0) result.upMs.push(upMs);
      await sleep(500);
      screen.write("\x7f".repeat(4));
      if (run === needs.runs) await restAndStream(screen, place, result, () => streamed);
      await screen.close();
    }
  } finally {
    await server.close();
    execFileSync(process.execPath, [needs.main, "daemon", "stop"], { env: place.env, stdio: "ignore" });
    place.remove();
  }
  return result;
}

async function restAndStream(screen: Seen, place: Place, result: Screen, streamed: () => Promise<unknown>): Promise<void> {
  await sleep(settleMs);
  const daemons = withEnvironment(`HOME=${place.home}`).filter((pid) => pid !== screen.pid);
  const costs = (): Cost[] => [screen.pid, ...daemons].flatMap((pid) => costOf(pid) ?? []);
  const cpuS = (): number => costs().reduce((sum, cost) => sum + cost.cpuS, 0);
  const [client, ...others] = costs();
  if (client) {
    result.clientMb = client.rssMb;
    result.daemonMb = others.reduce((sum, cost) => sum + cost.rssMb, 0);
  }
  const before = cpuS();
  await sleep(idleMs);
  if (client) result.idleCpuPercent = ((cpuS() - before) / idleMs) * 100_000;
  for (const key of "the quick brown fox") {
    const pressed = performance.now();
    screen.write(key);
    await screen.next();
    result.keyMs.push(performance.now() - pressed);
    await sleep(120);
  }
  const [bytes, cpu] = [screen.bytes, cpuS()];
  screen.write("\r");
  await sleep(2000);
  await streamed();
  await sleep(1500);
  result.streamBytes = screen.bytes - bytes;
  if (client) result.streamCpuS = cpuS() - cpu;
}

export function screenRows(all: readonly Screen[]): Row[] {
  const of = (pick: (one: Screen) => readonly (number | null)[]): number[][] => all.map((one) => pick(one).filter((value) => value !== null));
  return [
    { figure: "screen, 120x40", target: "", values: all.map((_, at) => (at === 0 ? "aura" : `build ${at}`)), reached: null },
    row(
      "painted",
      of((one) => one.paintedMs),
      " ms",
      250,
    ),
    row(
      "accepts keys",
      of((one) => one.acceptsMs),
      " ms",
      250,
    ),
    row(
      "session open",
      of((one) => one.upMs),
      " ms",
      null,
    ),
    row(
      "key to first byte",
      of((one) => one.keyMs),
      " ms",
      4,
    ),
    row(
      "idle: client",
      of((one) => [one.clientMb]),
      " MB",
      null,
    ),
    row(
      "idle: daemon",
      of((one) => [one.daemonMb]),
      " MB",
      null,
    ),
    row(
      "idle: both",
      of((one) => [one.clientMb === null || one.daemonMb === null ? null : one.clientMb + one.daemonMb]),
      " MB",
      170,
    ),
    row(
      "idle: CPU",
      of((one) => [one.idleCpuPercent]),
      " %",
      0.2,
    ),
    row(
      "1,000 tokens at 50/s: bytes",
      of((one) => [one.streamBytes / 1000]),
      " KB",
      150,
    ),
    row(
      "1,000 tokens at 50/s: CPU",
      of((one) => [one.streamCpuS]),
      " s",
      2,
    ),
  ];
}
