// The first frame, in plain ANSI, before anything heavy is loaded: shows where one is and takes keys at once. Imports nothing that takes time.
import type { InputEvent } from "./input.ts";
import { type Draft, edit, editKeys, emptyDraft } from "./prompt.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

export interface SplashNeeds {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  /** The model's name when it is known without asking anybody (flag, environment, remembered), else null. */
  model: string | null;
  /** The repository's folder name. */
  project: string;
  /** NO_COLOR, --no-color: no dim text either. */
  noColor?: boolean;
  /** Ctrl-C twice before the screen is up, or a signal. The terminal is restored by then. */
  exit(code: number): void;
}
export interface Splash {
  terminal: Terminal;
  /** What was typed so far, and the events that want more than an edit of the prompt, in order: Enter and all that came after it. */
  handOver(): { draft: Draft; events: InputEvent[] };
  /** Shows another model's name. */
  model(name: string): void;
  /** Restores the terminal without a screen (start failed). */
  close(): void;
}

/** Control characters and what isn't certainly one cell wide are left to the real screen. */
const plain = (text: string): string => text.replace(/[^ -~\u00a1-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027]/g, "?");
const cut = (text: string, width: number): string => (text.length <= width ? text : width < 1 ? "" : `${text.slice(0, width - 1)}…`);

/** Paints at once and keeps the keys from here on. */
export function openSplash(needs: SplashNeeds): Splash {
  const terminal = openTerminal({ stdin: needs.stdin, stdout: needs.stdout, exit: needs.exit });
  const dim = (text: string): string => (needs.noColor ? text : `\x1b[2m${text}\x1b[22m`);
  let model = needs.model;
  let draft: Draft = emptyDraft;
  let waiting: InputEvent[] = [];
  let leaving = false;

  function promptRow(): string {
    const { columns, rows } = terminal.size();
    const tail = draft.text.slice(draft.text.lastIndexOf("\n") + 1);
    const lines = draft.text.split("\n").length;
    const queued = waiting.some((event) => event.type === "key" && event.key === "enter") ? "  (queued)" : "";
    const room = columns - 5 - queued.length;
    const text = plain((lines > 1 ? `[${lines} lines] ` : "") + (tail.length > room ? tail.slice(-room) : tail));
    return `\x1b[${rows - 1};1H\x1b[K › ${text}${needs.noColor ? "▏" : "\x1b[7m \x1b[27m"}${queued}`;
  }
  function statusRow(): string {
    const { columns, rows } = terminal.size();
    const left = leaving ? " press Ctrl-C again to leave" : " starting";
    return `\x1b[${rows};1H\x1b[K${dim(cut(left, columns - 1))}`;
  }
  function paint(): void {
    const { columns, rows } = terminal.size();
    const right = plain(model ?? "");
    const left = cut(` aura  ${plain(needs.project)}`, columns - right.length - 3);
    const top = `${left}${" ".repeat(Math.max(1, columns - left.length - right.length - 1))}${cut(right, columns - 8)}`;
    let frame = `\x1b[m\x1b[1;1H\x1b[K${top}`;
    for (let row = 2; row < rows - 1; row++) {
      const [first, line, last] = row === 2 ? ["╭", "─", "╮"] : row === rows - 2 ? ["╰", "─", "╯"] : ["│", " ", "│"];
      const middle = row === 2 ? ` Conversation ${"─".repeat(Math.max(0, columns - 16))}` : line.repeat(Math.max(0, columns - 2));
      frame += `\x1b[${row};1H${dim(cut(first + middle + last, columns))}`;
    }
    terminal.write(`\x1b[?2026h${frame}${promptRow()}${statusRow()}\x1b[?2026l`);
  }

  function take(event: InputEvent): void {
    if (event.type === "key" && event.key === "ctrl-c") {
      if (leaving) {
        terminal.close();
        needs.exit(130);
        return;
      }
      leaving = true;
      return;
    }
    leaving = false;
    const name = event.type === "key" ? (event.key === "ctrl-j" || event.key === "alt-enter" ? null : editKeys[event.key]) : undefined;
    if (waiting.length > 0 || (event.type === "key" && name === undefined) || event.type === "kitty") waiting.push(event);
    else if (event.type === "key") draft = name ? edit(draft, { do: name }) : edit(draft, { do: "insert", text: "\n" });
    // `/`, `@` and `!` mean more than text only once the screen is there; it looks at the whole prompt then
    else draft = edit(draft, { do: "insert", text: event.text });
  }

  paint();
  terminal.on((what) => {
    if (what === "gone") {
      terminal.close();
      needs.exit(129);
    } else paint();
  });
  terminal.listen((events) => {
    for (const event of events) take(event);
    terminal.write(promptRow() + statusRow());
  });
  return {
    terminal,
    handOver() {
      const events = waiting;
      waiting = [];
      return { draft, events };
    },
    model(name) {
      model = name;
      paint();
    },
    close: terminal.close,
  };
}
