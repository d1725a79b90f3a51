// Drafts: what a person is shown, and that whatever they keep is applied byte for byte.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Decision, HunkId } from "../../src/core/events.ts";
import { applyDecisions, makeDraft } from "../../src/tools/draft.ts";
import type { Draft } from "../../src/tools/tool.ts";

const of = (before: string | Buffer | null, after: string | Buffer | null): Draft => {
  const bytes = (given: string | Buffer | null): Buffer | null => (typeof given === "string" ? Buffer.from(given) : given);
  return makeDraft({ path: "a.txt", realPath: "/r/a.txt", before: bytes(before), after: bytes(after) });
};
const decide = (draft: Draft, is: Decision["is"][], text?: string): Draft | null =>
  applyDecisions(
    draft,
    draft.change.hunks.map(({ id }, i) => ({ id, is: is[i] ?? "kept", ...(text === undefined ? {} : { text }) })),
  );
const ten = Array.from({ length: 20 }, (_, i) => `line ${i + 1}\n`);
const changed = ten.map((line, i) => (i === 1 ? "two\n" : i === 14 ? "" : line));

describe("a draft", () => {
  it("shows hunks with three lines of context, numbered from 1", () => {
    const { change } = of(ten.join(""), changed.join(""));
    expect(change).toMatchObject({ path: "a.txt", added: 1, removed: 2 });
    expect(change.hunks).toEqual([
      { id: "a.txt#1", oldStart: 1, oldLines: 5, newStart: 1, newLines: 5, lines: [" line 1", "-line 2", "+two", " line 3", " line 4", " line 5"] },
      { id: "a.txt#2", oldStart: 12, oldLines: 7, newStart: 12, newLines: 6, lines: [" line 12", " line 13", " line 14", "-line 15", " line 16", " line 17", " line 18"] },
    ]);
  });
  it("hashes the bytes, and knows files that come and go", () => {
    expect(of(null, "x\n").change).toMatchObject({
      before: null,
      after: "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac",
      hunks: [{ oldStart: 0, oldLines: 0, newStart: 1, newLines: 1, lines: ["+x"] }],
    });
    expect(of("x\n", null).change).toMatchObject({ after: null, hunks: [{ oldStart: 1, oldLines: 1, newStart: 0, newLines: 0, lines: ["-x"] }] });
    expect(of(null, "").change.hunks).toEqual([]);
  });
  it("gives the same ids each time, and others to other files", () => {
    expect(of("a\n", "b\n").change).toEqual(of("a\n", "b\n").change);
    expect(of("a\n", "b\n").change.hunks[0]?.id).not.toBe(
      makeDraft({ path: "b.txt", realPath: "/r/b.txt", before: Buffer.from("a\n"), after: Buffer.from("b\n") }).change.hunks[0]?.id,
    );
  });
  it("stays quick on a huge file that changed altogether", () => {
    const before = Array.from({ length: 50_000 }, (_, i) => `a ${i}`).join("\n");
    const after = Array.from({ length: 50_000 }, (_, i) => `b ${i}`).join("\n");
    expect(of(before, after).change).toMatchObject({ added: 50_000, removed: 50_000, hunks: [{ oldLines: 50_000 }] });
  });
});

describe("decisions", () => {
  it("keep one hunk and drop the other", () => {
    const draft = of(ten.join(""), changed.join(""));
    expect(decide(draft, ["kept", "dropped"])?.after?.toString()).toBe(ten.map((line, i) => (i === 1 ? "two\n" : line)).join(""));
    expect(decide(draft, ["dropped", "kept"])?.after?.toString()).toBe(ten.map((line, i) => (i === 14 ? "" : line)).join(""));
    expect(decide(draft, ["dropped", "dropped"])).toBeNull();
    expect(decide(draft, ["kept", "kept"])).toBe(draft);
  });
  it("put the person's text in, with the file's line ends", () => {
    const draft = of("a\r\nb\r\nc", "a\r\nB\r\nc");
    expect(decide(draft, ["edited"], "a\nBEE\nbuzz\nc\n")?.after?.toString()).toBe("a\r\nBEE\r\nbuzz\r\nc");
    expect(decide(draft, ["edited"], "a\nb\nc")).toBeNull();
    expect(decide(of(null, "x\n"), ["edited"], "y")?.after?.toString()).toBe("y\n");
  });
  it("leave a file where its creation, or its deletion, was dropped", () => {
    expect(decide(of(null, "x\n"), ["dropped"])).toBeNull();
    expect(decide(of("x\n", null), ["dropped"])).toBeNull();
  });
  it("of other drafts don't matter", () => {
    const draft = of("a\n", "b\n");
    expect(applyDecisions(draft, [{ id: "other.txt#1" as HunkId, is: "dropped" }])).toBe(draft);
  });
  it("never touch a byte outside the hunks, in any encoding", () => {
    const bytes = fc.array(fc.constantFrom("a", "b", "\n", "\n", "\r\n", "\u00e9", "\xff"), { maxLength: 80 }).map((parts) => Buffer.from(parts.join(""), "latin1"));
    fc.assert(
      fc.property(bytes, bytes, fc.array(fc.boolean(), { maxLength: 10 }), (before, after, keep) => {
        fc.pre(!before.equals(after));
        const draft = of(before, after);
        const is = draft.change.hunks.map((_, i): Decision["is"] => (keep[i] ? "kept" : "dropped"));
        expect(decide(draft, [])?.after).toEqual(after);
        expect(
          decide(
            draft,
            is.map(() => "dropped"),
          ),
        ).toBeNull();
        const some = decide(draft, is);
        if (is.includes("kept")) {
          expect(some).not.toBeNull();
          const left = some ? of(before, some.after).change : null;
          const kept = draft.change.hunks.filter((_, i) => is[i] === "kept");
          expect(left?.added).toBe(kept.flatMap(({ lines }) => lines).filter((line) => line.startsWith("+")).length);
        } else expect(some).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});
