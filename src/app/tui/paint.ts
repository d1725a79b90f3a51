// Puts frames on the terminal: remembers every cell it shows and writes only those that differ. What lays a frame out doesn't matter here.
import { graphemes, widthOf } from "../../core/text.ts";
import type { Frame } from "./parts/frame.ts";

export interface Painter {
  /** Shows at most `rows` lines, which hold SGR colours and nothing else that moves or changes the terminal. Writes once, or nothing. */
  show(frame: Frame, rows: number): void;
  /** What is on the terminal isn't known any more: the next frame is drawn whole, over what is there. */
  forget(): void;
}
interface Line {
  text: string;
  /** null: holds something whose width isn't certain, so the line is only ever drawn whole. */
  cells: Cell[] | null;
}
interface Cell {
  char: string;
  pen: string;
}

// Characters every terminal draws one cell wide: ASCII, Latin, Greek, Cyrillic, punctuation, arrows, boxes, blocks, shapes, check marks, braille.
const narrow =
  /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2200-\u22ff\u2500-\u25fc\u25ff\u2713\u2714\u2717\u2718\u276f\u2800-\u28ff]*$/;
const border = /[\u2500-\u257f]/;
const sgr = /\x1b\[([\d;:]*)m/g;
/** Cells between two differences that are cheaper written again than jumped over. */
const bridge = 6;
// Synchronised output (DEC 2026): a terminal that knows it shows a frame whole or not at all, the others ignore it.
const begin = "\x1b[?2026h";
const end = "\x1b[?2026l";

/** Attribute slots: what a parameter sets, and what takes it back. */
type Pen = Map<string, string>;
const slots: Record<number, string> = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 5: "blink", 7: "inverse", 8: "hidden", 9: "strike" };
const offs: Record<number, string[]> = {
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  25: ["blink"],
  27: ["inverse"],
  28: ["hidden"],
  29: ["strike"],
  39: ["fg"],
  49: ["bg"],
};

/** Applies one SGR sequence; false when it holds something unknown. */
function apply(pen: Pen, parameters: string): boolean {
  const codes = parameters === "" ? ["0"] : parameters.split(";");
  for (let i = 0; i < codes.length; i++) {
    const word = codes[i] as string;
    const code = word === "" ? 0 : Number(word);
    if (code === 0) pen.clear();
    else if (slots[code]) pen.set(slots[code], word);
    else if (offs[code]) for (const slot of offs[code]) pen.delete(slot);
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) pen.set("fg", word);
    else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) pen.set("bg", word);
    else if (code === 38 || code === 48) {
      const length = codes[i + 1] === "5" ? 3 : codes[i + 1] === "2" ? 5 : 0;
      if (length === 0 || i + length > codes.length) return false;
      pen.set(code === 38 ? "fg" : "bg", codes.slice(i, i + length).join(";"));
      i += length - 1;
    } else return false;
  }
  return true;
}

function parse(text: string): Line {
  if (!narrow.test(text.replace(sgr, ""))) return { text, cells: null };
  const cells: Cell[] = [];
  const pen: Pen = new Map();
  let name = "";
  let at = 0;
  const take = (to: number): void => {
    for (; at < to; at++) cells.push({ char: text[at] as string, pen: name });
  };
  for (const match of text.matchAll(sgr)) {
    take(match.index);
    at = match.index + match[0].length;
    if (!apply(pen, match[1] ?? "")) return { text, cells: null };
    name = [...pen.values()].sort().join(";");
  }
  take(text.length);
  while (cells.length > 0 && isBlank(cells.at(-1))) cells.pop();
  return { text, cells };
}
const isBlank = (cell: Cell | undefined): boolean => cell === undefined || (cell.char === " " && cell.pen === "");
const same = (a: Cell | undefined, b: Cell | undefined): boolean => (isBlank(a) && isBlank(b)) || (a !== undefined && b !== undefined && a.char === b.char && a.pen === b.pen);

