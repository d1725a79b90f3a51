// One process on a pseudo-terminal of its own.

export interface PtyNeeds {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  columns: number;
  rows: number;
  onData(chunk: string): void;
  /** After the last data. `signal` is 0 when it ended by itself. */
  onExit(exit: { code: number; signal: number }): void;
}
export interface Pty {
  /** Also its process group and its session. */
  readonly pid: number;
  write(bytes: string): void;
  resize(columns: number, rows: number): void;
}

/** Chunks never split a character. Throws when the terminal can't be had; a missing program only shows as exit 1. */
export async function openPty(needs: PtyNeeds): Promise<Pty> {
  const { spawn } = await import("@lydell/node-pty");
  const [file = "sh", ...args] = needs.argv;
  const pty = spawn(file, args, { name: needs.env.TERM ?? "xterm-256color", cols: needs.columns, rows: needs.rows, cwd: needs.cwd, env: needs.env });
  let over = false;
  pty.onData(needs.onData);
  pty.onExit(({ exitCode, signal }) => {
    over = true;
    needs.onExit({ code: exitCode, signal: signal ?? 0 });
  });
  return {
    pid: pty.pid,
    write(bytes) {
      if (!over) pty.write(bytes);
    },
    resize(columns, rows) {
      if (over) return;
      try {
        pty.resize(Math.max(2, Math.min(columns, 1000)), Math.max(2, Math.min(rows, 1000)));
      } catch {
        // it ended in this very moment
      }
    },
  };
}
