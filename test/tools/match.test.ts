// The edit engine, case by case: every rung, every refusal, what is kept.
import { describe, expect, it } from "vitest";
import { lineHash } from "../../src/tools/match/anchors.ts";
import { type Edited, editText, type TextEdit } from "../../src/tools/match.ts";

const one = (text: string | null, old: string, neu: string, more: Partial<TextEdit> = {}, path = ""): Edited => editText(text, [{ old, new: neu, ...more }], path);
const textOf = (edited: Edited): string => (edited.ok ? edited.text : `refused: ${edited.message}`);
const rung = (edited: Edited): string => (edited.ok ? (edited.placed[0]?.rung ?? "none") : `refused: ${edited.why}`);
const refusal = (edited: Edited): string => (edited.ok ? `applied: ${edited.text}` : edited.message);

describe("an exact edit", () => {
  it("replaces the only place and nothing else", () => {
    expect(one("let x = 1\nlet y = 2\n", "x = 1", "x = 10")).toEqual({ ok: true, text: "let x = 10\nlet y = 2\n", placed: [{ rung: "exact", line: 1, lines: 1, places: 1 }] });
  });
  it("takes dollar signs and patterns literally", () => {
    expect(textOf(one("price: /[a-z]+/g", "/[a-z]+/g", "$1$&$'"))).toBe("price: $1$&$'");
  });
  it("replaces every place on request, and only then", () => {
    expect(textOf(one("a b a\na", "a", "c", { all: true }))).toBe("c b c\nc");
    expect(textOf(one("aaaa", "aa", "b", { all: true }))).toBe("bb");
    expect(refusal(one("a b\nc\na", "a", "c"))).toBe("old fits 2 places, at lines 1, 3:\n1| a b\n3| a\nAdd lines around it until only one fits, or set all to true.");
    expect(rung(one("aaa", "aa", "b"))).toBe("refused: ambiguous");
  });
  it("keeps CRLF, whatever the model writes", () => {
    expect(textOf(one("a\r\nb\r\nc\r\n", "a\nb", "a\nx\nb"))).toBe("a\r\nx\r\nb\r\nc\r\n");
    expect(textOf(one("a\nb\n", "a\r\nb", "a\r\nc"))).toBe("a\nc\n");
    expect(textOf(one("a\r\nb\nc", "\nb", "!"))).toBe("a!\nc");
  });
  it("keeps a BOM, tabs and a missing last newline", () => {
    expect(textOf(one("\uFEFFa\n\tb", "\tb", "\tc"))).toBe("\uFEFFa\n\tc");
    expect(textOf(one("\uFEFFa\nb", "\uFEFFa", "x"))).toBe("\uFEFFx\nb");
    expect(textOf(one("a\nb", "b\n", "c\n"))).toBe("a\nc");
  });
  it("creates a file, and only where there is none or an empty one", () => {
    expect(textOf(one(null, "", "hi\n"))).toBe("hi\n");
    expect(textOf(one("", "", "hi\n"))).toBe("hi\n");
    expect(rung(one("full\n", "", "hi\n"))).toBe("refused: exists");
    expect(rung(one(null, "old", "new"))).toBe("refused: no-file");
  });
  it("says when there is nothing to change", () => {
    expect(rung(one("a", "a", "a"))).toBe("refused: same");
    expect(rung(one("a\r\nb", "a\r\nb", "a\nb"))).toBe("refused: same");
  });
});