/**
 * A line with characters about whose width terminals disagree: behind them, before a border and after a gap, the cursor is put where the layout has
 * it, so that borders and columns stay straight; nothing wraps into the next row. Not after every word: where a terminal draws it wider, its end
 * would be written over.
 */
function anchored(text: string): string {
  let out = "\x1b[?7l";
  let column = 1;
  let adrift = false;
  let spaces = 0;
  let at = 0;
  const take = (part: string): void => {
    for (const { segment } of graphemes(part)) {
      if (adrift && segment !== " " && (spaces > 1 || border.test(segment))) {
        out += `\x1b[${column}G`;
        adrift = false;
      }
      out += segment;
      column += widthOf(segment);
      spaces = segment === " " ? spaces + 1 : 0;
      if (!narrow.test(segment)) adrift = true;
    }
  };
  for (const match of text.matchAll(sgr)) {
    take(text.slice(at, match.index));
    out += match[0];
    at = match.index + match[0].length;
  }
  take(text.slice(at));
  return `${out}\x1b[?7h`;
}

export function createPainter(write: (text: string) => void): Painter {
  let shown: Line[] = [];
  let known = false;
  let cursorAt: string | null = null; // "": hidden

  function whole(row: number, line: Line): string {
    // erased before it is written: after a line's last column an erase would take that column's character
    return `\x1b[${row};1H\x1b[m\x1b[K${line.cells ? line.text : anchored(line.text)}\x1b[m`;
  }
  /** Only the cells that differ, nearby ones bridged. Ends with the default pen. */
  function differences(row: number, from: Cell[], to: Cell[]): string {
    let out = "";
    let pen = "";
    let cursor = -1; // the column the terminal's cursor stands at, in this row
    const length = Math.max(from.length, to.length);
    for (let column = 0; column < length; column++) {
      if (same(from[column], to[column])) continue;
      if (column >= to.length) {
        // nothing but blanks from here on
        if (cursor !== column) out += `\x1b[${row};${column + 1}H`;
        if (pen !== "") out += "\x1b[m";
        return `${out}\x1b[K`;
      }
      if (cursor < 0 || column - cursor > bridge) {
        out += `\x1b[${row};${column + 1}H`;
        cursor = column;
      }
      for (; cursor <= column; cursor++) {
        const cell = to[cursor] ?? { char: " ", pen: "" };
        if (cell.pen !== pen) {
          out += cell.pen === "" ? "\x1b[m" : pen === "" ? `\x1b[${cell.pen}m` : `\x1b[0;${cell.pen}m`;
          pen = cell.pen;
        }
        out += cell.char;
      }
    }
    return pen === "" ? out : `${out}\x1b[m`;
  }

  return {
    show({ lines, cursor }, rows) {
      const texts = lines.slice(0, rows);
      const next: Line[] = [];
      let out = "";
      for (const [i, now] of texts.entries()) {
        const then = shown[i];
        if (known && then && then.text === now) {
          next.push(then);
          continue;
        }
        const line = parse(now);
        next.push(line);
        const changes = known && then?.cells && line.cells ? differences(i + 1, then.cells, line.cells) : null;
        out += changes ?? whole(i + 1, line);
      }
      if (texts.length < rows && (!known || texts.length < shown.length)) out += `\x1b[${texts.length + 1};1H\x1b[J`;
      shown = next;
      known = true;
      const place = cursor ? `\x1b[${cursor.y + 1};${cursor.x + 1}H` : "";
      const visibility = cursorAt !== null && (place === "") === (cursorAt === "") ? "" : cursor ? "\x1b[?25h" : "\x1b[?25l";
      if (out !== "") write(`${begin}${out}${place}${visibility}${end}`);
      else if (place !== cursorAt) write(place + visibility);
      cursorAt = place;
    },
    forget() {
      known = false;
      cursorAt = null;
    },
  };
}
