// The first frame, in plain ANSI, before anything heavy is loaded: shows where one is and takes keys at once. Imports nothing that takes time.
import type { InputEvent } from "./input.ts";
import { layout } from "./layout.ts";
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
  let leaving = false; // Ctrl-C was pressed once

  function promptRow(): string {
    const { columns, rows } = terminal.size();
    const tail = draft.text.slice(draft.text.lastIndexOf("\n") + 1);
    const lines = draft.text.split("\n").length;
    const queued = waiting.some((event) => event.type === "key" && event.key === "enter") ? "  (queued)" : "";
    const room = columns - 5 - queued.length;
    const text = plain((lines > 1 ? `[${lines} lines] ` : "") + (tail.length > room ? tail.slice(-room) : tail));
    return `\x1b[${rows - 1};1H\x1b[K › ${text}${dim(queued)}`;
  }
  function statusRow(): string {
    const { columns, rows } = terminal.size();
    const left = leaving ? " press Ctrl-C again to leave" : " starting";
    const back = ` › ${plain(draft.text.slice(draft.text.lastIndexOf("\n") + 1))}`;
    return `\x1b[${rows};1H\x1b[K${dim(cut(left, columns - 1))}\x1b[${rows - 1};${Math.min(columns, back.length + 1)}H\x1b[?25h`;
  }
  /** The borders as the real screen draws them, so that it only fills them. */
  function boxes(): string {
    const size = terminal.size();
    const { panes, mode } = layout({ ...size, focus: "conversation", front: "conversation", zoomed: false, prompt: emptyDraft, rejecting: false });
    let out = "";
    for (const { x, y, width, height, border, bottom, pane } of panes) {
      if (mode !== "wide") break;
      const [left, right] = border === "first" ? ["╭", "╮"] : ["├", "┤"];
      const label = ` ${pane[0]?.toUpperCase()}${pane.slice(1)} `;
      const last = y + height - 1;
      out += `\x1b[${y + 1};${x + 1}H${dim(`${left}${label}${"─".repeat(width - 2 - label.length)}${right}`)}`;
      for (let row = y + 1; row < (bottom ? last : last + 1); row++) out += `\x1b[${row + 1};${x + 1}H${dim("│")}\x1b[${row + 1};${x + width}H${dim("│")}`;
      if (bottom) out += `\x1b[${last + 1};${x + 1}H${dim(`╰${"─".repeat(width - 2)}╯`)}`;
    }
    return out;
  }
  function paint(): void {
    const { columns } = terminal.size();
    const right = plain((model ?? "").replace(/^embedded\/.*\//, "embedded/").replace(/^([^/]+)\/(.*)$/, "$2  $1"));
    const left = cut(` aura  ${plain(needs.project)}`, columns - right.length - 3);
    const top = `${left}${" ".repeat(Math.max(1, columns - left.length - right.length - 1))}${cut(right, columns - 8)}`;
    terminal.write(`\x1b[?2026h\x1b[m\x1b[H\x1b[J${top}${boxes()}${promptRow()}${statusRow()}\x1b[?2026l`);
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
