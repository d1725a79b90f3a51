// Definitions, uses and imports of small sources in every language, and of sources that are broken.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openReader } from "../../src/languages/read.ts";

const reader = openReader();
const outline = async (path: string, text: string) => {
  const found = await reader.read(path, text);
  if (!found) throw new Error(`${path} was not read`);
  return found;
};
const shown = async (path: string, text: string): Promise<string[]> =>
  (await outline(path, text)).symbols.map(({ kind, container, name, line, endLine, exported, test }) =>
    [`${kind} ${container === null ? "" : `${container}.`}${name} ${line}-${endLine}`, ...(exported ? ["exported"] : []), ...(test ? ["test"] : [])].join(" "),
  );

const sources: Record<string, { text: string; symbols: string[]; calls: string[]; imports: string[] }> = {
  "a.py": {
    text: 'import os.path as p\nfrom .a.b import c as d, e\n@deco(1)\nclass Cart(Base):\n    """Holds lines."""\n    limit = 1\n    async def total(self, a: int = 1) -> str:\n        return self.add(a)\nMAX = 3\ndef _inner(): pass\ndef test_total(): pass\n',
    symbols: [
      "class Cart 3-8 exported",
      "field Cart.limit 6-6 exported",
      "method Cart.total 7-8 exported",
      "variable MAX 9-9 exported",
      "function _inner 10-10",
      "function test_total 11-11 exported test",
    ],
    calls: ["deco", "add"],
    imports: ["os.path []", ".a.b [c e]"],
  },
  "a.js": {
    text: "import React, { useState as s } from 'react';\nconst fs = require('fs');\nexport function load(path) { return read(path); }\nclass Cart { #x = 1; total() { return new Sum().of(this); } }\nmodule.exports.open = (a) => a;\ndescribe('cart', () => { it('adds', () => {}); });\n",
    symbols: [
      "variable fs 2-2",
      "function load 3-3 exported",
      "class Cart 4-4",
      "field Cart.#x 4-4",
      "method Cart.total 4-4",
      "function open 5-5 exported",
      "test cart 6-6 test",
      "test cart.adds 6-6 test",
    ],
    calls: ["require", "read", "Sum", "of", "describe", "it"],
    imports: ["react [default useState]", "fs []"],
  },
  "a.ts": {
    text: "export * from './x.ts';\nexport interface Line { price: number; sum(): number }\nexport type Id = string;\nexport enum Color { Red, Blue = 2 }\nabstract class Cart<T> extends Base<T> implements Has { private lines: Line[] = []; abstract go(): void }\nexport const total = async (cart: Cart<Line>): Promise<number> => add(cart);\nnamespace N { export const y = 1 }\n",
    symbols: [
      "interface Line 2-2 exported",
      "field Line.price 2-2 exported",
      "method Line.sum 2-2 exported",
      "type Id 3-3 exported",
      "enum Color 4-4 exported",
      "constant Color.Red 4-4 exported",
      "constant Color.Blue 4-4 exported",
      "class Cart 5-5",
      "field Cart.lines 5-5",
      "method Cart.go 5-5",
      "function total 6-6 exported",
      "module N 7-7",
    ],
    calls: ["add"],
    imports: ["./x.ts []"],
  },
  "a.tsx": {
    text: "export const Panel = ({ a }: Props) => {\n  return <Foo x={a} />;\n};\n",
    symbols: ["function Panel 1-3 exported"],
    calls: ["Foo"],
    imports: [],
  },
  "a.go": {
    text: 'package x\nimport (\n\t"fmt"\n\tm "example.org/a"\n)\n// Cart holds lines.\ntype Cart struct {\n\tLines []Line\n}\nfunc (c *Cart) Total(x int) int { return m.Sum(c.Lines) }\ntype reader interface { Read() }\nconst A, b = 1, 2\nfunc TestTotal(t *testing.T) { fmt.Println() }\n',
    symbols: [
      "class Cart 7-9 exported",
      "field Cart.Lines 8-8 exported",
      "method Cart.Total 10-10 exported",
      "interface reader 11-11",
      "method reader.Read 11-11 exported",
      "constant A 12-12 exported",
      "constant b 12-12",
      "function TestTotal 13-13 exported test",
    ],
    calls: ["Sum", "Println"],
    imports: ["fmt []", "example.org/a []"],
  },
  "a.rs": {
    text: 'use std::{fmt, io::Read as R};\nmod child;\n/// A point.\n#[derive(Debug)]\npub struct P<T> { pub x: T }\nimpl<T> fmt::Display for P<T> {\n    fn fmt(&self) -> fmt::Result { write!(f, "{}", self.go()) }\n}\nenum E { A, B(u8) }\npub trait Tr { fn m(&self); }\nmacro_rules! mm { () => {} }\nmod tests { #[test]\n fn works() { check(); } }\n',
    symbols: [
      "class P 5-5 exported",
      "field P.x 5-5 exported",
      "impl P 6-8",
      "method P.fmt 7-7",
      "enum E 9-9",
      "constant E.A 9-9",
      "constant E.B 9-9",
      "interface Tr 10-10 exported",
      "method Tr.m 10-10",
      "macro mm 11-11",
      "module tests 12-13",
      "function tests.works 13-13 test",
    ],
    calls: ["write", "check"],
    imports: ["std::{fmt, io::Read as R} []", "child []"],
  },
  "A.java": {
    text: "package shop;\nimport java.util.List;\n/** Holds lines. */\npublic class Cart extends Base implements Has {\n  private int sum = 1;\n  @Test public void totals() { add(new Line()); }\n  Cart() {}\n  enum Color { RED }\n}\n",
    symbols: [
      "class Cart 4-9 exported",
      "field Cart.sum 5-5",
      "method Cart.totals 6-6 exported test",
      "method Cart.Cart 7-7 exported",
      "enum Cart.Color 8-8 exported",
      "constant Cart.Color.RED 8-8 exported",
    ],
    calls: ["Test", "add", "Line"],
    imports: ["java.util.List []"],
  },
  "a.cpp": {
    text: '#include <vector>\n#include "a/b.h"\n#define MAX 3\nnamespace n {\nclass A : public B { public: int f(int x) { return g(x); } int h() const; int y; };\n}\nint n::A::h() const { return this->f(MAX); }\nenum Color { RED };\n',
    symbols: [
      "macro MAX 3-3 exported",
      "module n 4-6 exported",
      "class n.A 5-5 exported",
      "method n.A.f 5-5 exported",
      "method n.A.h 5-5 exported",
      "field n.A.y 5-5 exported",
      "function n.A.h 7-7 exported",
      "enum Color 8-8 exported",
      "constant Color.RED 8-8 exported",
    ],
    calls: ["g", "f"],
    imports: ["vector []", "a/b.h []"],
  },
  "a.c": {
    text: "static char *name(struct s *p) { return dup(p); }\nstruct s { int q; };\ntypedef struct { int z; } T;\n",
    symbols: ["function name 1-1 exported", "class s 2-2 exported", "field s.q 2-2 exported", "type T 3-3 exported", "field T.z 3-3 exported"],
    calls: ["dup"],
    imports: [],
  },
  "a.cs": {
    text: "using System.Text;\nnamespace Shop {\n  public class Cart : Base {\n    public int Sum { get; set; }\n    [Test] public void Totals() { Add(new Line()); }\n  }\n  interface IHas { void Go(); }\n}\n",
    symbols: [
      "module Shop 2-8 exported",
      "class Shop.Cart 3-6 exported",
      "field Shop.Cart.Sum 4-4 exported",
      "method Shop.Cart.Totals 5-5 exported test",
      "interface Shop.IHas 7-7 exported",
      "method Shop.IHas.Go 7-7 exported",
    ],
    calls: ["Add", "Line"],
    imports: ["System.Text []"],
  },
  "a.rb": {
    text: "require 'json'\nrequire_relative 'line'\n# Holds lines.\nclass Cart < Base\n  MAX = 1\n  def total(a)\n    add(a)\n  end\n  def self.open; end\nend\nmodule Shop; end\n",
    symbols: ["class Cart 4-10 exported", "constant Cart.MAX 5-5 exported", "method Cart.total 6-8 exported", "method Cart.open 9-9 exported", "module Shop 11-11 exported"],
    calls: ["require", "require_relative", "add"],
    imports: ["json []", "line []"],
  },
  "a.php": {
    text: "<?php\nuse Shop\\Line;\nclass Cart extends Base implements Has {\n  private $sum = 1;\n  const MAX = 2;\n  public function total($a) { return add(new Line($a)); }\n}\nfunction open_cart() { $c->go(); }\n",
    symbols: ["class Cart 3-7 exported", "field Cart.sum 4-4 exported", "constant Cart.MAX 5-5 exported", "method Cart.total 6-6 exported", "function open_cart 8-8 exported"],
    calls: ["add", "Line", "go"],
    imports: ["Shop\\Line []"],
  },
  "a.sh": {
    text: "source ./common.sh\nMAX=3\n# Builds all.\nbuild() {\n  make all\n}\nbuild\n",
    symbols: ["variable MAX 2-2 exported", "function build 4-6 exported"],
    calls: ["source", "make", "build"],
    imports: ["./common.sh []"],
  },
  "a.css": {
    text: '@import "base.css";\n:root { --main: red; }\n.cart > .line { color: var(--main); }\n@keyframes spin { from { top: 0 } }\n',
    symbols: ["rule :root 2-2 exported", "variable :root.--main 2-2 exported", "rule .cart > .line 3-3 exported", "rule spin 4-4 exported"],
    calls: [],
    imports: ["base.css []"],
  },
};

