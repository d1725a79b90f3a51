// Raw terminal output as plain text, piece by piece: what a reader would have seen scroll by. Pure.

/** Lines that a program may still move back to and rewrite. */
const reachable = 60;
/** A longer line is let go in parts. */
const longest = 8192;
const longestControl = 64;

export interface Plain {
  /** Takes a chunk; gives the text that can't change any more. */
  push(chunk: string): string;
  /** The lines that could still change, as they stand; leaves them there. */
  rest(): string;
  /** Whether the program addresses the screen freely (alternate screen): its text is then a screen, not lines, and is left out. */
  fullScreen(): boolean;
  /** Whether it ever did. */
  wasFullScreen(): boolean;
}

/**
 * Resolves carriage returns, backspaces, tabs stay, erasures and short cursor movements; drops every other control
 * sequence. Any way of cutting the input gives the same text. Memory is bounded, whatever comes.
 */
export function openPlain(): Plain {
  let rows: string[] = [""];
  let row = 0;
  let column = 0;
  let alternate = false;
  let ever = false;
  let pending = "";
  /** Inside a string sequence (a title, a link): dropped up to its end, or to the end of the line. */
  let inString = false;
  let out = "";

  function release(count: number): void {
    for (const line of rows.splice(0, count)) out += `${line.trimEnd().toWellFormed()}\n`;
    row = Math.max(0, row - count);
    if (rows.length === 0) rows = [""];
  }
  /** The screen begins anew: what stood on it is settled. */
  function restart(): void {
    while (rows.at(-1)?.trim() === "") rows.pop();
    release(rows.length);
    row = 0;
    column = 0;
  }
  function put(text: string): void {
    if (alternate) return;
    for (let at = 0; at < text.length; ) {
      if (column >= longest) {
        out += rows
          .splice(0, row + 1)
          .join("\n")
          .toWellFormed();
        rows.unshift("");
        row = 0;
        column = 0;
      }
      let end = Math.min(text.length, at + longest - column);
      if (end < text.length && (text.charCodeAt(end) & 0xfc00) === 0xdc00) end++;
      const piece = text.slice(at, end);
      const line = rows[row] as string;
      rows[row] = (column <= line.length ? line.slice(0, column) : line.padEnd(column)) + piece + line.slice(column + piece.length);
      column += piece.length;
      at = end;
    }
  }
  function newline(): void {
    if (alternate) return;
    row++;
    column = 0;
    if (row === rows.length) rows.push("");
    if (rows.length > reachable) release(rows.length - reachable);
  }
  function erase(kind: number, whole: boolean): void {
    if (alternate) return;
    const line = rows[row] as string;
    if (whole && kind >= 2) {
      restart();
      return;
    }
    rows[row] = kind === 0 ? line.slice(0, column) : kind === 1 ? " ".repeat(Math.min(column, line.length)) + line.slice(column) : "";
    if (whole && kind === 0) rows.length = row + 1;
  }
  function control(final: string, given: string): void {
    const first = Number.parseInt(given.replace(/^[?>=]/, ""), 10);
    const count = Math.min(Number.isNaN(first) ? 1 : Math.max(first, 1), longest);
    if ((final === "h" || final === "l") && /^\?(47|1047|1049)\b/.test(given)) {
      alternate = final === "h";
      if (alternate) ever = true;
      return;
    }
    if (alternate || /^[?>=]/.test(given)) return;
    if (final === "A" || final === "F") row = Math.max(0, row - count);
    if (final === "B" || final === "E") row = Math.min(rows.length - 1, row + count);
    if (final === "E" || final === "F") column = 0;
    if (final === "C") column = Math.min(column + count, longest);
    if (final === "D") column = Math.max(0, column - count);
    if (final === "G") column = Math.min(count - 1, longest);
    if (final === "K") erase(Number.isNaN(first) ? 0 : first, false);
    if (final === "J") erase(Number.isNaN(first) ? 0 : first, true);
    if ((final === "H" || final === "f") && count === 1) restart();
  }
  /** Length of the escape sequence that starts at `at`, or 0 when its end hasn't come yet. */
  function sequence(text: string, at: number): number {
    const kind = text[at + 1];
    if (kind === undefined) return 0;
    if (kind < " ") return 1;
    if (kind === "[") {
      const given = (/^[0-?]*[ -/]*/.exec(text.slice(at + 2, at + 2 + longestControl)) as RegExpExecArray)[0];
      if (given.length === longestControl) return 2;
      const final = text[at + 2 + given.length];
      if (final === undefined) return 0;
      if (final < "@" || final > "~") return given.length + 2;
      control(final, given);
      return given.length + 3;
    }
    if ("]PX^_".includes(kind)) {
      inString = true;
      return 2;
    }
    if (" #%()*+-./".includes(kind)) return text.length > at + 2 ? 3 : 0;
    return 2;
  }

  return {
    push(chunk) {
      const text = pending + chunk;
      pending = "";
      out = "";
      let at = 0;
      while (at < text.length) {
        if (inString) {
          stringEnd.lastIndex = at;
          const end = stringEnd.exec(text);
          if (!end || end[0] === "\x1b") {
            // An escape ends it too, but which one takes the next character to know.
            if (end && end.index + 1 < text.length) {
              inString = false;
              at = end.index;
              continue;
            }
            pending = end ? "\x1b" : "";
            break;
          }
          inString = false;
          at = end[0] === "\n" ? end.index : end.index + end[0].length;
          continue;
        }
        const special = nextControl(text, at);
        if (special > at) put(text.slice(at, special));
        at = special;
        if (at >= text.length) break;
        const code = text.charCodeAt(at);
        if (code === 0x1b) {
          const length = sequence(text, at);
          if (length === 0) {
            pending = text.slice(at);
            break;
          }
          at += length;
          continue;
        }
        at++;
        if (code === 0x0a) newline();
        else if (code === 0x0d) column = alternate ? column : 0;
        else if (code === 0x08) column = Math.max(0, column - 1);
        else if (code === 0x09) put("\t");
      }
      return out;
    },
    rest: () => {
      const lines = rows.map((line) => line.trimEnd().toWellFormed());
      while (lines.length > 1 && lines.at(-1) === "" && lines.length - 1 > row) lines.pop();
      return lines.join("\n");
    },
    fullScreen: () => alternate,
    wasFullScreen: () => ever,
  };
}

const stringEnd = /[\x07\x18\x1a\x9c\n]|\x1b\\|\x1b/g;
const controls = /[\x00-\x1f\x7f-\x9f]/g;
function nextControl(text: string, from: number): number {
  controls.lastIndex = from;
  return controls.exec(text)?.index ?? text.length;
}

/** A whole recording as plain text. */
export function plainText(raw: string): string {
  const plain = openPlain();
  const settled = plain.push(raw);
  return settled + plain.rest();
}
