// The syntax check: files of all languages as they are and as bad edits leave them, and the thread it runs in.
import { afterEach, describe, expect, it } from "vitest";
import { grammarOf } from "../../src/languages/index.ts";
import { openSyntax, type Syntax, type SyntaxNeeds } from "../../src/languages/syntax.ts";
import { checkSyntax } from "../../src/languages/syntax-check.ts";
import { samples } from "./samples.ts";

const check = async (path: string, before: string | null, after: string) => {
  const grammar = grammarOf(path);
  if (!grammar) throw new Error(`no grammar for ${path}`);
  return checkSyntax({ grammar, before, after });
};
const told = async (path: string, before: string | null, after: string): Promise<string[]> =>
  (await check(path, before, after)).faults.map(({ line, what, quote }) => `${line}: ${what} | ${quote}`);

describe.each(samples)("$path", ({ path, text, breaks }) => {
  it("has nothing to say of a good file, new or edited", async () => {
    expect(await told(path, null, text)).toEqual([]);
    expect(await told(path, "", text)).toEqual([]);
    expect(await told(path, text, text.replace(/\n/, "\n\n"))).toEqual([]);
  });
  it.each(breaks)("tells what an edit broke: %s -> %s", async (old, put, expected) => {
    const after = text.replace(old, () => put);
    expect(after).not.toBe(text);
    expect((await told(path, text, after))[0]).toMatch(expected);
    expect(await told(path, null, after)).not.toEqual([]);
  });
  it("doesn't tell again of what was broken before", async () => {
    const [old, put] = breaks[0] ?? ["", ""];
    const broken = text.replace(old, () => put);
    const edited = broken.replace(/\n$/, "\n\n");
    expect(edited).not.toBe(broken);
    expect(await told(path, broken, edited)).toEqual([]);
    expect(await told(path, broken, text)).toEqual([]);
  });
});

describe("what is told", () => {
  it("is three places at most, the edit's own first, with the lines it changed", async () => {
    const good = Array.from({ length: 30 }, (_, at) => `let x${at} = ${at};`).join("\n");
    const bad = good.replace(/x(1[0-9]) = /g, "x$1 = = ");
    const { faults, edited } = await check("a.ts", good, bad);
    expect(faults.map(({ line }) => line)).toEqual([11, 12, 13]);
    expect(edited).toEqual({ from: 11, to: 20 });
  });
  it("points to the bracket that indentation gives away, and to the edit's own where two don't fit", async () => {
    const good = "class A {\n  one() {\n    if (x) {\n      y();\n    }\n  }\n\n  two() {\n    z();\n  }\n}\n";
    expect(await told("a.ts", good, good.replace("    }\n", ""))).toEqual(["3: '{' is never closed | if (x) {"]);
    expect(await told("a.ts", good, good.replace("z();", "z());"))).toEqual(["9: ')' closes nothing | z());"]);
    expect(await told("a.ts", good, good.replace("    }\n", "    }\n    }\n"))).toEqual(["6: '}' closes nothing | }"]);
  });
  it("is for Python also what its grammar takes and Python doesn't", async () => {
    const good = "import os\n\n\ndef f(x):\n    try:\n        for y in x:\n            if y:\n                break\n            return y\n    finally:\n        pass\n";
    expect(await told("a.py", null, good)).toEqual([]);
    expect(await told("a.py", good, good.replace("def f(x):\n    try", "if os:\n    try"))).toEqual(["9: 'return' outside of a function | return y"]);
    expect(await told("a.py", good, good.replace("for y in x", "if x"))).toEqual(["8: 'break' outside of a loop | break"]);
    expect(await told("a.py", good, good.replace("    finally:\n        pass\n", ""))).toEqual(["5: 'try' without 'except' or 'finally' | try:"]);
    expect(await told("a.py", good, good.replace("            return y", "           return y"))).toEqual(["9: indented by 11 where its block has 8 | return y"]);
    expect(await told("a.py", good, good.replace("                break\n", ""))).toEqual(["7: its indented body is missing | if y:"]);
  });
  it("knows what is left of a patch, a merge and an answer's markup, also where only brackets count", async () => {
    expect(await told("a.css", "a { b: c }\n", "a { b: c }\n```\n")).toEqual(["2: unexpected '```' | ```"]);
    expect((await told("a.c", "int a;\n", "<<<<<<< SEARCH\nint a;\n=======\n"))[0]).toMatch(/^1: unexpected '<<<<<<< SEARCH'/);
    expect((await told("a.py", "a = 1\n", "a = 1\n>>>>>>> REPLACE\n"))[0]).toMatch(/^2: unexpected/);
  });
});