describe.each(Object.entries(sources))("%s", (path, { text, symbols, calls, imports }) => {
  it("defines", async () => expect(await shown(path, text)).toEqual(symbols));
  it("calls", async () => expect((await outline(path, text)).references.filter(({ kind }) => kind === "call").map(({ name }) => name)).toEqual(calls));
  it("imports", async () => expect((await outline(path, text)).imports.map(({ module, names }) => `${module} [${names.join(" ")}]`)).toEqual(imports));
});

describe("signatures and docs", () => {
  const one = async (path: string, text: string, name: string) => (await outline(path, text)).symbols.find((symbol) => symbol.name === name);
  it("takes a signature up to the body, in one line", async () => {
    expect(await one("a.ts", "/** Adds\n * up. */\nexport async function total<T>(\n  cart: Cart<T>,\n): Promise<number> {\n  return 1;\n}\n", "total")).toMatchObject({
      signature: "export async function total<T>( cart: Cart<T>, ): Promise<number>",
      doc: "Adds up.",
      line: 3,
      endLine: 7,
    });
  });
  it("takes Python's docstring, Go's and Rust's comments, and none that belongs to other code", async () => {
    expect((await one("a.py", sources["a.py"]?.text ?? "", "Cart"))?.doc).toBe("Holds lines.");
    expect((await one("a.go", sources["a.go"]?.text ?? "", "Cart"))?.doc).toBe("Cart holds lines.");
    expect((await one("a.rs", sources["a.rs"]?.text ?? "", "P"))?.doc).toBe("A point.");
    expect((await one("a.ts", "const a = 1; // about a\nfunction b() {}\n", "b"))?.doc).toBe("");
    expect((await one("a.ts", "// far away\n\nfunction b() {}\n", "b"))?.doc).toBe("");
  });
});

