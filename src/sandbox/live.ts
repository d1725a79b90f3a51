// The screen of a running program, kept by a terminal emulator: for programs that draw instead of printing.
import type { Terminal } from "@xterm/headless";

export interface LiveScreen {
  write(raw: string): void;
  resize(columns: number, rows: number): void;
  /** The screen as plain text, without the empty lines at its end. Waits until everything written so far is drawn. */
  lines(): Promise<string[]>;
  close(): void;
}
const pauseMs = 100;

function drawn(terminal: Terminal): string[] {
  const buffer = terminal.buffer.active;
  const lines: string[] = [];
  for (let row = 0; row < terminal.rows; row++) lines.push(buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? "");
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

/** `onScreen` is called at most ten times a second, with the newest screen, and once more when it has settled. */
export async function openLiveScreen(size: { columns: number; rows: number }, onScreen?: (lines: string[]) => void): Promise<LiveScreen> {
  const { default: xterm } = await import("@xterm/headless");
  const terminal = new xterm.Terminal({ cols: size.columns, rows: size.rows, scrollback: 0, allowProposedApi: true });
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  const settled = (): Promise<void> => new Promise((resolve) => terminal.write("", resolve));
  function plan(): void {
    if (timer || !onScreen || closed) return;
    timer = setTimeout(() => {
      void settled().then(() => {
        timer = null;
        if (!closed) onScreen(drawn(terminal));
      });
    }, pauseMs);
  }
  return {
    write(raw) {
      if (closed) return;
      terminal.write(raw);
      plan();
    },
    resize(columns, rows) {
      if (!closed) terminal.resize(columns, rows);
    },
    async lines() {
      if (!closed) await settled();
      return drawn(terminal);
    },
    close() {
      closed = true;
      if (timer) clearTimeout(timer);
      terminal.dispose();
    },
  };
}