describe("no alarm", () => {
  it.each([
    ["a.c", "#define BEGIN {\n#define END }\nint f(void) BEGIN\n  return 1;\nEND\n"],
    ["a.c", "#ifdef A\nint f(int x) {\n#else\nint f(long x) {\n#endif\n  return 1;\n}\n"],
    ["a.c", 'TEST(foo, bar) { EXPECT_EQ(1, 1) }\nMODULE_LICENSE("x")\nlist_for_each(a, b) { c(); }\n'],
    ["a.cs", "class A {\n#if X\n  void F(int a) {\n#else\n  void F(long a) {\n#endif\n  }\n}\n"],
    ["a.css", "a { background: url(../x/y.png); &:hover { b: c ! important } }\n@config './t.ts';\n"],
    ["a.ts", 'export type * from "./b";\nlet a: import("./c").D<string>[] = [];\n'],
    ["a.js", "// @flow\nexport function f(a: number, b?: string): void {}\n"],
    ["a.js", "export default () => <div className='a'>{b ? <i/> : null}</div>;\n"],
    ["a.jsx", 'export default () => <label class="a" for="b">x</label>;\n'],
    ["a.js", "export { a as default, b as null };\nlet a, b;\n"],
    ["a.rs", 'fn f() -> Result<(), E> { let x = try!(g()); println!("{}", x); Ok(()) }\n'],
    ["a.py", 'print "python 2"\nexec "x"\n'],
    ["a.py", "def f(a, /, *, b): ...\nmatch x:\n    case {'a': [1, *_]} if y: pass\n    case _:\n        type X = int\n"],
    ["a.py", "if a: b\nelse:\n\tc\n\td\nx = [1,\n2,\n    3]\ny = '''\n  z\n'''\n"],
    ["a.sh", "case $x in\n  a) b ;;\n  *) c ;;\nesac\n"],
    ["a.sh", "#!/bin/zsh\nfor x (a b) { echo $x[(r)a] }\n"],
    ["a.php", "<h1><?= $a ?></h1>\n<?php if ($a): ?>\n<p>{ [ (</p>\n<?php endif; ?>\n"],
  ])("in %s for %j", async (path, text) => {
    expect(await told(path, null, text)).toEqual([]);
    expect(await told(path, "", text)).toEqual([]);
  });
  it("in a dialect no grammar knows, when more of it is written", async () => {
    const dialect = "describe 'a'\n  it 'b'\n    c.should.eql 'd'\n  end\n  it 'e'\n    f.should.eql 'g'\n  end\nend\n";
    expect(await told("a.js", dialect, dialect.replace("end\nend", "end\n  it 'h'\n    i.should.eql 'j'\n  end\nend"))).toEqual([]);
  });
});

const opened: Syntax[] = [];
const open = (needs: SyntaxNeeds = {}): Syntax => {
  const syntax = openSyntax({ waitMs: 0, ...needs });
  opened.push(syntax);
  return syntax;
};
afterEach(async () => {
  for (const syntax of opened.splice(0)) await syntax.close();
});
const ask = (syntax: Syntax, path: string, after: string | Buffer, before: string | null = null) => {
  const started = syntax.check(path, before === null ? null : Buffer.from(before), Buffer.from(after));
  started?.hurry();
  return started;
};

describe("the thread", () => {
  it("checks what it is given, in order", async () => {
    const syntax = open({ waitMs: 60_000 });
    const both = [ask(syntax, "a.ts", "let a = (1;\n"), ask(syntax, "b.py", "def f(:\n    pass\n")];
    expect(both[0]?.soon).toBe(false);
    expect((await both[0]?.done)?.faults[0]).toMatchObject({ line: 1, what: "'(' is never closed" });
    expect((await both[1]?.done)?.faults).toHaveLength(1);
    expect(ask(syntax, "a.ts", "let a = 1;\n")?.soon).toBe(true);
  });

  it("reads no large files, no binary ones and none without a grammar", () => {
    const syntax = open({ waitMs: 60_000 });
    expect(ask(syntax, "a.ts", "x".repeat(5_000_000))).toBeNull();
    expect(ask(syntax, "a.ts", "let x;", "x".repeat(5_000_000))).toBeNull();
    expect(ask(syntax, "a.ts", "a\0b")).toBeNull();
    expect(ask(syntax, "a.txt", "a")).toBeNull();
    expect(syntax.check("a.ts", Buffer.from("a"), null)).toBeNull();
  });

  it("is given up when a text takes too long, goes on with the next, and leaves a grammar alone that does so again", async () => {
    const syntax = open({ limitMs: 1 });
    await ask(syntax, "a.go", "package a\n")?.done;
    const long = `let x = ${"a<(".repeat(300_000)};`;
    for (let times = 0; times < 3; times++) {
      const [slow, next] = [ask(syntax, "a.ts", long), ask(syntax, "a.go", "package a\n\nfunc f( {\n")];
      expect(await slow?.done).toBeNull();
      await next?.done;
    }
    expect(ask(syntax, "a.ts", "let x;")).toBeNull();
    expect(ask(syntax, "a.go", "package a\n")).not.toBeNull();
  });

  it("answers whoever waits when it is closed, and starts nothing then", async () => {
    const syntax = open();
    const all = [ask(syntax, "a.ts", `${"(".repeat(900_000)}`), ask(syntax, "b.ts", "let x = (;")];
    await syntax.close();
    expect(await Promise.all(all.map((one) => one?.done))).toEqual([null, null]);
  });

  it("forgets what nobody wants to know any more", async () => {
    const syntax = open({ waitMs: 60_000 });
    const unwanted = syntax.check("a.ts", null, Buffer.from("let x = ("));
    unwanted?.drop();
    expect(await unwanted?.done).toBeNull();
  });

  it("ends when idle and starts again", async () => {
    const syntax = open({ idleMs: 1 });
    expect((await ask(syntax, "a.ts", "let x = (;")?.done)?.faults).toHaveLength(1);
    await expect.poll(() => ask(syntax, "a.ts", "let x;")?.soon, { timeout: 20_000 }).toBe(false);
    expect((await ask(syntax, "a.ts", "let x = (;")?.done)?.faults).toHaveLength(1);
  });

  it("gets ready for a file that was read, whatever becomes of the reading", async () => {
    const syntax = open();
    syntax.warm("a.ts", async () => Buffer.from("let x;"));
    await expect.poll(() => syntax.check("a.ts", null, Buffer.from("let x;"))?.soon, { timeout: 20_000 }).toBe(true);
    syntax.warm("a.py", async () => {
      throw new Error("gone");
    });
    await expect.poll(() => syntax.check("a.py", null, Buffer.from("x = 1"))?.soon, { timeout: 20_000 }).toBe(true);
  });
});
