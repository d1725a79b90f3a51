// search and list over real folders with the real ripgrep.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { list } from "../../src/tools/list.ts";
import { search } from "../../src/tools/search.ts";
import { hands, place } from "./hands.ts";

describe("search", () => {
  const files = {
    "src/a.ts": "const one = 1;\nfunction add(a, b) {\n  return a - b;\n}\n",
    "src/b.ts": "import { add } from './a';\nadd(1, 2);\n",
    "docs/x.md": "# Add\n",
    ".gitignore": "dist\n",
    "dist/out.js": "add()\n",
    ".github/ci.yml": "run: add\n",
    ".git/config": "add\n",
  };
  it("finds by regex, groups by file, respects .gitignore and the glob", async () => {
    const { root } = place(files);
    const mine = hands(root);
    expect(await search.execute({ text: "add\\(" }, mine)).toEqual({
      ok: true,
      text: "src/a.ts:2: function add(a, b) {\nsrc/b.ts:2: add(1, 2);",
      detail: { kind: "found", count: 2 },
    });
    expect((await search.execute({ text: "add" }, mine)).text.split("\n").map((line) => line.split(":")[0])).toEqual([
      ".github/ci.yml",
      "docs/x.md",
      "src/a.ts",
      "src/b.ts",
      " 1",
      " 2",
    ]);
    expect((await search.execute({ text: "Add" }, mine)).text).toBe("docs/x.md:1: # Add");
    expect((await search.execute({ text: "add", glob: "*.md, *.yml" }, mine)).text).toBe(".github/ci.yml:1: run: add\ndocs/x.md:1: # Add");
    expect((await search.execute({ text: "add", path: "src/b.ts" }, mine)).text).toBe("src/b.ts\n 1: import { add } from './a';\n 2: add(1, 2);");
    expect((await search.execute({ text: "return", path: "src" }, mine)).text).toBe("src/a.ts:3:   return a - b;");
    expect((await search.execute({ text: "\\{\\n\\s+return", path: "src" }, mine)).text).toContain("src/a.ts\n 2: function add(a, b) {");
    expect((await search.execute({ text: "(?<=const )one", path: "src" }, mine)).text).toContain("src/a.ts:1");
  });
  it("falls back to the plain text, to file names, and to words", async () => {
    const { root } = place(files);
    const mine = hands(root);
    expect((await search.execute({ text: "add(a" }, mine)).text).toBe("src/a.ts:2: function add(a, b) {\n[not a valid regex: searched for the plain text]");
    expect((await search.execute({ text: "add(1, 2)" }, mine)).text).toBe("src/b.ts:2: add(1, 2);\n[nothing as a regex: searched for the plain text]");
    expect((await search.execute({ text: "b.ts" }, mine)).text).toBe('no match for "b.ts"\nfiles of that name: src/b.ts');
    expect((await search.execute({ text: "nowhere", path: "src", glob: "*.ts" }, mine)).text).toBe('no match for "nowhere" in src (*.ts)');
    expect((await search.execute({ text: "--pre=touch planted" }, mine)).text).toMatch(/^no match/);
    await expect(search.execute({ text: "x", path: "scr" }, mine)).rejects.toThrow(/scr does not exist; nearest: src/);
    await expect(search.execute({ text: "" }, mine)).rejects.toThrow(/needs a text/);
  });
  it("stays in the room, caps files with many matches, cuts long lines", async () => {
    const { root } = place({ "many.txt": "hit\n".repeat(500), "other.txt": `hit ${"x".repeat(5000)}\n`, "third.txt": "hit\n" });
    const mine = hands(root, { room: 3000 });
    const { text, detail } = await search.execute({ text: "hit" }, mine);
    expect(text.length).toBeLessThanOrEqual(3000);
    expect(text).toContain("[470 more in many.txt]\nother.txt:1: hit x");
    expect(text).toContain("third.txt:1: hit");
    expect(text).toMatch(/\[32 of 502 matches in 3 files shown: narrow it with path or glob\]$/);
    expect(detail).toEqual({ kind: "found", count: 502 });
  });
  it("does not follow links out, and asks for outside", async () => {
    const { root } = place({ "a.txt": "needle\n" });
    const out = place({ "b.txt": "needle\n" });
    symlinkSync(out.root, join(root, "link"));
    const mine = hands(root);
    expect((await search.execute({ text: "needle" }, mine)).text).toBe("a.txt:1: needle");
    expect(await search.risk({ text: "needle", path: "link" }, mine)).toEqual({ kind: "read", outside: true });
    await expect(search.execute({ text: "needle", path: "link" }, mine)).rejects.toThrow(/outside/);
    expect((await search.execute({ text: "needle", path: "link" }, hands(root, { outside: true }))).text).toBe(`${out.root}/b.txt:1: needle`);
  });
  it("ends on abort", async () => {
    const { root } = place({ "a.txt": "x" });
    await expect(search.execute({ text: "x" }, hands(root, { signal: AbortSignal.abort() }))).rejects.toThrow();
  });
});