describe("a tolerant edit", () => {
  it("forgives trailing space, on untouched lines without a change", () => {
    const edited = one("a  \nb\t\nc\n", "a\nb\nc", "a\nB\nc");
    expect([textOf(edited), rung(edited)]).toEqual(["a  \nB\nc\n", "trailing"]);
  });
  it("forgives missing indentation and indents the new text", () => {
    const edited = one("def f():\n    x = 1\n    y = 2\n    return x\n", "x = 1\ny = 2", "x = 10\nif x:\n    y = 20");
    expect([textOf(edited), rung(edited)]).toEqual(["def f():\n    x = 10\n    if x:\n        y = 20\n    return x\n", "indentation"]);
  });
  it("turns spaces into the file's tabs, deeper than the old text went too", () => {
    const file = "class A {\n\trun() {\n\t\tgo();\n\t}\n}\n";
    expect(textOf(one(file, "  run() {\n    go();\n  }", "  run() {\n    if (x) {\n      go();\n    }\n  }"))).toBe(
      "class A {\n\trun() {\n\t\tif (x) {\n\t\t\tgo();\n\t\t}\n\t}\n}\n",
    );
  });
  it("turns tabs into the file's spaces, four for two as well", () => {
    expect(textOf(one("{\n    a(\n        1)\n}\n", "\ta(\n\t\t1)", "\ta(\n\t\t1,\n\t\t\t2)"))).toBe("{\n    a(\n        1,\n            2)\n}\n");
    expect(textOf(one("    a:\n        b\n", "  a:\n    b", "  a:\n    b\n      c"))).toBe("    a:\n        b\n            c\n");
  });
  it("indents by the neighbours when the old text lost all its indentation", () => {
    expect(textOf(one("def f():\n    a = 1\n    return a\n", "def f():\na = 1\nreturn a", "def f():\na = 1\nb = 2\nreturn a"))).toBe(
      "def f():\n    a = 1\n    b = 2\n    return a\n",
    );
  });
  it("knows a first line that was copied without its indentation", () => {
    const file = "class A:\n    def f(self):  \n        a = 1\n        return a\n";
    expect(textOf(one(file, "def f(self):\n        a = 1\n        return a", "def f(self):\n        if a:\n            b()\n        return a"))).toBe(
      "class A:\n    def f(self):\n        if a:\n            b()\n        return a\n".replace("def f(self):", "def f(self):  "),
    );
  });
  it("refuses where the old text nests otherwise than the file", () => {
    expect(rung(one("if a:\n    b()\n    c()\n", "if a:\n    b()\nc()", "if a:\n    b()\nd()"))).toBe("refused: missing");
    expect(rung(one("a:\n  b:\n  c:\n", "a:\n  b:\n    c:", "a:\n  b:\n    d:"))).toBe("refused: missing");
  });
  it("drops blank lines around that the file doesn't have", () => {
    expect([textOf(one("a\nfoo(1);\nb\n", "\n\nfoo(1);\n\n", "\n\nfoo(2);\n\n")), rung(one("a\nfoo(1);\nb\n", "\n\nfoo(1);\n\n", "\n\nfoo(2);\n\n"))]).toEqual([
      "a\nfoo(2);\nb\n",
      "edges",
    ]);
  });
  it("leaves the file's blank lines where the old text has others", () => {
    const file = "a();\n\n\nb();\nc();\n\nd();\n";
    const edited = one(file, "a();\nb();\n\nc();\nd();", "a();\nb(1);\n\nc();\nc2();\nd();");
    expect([textOf(edited), rung(edited)]).toEqual(["a();\n\n\nb(1);\nc();\nc2();\n\nd();\n", "blanks"]);
    expect(textOf(one(file, "a();\nb();\nc();\nd();", "a();\nd();"))).toBe("a();\n\nd();\n");
    expect(textOf(one(file, "a();\nb();\nc();", ""))).toBe("\nd();\n");
  });
  it("undoes escapes that both texts have", () => {
    const file = 'say("hi")\nsay("ho")\n';
    const quotes = one(file, 'say(\\"hi\\")', 'say(\\"hey\\")');
    expect([textOf(quotes), rung(quotes)]).toEqual(['say("hey")\nsay("ho")\n', "escapes"]);
    const breaks = one(file, 'say(\\"hi\\")\\nsay(\\"ho\\")', 'say(\\"hi\\\\n\\")');
    expect([textOf(breaks), rung(breaks)]).toEqual(['say("hi\\n")\n', "escapes"]);
    expect(rung(one(file, 'say(\\"hi\\")', 'say("he said \\"hi\\"")'))).toBe("refused: missing");
  });
  it("writes plain quotes where the model made them typographic, and keeps the file's own", () => {
    const file = 'say("a")\n// it’s “b”\nsay("c")\n';
    expect(editText(file, [{ old: "say(“a”)\n// it's “b”", new: "say(“z”)\n// it's “b”" }])).toMatchObject({ ok: true, text: 'say("z")\n// it’s “b”\nsay("c")\n' });
    expect(editText('x = "a"\n', [{ old: "x = “a”", new: "x = “b”" }])).toMatchObject({ ok: true, text: 'x = "b"\n' });
  });
  it("reads line breaks in new that are escaped like the quotes in old", () => {
    expect(editText('  f("a")\n', [{ old: '  f(\\"a\\")', new: '  f(\\"a\\")\\n  g(\\"b\\")' }])).toMatchObject({ ok: true, text: '  f("a")\n  g("b")\n' });
  });
  it("refuses a place that fits but for its indentation where another fits but for blank lines", () => {
    const file = "a\n    return x\nb\n\n  return x\n\nc\n";
    expect(editText(file, [{ old: "\n    return x\n\n", new: "\n    return y\n\n" }])).toMatchObject({
      ok: false,
      why: "ambiguous",
      message: expect.stringContaining("at lines 2, 4"),
    });
  });
  it("turns steps of two spaces into the file's steps of four", () => {
    const file = "class A:\n    def f(self):\n        a()\n";
    expect(editText(file, [{ old: "  def f(self):\n    a()", new: "  def f(self):\n    if b:\n      a()" }])).toMatchObject({
      ok: true,
      text: "class A:\n    def f(self):\n        if b:\n            a()\n",
    });
  });
  it("ignores the kind of quotes and dashes", () => {
    const edited = one("He said “hello” – twice\n", 'He said "hello" - twice', 'He said "hi"');
    expect([textOf(edited), rung(edited)]).toEqual(['He said "hi"\n', "punctuation"]);
  });
  it("ignores spacing inside and across lines, not inside words", () => {
    const edited = one("  go( a,b )\n", "go(a, b)", "go(b, a)");
    expect([textOf(edited), rung(edited)]).toEqual(["  go(b, a)\n", "spacing"]);
    expect(textOf(one('{\n  "a": 1,\n  "b": {\n    "c": 2\n  }\n}', '{"a":1,"b":{"c":2}}', "{}"))).toBe("{}");
    expect(rung(one("concatenate\n", "con cat", "dog"))).toBe("refused: missing");
  });
  it("strips line numbers copied from a listing", () => {
    const file = "one\n  two\nthree\n";
    expect(textOf(one(file, "1| one\n2|   two", "1| one\n2|   TWO"))).toBe("one\n  TWO\nthree\n");
    expect(textOf(one(file, "1\tone\n2\t  two", "one\n  TWO"))).toBe("one\n  TWO\nthree\n");
    expect(textOf(one("  a\n\n  b\n", "1 |   a\n2 |\n3 |   b", "  a\n  c"))).toBe("  a\n  c\n");
    expect(textOf(one("    a\n    b\n", "1|    a\n2|    b", "    a\n    c"))).toBe("    a\n    c\n");
    expect(rung(one("12 apples\napples\n", "7 apples", "pears"))).toBe("refused: missing");
  });
  it("takes a slip of the pen where everything else agrees", () => {
    const file = "function load() {\n    const results = fetchAll();\n    return results;\n}\n";
    const edited = one(file, "function load() {\n    const result = fetchAll();\n    return results;\n}", "function load() {\n    return fetchAll();\n}");
    expect([textOf(edited), rung(edited)]).toEqual(["function load() {\n    return fetchAll();\n}\n", "similar"]);
    const other = (line: string): string => rung(one("if (a < b) {\n  retries = 3;\n  getUser(id);\n}\n", `if (a < b) {\n${line}\n  getUser(id);\n}`, "x\ny\nz\n"));
    expect([other("  retries = 30;"), other("  retrees = 3;")]).toEqual(["refused: missing", "similar"]);
    expect(rung(one("if (aa < bb) {\n  x();\n  y();\n}\n", "if (aa > bb) {\n  x();\n  y();\n}", "z\n"))).toBe("refused: missing");
  });
  it("bridges parts left out on both sides", () => {
    const edited = one("a = 1\nb = 2\nc = 3\nd = 4\n", "a = 1\n...\nd = 4", "a = 10\n...\nd = 40");
    expect([textOf(edited), rung(edited)]).toEqual(["a = 10\nb = 2\nc = 3\nd = 40\n", "dots"]);
  });
  it("never chooses between two places", () => {
    expect(rung(one("  a = 1\n  b = 2\n\n\ta = 1\n\tb = 2\n", "a = 1\nb = 2", "c"))).toBe("refused: ambiguous");
    expect(rung(one("  a( 1 )\n  a(  1)\n", "a(1)", "c"))).toBe("refused: ambiguous");
  });
  it("replaces every tolerant place on request", () => {
    expect(textOf(one("  m1\n  m2\n  m1\n  m2\n", "m1\nm2", "r1\nr2\nr3", { all: true }))).toBe("  r1\n  r2\n  r3\n  r1\n  r2\n  r3\n");
  });
  it("lets a line number decide only when it clearly means one place", () => {
    const file = "f()\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nf()\n";
    expect(textOf(one(file, "f()", "g()", { hint: 13 }))).toBe(`${file.slice(0, -4)}g()\n`);
    expect(textOf(one(file, "f()", "g()", { hint: 3 }))).toBe(`g()${file.slice(3)}`);
    expect(rung(one(file, "f()", "g()", { hint: 7 }))).toBe("refused: ambiguous");
  });
});

