// What holds for every file and every edit: exact bytes, untouched lines, and nothing accepted that differs in more than its rung forgives.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffLines } from "../../src/tools/match/diff.ts";
import { splitLines } from "../../src/tools/match/lines.ts";
import { applyOps } from "../../src/tools/match/ops.ts";
import { plainPunctuation } from "../../src/tools/match/rungs.ts";
import { editText, type Rung } from "../../src/tools/match.ts";

const word = fc.constantFrom("a", "b", "foo", "bar(x)", "}", "{", "return", "  ", "\t", "x = 1;", "“q”", "ü", "0", "if (a) {", "...", "//", "");
const line = fc.array(word, { maxLength: 4 }).map((words) => words.join(" "));
const eol = fc.constantFrom("\n", "\r\n");
const file = fc
  .record({ lines: fc.array(line, { minLength: 1, maxLength: 12 }), eol, bom: fc.boolean(), last: fc.boolean() })
  .map(({ lines, eol, bom, last }) => ({ eol, text: (bom ? "\uFEFF" : "") + lines.join(eol) + (last ? eol : "") }));
const body = (text: string): string => text.replace(/^\uFEFF/, "");

describe("any exact edit", () => {
  it("gives exactly the spliced bytes, or names the places", () => {
    fc.assert(
      fc.property(file, fc.nat(), fc.nat(), fc.array(line, { maxLength: 3 }), fc.boolean(), ({ text, eol }, a, b, into, lf) => {
        const start = text.startsWith("\uFEFF") ? 1 : 0;
        const lead = text.slice(0, start);
        const rest = text.slice(start);
        let from = a % (rest.length + 1);
        let to = from + (b % (rest.length - from + 1));
        // a model doesn't cut a line end in two
        if (rest[from - 1] === "\r" && rest[from] === "\n") from--;
        if (rest[to - 1] === "\r" && rest[to] === "\n") to++;
        const old = rest.slice(from, to);
        const neu = into.join(eol);
        fc.pre(old !== "" && old !== neu && !/[.…]{3}/.test(neu));
        const given = (s: string): string => (lf ? s.replaceAll("\r\n", "\n") : s);
        const single = rest.indexOf(old) === rest.lastIndexOf(old);
        const edited = editText(text, [{ old: given(old), new: given(neu) }]);
        if (single) expect(edited).toMatchObject({ ok: true, text: lead + rest.slice(0, from) + (/[\r\n]/.test(rest) ? neu : given(neu)) + rest.slice(to) });
        else expect(edited).toMatchObject({ ok: false, why: "ambiguous" });
      }),
      { numRuns: 600 },
    );
  });

  it("replaces all of them when told to", () => {
    fc.assert(
      fc.property(file, word, fc.constantFrom("Z", "ZZ ZZ", ""), ({ text }, old, neu) => {
        fc.pre(old !== "" && body(text).includes(old));
        expect(editText(text, [{ old, new: neu, all: true }])).toMatchObject({ ok: true, text: text.split(old).join(neu) });
      }),
      { numRuns: 300 },
    );
  });
});

/** What each rung may not tell apart. */
const sameBut: Partial<Record<Rung, (text: string) => string>> = {
  exact: (text) => text.replaceAll("\r\n", "\n"),
  trailing: (text) => text.replace(/[ \t]+$/gm, "").trimEnd(),
  indentation: (text) => text.replace(/^[ \t]+|[ \t]+$/gm, "").trim(),
  edges: (text) => text.replace(/^[ \t]+|[ \t]+$/gm, "").trim(),
  punctuation: (text) =>
    plainPunctuation(text)
      .replace(/^[ \t]+|[ \t]+$/gm, "")
      .trim(),
  blanks: (text) => text.replace(/^\s*|[ \t]+$/gm, ""),
  spacing: (text) => text.replace(/\s+/g, ""),
};

