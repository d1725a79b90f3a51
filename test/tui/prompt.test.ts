// The prompt's reducer: what each edit does, and that no edit ever splits a character.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Draft, type Edit, edit, emptyDraft, onFirstLine, onLastLine, snap } from "../../src/app/tui/prompt.ts";

/** `|` marks the cursor. */
const draft = (marked: string): Draft => ({ ...emptyDraft, text: marked.replace("|", ""), cursor: marked.indexOf("|") });
const marked = ({ text, cursor }: Draft): string => `${text.slice(0, cursor)}|${text.slice(cursor)}`;

describe("edits", () => {
  const table: [from: string, one: Edit, to: string][] = [
    ["|", { do: "insert", text: "hi" }, "hi|"],
    ["a|c", { do: "insert", text: "b\n" }, "ab\n|c"],
    ["ab|", { do: "backspace" }, "a|"],
    ["👨‍👩‍👧|", { do: "backspace" }, "|"],
    ["e\u0301|x", { do: "backspace" }, "|x"],
    ["|e\u0301x", { do: "delete" }, "|x"],
    ["🇨🇭|", { do: "left" }, "|🇨🇭"],
    ["|🇨🇭a", { do: "right" }, "🇨🇭|a"],
    ["one two.three|", { do: "kill-word-back" }, "one |"],
    ["one  |", { do: "kill-word-back" }, "|"],
    ["one two.three|", { do: "word-left" }, "one two.|three"],
    ["|one two", { do: "word-right" }, "one| two"],
    ["one| two three", { do: "kill-word" }, "one| three"],
    ["über| alles", { do: "word-left" }, "|über alles"],
    ["a\nbc|d\ne", { do: "line-start" }, "a\n|bcd\ne"],
    ["a\nbc|d\ne", { do: "line-end" }, "a\nbcd|\ne"],
    ["a\nbc|d\ne", { do: "kill-to-start" }, "a\n|d\ne"],
    ["a\nbc|d\ne", { do: "kill-to-end" }, "a\nbc|\ne"],
    ["a\nbc|\ne", { do: "kill-to-end" }, "a\nbc|e"],
    ["abc\nd|", { do: "up" }, "a|bc\nd"],
    ["a|bc\n", { do: "down" }, "abc\n|"],
    ["ab👍c|\nxyzw", { do: "down" }, "ab👍c\nxyzw|"],
    ["a|bc", { do: "up" }, "a|bc"],
    ["abc|", { do: "clear" }, "|"],
    ["ab|", { do: "replace", text: "new" }, "new|"],
  ];
  for (const [from, one, to] of table) it(`${from} ${one.do} -> ${to}`, () => expect(marked(edit(draft(from), one))).toBe(to));

  it("yanks what was killed and undoes a word at a time", () => {
    let state = edit(draft("one two|"), { do: "kill-word-back" });
    state = edit(edit(state, { do: "line-start" }), { do: "yank" });
    expect(marked(state)).toBe("two|one ");
    expect(marked(edit(edit(state, { do: "undo" }), { do: "undo" }))).toBe("one two|");
    let typed: Draft = emptyDraft;
    for (const text of "ab cd") typed = edit(typed, { do: "insert", text });
    typed = edit(typed, { do: "undo" });
    expect(typed.text.length).toBeLessThan(5);
    expect(typed.text.length).toBeGreaterThan(0);
  });
  it("knows its first and last line", () => {
    expect([onFirstLine(draft("a|\nb")), onLastLine(draft("a|\nb")), onLastLine(draft("a\n|b"))]).toEqual([true, false, true]);
  });
  it("takes 5,000 pasted lines and edits them at once", () => {
    const text = Array.from({ length: 5000 }, (_, i) => `line ${i} é`).join("\n");
    let state = edit(emptyDraft, { do: "insert", text });
    for (let i = 0; i < 2000; i++) state = edit(state, { do: i % 2 ? "up" : "left" });
    for (const name of ["word-left", "kill-word-back", "line-start", "backspace", "undo", "down"] as const) state = edit(state, { do: name });
    expect(state.text.length).toBeGreaterThan(text.length - 100);
  });
});

describe("any row of edits", () => {
  const names = [
    "backspace",
    "delete",
    "left",
    "right",
    "word-left",
    "word-right",
    "line-start",
    "line-end",
    "up",
    "down",
    "kill-word-back",
    "kill-word",
    "kill-to-start",
    "kill-to-end",
    "yank",
    "undo",
  ] as const;
  const one: fc.Arbitrary<Edit> = fc.oneof(
    fc.constantFrom(...names).map((name): Edit => ({ do: name })),
    fc.constantFrom("a", "b c", "\n", "é", "e\u0301", "🇨🇭", "👨‍👩‍👧", "日本", "ไทย").map((text): Edit => ({ do: "insert", text })),
  );
  it("keeps the cursor on a character's border", () => {
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), (edits) => {
        let state: Draft = emptyDraft;
        for (const each of edits) state = edit(state, each);
        const borders = new Set([...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(state.text)].map(({ index }) => index)).add(state.text.length);
        // text joined at the cursor may melt with its neighbour into one character: then the border is where the person put it
        if (edits.every((each) => each.do !== "insert" || !/(\u0301|🇨|🇭)/u.test(each.text))) expect(borders.has(state.cursor)).toBe(true);
        expect(state.cursor).toBeGreaterThanOrEqual(0);
        expect(state.cursor).toBeLessThanOrEqual(state.text.length);
        expect(borders.has(snap(state.text, state.cursor))).toBe(true);
      }),
    );
  });
});