describe("text that isn't right", () => {
  it("reads what it can of half-written code", async () => {
    expect(await shown("a.py", "def whole(): pass\nclass Cart:\n    def total(self\n")).toContain("function whole 1-1 exported");
    expect(await shown("a.ts", "export function whole() {}\nexport function half( {\n")).toContain("function whole 1-1 exported");
  });
  it.each(["", "\u0000\u0001", "((((((((", "🦀".repeat(100), "class ".repeat(2000)])("survives %j", async (text) => {
    for (const path of Object.keys(sources)) await expect(outline(path, text)).resolves.toBeDefined();
  });
  it("knows no language for others", async () => expect(await reader.read("a.unknown", "x")).toBeNull());
});

describe("a language that is learned", () => {
  it("is read by its own grammar and query", async () => {
    const folder = mkdtempSync(join(tmpdir(), "aura-learned-"));
    try {
      const grammar = join(folder, "grammar.wasm");
      cpSync(createRequire(import.meta.url).resolve("@vscode/tree-sitter-wasm/wasm/tree-sitter-ini.wasm"), grammar);
      const learned = openReader([{ name: "ini", extensions: [".ini"], grammar, query: "(section (section_name (text) @name)) @class" }]);
      expect((await learned.read("a.ini", "[server]\nport = 1\n"))?.symbols).toMatchObject([{ kind: "class", name: "server", line: 1 }]);
      expect(learned.languageOf("a.ini")).toBe("ini");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  it("says why it can't be used, and the file is text", async () => {
    const folder = mkdtempSync(join(tmpdir(), "aura-learned-"));
    try {
      const grammar = join(folder, "grammar.wasm");
      writeFileSync(grammar, "no wasm");
      const learned = openReader([{ name: "odd", extensions: [".odd"], grammar, query: "" }]);
      expect(await learned.read("a.odd", "x")).toBeNull();
      expect(learned.faults[0]).toMatch(/^the language odd can't be used: /);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