describe("a block of whole lines", () => {
  const block = (text: string, old: string, neu: string): Edited => one(text, old, neu, { lines: true });
  it("deletes lines with their ends", () => {
    expect(textOf(block("a\nb\nc\n", "b\n", ""))).toBe("a\nc\n");
  });
  it("matches no part of a line", () => {
    expect(rung(block("  call(line2)\n", "line2\n", "x\n"))).toBe("refused: missing");
  });
  it("keeps the end of a last line without newline", () => {
    expect(textOf(block("a\n\tb();", "b();\n", "c();\nd();\n"))).toBe("refused: old isn't in the file. Nearest, from line 2:\n2| \tb();");
    expect(textOf(block("aaaa();\n\tbbbbbb();", "bbbbbb();\n", "cc();\ndd();\n"))).toBe("aaaa();\n\tcc();\n\tdd();");
  });
});

describe("left-out code", () => {
  const file = "function a() {\n  one();\n  two();\n  three();\n}\n";
  it("is refused where it can't be known", () => {
    expect(refusal(one(file, "  one();", "  zero();\n  // ... rest of the code unchanged"))).toMatch(/^Line 2 of new stands for code left out/);
    expect(rung(one(null, "", "import x\n# ... existing code ...\n"))).toBe("refused: placeholder");
    for (const line of [
      "// ...",
      "# ... (existing test code remains unchanged)",
      "/* ... other methods ... */",
      "{/* existing code */}",
      "// rest of the file stays the same",
      "<!-- ... rest -->",
      "-- ... remaining columns",
    ]) {
      expect([line, rung(one(file, "  one();", `  zero();\n  ${line}`))]).toEqual([line, "refused: placeholder"]);
    }
  });
  it("is written out where there is no doubt", () => {
    const edited = one(file, file, "function a() {\n  zero();\n  one();\n  // ... existing code ...\n  three();\n}\n");
    expect(textOf(edited)).toBe("function a() {\n  zero();\n  one();\n  two();\n  three();\n}\n");
  });
  it("isn't seen in ordinary code", () => {
    for (const line of [
      "  // keep the same order as the caller",
      "  # the rest is computed below: x = rest(y)",
      "  return [...rest];",
      "  print('...')",
      "  // previous value",
      "  // TODO: other cases",
      "  // existing = 3;",
    ]) {
      expect([line, rung(one(file, "  one();", `${line}\n  one();`))]).toEqual([line, "exact"]);
    }
    expect(textOf(one("class A:\n    x = 1\n", "    x = 1", "    ...", {}, "a.py"))).toBe("class A:\n    ...\n");
    expect(rung(one("# Use\n", "# Use", "# Use\n\n    // ...\n    # ... your code", {}, "README.md"))).toBe("exact");
    expect(rung(one("# Use\n", "# Use", "# Use\n\n[... rest of the lines unchanged ...]", {}, "README.md"))).toBe("refused: placeholder");
    expect(rung(one("a\n// ... rest\nb\n", "b", "// ... rest\nc"))).toBe("exact");
  });
});

