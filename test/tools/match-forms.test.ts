// The forms an edit may come in: SEARCH/REPLACE blocks, apply_patch, unified diffs. What is cut, doubtful or half right changes nothing.
import { describe, expect, it } from "vitest";
import { type Block, parseBlocks } from "../../src/tools/match/blocks.ts";
import { applyOps, pathsOf } from "../../src/tools/match/ops.ts";
import { type FileOp, parsePatch } from "../../src/tools/match/patch.ts";
import { opsOfHunks, parseHunks } from "../../src/tools/match/udiff.ts";

const blocks = (text: string, fence?: string): Block[] | string => {
  const parsed = parseBlocks(text, fence);
  return parsed.ok ? parsed.parsed : parsed.message;
};
const block = (old: string, neu: string): string => `<<<<<<< SEARCH\n${old}=======\n${neu}>>>>>>> REPLACE\n`;

describe("SEARCH/REPLACE blocks", () => {
  it("are found in a reply with prose, fences and one path for several", () => {
    const reply = `Sure:\n\nsrc/a.py\n\`\`\`python\n${block("one\n", "two\n")}\n${block("x\n", "")}\`\`\`\nDone. That's a <<<<<<< thing.\n`;
    expect(blocks(reply)).toEqual([
      { path: "src/a.py", old: "one\n", new: "two\n" },
      { path: "src/a.py", old: "x\n", new: "" },
    ]);
  });
  it("find their path wherever models put it", () => {
    for (const head of [
      "a b.txt\n",
      "```text\na b.txt\n",
      "**a b.txt**\n```\n",
      "### a b.txt:\n```js\n",
      "`a b.txt`\n````md\n",
      "File: a b.txt\n```\n",
      "```a.txt\n",
      " ```python\na.txt\n```\n```python\n",
    ]) {
      const parsed = blocks(head + block("1\n", "2\n"));
      expect([head, typeof parsed === "string" ? parsed : parsed[0]?.path]).toEqual([head, head.includes("a b") ? "a b.txt" : "a.txt"]);
    }
    expect(blocks(`a.js\n<source>js\n${block("1\n", "2\n")}</source>`, "<source>")).toMatchObject([{ path: "a.js" }]);
    expect(blocks(block("1\n", "2\n"))).toMatchObject([{ path: null }]);
  });
  it("are read in every marker style, with start lines and escaped markers", () => {
    expect(blocks("------- SEARCH\na\n=======\nb\n+++++++ REPLACE")).toMatchObject([{ old: "a\n", new: "b\n" }]);
    expect(blocks("<<<<<<< ORIGINAL\na\n=======\nb\n>>>>>>> UPDATED")).toMatchObject([{ old: "a\n" }]);
    expect(blocks("<<<<<<< SEARCH>\na\n=======\nb\n>>>>>>> REPLACE>")).toMatchObject([{ old: "a\n" }]);
    expect(blocks("<<<<<<< SEARCH\n:start_line:12\n:end_line:13\n-------\na\n=======\nb\n>>>>>>> REPLACE")).toMatchObject([{ old: "a\n", hint: 12 }]);
    expect(blocks("<<<<<<< SEARCH\n\\<<<<<<< HEAD\n\\=======\n\\>>>>>>> x\n=======\nb\n>>>>>>> REPLACE")).toMatchObject([{ old: "<<<<<<< HEAD\n=======\n>>>>>>> x\n" }]);
    expect(blocks(block("a\n", "b\n").replaceAll("\n", "\r\n"))).toMatchObject([{ old: "a\r\n", new: "b\r\n" }]);
  });
  it("are refused altogether when one is cut, unmarked or unclear", () => {
    const good = `f.txt\n${block("1\n", "2\n")}`;
    expect(blocks(`${good}<<<<<<< SEARCH\nx\n=======\ny`)).toMatch(/^The block begun at line 7 isn't finished: >>>>>>> REPLACE is missing/);
    expect(blocks(`${good}<<<<<<< SEARCH\nx\n`)).toMatch(/isn't finished: ======= and >>>>>>> REPLACE/);
    expect(blocks("<<<<<<< SEARCH\nx\n>>>>>>> REPLACE")).toMatch(/no ======= line/);
    expect(blocks("<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE")).toMatch(/isn't a proper marker/);
    expect(blocks("x\n=======\ny\n>>>>>>> REPLACE")).toMatch(/never begun/);
    expect(blocks("<<<<<<< SEARCH\nx\n<<<<<<< SEARCH\ny\n=======\nz\n>>>>>>> REPLACE")).toMatch(/isn't closed before the next/);
    expect(blocks("<<<<<<< SEARCH\nTitle\n=======\ntext\n=======\nnew\n>>>>>>> REPLACE")).toMatch(/two ======= lines/);
    expect(blocks("Nothing here")).toMatch(/no SEARCH\/REPLACE block/);
  });
});

const ops = (text: string): FileOp[] | string => {
  const parsed = parsePatch(text);
  return parsed.ok ? parsed.parsed : parsed.message;
};
function apply(patch: string | FileOp[], before: Record<string, string>): Record<string, string | null> | string {
  const parsed = typeof patch === "string" ? ops(patch) : patch;
  if (typeof parsed === "string") return parsed;
  const done = applyOps(parsed, new Map(pathsOf(parsed).map((path) => [path, before[path] ?? null])));
  return done.ok ? Object.fromEntries(done.files) : done.message;
}
const update = (body: string, path = "f.txt"): string => `*** Begin Patch\n*** Update File: ${path}\n${body}\n*** End Patch`;

describe("an apply_patch text", () => {
  it("adds, changes, moves and deletes files at once", () => {
    const patch = "*** Begin Patch\n*** Add File: n.txt\n+new\n*** Update File: f.txt\n*** Move to: g.txt\n@@\n a\n-b\n+B\n*** Delete File: d.txt\n*** End Patch";
    expect(apply(patch, { "f.txt": "a\nb\n", "d.txt": "x" })).toEqual({ "n.txt": "new\n", "f.txt": null, "g.txt": "a\nB\n", "d.txt": null });
  });
  it("changes nothing unless all of it fits", () => {
    const patch = "*** Begin Patch\n*** Add File: n.txt\n+new\n*** Update File: f.txt\n@@\n-zzz\n+B\n*** End Patch";
    expect(apply(patch, { "f.txt": "a\nb\n" })).toMatch(/^f\.txt: its old lines aren't in the file\.[\s\S]*Nothing of the patch was applied\.$/);
    expect(apply("*** Begin Patch\n*** Delete File: no.txt\n*** End Patch", {})).toBe("no.txt: there is no such file.");
    expect(apply(update("*** Move to: g.txt\n@@\n-a\n+b"), { "f.txt": "a\n", "g.txt": "there\n" })).toMatch(/^g\.txt: it exists/);
  });
  it("is read out of a here-document or a fence, with padded markers", () => {
    for (const wrap of [
      (p: string) => `<<'EOF'\n${p}\nEOF`,
      (p: string) => `\`\`\`\n${p}\n\`\`\``,
      (p: string) => `apply_patch <<EOF\n${p}\nEOF\n`,
      (p: string) => p.replaceAll("***", " ***").replaceAll("Patch", "Patch  "),
    ]) {
      expect(apply(wrap(update("@@\n-a\n+b")), { "f.txt": "a\n" })).toEqual({ "f.txt": "b\n" });
    }
  });
  it("keeps line ends, also mixed ones, and lines it doesn't change", () => {
    expect(apply(update("@@\n a\n-b\n+B\n+C"), { "f.txt": "a  \r\nb\r\nc" })).toEqual({ "f.txt": "a  \r\nB\r\nC\r\nc" });
    expect(apply(update("@@\n one\n-three\n+THREE"), { "f.txt": "one\r\nthree\nfour\r\nfive\r\n" })).toEqual({ "f.txt": "one\r\nTHREE\nfour\r\nfive\r\n" });
    expect(apply(update("@@\n-a\n+b"), { "f.txt": "\uFEFFa\nz" })).toEqual({ "f.txt": "\uFEFFb\nz" });
  });
  it("ends a last line that it writes, and leaves one that it doesn't", () => {
    expect(apply(update("@@\n-b\n+B"), { "f.txt": "a\nb" })).toEqual({ "f.txt": "a\nB\n" });
    expect(apply(update("@@\n-a\n+A\n b"), { "f.txt": "a\nb" })).toEqual({ "f.txt": "A\nb" });
    expect(apply(update("@@\n+c"), { "f.txt": "a\nb" })).toEqual({ "f.txt": "a\nb\nc\n" });
    expect(apply(update("@@\n+c"), { "f.txt": "" })).toEqual({ "f.txt": "c\n" });
  });
  it("finds the right one of equal places by context, order and end of file", () => {
    const file = "class A:\n    def f(self):\n        pass\n\nclass B:\n    def f(self):\n        pass\n";
    expect(apply(update("@@ class B:\n-        pass\n+        return 1"), { "f.txt": file })).toEqual({ "f.txt": file.replace(/pass\n$/, "return 1\n") });
    expect(apply(update("@@ class A:\n@@ def f(self):\n-        pass\n+        return 1"), { "f.txt": file })).toEqual({ "f.txt": file.replace("pass", "return 1") });
    expect(apply(update("@@\n-        pass\n+        return 1\n*** End of File"), { "f.txt": file })).toEqual({ "f.txt": file.replace(/pass\n$/, "return 1\n") });
    expect(apply(update("@@\n-class B:\n+class C:\n@@\n-        pass\n+        return 1"), { "f.txt": file })).toEqual({
      "f.txt": file.replace("class B", "class C").replace(/pass\n$/, "return 1\n"),
    });
    expect(apply(update("@@\n-        pass\n+        return 1"), { "f.txt": file })).toMatch(/fit 2 places, at lines 3, 7/);
    expect(apply(update("@@ class A:\n-  x\n+  y"), { "f.txt": "class A:\n  x\n  x\n" })).toMatch(/fit 2 places/);
  });
  it("says which line of it is wrong", () => {
    expect(ops("*** Begin Patch\nbad")).toMatch(/last line of a patch must be \*\*\* End Patch/);
    expect(ops("bad\n*** End Patch")).toMatch(/first line of a patch/);
    expect(ops("*** Begin Patch\n*** Frob File: x\n*** End Patch")).toMatch(/^Line 2 of the patch/);
    expect(ops(update("@@\n?x"))).toMatch(/begin with a space, \+ or -/);
    expect(ops(update(""))).toMatch(/update of f\.txt is empty/);
    expect(ops("*** Begin Patch\n*** End Patch")).toMatch(/changes no files/);
  });
  it("tells where its chunks are in the new file", () => {
    const parsed = ops(update("@@\n-b\n+b1\n+b2\n@@\n-d\n+D"));
    const done = typeof parsed === "string" ? null : applyOps(parsed, new Map([["f.txt", "a\nb\nc\nd\n"]]));
    expect(done?.ok && done.placed.get("f.txt")).toEqual([
      { rung: "exact", line: 2, lines: 2, places: 1 },
      { rung: "exact", line: 5, lines: 1, places: 1 },
    ]);
  });
});

describe("a unified diff", () => {
  const diff = (text: string, before: Record<string, string>, path: string | null = null): Record<string, string | null> | string => {
    const hunks = parseHunks(text);
    const parsed = hunks.ok ? opsOfHunks(hunks.parsed, path) : hunks;
    return parsed.ok ? apply(parsed.parsed, before) : parsed.message;
  };
  it("applies by its lines, whatever its numbers say", () => {
    const file = { "f.txt": "a\nb\nc\nd\n" };
    for (const head of ["@@ -2,3 +2,3 @@", "@@ -90,1 +17,40 @@", "@@ ... @@", "@@"])
      expect([head, diff(`--- a/f.txt\n+++ b/f.txt\n${head}\n b\n-c\n+C\n d\n`, file)]).toEqual([head, { "f.txt": "a\nb\nC\nd\n" }]);
  });
  it("takes its numbers only to tell equal places apart", () => {
    const file = { "f.txt": `x\nx\n${"a\n".repeat(20)}x\n` };
    expect(diff("--- f.txt\n+++ f.txt\n@@ -23 +23 @@\n-x\n+y\n", file)).toEqual({ "f.txt": `x\nx\n${"a\n".repeat(20)}y\n` });
    expect(diff("--- f.txt\n+++ f.txt\n@@ -12 +12 @@\n-x\n+y\n", file)).toMatch(/fit 3 places/);
  });
  it("makes and removes files, several at once", () => {
    const text =
      "diff --git a/n.txt b/n.txt\nnew file mode 100644\n--- /dev/null\n+++ b/n.txt\n@@ -0,0 +1,2 @@\n+one\n+two\ndiff --git a/o.txt b/o.txt\n--- a/o.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n";
    expect(diff(text, { "o.txt": "gone\n" })).toEqual({ "n.txt": "one\ntwo\n", "o.txt": null });
  });
  it("is read out of fences, with context lines that lost their space", () => {
    expect(diff("Here:\n```diff\n--- f.txt\n+++ f.txt\n@@ @@\nfunction a() {\n-  b\n+  c\n}\n```\nbye\n", { "f.txt": "function a() {\n  b\n}\n" })).toEqual({
      "f.txt": "function a() {\n  c\n}\n",
    });
  });
  it("heeds the mark for a missing last newline", () => {
    expect(diff("--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n", { f: "a\nb" })).toEqual({ f: "a\nc" });
    expect(diff("@@ -1 +1 @@\n-a\n+b\n", { f: "a\n" }, "f")).toEqual({ f: "b\n" });
    expect(diff("@@ -1 +1 @@\n-a\n+b\n", { f: "a\n" })).toMatch(/doesn't name its file/);
  });
});
