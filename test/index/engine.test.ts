// The index kept up with a real tree: whatever happens to the files, it ends as if it had been built anew.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openGitText } from "../../src/git/text.ts";
import { type Engine, type Memory, openEngine } from "../../src/index/engine.ts";
import type { CommitRow, Read } from "../../src/index/records.ts";
import { treeNames } from "../../src/tools/rg.ts";

let base: string;
let engines: Engine[];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "aura-index-"));
  engines = [];
});
afterEach(async () => {
  for (const engine of engines) await engine.close();
  rmSync(base, { recursive: true, force: true });
});

interface Kept extends Memory {
  reads: Map<string, Read>;
  commits: readonly CommitRow[];
}
function openKept(): Kept {
  const kept: Kept = {
    reads: new Map(),
    commits: [],
    put: (read) => void kept.reads.set(read.file.path, read),
    remove: (path) => void kept.reads.delete(path),
    manifests: () => {},
    history: (commits) => {
      kept.commits = commits;
    },
    wordsOf: (text) => text.toLowerCase().match(/\w+/g)?.join(" ") ?? "",
    get counts() {
      const all = [...kept.reads.values()];
      const sum = (of: (read: Read) => number): number => all.reduce((total, read) => total + of(read), 0);
      return {
        files: all.length,
        lines: sum((read) => read.file.lines),
        chunks: sum((read) => read.chunks.length),
        symbols: sum((read) => read.symbols.length),
        commits: kept.commits.length,
      };
    },
  };
  return kept;
}
async function opened(root: string, folder = join(base, "index")): Promise<{ engine: Engine; memory: Kept }> {
  const memory = openKept();
  const engine = await openEngine({
    root,
    folder,
    memory,
    learned: [],
    list: (signal) => treeNames(root, signal),
    git: openGitText(root, process.env),
  });
  engines.push(engine);
  return { engine, memory };
}
const close = async (engine: Engine): Promise<void> => {
  engines = engines.filter((one) => one !== engine);
  await engine.close();
};
function makeRoot(files: Record<string, string | Buffer>): string {
  const root = mkdtempSync(join(base, "repo-"));
  for (const [path, text] of Object.entries(files)) write(root, path, text);
  return root;
}
function write(root: string, path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
/** All of the store, in an order of its own, without times. */
async function contentOf(engine: Engine): Promise<unknown> {
  const sorted = (rows: object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
  return {
    files: sorted(await engine.store.all("files", ["path", "size", "hash", "language", "lines", "skipped", "generated", "test", "uses"])),
    chunks: sorted(await engine.store.all("chunks", ["path", "line", "endLine", "symbol", "words"])),
    symbols: sorted(await engine.store.all("symbols", ["path", "name", "kind", "container", "line", "endLine", "signature", "doc"])),
    references: sorted(await engine.store.all("references", ["path", "name", "kind", "line"])),
    imports: sorted(await engine.store.all("imports", ["path", "module", "names", "line", "child"])),
  };
}

describe("what it takes in", () => {
  it("reads code, text and names, and counts what it leaves out", async () => {
    const root = makeRoot({
      "src/cart.ts": "export function total(lines: number[]): number {\n  return lines.length;\n}\n",
      "README.md": "# Cart\n",
      "data.unknown": "plain text\n",
      "logo.png": Buffer.from([0x89, 0x50, 0, 0]),
      "package-lock.json": "{}",
      "bin.dat2": Buffer.from([1, 0, 2]),
      "latin.txt": Buffer.from([0x67, 0x72, 0xfc, 0x6e]),
      "ignored.log": "x",
      ".gitignore": "*.log\n",
      "empty.ts": "",
    });
    symlinkSync(root, join(root, "loop"));
    symlinkSync(join(root, "src/cart.ts"), join(root, "link.ts"));
    const { engine, memory } = await opened(root);
    await engine.refresh();
    const state = engine.state();
    expect(state).toMatchObject({ is: "ready", skipped: { binary: 2, lock: 1 }, languages: { typescript: 2, text: 4 }, symbols: 1 });
    expect([...memory.reads.keys()].sort()).toEqual([
      ".gitignore",
      "README.md",
      "bin.dat2",
      "data.unknown",
      "empty.ts",
      "latin.txt",
      "logo.png",
      "package-lock.json",
      "src/cart.ts",
    ]);
    expect(memory.reads.get("latin.txt")?.chunks[0]?.words).toBe("gr n");
  });

  it("takes a plain folder, an empty one, and one with odd names", async () => {
    const { engine } = await opened(makeRoot({}));
    await engine.refresh();
    expect(engine.state()).toMatchObject({ is: "ready", files: 0 });
    const odd = await opened(makeRoot({ 'it\'s "odd"/ümläut & co.py': "def f(): pass\n", "-rf.py": "def g(): pass\n" }), join(base, "other"));
    await odd.engine.refresh();
    expect(odd.engine.state().symbols).toBe(2);
  });

  it("has a 5 MB file as text, and one that is huge by name", async () => {
    const root = makeRoot({ "big.py": "x = 1  # a line of some length that says nothing\n".repeat(110_000), "huge.py": Buffer.alloc(9 * 1024 * 1024, 97) });
    const { engine, memory } = await opened(root);
    await engine.refresh();
    expect(engine.state()).toMatchObject({ is: "ready", skipped: { huge: 1 } });
    expect(memory.reads.get("big.py")?.chunks.length).toBeGreaterThan(1000);
    expect(memory.reads.get("big.py")?.symbols).toEqual([]);
  });
});

it("has everything after a restart without reading a file again", async () => {
  const root = makeRoot({ "a.ts": "export const a = () => b();\n", "b.py": "import a\n" });
  execFileSync("git", ["init", "-q"], { cwd: root });
  const first = await opened(root);
  await first.engine.refresh();
  await first.engine.settled();
  const before = new Map(first.memory.reads);
  await close(first.engine);
  const second = await opened(root);
  expect([...second.memory.reads.keys()].sort()).toEqual(["a.ts", "b.py"]);
  for (const [path, read] of before) expect({ ...second.memory.reads.get(path), references: [] }).toEqual({ ...read, references: [] });
  await second.engine.refresh();
  expect(second.engine.state()).toMatchObject({ is: "ready", toRead: 0 });
});

it("sees a file that was saved, one that is new, one that went, and a folder that moved", async () => {
  const root = makeRoot({ "a.ts": "export const a = 1;\n", "lib/b.ts": "export const b = 1;\n", "lib/c.ts": "export const c = 1;\n" });
  const { engine, memory } = await opened(root);
  await engine.refresh();
  write(root, "a.ts", "export const a2 = 1;\nexport const more = 2;\n");
  write(root, "new.ts", "export const fresh = 1;\n");
  await engine.update(["a.ts", "new.ts"]);
  expect(memory.reads.get("a.ts")?.symbols.map(({ name }) => name)).toEqual(["a2", "more"]);
  expect(memory.reads.has("new.ts")).toBe(true);
  renameSync(join(root, "lib"), join(root, "moved"));
  rmSync(join(root, "new.ts"));
  await engine.update(["lib", "moved", "new.ts"]);
  expect([...memory.reads.keys()].sort()).toEqual(["a.ts", "moved/b.ts", "moved/c.ts"]);
});

it("leaves out what git ignores, also when it is saved while watched", async () => {
  const root = makeRoot({ "a.ts": "1\n", ".gitignore": "secret/\n" });
  const { engine, memory } = await opened(root);
  await engine.refresh();
  write(root, "secret/key.ts", "export const key = 1;\n");
  await engine.update(["secret", "secret/key.ts"]);
  expect(memory.reads.has("secret/key.ts")).toBe(false);
});

it("ends as if it had been built anew, whatever was edited, renamed, deleted and restarted", async () => {
  const names = ["a.ts", "b.py", "lib/c.go", "lib/d.rs", "e.md"];
  const texts = [
    "",
    "export function one() { two(); }\n",
    "def three():\n    return one()\n",
    "package x\nfunc Four() {}\n",
    "fn five() {}\n",
    "# words\n\nmore words\n",
    "half {{{ (\n",
  ];
  const step = fc.oneof(
    fc.record({ is: fc.constant("write" as const), path: fc.constantFrom(...names), text: fc.constantFrom(...texts) }),
    fc.record({ is: fc.constant("remove" as const), path: fc.constantFrom(...names) }),
    fc.record({ is: fc.constant("move" as const), path: fc.constantFrom(...names), to: fc.constantFrom(...names) }),
    fc.constant({ is: "restart" as const }),
    fc.constant({ is: "everything" as const }),
  );
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const root = makeRoot({ "a.ts": texts[1] ?? "" });
      const folder = join(base, `i${++round}`);
      let now = await opened(root, folder);
      await now.engine.refresh();
      let writes = 0;
      for (const one of steps) {
        if (one.is === "restart") {
          await close(now.engine);
          now = await opened(root, folder);
        } else if (one.is === "everything") await now.engine.update(null);
        else if (one.is === "write") {
          // an edit within the clock's grain that keeps the size isn't told apart: every text differs in length
          write(root, one.path, one.text + " ".repeat(++writes));
          await now.engine.update([one.path]);
        } else if (one.is === "remove") {
          rmSync(join(root, one.path), { force: true });
          await now.engine.update([one.path]);
        } else {
          try {
            mkdirSync(dirname(join(root, one.to)), { recursive: true });
            renameSync(join(root, one.path), join(root, one.to));
          } catch {
            // not there
          }
          await now.engine.update([one.path, one.to]);
        }
      }
      await now.engine.settled();
      const kept = await contentOf(now.engine);
      const anew = await opened(root, join(base, `fresh${round}`));
      await anew.engine.refresh();
      await anew.engine.settled();
      expect(kept).toEqual(await contentOf(anew.engine));
      expect([...now.memory.reads.keys()].sort()).toEqual([...anew.memory.reads.keys()].sort());
      await close(now.engine);
      await close(anew.engine);
    }),
    { numRuns: 15 },
  );
});