describe("a refusal", () => {
  it("quotes the nearest lines with their numbers, and what differs", () => {
    const file = "import a\n\ndef total(items):\n    return sum(items) + tax(items)\n\nprint(total([]))\n";
    expect(refusal(one(file, "def total(items):\n    return sum(items)\n", "x"))).toBe(
      "old isn't in the file. Nearest, from line 3:\n3| def total(items):\n4|     return sum(items) + tax(items)\nLine 4 differs from yours: return sum(items)",
    );
    expect(refusal(one(file, "return sum(item) + taxes(items)", "x"))).toContain("4|     return sum(items) + tax(items)");
    const braces = "if (a) {\n  return b;\n}\nf(b);\nif (starts(_b)) {\n  return b;\n}\nreturn join(_b);\n";
    expect(refusal(one(braces, "if (starts(b)) {\n  return b;\n}\nreturn join(b);", "x"))).toMatch(/^old isn't in the file\. Nearest, from line 5:/);
    expect(refusal(one(file, "something else entirely", "x"))).toBe("old isn't in the file. Nothing in the file (6 lines) is like it; read it again.");
  });
  it("shows how far to quote when several places fit", () => {
    const file = "a()\nif x:\n    go()\n\nb()\nif x:\n    go()\n\nc()\n";
    expect(refusal(one(file, "if x:\n    go()\n", "x"))).toBe(
      "old fits 2 places, at lines 2, 6; the lines above first differ here:\n1| a()\n5| b()\nAdd lines around it until only one fits, or set all to true.",
    );
    expect(refusal(one(`s\n${file.slice(4)}`, "if x:\n    go()\n", "x"))).toMatch(/the lines above first differ here/);
    expect(refusal(one("x\ny\nx\ny\n", "x\n", "z"))).toBe(
      "old fits 2 places, at lines 1, 3; the lines above first differ here:\n(start of the file)\n2| y\nAdd lines around it until only one fits, or set all to true.",
    );
    expect(refusal(one("a a", "a", "b"))).toBe("old fits 2 places, at line 1 (2 times):\n1| a a\nAdd lines around it until only one fits, or set all to true.");
  });
  it("says so when the change is there already", () => {
    expect(refusal(one("let total = 2;\n", "let total = 1;", "let total = 2;"))).toMatch(/^old isn't in the file, but new already is, at line 1/);
  });
});

describe("several edits", () => {
  it("build on each other, and tell their final lines", () => {
    const edited = editText("a\nb\nc\n", [
      { old: "c", new: "C" },
      { old: "a", new: "a\na2" },
      { old: "a2", new: "A2" },
    ]);
    expect(textOf(edited)).toBe("a\nA2\nb\nC\n");
    expect(edited.ok && edited.placed.map(({ line }) => line)).toEqual([4, 1, 2]);
  });
  it("are made all or not at all", () => {
    const edited = editText("a\nb\n", [
      { old: "a", new: "A" },
      { old: "zzz", new: "y" },
    ]);
    expect(refusal(edited)).toMatch(/^Edit 2 of 2: old isn't in the file\.[\s\S]*None of them was made\.$/);
  });
});

describe("an anchored edit", () => {
  const file = "one\ntwo\nthree\nfour\n";
  const tag = (line: number, text: string): string => `${line}:${lineHash(text)}`;
  it("hits its lines by number and hash", () => {
    expect(textOf(one(file, tag(2, "two"), "TWO"))).toBe("one\nTWO\nthree\nfour\n");
    expect(textOf(one(file, `${tag(2, "two")}-${tag(3, "three")}`, `${tag(2, "x")}|TWO`))).toBe("one\nTWO\nfour\n");
    expect(textOf(one(file, `${tag(2, "two")}|two`, ""))).toBe("one\nthree\nfour\n");
  });
  it("refuses a line that changed, and says where it went", () => {
    expect(refusal(one(file, tag(2, "three"), "x"))).toMatch(/^Line 2 isn't \w{3} any more, it is 2:\w{3}\| two\. \w{3} is now at line 3\. Read it again\.$/);
    expect(refusal(one(file, tag(9, "three"), "x"))).toMatch(/^There is no line 9/);
  });
});
