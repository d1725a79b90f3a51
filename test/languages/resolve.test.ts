// Imports to files, per language, on trees as real repositories have them.
import { describe, expect, it } from "vitest";
import { type ImportTree, type Package, resolveByPath, resolveGo, resolvePython, resolveRust, resolveScript, useTrees } from "../../src/languages/resolve.ts";

function tree(paths: string[], rest: { packages?: Package[]; aliases?: { prefix: string; target: string }[] } = {}): ImportTree {
  const all = new Set(paths);
  return {
    has: (path) => all.has(path),
    endingWith: (suffix) => paths.filter((path) => path === suffix || path.endsWith(`/${suffix}`)).sort((one, other) => one.length - other.length),
    filesIn: (folder) => paths.filter((path) => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "") === folder),
    packages: rest.packages ?? [],
    aliases: rest.aliases ?? [],
  };
}
const wants = (module: string, names: string[] = [], child = false) => ({ module, names, line: 1, child });

describe("JavaScript and TypeScript", () => {
  const repo = tree(["src/a.ts", "src/b.tsx", "src/c/index.ts", "src/d.js", "packages/ui/src/index.ts", "packages/ui/button.ts", "lib/e.d.ts"], {
    packages: [{ kind: "npm", name: "@shop/ui", folder: "packages/ui" }],
    aliases: [{ prefix: "@/", target: "src" }],
  });
  it.each([
    ["./b", ["src/b.tsx"]],
    ["./b.js", ["src/b.tsx"]],
    ["./c", ["src/c/index.ts"]],
    ["../lib/e", ["lib/e.d.ts"]],
    ["@/d", ["src/d.js"]],
    ["@shop/ui", ["packages/ui/src/index.ts"]],
    ["@shop/ui/button", ["packages/ui/button.ts"]],
    ["react", []],
    ["./gone", []],
    ["../../outside", []],
  ])("%s", (module, files) => expect(resolveScript("src/a.ts", wants(module), repo)).toEqual(files));
});

describe("Python", () => {
  const repo = tree(["src/pkg/__init__.py", "src/pkg/a.py", "src/pkg/sub/__init__.py", "src/pkg/sub/b.py", "tools/run.py", "tools/help.py", "top.py"]);
  it.each([
    ["src/pkg/a.py", ".", ["sub"], ["src/pkg/sub/__init__.py"]],
    ["src/pkg/sub/b.py", "..a", ["f"], ["src/pkg/a.py"]],
    ["src/pkg/sub/b.py", ".", ["b"], ["src/pkg/sub/b.py"]],
    ["src/pkg/a.py", "pkg.sub.b", [], ["src/pkg/sub/b.py"]],
    ["src/pkg/a.py", "pkg.sub", ["b", "X"], ["src/pkg/sub/b.py", "src/pkg/sub/__init__.py"]],
    ["tools/run.py", "help", [], ["tools/help.py"]],
    ["tools/run.py", "top", ["*"], ["top.py"]],
    ["tools/run.py", "numpy", [], []],
  ])("in %s: from %s import %j", (from, module, names, files) => expect(resolvePython(from, wants(module, names), repo)).toEqual(files));
});

describe("Go", () => {
  const repo = tree(["cmd/main.go", "pkg/a/a.go", "pkg/a/b.go", "pkg/a/a_test.go", "mod2/x.go"], {
    packages: [
      { kind: "go", name: "example.org/shop", folder: "" },
      { kind: "go", name: "example.org/shop/mod2", folder: "mod2" },
    ],
  });
  it.each([
    ["example.org/shop/pkg/a", ["pkg/a/a.go", "pkg/a/b.go"]],
    ["example.org/shop/mod2", ["mod2/x.go"]],
    ["example.org/shopping", []],
    ["fmt", []],
  ])("%s", (module, files) => expect(resolveGo("cmd/main.go", wants(module), repo)).toEqual(files));
});

describe("Rust", () => {
  const repo = tree(["src/lib.rs", "src/a.rs", "src/a/deep.rs", "src/b/mod.rs", "src/b/c.rs", "crates/util/src/lib.rs", "crates/util/src/time.rs"], {
    packages: [
      { kind: "cargo", name: "shop", folder: "" },
      { kind: "cargo", name: "shop-util", folder: "crates/util" },
    ],
  });
  it.each([
    ["src/lib.rs", "a", true, ["src/a.rs"]],
    ["src/a.rs", "deep", true, ["src/a/deep.rs"]],
    ["src/b/mod.rs", "c", true, ["src/b/c.rs"]],
    ["src/a.rs", "crate::b::c::Thing", false, ["src/b/c.rs"]],
    ["src/b/c.rs", "super::super::a::X", false, ["src/a.rs"]],
    ["src/b/mod.rs", "self::c::X", false, ["src/b/c.rs"]],
    ["src/a.rs", "shop_util::time::{now, Zone}", false, ["crates/util/src/time.rs", "crates/util/src/time.rs"]],
    ["crates/util/src/time.rs", "crate::Thing", false, ["crates/util/src/lib.rs"]],
    ["src/a.rs", "std::fmt", false, []],
  ])("in %s: %s", (from, module, child, files) => expect(resolveRust(from, wants(module, [], child), repo)).toEqual(files));
  it("takes a tree of uses apart", () => {
    expect(useTrees("a::{b, c::{d, e as f}, self}")).toEqual(["a::b", "a::c::d", "a::c::e", "a"]);
    expect(useTrees("a::b::*")).toEqual(["a::b"]);
  });
});

describe("by the end of the path", () => {
  const repo = tree(["app/src/main/java/org/shop/Cart.java", "src/Shop/Cart.php", "lib/shop/cart.rb", "include/shop/cart.h", "src/cart.h", "bin/common.sh"]);
  it("Java", () => expect(resolveByPath([".java"], /\./g)("x/A.java", wants("org.shop.Cart"), repo)).toEqual(["app/src/main/java/org/shop/Cart.java"]));
  it("PHP", () => expect(resolveByPath([".php"], /\\/g)("x.php", wants("Vendor\\Shop\\Cart"), repo)).toEqual(["src/Shop/Cart.php"]));
  it("Ruby", () => expect(resolveByPath([".rb"], /(?!)/g)("bin/x.rb", wants("shop/cart"), repo)).toEqual(["lib/shop/cart.rb"]));
  it("C and C++: beside the file first", () => {
    const resolve = resolveByPath([""], /(?!)/g);
    expect(resolve("src/a.cpp", wants("cart.h"), repo)).toEqual(["src/cart.h"]);
    expect(resolve("src/a.cpp", wants("shop/cart.h"), repo)).toEqual(["include/shop/cart.h"]);
    expect(resolve("src/a.cpp", wants("vector"), repo)).toEqual([]);
  });
  it("Shell: the path as it stands", () => expect(resolveByPath([".sh", ""], /(?!)/g)("bin/x.sh", wants("./common.sh"), repo)).toEqual(["bin/common.sh"]));
});
