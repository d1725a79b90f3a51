// The painter against a real terminal emulator: whatever frames follow each other, the screen shows the last one.
import xterm from "@xterm/headless";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPainter } from "../../src/app/tui/paint.ts";

const columns = 20;
const rows = 6;
const screen = async (writes: string[]): Promise<string[]> => {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: false });
  for (const text of writes) await new Promise<void>((done) => terminal.write(text, done));
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
  fc.constantFrom("", "日本語│", "x".repeat(columns), "│👍│", "│e\u0301│"),
);
const frame = fc.array(line, { maxLength: rows }).map((lines) => lines.join("\n"));

describe("the painter", () => {
  it("always ends up showing the last frame", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 5 }), async (frames) => {
        const writes: string[] = [`${"#".repeat(columns * rows)}`];
        const painter = createPainter((text) => writes.push(text));
        for (const one of frames) painter.frame(one, rows);
        const fresh: string[] = [];
        createPainter((text) => fresh.push(text)).frame(frames.at(-1) as string, rows);
        expect(await screen(writes)).toEqual(await screen(fresh));
      }),
      { numRuns: 60 },
    );
  });

  it("writes only what differs", () => {
    const writes: string[] = [];
    const painter = createPainter((text) => writes.push(text));
    painter.frame("│ one │ left │\n│ two │ same │", rows);
    painter.frame("│ ore │ left │\n│ two │ same │", rows);
    painter.frame("│ ore │ left │\n│ two │ same │", rows);
    expect(writes.slice(1)).toEqual(["\x1b[1;4Hr"]);
    painter.forget();
    painter.frame("│ ore │ left │\n│ two │ same │", rows);
    expect(writes.at(-1)?.length).toBe(writes[0]?.length);
  });
});
