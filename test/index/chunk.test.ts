// Pieces of files: nothing lost, nothing twice, definitions whole.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutsOf, type Span } from "../../src/index/chunk.ts";

const code = (count: number): string[] => Array.from({ length: count }, (_, at) => `line ${at + 1}`);

describe("pieces", () => {
  it("keeps a definition of moderate length whole, with the comment in front of it", () => {
    const lines = code(100);
    lines[48] = "// adds up";
    const cuts = cutsOf(lines, [{ name: "total", line: 50, endLine: 100 }]);
    expect(cuts.at(-1)).toEqual({ line: 49, endLine: 100, symbol: "total" });
  });
  it("joins short neighbours under the name of the first", () => {
    const spans = [1, 6, 11, 16].map((line, at) => ({ name: `f${at}`, line, endLine: line + 4 }));
    expect(cutsOf(code(20), spans)).toEqual([{ line: 1, endLine: 20, symbol: "f0" }]);
  });
  it("cuts a long class by its methods, and names them with it", () => {
    const spans = [{ name: "Cart", line: 1, endLine: 200 }, ...[11, 61, 111, 161].map((line, at) => ({ name: `m${at}`, line, endLine: line + 39 }))];
    expect(cutsOf(code(200), spans).map((cut) => cut.symbol)).toEqual(["Cart", "Cart.m0", "Cart", "Cart.m1", "Cart", "Cart.m2", "Cart", "Cart.m3"]);
  });
  it("cuts what has no definitions by lines, evenly", () => {
    expect(cutsOf(code(101), []).map((cut) => cut.endLine - cut.line + 1)).toEqual([34, 34, 33]);
  });
  it("has none for an empty text", () => expect(cutsOf(["", "", ""], [])).toEqual([]));
});

it("covers every line that isn't blank exactly once, whatever the definitions", () => {
  const span = fc.record({ name: fc.constantFrom("a", "b", "c"), line: fc.integer({ min: -3, max: 320 }), size: fc.integer({ min: 0, max: 200 }) });
  fc.assert(
    fc.property(fc.array(fc.constantFrom("x", "", "  ", "// c", "@d", "# e"), { maxLength: 300 }), fc.array(span, { maxLength: 30 }), (lines, raw) => {
      const spans: Span[] = raw.map(({ name, line, size }) => ({ name, line, endLine: line + size })).sort((one, other) => one.line - other.line || other.endLine - one.endLine);
      const cuts = cutsOf(lines, spans);
      const covered = new Array<number>(lines.length).fill(0);
      let last = 0;
      for (const cut of cuts) {
        expect(cut.line).toBeGreaterThan(last);
        expect(cut.endLine).toBeLessThanOrEqual(lines.length);
        last = cut.endLine;
        for (let at = cut.line; at <= cut.endLine; at++) covered[at - 1] = (covered[at - 1] ?? 0) + 1;
      }
      for (const [at, line] of lines.entries()) if (line.trim() !== "") expect(covered[at]).toBe(1);
    }),
    { numRuns: 500 },
  );
});
