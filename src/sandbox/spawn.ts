// Runs one argv on a terminal until its end or a limit: output, time, processes, stop. Nothing here knows how it is confined.
import { note } from "../core/note.ts";
import { openCapped } from "./capped.ts";
import { type LiveScreen, openLiveScreen } from "./live.ts";
import { openPty } from "./pty.ts";
import type { Running } from "./sandbox.ts";
import { openPlain } from "./screen.ts";
import { countIn, initOf, interrupt, killBox, killFamily, killSession, leaderOf, waitsForInput } from "./tree.ts";

export interface RunLimits {
  /** Most characters of output that are kept. */
  outputBytes: number;
  /** Characters of output after which a command is ended. */
  floodBytes: number;
  /** Processes at once. */
  processes: number;
  /** CPU seconds of one process. */
  cpuSeconds: number;
  /** From ^C to the end by force. */
  graceMs: number;
}
export const defaultLimits: RunLimits = { outputBytes: 256 << 10, floodBytes: 256 << 20, processes: 1500, cpuSeconds: 3600, graceMs: 1000 };

export interface SpawnNeeds {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  limits: RunLimits;
  /** The command sits in namespaces of its own, held by the process we start. */
  boxed: boolean;
  /** What is printed when the box stands; null = nothing is. */
  marker: string | null;
  /** Once, when the command itself begins, before its first output; never when the box doesn't stand. */
  onStart?: ((running: Running) => void) | undefined;
  onOutput?: ((chunk: string) => void) | undefined;
  onScreen?: ((lines: string[]) => void) | undefined;
}
export interface Ended {
  /** The shell's convention: 128 + n after signal n. null when we ended it. */
  exit: number | null;
  killed?: string;
  /** false: the box never stood; the text says why. */
  started: boolean;
}
export interface Spawned {
  readonly pid: number;
  readonly running: Running;
  readonly ended: Promise<Ended>;
  text(): string;
  /** Some process of it sits in a read from the terminal. */
  waitsForInput(): boolean;
  /** ^C, and after `graceMs` the end by force. The first reason counts. */
  stop(why: string, graceMs?: number): void;
}
const columns = 120;
const rows = 40;
const watchMs = 50;
/** Raw output kept for a screen that is asked for later. */
const backlog = 64 << 10;

/** Throws when no terminal can be had. */
export async function spawnCommand(needs: SpawnNeeds): Promise<Spawned> {
  const { limits } = needs;
  const kept = openCapped(limits.outputBytes);
  const plain = openPlain();
  let recent = "";
  const marker = needs.marker === null ? null : `\x1b]${needs.marker}\x07`;
  let before: string | null = marker === null ? null : "";
  let length = 0;
  let stopped: string | null = null;
  let force: NodeJS.Timeout | null = null;
  let size = { columns, rows };
  let screen: Promise<LiveScreen | null> | null = null;
  let drawn: string[] = [];
  let end: (ended: Ended) => void = () => {};
  const ended = new Promise<Ended>((resolve) => {
    end = resolve;
  });

  function wantScreen(): void {
    screen ??= openLiveScreen(size, (lines) => {
      drawn = lines;
      needs.onScreen?.(lines);
    }).then(
      (live) => {
        live.write(recent);
        recent = "";
        return live;
      },
      (error: unknown) => {
        note("sandbox", "no screen", { error: String(error) });
        return null;
      },
    );
  }
  function take(chunk: string): void {
    length += chunk.length;
    kept.add(plain.push(chunk));
    if (screen) void screen.then((live) => live?.write(chunk));
    else {
      recent = (recent + chunk).slice(-backlog);
      if (plain.wasFullScreen()) wantScreen();
    }
    needs.onOutput?.(chunk);
    if (length > limits.floodBytes) stop(`it wrote more than ${limits.floodBytes >> 20} MB`, 0);
  }
  function onData(chunk: string): void {
    if (before === null || marker === null) {
      take(chunk);
      return;
    }
    before += chunk;
    const at = before.indexOf(marker);
    if (at < 0) return;
    const rest = before.slice(at + marker.length);
    before = null;
    needs.onStart?.(running);
    if (rest !== "") take(rest);
  }
  const pty = await openPty({ ...needs, columns, rows, onData, onExit: finish });
  const leader = leaderOf(pty.pid);
  const running: Running = {
    write: pty.write,
    resize(nextColumns, nextRows) {
      size = { columns: nextColumns, rows: nextRows };
      pty.resize(nextColumns, nextRows);
      void screen?.then((live) => live?.resize(nextColumns, nextRows));
    },
    wantScreen,
  };
  const kill = (): void => (needs.boxed ? killBox(leader) : killFamily(leader));

  let init: number | null = null;
  const watch = setInterval(() => {
    if (!needs.boxed || before !== null) return; // until the box stands, its /proc is still the host's
    init ??= initOf(pty.pid);
    if (init !== null && (countIn(init) ?? 0) > limits.processes) stop(`it had more than ${limits.processes} processes at once`, 0);
  }, watchMs);
  watch.unref();

  function stop(why: string, graceMs = limits.graceMs): void {
    if (stopped !== null && graceMs > 0) return;
    stopped ??= why;
    if (force) clearTimeout(force);
    if (graceMs > 0) interrupt(leader);
    force = setTimeout(kill, graceMs);
  }
  function finish(exit: { code: number; signal: number }): void {
    clearInterval(watch);
    if (force) clearTimeout(force);
    if (!needs.boxed) killSession(leader);
    const code = exit.signal > 0 ? 128 + exit.signal : exit.code;
    if (before !== null) kept.add(plain.push(before));
    const overCpu = stopped === null && code === 128 + 24 ? `it used more than ${limits.cpuSeconds} s of CPU time` : null;
    const killed = stopped ?? overCpu;
    void (screen ?? Promise.resolve(null)).then(async (live) => {
      if (live) drawn = await live.lines();
      live?.close();
      end({ exit: killed === null ? code : null, ...(killed === null ? {} : { killed }), started: before === null });
    });
  }
  if (marker === null) needs.onStart?.(running);
  return {
    pid: pty.pid,
    ended,
    stop,
    waitsForInput: () => waitsForInput(pty.pid, needs.boxed),
    running,
    text() {
      const text = kept.text() + plain.rest();
      return plain.fullScreen() && drawn.length > 0 ? `${text}\n[its screen:]\n${drawn.join("\n")}` : text;
    },
  };
}
