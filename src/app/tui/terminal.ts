// The person's terminal: entered once, and given back whatever happens: leaving, a crash, a signal, Ctrl-Z, an editor. Leaves the mouse alone.
import { createInputParser, type InputEvent } from "./input.ts";

export interface Terminal {
  /** Cells; 80 x 24 where the terminal doesn't say. */
  size(): { columns: number; rows: number };
  /** Dropped while the screen is left (suspended, an editor runs). */
  write(text: string): void;
  /** Where input goes from now on; there is one listener. What came before the first listener waits for it. */
  listen(listener: (events: InputEvent[]) => void): void;
  /** `resize` and `resume` want a whole redraw; `gone`: the terminal went away (closed, line dropped). */
  on(listener: (what: "resize" | "resume" | "gone") => void): void;
  enter(): void;
  /** Restores what was there and lends it to another program until `enter` takes it again. Both may be called twice. */
  leave(): void;
  /** Ctrl-Z: gives the terminal to the shell until the job is resumed. */
  suspend(): void;
  bell(): void;
  /** The window's title; any control character in `text` is dropped. */
  title(text: string): void;
  /** Asks whether keys can be told apart better (kitty protocol); the answer arrives as an event. */
  askKeyboard(): void;
  takeKeyboard(): void;
  /** Leaves for good and forgets every listener. */
  close(): void;
}
export interface TerminalNeeds {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  /** Ends the process after a signal; the terminal is restored by then. */
  exit(code: number): void;
}

// alternate screen, cursor hidden, bracketed paste, title kept on the terminal's stack
const entering = "\x1b[22;2t\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[H";
const leaving = "\x1b[m\x1b[?2004l\x1b[?25h\x1b[?1049l\x1b[23;2t";
const resumeGraceMs = 150;

/** Why there can be no full screen here, as a sentence with its way out; null when there can. */
export function whyNoScreen(env: Record<string, string | undefined>, stdin: { isTTY?: boolean }, stdout: { isTTY?: boolean }): string | null {
  if (!stdin.isTTY) return 'The full screen needs a terminal to read keys from, and standard input is not one. Without a person there: aura --yes "task"';
  if (!stdout.isTTY) return 'The full screen needs a terminal to draw on, and standard output is not one. Without a person there: aura --yes "task"';
  if (env.TERM === "dumb") return 'This terminal calls itself "dumb" (TERM=dumb) and cannot show a full screen. Without one: aura --yes "task"';
  return null;
}

/** Enters at once. Installs handlers for signals and crashes; `close` removes them. */
export function openTerminal(needs: TerminalNeeds): Terminal {
  const { stdin, stdout } = needs;
  const parser = createInputParser();
  let entered = false;
  let closed = false;
  let keyboard = false;
  let lent = false; // to an editor: signals that come meanwhile are the editor's
  let patience: NodeJS.Timeout | null = null;
  let resuming: NodeJS.Timeout | null = null;
  let early: InputEvent[] = [];
  let listener: ((events: InputEvent[]) => void) | null = null;
  let notice: ((what: "resize" | "resume" | "gone") => void) | null = null;
  let shownTitle = "";

  const put = (text: string): void => {
    try {
      stdout.write(text);
    } catch {
      // a terminal that went away can't be restored
    }
  };
  const raw = (on: boolean): void => {
    try {
      stdin.setRawMode(on);
    } catch {
      // as above
    }
  };
  const deliver = (events: InputEvent[]): void => {
    if (events.length === 0) return;
    if (listener) listener(events);
    else early.push(...events);
  };
  const onBytes = (chunk: Uint8Array | string): void => {
    if (patience) clearTimeout(patience);
    patience = null;
    deliver(parser.push(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk));
    const wait = parser.patienceMs();
    if (wait !== null) patience = setTimeout(() => deliver(parser.flush()), wait);
  };
  const onGone = (): void => notice?.("gone");
  const onResize = (): void => notice?.("resize");

  function enter(): void {
    if (entered || closed) return;
    entered = true;
    raw(true);
    put(entering + (keyboard ? "\x1b[>1u" : ""));
    shownTitle = "";
    stdin.resume();
    stdin.ref?.();
  }
  function leave(): void {
    if (!entered) return;
    entered = false;
    put((keyboard ? "\x1b[<u" : "") + leaving);
    raw(false);
    stdin.pause();
  }
  function onSignal(signal: NodeJS.Signals): void {
    if (lent && signal === "SIGINT") return;
    leave();
    needs.exit(128 + (signal === "SIGHUP" ? 1 : signal === "SIGINT" ? 2 : 15));
  }
  function resume(): void {
    if (resuming) clearTimeout(resuming);
    resuming = null;
    if (entered || closed || lent) return;
    enter();
    notice?.("resume");
  }
  // stopped by hand with a signal: the terminal is given back first, then the signal does what it always does
  function onStop(): void {
    leave();
    process.off("SIGTSTP", onStop);
    process.kill(process.pid, "SIGTSTP");
    waitForResume();
  }
  // The kernel drops a stop nobody could undo (no shell behind us); then the timer brings the screen back.
  function waitForResume(): void {
    resuming = setTimeout(() => {
      process.on("SIGTSTP", onStop);
      resume();
    }, resumeGraceMs);
  }

  stdin.on("data", onBytes);
  stdin.on("end", onGone);
  stdin.on("error", onGone);
  stdout.on("error", onGone);
  stdout.on("resize", onResize);
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.on(signal, onSignal);
  process.on("SIGTSTP", onStop);
  process.on("SIGCONT", resume);
  process.on("uncaughtExceptionMonitor", leave);
  process.on("exit", leave);
  enter();

  return {
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    write(text) {
      if (entered) put(text);
    },
    listen(next) {
      listener = next;
      const events = early;
      early = [];
      if (events.length > 0) next(events);
    },
    on(next) {
      notice = next;
    },
    enter() {
      lent = false;
      resume();
    },
    leave() {
      lent = true;
      leave();
    },
    suspend() {
      leave();
      process.off("SIGTSTP", onStop);
      process.kill(0, "SIGTSTP"); // the whole job, as the terminal itself does it: a wrapper that started us stops too
      waitForResume();
    },
    bell() {
      if (entered) put("\x07");
    },
    title(text) {
      const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "").slice(0, 120);
      if (!entered || plain === shownTitle) return;
      shownTitle = plain;
      put(`\x1b]2;${plain}\x07`);
    },
    askKeyboard() {
      if (entered) put("\x1b[?u");
    },
    takeKeyboard() {
      if (keyboard || !entered) return;
      keyboard = true;
      put("\x1b[>1u");
    },
    close() {
      leave();
      closed = true;
      if (patience) clearTimeout(patience);
      if (resuming) clearTimeout(resuming);
      stdin.off("data", onBytes);
      stdin.off("end", onGone);
      stdin.off("error", onGone);
      stdout.off("resize", onResize);
      // the listener for errors stays: a last line written into a closed terminal must not become a crash
      for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.off(signal, onSignal);
      process.off("SIGTSTP", onStop);
      process.off("SIGCONT", resume);
      process.off("uncaughtExceptionMonitor", leave);
      process.off("exit", leave);
      stdin.unref?.();
      listener = null;
      notice = null;
    },
  };
}
