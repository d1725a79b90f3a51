// A real terminal for the measured program: node-pty below, xterm above, so that what counts is what was painted.
import { setTimeout as sleep } from "node:timers/promises";
import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import type { Place } from "./task.ts";

const [columns, rows] = [120, 40];

/** A program in a terminal, as a person would see it. */
export interface Seen {
  bytes: number;
  /** Waits until the painted screen holds `text`. */
  until(text: string, limitMs?: number): Promise<number>;
  /** The next bytes of the program. */
  next(): Promise<void>;
  write(text: string): void;
  pid: number;
  close(): Promise<void>;
}

/** Starts it at 120x40, with an environment that holds nothing of the person's. */
export function openScreen(main: string, place: Place, url: string, how: { model?: string; args?: string[] } = {}): Seen {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const child = spawn(process.execPath, [main, "--model", how.model ?? "openai/scripted-model", "--url", url, ...(how.args ?? [])], {
    name: "xterm-256color",
    cols: columns,
    rows,
    cwd: place.project,
    env: place.env,
  });
  let waiting: (() => void)[] = [];
  const gone = new Promise<void>((resolve) => child.onExit(() => resolve()));
  const seen: Seen = {
    bytes: 0,
    pid: child.pid,
    async until(text, limitMs = 20_000) {
      const end = performance.now() + limitMs;
      while (!painted(terminal).includes(text)) {
        if (performance.now() > end) throw new Error(`"${text}" never appeared:\n${painted(terminal)}`);
        await sleep(2);
      }
      return performance.now();
    },
    next: () => new Promise((resolve) => waiting.push(resolve)),
    write: (text) => child.write(text),
    async close() {
      child.kill("SIGTERM");
      await gone;
    },
  };
  child.onData((data) => {
    seen.bytes += Buffer.byteLength(data);
    for (const resolve of waiting.splice(0)) resolve();
    terminal.write(data);
  });
  waiting = [];
  // what the program asks of its terminal is answered
  terminal.onData((answer) => child.write(answer));
  return seen;
}
function painted(terminal: InstanceType<typeof xterm.Terminal>): string {
  const { active } = terminal.buffer;
  return Array.from({ length: rows }, (_, y) => active.getLine(active.viewportY + y)?.translateToString(true) ?? "").join("\n");
}