describe("search by words", () => {
  const hit = { path: "src/a.ts", line: 2, endLine: 4, symbol: "add", score: 1, why: ["text: sum"], snippet: "function add(a, b) {\n  return a - b;" };
  const withIndex = (root: string, asked: string[]) =>
    hands(root, {
      index: {
        search: async (words) => {
          asked.push(words);
          return [hit, { ...hit, path: "gone/secret.ts", symbol: null }];
        },
        changed: () => {},
      },
    });
  it("asks the index where no line has the words, and shows where, what and the first line", async () => {
    const { root } = place({ "src/a.ts": "x" });
    const asked: string[] = [];
    const { text, detail } = await search.execute({ text: "sum of the numbers" }, withIndex(root, asked));
    expect(asked).toEqual(["sum of the numbers"]);
    expect(text).toContain('no match for "sum of the numbers"; by its words the likeliest places are:\nsrc/a.ts:2-4 add: function add(a, b) {');
    expect(detail).toMatchObject({ kind: "found" });
  });
  it("doesn't where a line has it, for a pattern, a single name, or below a folder", async () => {
    const { root } = place({ "src/a.ts": "sum of the numbers\n" });
    const asked: string[] = [];
    const mine = withIndex(root, asked);
    await search.execute({ text: "sum of the numbers" }, mine);
    await search.execute({ text: "sum.*zebra|more words" }, mine);
    await search.execute({ text: "zebra" }, mine);
    await search.execute({ text: "zebra crossing", path: "src" }, mine);
    expect(asked).toEqual([]);
  });
});

describe("list", () => {
  it("draws a tree, folders first, without what is ignored", async () => {
    const { root } = place({ "src/b.ts": "", "src/a.ts": "", "src/deep/c.ts": "", "README.md": "", ".gitignore": "node_modules\n", "node_modules/x/y.js": "", ".git/HEAD": "" });
    mkdirSync(join(root, "hollow"));
    const mine = hands(root);
    expect(await list.execute({}, mine)).toEqual({
      ok: true,
      text: "src/\n  deep/\n    c.ts\n  a.ts\n  b.ts\n.gitignore\nREADME.md\n[empty or ignored: hollow/ node_modules/]",
      detail: { kind: "found", count: 5 },
    });
    expect((await list.execute({ path: "src/deep" }, mine)).text).toBe("c.ts");
    expect((await list.execute({ path: "hollow" }, mine)).text).toBe("hollow is empty");
    expect((await list.execute({ path: "node_modules/x" }, mine)).text).toMatch(/^y\.js/);
    await expect(list.execute({ path: "scr" }, mine)).rejects.toThrow(/nearest: src/);
    await expect(list.execute({ path: "README.md" }, mine)).rejects.toThrow(/README.md can't be opened/);
  });
  it("stays in the room: broad before deep, with counts", async () => {
    const { root } = place();
    execFileSync("sh", ["-c", "for i in $(seq 1 30); do mkdir -p big/d$i small; for j in $(seq 1 20); do : > big/d$i/f$j.txt; done; : > small/s$i; done; : > top.txt"], {
      cwd: root,
    });
    const { text, detail } = await list.execute({}, hands(root, { room: 2500 }));
    expect(text.length).toBeLessThanOrEqual(2500);
    expect(text).toContain("small/\n  s1\n");
    expect(text).toContain("  d7/ (20 files)");
    expect(text).toMatch(/top\.txt$/);
    expect(detail).toEqual({ kind: "found", count: 631 });
  });
});