describe("any tolerant edit", () => {
  const blur = fc.constantFrom<(text: string) => string>(
    (text) => text.replace(/^[ \t]+/gm, ""),
    (text) => text.replace(/^/gm, "  "),
    (text) => text.replace(/$/gm, " "),
    (text) => text.replace(/ +/g, " "),
    (text) => text.replace(/ /g, ""),
    (text) => plainPunctuation(text),
    (text) => `\n\n${text}\n`,
    (text) => text.replace(/\t/g, "    "),
  );
  it("changes one stretch that differs from old only as its rung allows", () => {
    fc.assert(
      fc.property(file, fc.nat(), fc.nat(), blur, fc.boolean(), ({ text }, a, b, change, lines) => {
        const rest = splitLines(body(text));
        const first = a % rest.lines.length;
        const last = first + (b % (rest.lines.length - first));
        const old = change(rest.lines.slice(first, last + 1).join("\n"));
        fc.pre(old.trim() !== "");
        const edited = editText(text, [{ old, new: "MARK", ...(lines ? { lines } : {}) }]);
        if (!edited.ok) return;
        const at = edited.text.indexOf("MARK");
        const head = edited.text.slice(0, at);
        const tail = edited.text.slice(at + 4);
        const rung = edited.placed[0]?.rung ?? "exact";
        const lead = /[ \t]*$/.exec(head)?.[0] ?? "";
        // everything before and after the mark is the file's own
        expect(text.startsWith(head.slice(0, head.length - lead.length))).toBe(true);
        expect(text.endsWith(tail)).toBe(true);
        const gone = text.slice(head.length - lead.length, text.length - tail.length).replaceAll("\r\n", "\n");
        const fold = sameBut[rung];
        expect(fold, `rung ${rung}`).toBeDefined();
        if (fold) expect(fold(rung === "exact" && !lines ? gone.slice(lead.length) : gone).trim()).toBe(fold(old).trim());
      }),
      { numRuns: 1500 },
    );
  });

  it("keeps every line that old and new have in common", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{4,9}$/), { minLength: 4, maxLength: 12 }),
        fc.nat(),
        eol,
        fc.constantFrom("  ", "\t", "    "),
        (words, pick, end, indent) => {
          const text = words.map((each, i) => `${indent.repeat(1 + (i % 2))}${each} ${i % 3 === 0 ? " " : ""}`).join(end) + end;
          const old = words.map((each, i) => (i % 2 ? `  ${each}` : each)).join("\n");
          const at = pick % words.length;
          const neu = words.map((each, i) => (i % 2 ? "  " : "") + (i === at ? "changed" : each)).join("\n");
          const edited = editText(text, [{ old, new: neu }]);
          const rows = splitLines(text).lines;
          const wanted = rows.map((row, i) => (i === at ? `${indent.repeat(1 + (i % 2))}changed` : row)).join(end) + end;
          expect(edited).toMatchObject({ ok: true, text: wanted });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("any patch", () => {
  it("written from a change makes that change", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[ \t]{0,3}[a-z]{3,6}$/), { minLength: 1, maxLength: 30 }),
        fc.array(fc.tuple(fc.nat(), fc.stringMatching(/^[A-Z]{3}$/)), { minLength: 1, maxLength: 3 }),
        eol,
        (raw, changes, end) => {
          const lines = raw.map((text, i) => `${text}${i}`);
          const next: (string | null)[] = [...lines];
          for (const [at, text] of changes) next[at % lines.length] = text;
          const old = lines.join(end) + end;
          const wanted = next.join(end) + end;
          const chunks = next.flatMap((text, i) => (text === lines[i] ? [] : [{ contexts: [], old: [lines[i] ?? ""], new: [text ?? ""], eof: false }]));
          fc.pre(chunks.length > 0);
          const done = applyOps([{ op: "update", path: "f", to: null, chunks }], new Map([["f", old]]));
          expect(done).toMatchObject({ ok: true });
          if (done.ok) expect(done.files.get("f")).toBe(wanted);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("any two lists of lines", () => {
  it("have a diff that rebuilds the second from the first", () => {
    const list = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 14 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const out: string[] = [];
        let at = 0;
        for (const run of diffLines(a, b)) {
          expect(run.aFrom < run.aTo || run.bFrom < run.bTo).toBe(true);
          out.push(...a.slice(at, run.aFrom), ...b.slice(run.bFrom, run.bTo));
          at = run.aTo;
        }
        expect([...out, ...a.slice(at)]).toEqual(b);
      }),
      { numRuns: 1000 },
    );
  });
  it("even where everything changed at once", () => {
    const a = Array.from({ length: 6_000 }, (_, i) => `old ${i}`);
    const b = a.map((text, i) => (i % 100 === 0 ? text : `new ${i}`));
    const runs = diffLines(a, b);
    expect(runs.length).toBe(60);
    expect(runs.every((run) => run.aTo - run.aFrom === 99 && run.bTo - run.bFrom === 99)).toBe(true);
  });
});
