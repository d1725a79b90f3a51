// Nothing from outside drives a terminal, and widths are what terminals take them to be.
import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { breaks, cut, graphemes, pad, sanitise, sanitiseLine, widthOf, wrap } from "../../src/core/text.ts";

const nasty = fc.constantFrom(
  "\x1b",
  "\x1b[31m",
  "\x1b[2J",
  "\x1b]0;title\x07",
  "\x1b]52;c;aGk=\x1b\\",
  "\x1bP1$r0m\x1b\\",
  "\x9b31m",
  "\x9d0;x\x9c",
  "[31m",
  "\r",
  "\b",
  "\x7f",
  "\u202e",
  "\u2066",
  "\u200b",
  "\u200d",
  "\ufe0f",
  "\u0301",
  "\t",
  "\n",
  " ",
  "日本",
  "👨‍👩‍👧",
  "👍🏽",
  "1️⃣",
  "🇩🇪",
  "한국어",
  "\u1100\u1161",
  "שלום",
  "नमस्ते",
  "ﾊﾟ",
  "word",
  "\ud800",
  "\u{e0041}\u{e0042}",
);
const text = fc.array(fc.oneof({ weight: 3, arbitrary: nasty }, fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" })), { maxLength: 12 }).map((parts) => parts.join(""));
const dangerous = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\u2028\u2029\ud800-\udfff\u{e0000}-\u{e01ef}]/u;

describe("sanitise", () => {
  it("lets nothing through that drives a terminal or hides text, and settles at once", () => {
    fc.assert(
      fc.property(text, (raw) => {
        const safe = sanitise(raw);
        expect(safe).not.toMatch(dangerous);
        expect(sanitise(safe)).toBe(safe);
      }),
      { numRuns: 2000 },
    );
  });
  it.each([
    ["plain text\nstays", "plain text\nstays"],
    ["\x1b[31mred\x1b[0m and \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "red and link"],
    ["half \x1b[3", "half ␛[3"],
    ["\x1b\x1b[0m[2J", "␛[2J"],
    ["a\x07b\x08c\x00", "a␇b␈c␀"],
    ["one\r\ntwo\rthree", "one\ntwo\nthree"],
    ["a\tb\tc\n\tx", "a   b   c\n    x"],
    ["if (admin\u202e) {\u2066", "if (admin<U+202E>) {<U+2066>"],
    ["a\u200bb", "a<U+200B>b"],
    ["x\u{e0041}\u{e0042}\u{e0043}", "x<U+E0041 x3>"],
    ["👨‍👩‍👧 👍🏽 ❤️ 1️⃣", "👨👩👧 👍 ❤ 1"],
    ["می‌خواهم क्‍ष", "می‌خواهم क्‍ष"],
    [`z${"\u0301".repeat(50)}`, `z${"\u0301".repeat(4)}`],
    ["\u0301x", "◌\u0301x"],
  ])("%j", (raw, safe) => expect(sanitise(raw)).toBe(safe));
  it("puts names on one line", () => expect(sanitiseLine("a\r\n\nb\x1b[1mc")).toBe("a bc"));
  it("takes long hostile input in its stride (a pattern that backtracks would take minutes)", () => {
    for (const evil of ["\x1b]", "\x9d", "\x9b0;", "\x1bP", "\u200d", "\u0301", "a\u200d", "\u200b", "\x1b[ "]) expect(sanitise(evil.repeat(100_000))).not.toMatch(dangerous);
  });
});

describe("widths", () => {
  it("agree with string-width", () => {
    fc.assert(
      fc.property(text, (raw) => {
        const line = sanitiseLine(raw);
        expect(widthOf(line)).toBe(stringWidth(line));
      }),
      { numRuns: 2000 },
    );
  });
  it("agree on the characters there are", () => {
    const wrong: string[] = [];
    for (let code = 0x20; code < 0x110000; code += code < 0x3200 || (code > 0x1f000 && code < 0x1fb00) ? 1 : 97) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const char = sanitise(String.fromCodePoint(code));
      if (char.length < 3 && widthOf(char) !== stringWidth(char)) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });
  it("are never exceeded by cut, pad and wrap, and graphemes stay whole", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 30 }), (raw, columns) => {
        const safe = sanitise(raw);
        const line = sanitiseLine(raw);
        expect(widthOf(cut(line, columns))).toBeLessThanOrEqual(columns);
        expect(widthOf(pad(line, columns))).toBe(columns);
        for (const wrapped of wrap(safe, columns)) expect(widthOf(wrapped)).toBeLessThanOrEqual(columns);
        const borders = new Set([0, line.length, ...[...graphemes(line)].map(({ index }) => index)]);
        for (const border of breaks(line, columns)) expect(borders).toContain(border);
        if (columns > 3) expect(wrap(line, columns).join("").replaceAll(" ", "")).toBe(line.replaceAll(" ", ""));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("wrap", () => {
  it.each([
    ["the quick brown fox", 10, ["the quick", "brown fox"]],
    ["    indented words stay", 12, ["    indented", "words stay"]],
    ["abcdefghij", 4, ["abcd", "efgh", "ij"]],
    ["a  b", 10, ["a  b"]],
    ["exact fit!", 10, ["exact fit!"]],
    ["trailing   ", 8, ["trailing"]],
    ["日本語 テキスト", 6, ["日本語", "テキス", "ト"]],
    ["one\n\ntwo", 10, ["one", "", "two"]],
    ["      x", 3, ["x"]],
    ["日", 1, ["·"]],
  ])("%j in %d", (raw, columns, lines) => expect(wrap(raw, columns)).toEqual(lines));
  it("keeps every line but the last when text is appended", () => {
    fc.assert(
      fc.property(text, text, fc.integer({ min: 2, max: 20 }), (before, more, columns) => {
        const first = sanitiseLine(before).replace(/\P{ASCII}/gu, "x");
        const ranges = breaks(first, columns);
        const grown = breaks(`${first}${sanitiseLine(more)}`, columns);
        expect(grown.slice(0, ranges.length - 2)).toEqual(ranges.slice(0, -2));
      }),
    );
  });
});
