// Terminal output as text: what a reader would have seen, however it was cut; nothing that could move a cursor gets through.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCapped } from "../../src/sandbox/capped.ts";
import { openLiveScreen } from "../../src/sandbox/live.ts";
import { openPlain, plainText } from "../../src/sandbox/screen.ts";

const cases: [what: string, raw: string, text: string][] = [
  ["lines", "one\r\ntwo\r\n", "one\ntwo\n"],
  ["a line written over", "10%\r50%\r100%\r\n", "100%\n"],
  ["a shorter one over a longer", "abcdef\rxy\r\n", "xycdef\n"],
  ["a line erased", "abcdef\r\x1b[Kxy\n", "xy\n"],
  ["erased up to the cursor", "abcdef\x1b[3D\x1b[1Kx\n", "   xef\n"],
  ["a whole line erased", "abc\x1b[2K\rx\n", "x\n"],
  ["backspaces", "abc\b\bx\n", "axc\n"],
  ["colours and links", "\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07\n", "red link\n"],
  ["a title", "\x1b]0;title\x07shown\n", "shown\n"],
  ["a title without an end", "\x1b]0;title\nshown\n", "\nshown\n"],
  ["lines rewritten further up", "a 0\nb 0\n\x1b[2A\x1b[Ka 1\n\x1b[Kb 1\n", "a 1\nb 1\n"],
  ["what is below erased", "a\nb\nc\x1b[2A\r\x1b[Jx\n", "x\n"],
  ["tabs", "a\tb\n", "a\tb\n"],
  ["a cleared screen", "old\n\x1b[2J\x1b[Hnew\n", "old\nnew\n"],
  ["a screen cleared below empty lines", "old\n\n\n\x1b[Hnew\n", "old\nnew\n"],
  ["a full screen", "before\n\x1b[?1049hMENU\x1b[5;5Hitem\x1b[?1049lafter\n", "before\nafter\n"],
  ["characters sets and keypads", "\x1b(B\x1b=a\x1b>\x1b7b\x1b8\n", "ab\n"],
  ["a device string", "\x1bPq#0;2;0;0;0\x1b\\x\n", "x\n"],
  ["a moved cursor", "a\x1b[5Cb\x1b[3Gx\n", "a x   b\n"],
  ["bells and nulls", "a\x07\x00b\n", "ab\n"],
];

describe("plain text", () => {
  it.each(cases)("of %s", (_, raw, text) => expect(plainText(raw)).toBe(text));

  const pieces = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.constantFrom(
      "\r",
      "\n",
      "\r\n",
      "\b",
      "\t",
      "\x1b[K",
      "\x1b[1K",
      "\x1b[2K",
      "\x1b[J",
      "\x1b[2J",
      "\x1b[H",
      "\x1b[A",
      "\x1b[3A",
      "\x1b[B",
      "\x1b[4C",
      "\x1b[2D",
      "\x1b[7G",
      "\x1b[31m",
      "\x1b]0;t\x07",
      "\x1b]8;;x\x1b\\",
      "\x1b[?1049h",
      "\x1b[?1049l",
      "\x1b",
      "\x1b[",
      "\x1b]",
      "\x1bP",
      "\x9b",
      "😀",
      "€",
    ),
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.nat(9000).map((length) => "x".repeat(length)),
  );
  const output = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(""));

  it("is the same however the output is cut", () => {
    fc.assert(
      fc.property(output, fc.array(fc.nat(200), { maxLength: 30 }), (raw, cuts) => {
        const plain = openPlain();
        let text = "";
        let at = 0;
        for (const cut of cuts) {
          text += plain.push(raw.slice(at, at + cut));
          at += cut;
        }
        text += plain.push(raw.slice(at));
        expect(text + plain.rest()).toBe(plainText(raw));
      }),
    );
  });
  it("holds no control character but tabs and line ends, and whole characters only", () => {
    fc.assert(
      fc.property(output, (raw) => {
        const text = plainText(raw);
        expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
        expect(text.isWellFormed()).toBe(true);
      }),
    );
  });
  it("leaves text without control characters as it is, but for blanks at line ends", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme-ascii", maxLength: 200 })), (lines) => {
        const raw = lines.map((line) => `${line}\n`).join("");
        expect(plainText(raw)).toBe(lines.map((line) => `${line.trimEnd()}\n`).join(""));
      }),
    );
  });
  it("lets go of what can't change any more, whatever comes", () => {
    const plain = openPlain();
    let longest = 0;
    for (let round = 0; round < 200; round++) {
      plain.push(`${"y".repeat(5000)}\r\n`.repeat(2));
      longest = Math.max(longest, plain.rest().length);
    }
    expect(longest).toBeLessThan(400_000);
    for (let round = 0; round < 200; round++) plain.push("z".repeat(10_000));
    expect(plain.rest().length).toBeLessThan(700_000);
  });
});

describe("capped text", () => {
  it("keeps both ends and says how much is missing", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 })), fc.integer({ min: 2, max: 100 }), (parts, limit) => {
        const capped = openCapped(limit);
        for (const part of parts) capped.add(part);
        const whole = parts.join("");
        const text = capped.text();
        const half = Math.floor(limit / 2);
        const cut = `${whole.slice(0, half)}\n[... ${whole.length - limit} characters left out ...]\n${whole.slice(whole.length - (limit - half))}`;
        expect(text).toBe(whole.length <= limit ? whole : cut);
      }),
    );
  });
});

describe("the live screen", () => {
  it("is what the terminal shows", async () => {
    const screens: string[][] = [];
    const screen = await openLiveScreen({ columns: 20, rows: 5 }, (lines) => void screens.push(lines));
    screen.write("one\r\ntwo\x1b[4;3Hfour\x1b[1;1HONE");
    expect(await screen.lines()).toEqual(["ONE", "two", "", "  four"]);
    await expect.poll(() => screens.at(-1)).toEqual(["ONE", "two", "", "  four"]);
    screen.resize(10, 3);
    screen.close();
    screen.write("ignored");
  });
});
