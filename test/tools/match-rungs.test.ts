// Every rung of the ladder on files of any shape: what a model blurs in copying still lands where it was meant, and leaves every other byte alone.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editText, type Rung } from "../../src/tools/match.ts";

interface File {
  lines: string[];
  unit: string;
  eol: string;
  bom: boolean;
  last: boolean;
}
/** Code-like: indentation goes in by one unit at a time, no line stands twice. */
const file: fc.Arbitrary<File> = fc
  .record({
    moves: fc.array(fc.constantFrom(1, 0, 0, 0, -1, -2), { minLength: 8, maxLength: 30 }),
    blanks: fc.array(fc.nat(29), { maxLength: 4 }),
    unit: fc.constantFrom("  ", "    ", "\t"),
    eol: fc.constantFrom("\n", "\r\n"),
    bom: fc.boolean(),
    last: fc.boolean(),
  })
  .map(({ moves, blanks, ...rest }) => {
    let depth = 0;
    const lines = moves.flatMap((move, i) => {
      depth = Math.max(0, depth + move);
      const code = `${rest.unit.repeat(depth)}name_${i} = call_${i}("text ${i}", 'it', ${i}) + other_value;`;
      return blanks.includes(i) ? ["", code] : [code];
    });
    return { lines, ...rest };
  });

type Blur = (lines: string[], side: "old" | "new", at: { first: number; unit: string }) => string[];
const full = (change: (line: string) => string): Blur => {
  return (lines) => lines.map((line) => (line === "" ? line : change(line)));
};
/** What models do to the lines that they quote, and the rungs that may forgive it. */
const blurs: Record<string, { blur: Blur; rungs: Rung[] }> = {
  "as it is": { blur: (lines) => lines, rungs: ["exact"] },
  "trailing space": { blur: (lines, side) => (side === "old" ? lines.map((line) => `${line} `) : lines), rungs: ["trailing"] },
  "deeper by four": { blur: full((line) => `    ${line}`), rungs: ["indentation"] },
  "no indentation on the first line": { blur: (lines) => lines.map((line, i) => (i === 0 ? line.trimStart() : line)), rungs: ["indentation", "exact"] },
  "tabs for spaces, spaces for tabs": {
    blur: (lines, _side, { unit }) => lines.map((line) => line.replace(/^\s+/, (lead) => (unit === "\t" ? "  " : "\t").repeat(lead.length / unit.length))),
    rungs: ["indentation", "exact"],
  },
  "line numbers": { blur: (lines, side, { first }) => (side === "old" ? lines.map((line, i) => `${String(first + i + 1).padStart(5)}| ${line}`) : lines), rungs: ["numbers"] },
  "line numbers on both sides": { blur: (lines, _side, { first }) => lines.map((line, i) => `${first + i + 1}\t${line}`), rungs: ["numbers"] },
  "typographic quotes": { blur: full((line) => line.replace(/"([^"]*)"/g, "“$1”").replace(/'([^']*)'/g, "‘$1’")), rungs: ["punctuation"] },
  "blank lines around": { blur: (lines) => ["", ...lines, ""], rungs: ["edges", "exact", "indentation", "trailing"] },
  "escaped once too often": { blur: (lines) => [JSON.stringify(lines.join("\n")).slice(1, -1)], rungs: ["escapes"] },
  "escaped quotes": { blur: full((line) => line.replaceAll('"', '\\"')), rungs: ["escapes"] },
  "spaces left out": { blur: (lines, side) => (side === "old" ? lines.map((line) => line.replace(/(\S) ([=+]) (?=\S)/g, "$1$2")) : lines), rungs: ["spacing"] },
};

describe("an edit of lines that a model copied with", () => {
  it.each(Object.entries(blurs))("%s", (_name, { blur, rungs }) => {
    fc.assert(
      fc.property(
        file,
        fc.nat(),
        fc.integer({ min: 2, max: 6 }),
        fc.nat(),
        fc.constantFrom("word", "insert", "delete"),
        fc.boolean(),
        ({ lines, unit, eol, bom, last }, from, count, place, kind, asLines) => {
          const first = from % lines.length;
          const old = lines.slice(first, first + count);
          fc.pre(old.length >= 2 && old[0] !== "" && old.at(-1) !== "" && old.some((line) => line.startsWith(unit)));
          const at = place % old.length;
          fc.pre(old[at] !== "" && (kind !== "delete" || (at > 0 && at < old.length - 1)));
          const neu = [...old];
          if (kind === "word") neu[at] = neu[at]?.replace("other_value", "another") ?? "";
          else if (kind === "insert") neu.splice(at + 1, 0, `${/^\s*/.exec(old[at] ?? "")?.[0]}added("new");`);
          else neu.splice(at, 1);
          const [given, wanted] = (["old", "new"] as const).map((side) => blur(side === "old" ? old : neu, side, { first, unit }).join("\n"));
          fc.pre(given !== undefined && wanted !== undefined);
          const whole = (of: string[]): string => (bom ? "\uFEFF" : "") + of.join(eol) + (last ? eol : "");
          const edited = editText(whole(lines), [{ old: given ?? "", new: wanted ?? "", ...(asLines ? { lines: true } : {}) }]);
          expect(edited).toMatchObject({ ok: true, text: whole([...lines.slice(0, first), ...neu, ...lines.slice(first + old.length)]) });
          expect(rungs).toContain(edited.ok ? edited.placed[0]?.rung : "");
        },
      ),
      { numRuns: 150 },
    );
  });

  it("anything else is refused: the same lines elsewhere, and none like them", () => {
    fc.assert(
      fc.property(file, fc.nat(), fc.constantFrom(...Object.keys(blurs)), ({ lines, unit, eol }, from, name) => {
        const first = from % lines.length;
        const old = lines.slice(first, first + 2);
        fc.pre(old.length === 2 && old.every((line) => line !== ""));
        const { blur } = blurs[name] as { blur: Blur };
        const [given, wanted] = [blur(old, "old", { first, unit }).join("\n"), blur(["changed", ...old.slice(1)], "new", { first, unit }).join("\n")];
        const twice = [...lines, ...old].join(eol) + eol;
        const double = editText(twice, [{ old: given, new: wanted }]);
        // a line number, or a line break before it, tells which of them is meant
        if (!/line/.test(name)) expect(double).toMatchObject({ ok: false, why: "ambiguous" });
        if (!double.ok) expect(double.message).toContain(`at lines ${first + 1}, ${lines.length + 1}`);
        const gone = [...lines.slice(0, first), ...lines.slice(first + 2)].join(eol) + eol;
        const missed = editText(gone, [{ old: given, new: wanted }]);
        expect(missed).toMatchObject({ ok: false, why: "missing" });
        if (!missed.ok) expect(missed.message).toMatch(/^old isn't in the file/);
      }),
      { numRuns: 300 },
    );
  });
});
