// The painter against a real terminal emulator: whatever frames follow each other, the screen shows the last one.
import xterm from "@xterm/headless";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPainter } from "../../src/app/tui/paint.ts";
import type { Frame } from "../../src/app/tui/parts/frame.ts";
import { widthOf } from "../../src/core/text.ts";

const columns = 20;
const rows = 6;
const emulate = async (writes: string[]): Promise<InstanceType<typeof xterm.Terminal>> => {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: false });
  for (const text of writes) await new Promise<void>((done) => terminal.write(text, done));
  return terminal;
};
const screen = async (writes: string[]): Promise<string[]> => {
  const terminal = await emulate(writes);
  const lines: string[] = [];
  for (let y = 0; y < rows; y++) {
    const line = terminal.buffer.active.getLine(y);
    let out = "";
    for (let x = 0; x < columns; x++) {
      const cell = line?.getCell(x);
      const style = cell ? `${cell.isBold()}${cell.isDim()}${cell.isInverse()}${cell.getFgColorMode()}/${cell.getFgColor()}/${cell.getBgColorMode()}/${cell.getBgColor()}` : "";
      const chars = cell?.getChars() || (cell?.getWidth() === 0 ? "" : " ");
      out += chars === " " && !cell?.isInverse() && cell?.getBgColorMode() === 0 ? " " : `${chars}{${style}}`;
    }
    lines.push(out.trimEnd());
  }
  terminal.dispose();
  return lines;
};

const run = fc.tuple(
  fc.constantFrom("", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[7m", "\x1b[38;5;208m", "\x1b[48;2;1;2;3m", "\x1b[39m", "\x1b[22m", "\x1b[0m", "\x1b[1;32m"),
  fc.string({ unit: fc.constantFrom("a", "b", " ", "│", "─", "é", "›"), maxLength: 5 }),
);
const line = fc.oneof(
  fc.array(run, { maxLength: 4 }).map((runs) => `${runs.map((one) => one.join("")).join("")}\x1b[0m`),
  fc.constantFrom("", "日本語│", "x".repeat(columns), "│👍│", "│e\u0301│", "नमस्ते│", `${"x".repeat(columns - 3)}नमस्ते`),
);
const frame = fc.record({
  lines: fc.array(line, { maxLength: rows }),
  cursor: fc.option(fc.record({ x: fc.nat(columns - 1), y: fc.nat(rows - 1) })),
});
const still = (...lines: string[]): Frame => ({ lines, cursor: null });

describe("the painter", () => {
  it("always ends up showing the last frame", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 5 }), async (frames) => {
        const writes: string[] = [`${"#".repeat(columns * rows)}`];
        const painter = createPainter((text) => writes.push(text));
        for (const one of frames) painter.show(one, rows);
        const fresh: string[] = [];
        createPainter((text) => fresh.push(text)).show(frames.at(-1) as Frame, rows);
        expect(await screen(writes)).toEqual(await screen(fresh));
      }),
      { numRuns: 60 },
    );
  });

  it("writes only what differs, in one piece", () => {
    const writes: string[] = [];
    const painter = createPainter((text) => writes.push(text));
    painter.show(still("│ one │ left │", "│ two │ same │"), rows);
    painter.show(still("│ ore │ left │", "│ two │ same │"), rows);
    painter.show(still("│ ore │ left │", "│ two │ same │"), rows);
    expect(writes.slice(1)).toEqual(["\x1b[?2026h\x1b[1;4Hr\x1b[?2026l"]);
    painter.show({ ...still("│ ore │ left │", "│ two │ same │"), cursor: { x: 2, y: 1 } }, rows);
    expect(writes.at(-1)).toBe("\x1b[2;3H\x1b[?25h");
    painter.show({ ...still("│ ore │ lift │", "│ two │ same │"), cursor: { x: 2, y: 1 } }, rows);
    expect(writes.at(-1)).toBe("\x1b[?2026h\x1b[1;10Hi\x1b[2;3H\x1b[?2026l");
    painter.forget();
    painter.show(still("│ one │ left │", "│ two │ same │"), rows);
    expect(writes.at(-1)).toBe(writes[0]);
  });

  it("keeps borders straight and rows apart where a terminal disagrees about widths", async () => {
    const writes: string[] = [];
    const painter = createPainter((text) => writes.push(text));
    const border = 12;
    const bordered = (text: string): string => `${text}${" ".repeat(border - widthOf(text))}│`;
    const word = "नमस्ते"; // the emulator gives it a column more than we do, and the goose one less
    const last = `${"x".repeat(columns - widthOf(word))}${word}`;
    painter.show(still("", "", "", "next row"), rows);
    painter.show(still(bordered(`│${word} ${word}`), bordered(`│\u{1fabf} \u{1fabf}\u{1fabf}`), last, "next row"), rows);
    const terminal = await emulate(writes);
    const row = (y: number): string | undefined => terminal.buffer.active.getLine(y)?.translateToString(true);
    for (const y of [0, 1]) expect(terminal.buffer.active.getLine(y)?.getCell(border)?.getChars()).toBe("│");
    expect(row(0)?.indexOf("│", 1)).toBe(row(0)?.lastIndexOf("│"));
    expect(row(0)).toContain(`${word} ${word}`);
    expect(row(3)).toBe("next row");
    terminal.dispose();
  });
});
