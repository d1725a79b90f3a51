// The built screen in a real pty: keys in, and what a terminal would show, out.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";

export interface Stage {
  keys(text: string): void;
  screen(): string;
  /** Resolves when the screen shows it; fails with the screen when it doesn't in time. */
  sees(what: string | RegExp): Promise<void>;
  until(test: (screen: string) => boolean, why: string): Promise<void>;
  resize(columns: number, rows: number): void;
  signal(name: string): void;
  bytes(): string;
  exited: Promise<{ exitCode: number; signal?: number | undefined }>;
  alternate(): boolean;
  cursorShown(): boolean;
  pid: number;
  close(): void;
}
export function openStage(script: string, options: { columns?: number; rows?: number; env?: Record<string, string>; shell?: boolean } = {}): Stage {
  const columns = options.columns ?? 120;
  const rows = options.rows ?? 40;
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  let bytes = "";
  const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", TERM: "xterm-256color", NODE_ENV: "production", ...options.env };
  const pty = spawn(options.shell ? "/bin/sh" : process.execPath, [script], { cols: columns, rows, env, cwd: process.cwd() });
  pty.onData((data) => {
    bytes += data;
    terminal.write(data);
  });
  terminal.onData((data) => pty.write(data)); // answers to queries
  // the last bytes may come behind the exit, and the terminal takes its time to read them
  const exited = new Promise<{ exitCode: number; signal?: number | undefined }>((done) => pty.onExit((exit) => setTimeout(() => terminal.write("", () => done(exit)), 50)));
  const screen = (): string => {
    const buffer = terminal.buffer.active;
    return Array.from({ length: terminal.rows }, (_, y) => buffer.getLine(buffer.baseY + y)?.translateToString(true, 0, terminal.cols) ?? "").join("\n");
  };
  const until = async (test: (screen: string) => boolean, why: string): Promise<void> => {
    for (let i = 0; i < 1500; i++) {
      if (test(screen())) return;
      await new Promise((done) => setTimeout(done, 10));
    }
    throw new Error(`${why}; the screen shows:\n${screen()}`);
  };
  return {
    keys: (text) => pty.write(text),
    screen,
    until,
    sees: (what) => until((shown) => (typeof what === "string" ? shown.includes(what) : what.test(shown)), `never saw ${what}`),
    resize(to, high) {
      pty.resize(to, high);
      terminal.resize(to, high);
    },
    signal: (name) => process.kill(pty.pid, name),
    bytes: () => bytes,
    exited,
    alternate: () => terminal.buffer.active.type === "alternate",
    cursorShown: () => bytes.lastIndexOf("\x1b[?25h") > bytes.lastIndexOf("\x1b[?25l"),
    pid: pty.pid,
    close() {
      try {
        pty.kill("SIGKILL");
      } catch {
        // it ended by itself
      }
      terminal.dispose();
    },
  };
}

/** The stage as one bundle in a folder that `remove` deletes. */
export async function buildStage(): Promise<{ script: string; folder: string; remove(): void }> {
  const { build } = await import("esbuild");
  const folder = mkdtempSync(join(tmpdir(), "aura-stage-"));
  await build({
    entryPoints: { stage: join(import.meta.dirname, "stage.ts") },
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node22",
    minify: true,
    outExtension: { ".js": ".mjs" },
    banner: { js: "import {createRequire as __cr} from 'node:module';const require=__cr(import.meta.url);" },
  });
  return { script: join(folder, "stage.mjs"), folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
