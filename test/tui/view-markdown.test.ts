// Markdown as lines: never wider than asked, the same grown as whole, and everything that was said is there.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { markdownBlocks, splitBlocks } from "../../src/app/tui/markdown.ts";
import { flow } from "../../src/app/tui/parts/flow.ts";
import { loadHighlight, loadMarkdown } from "../../src/app/tui/parts/later.ts";
import { ansi, lineWidth, plainOf } from "../../src/app/tui/parts/line.ts";
import { sanitise, widthOf } from "../../src/core/text.ts";

const draw = (text: string, width = 40): string[] => markdownBlocks(text, width).flat().map(plainOf);
const piece = fc.constantFrom(
  "word ",
  "**bold** ",
  "`code` ",
  "\n",
  "\n\n",
  "- item\n",
  "1. one\n",
  "```js\n",
  "```\n",
  "# head\n",
  "> quote\n",
  "| a | b |\n|---|---|\n| c | d |\n",
  "    deep\n",
  "[link](http://x.y) ",
  "日本語",
  "x".repeat(50),
  "*",
  "_",
  "<b>",
  "---\n",
  "&amp; ",
);
const text = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(""));

beforeAll(async () => {
  await loadMarkdown();
  await loadHighlight();
});

describe("markdown", () => {
  it("draws what models write", () => {
    expect(
      draw(
        "# Head\nText with **bold**, `code` and [a link](http://x.y).\nnext line\n\n- one\n- two\n  - deep\n\n1. first\n2. second\n\n> quoted\n\n```js\nconst a = 1 // x\n```\n\n---\n\n- [x] done\n- [ ] open",
      ),
    ).toEqual([
      "Head",
      "Text with bold, code and a link",
      "(http://x.y).",
      "next line",
      "",
      "- one",
      "- two",
      "  - deep",
      "",
      "1. first",
      "2. second",
      "",
      "▏ quoted",
      "",
      "  const a = 1 // x",
      "",
      "────────────────────",
      "",
      "✓ done",
      "· open",
    ]);
  });
  it("highlights with bold, the accent and dim only", () => {
    const [code] = markdownBlocks("```js\nconst a = 'x' // y\n```", 40).flat();
    expect(ansi(code ?? [], false)).toBe("  \x1b[1mconst\x1b[22m a = \x1b[36m'x'\x1b[39m \x1b[2m// y\x1b[22m");
  });
  it("is never wider than it may be", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 12, max: 60 }), (raw, width) => {
        for (const content of markdownBlocks(sanitise(raw), width).flat()) if (!raw.includes("|")) expect(lineWidth(content)).toBeLessThanOrEqual(width);
      }),
      { numRuns: 300 },
    );
  });
  it("is the same when it has grown piece by piece", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), (parts) => {
        let grown = "";
        for (const part of parts) {
          grown += part;
          markdownBlocks(grown, 30, true);
        }
        expect(markdownBlocks(grown, 30, true).flat().map(plainOf)).toEqual(draw(grown, 30));
        expect(splitBlocks(grown).join("\n")).toBe(grown);
      }),
      { numRuns: 200 },
    );
  });
});

describe("flow", () => {
  it("wraps growing text as it would the whole", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(" ", "\n", "word", "日本", "  "), fc.string()), { maxLength: 30 }), fc.integer({ min: 2, max: 20 }), (parts, width) => {
        let grown = "";
        for (const part of parts.map((raw) => sanitise(raw))) {
          grown += part;
          flow(grown, width);
        }
        const lines = flow(grown, width);
        expect(lines).toEqual(flow(`${grown}`, width, 1).map((content) => content.map((span) => ({ ...span, style: 0 }))));
        for (const content of lines) expect(content.reduce((sum, span) => sum + widthOf(span.text), 0)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
