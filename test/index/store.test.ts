// The index on disk: what goes in comes out, through crashes, foreign files and odd names.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Read } from "../../src/index/records.ts";
import { openStore, type Store } from "../../src/index/store.ts";

let folder: string;
let open: Store[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aura-store-"));
  open = [];
});
afterEach(() => {
  for (const store of open) store.close();
  rmSync(folder, { recursive: true, force: true });
});
async function opened(): Promise<{ store: Store; fresh: string | null }> {
  const made = await openStore(folder);
  open.push(made.store);
  return made;
}
function read(path: string, over: Partial<Read["file"]> = {}): Read {
  return {
    file: {
      path,
      size: 10,
      mtime: 1.5,
      hash: "ab",
      language: "typescript",
      lines: 2,
      skipped: "",
      generated: false,
      vendored: false,
      test: true,
      prose: false,
      uses: "add 1",
      ...over,
    },
    chunks: [{ path, line: 1, endLine: 2, symbol: "total", words: "total cart" }],
    symbols: [
      { path, name: "total", kind: "function", container: "", line: 1, endLine: 2, signature: "function total()", doc: "Adds. 'Quoted' – grün", exported: true, test: false },
    ],
    references: [{ path, name: "add", kind: "call", line: 2 }],
    imports: [{ path, module: "./line", names: "Line", line: 1, child: false }],
  };
}

it("gives back what was put in, after a restart too", async () => {
  const { store, fresh } = await opened();
  expect(fresh).toBe("there was none");
  await store.add([read("src/a.ts"), read('src/it\'s "odd"\\.ts')]);
  store.close();
  open = [];
  const again = await opened();
  expect(again.fresh).toBeNull();
  expect((await again.store.all("files", ["path", "mtime", "test", "lines"])).sort((one, other) => (one.path < other.path ? -1 : 1))).toEqual([
    { path: "src/a.ts", mtime: 1.5, test: true, lines: 2 },
    { path: 'src/it\'s "odd"\\.ts', mtime: 1.5, test: true, lines: 2 },
  ]);
  expect(await again.store.where("symbols", "path", ["src/a.ts"], 10)).toEqual(read("src/a.ts").symbols);
  expect(await again.store.where("references", "name", ["add"], 10)).toHaveLength(2);
});

it("takes a file out of every table, and only that one", async () => {
  const { store } = await opened();
  await store.add([read("a.ts"), read("it's.ts")]);
  await store.remove(["it's.ts"]);
  for (const table of ["files", "chunks", "symbols", "references", "imports"] as const) expect((await store.all(table, ["path"])).map(({ path }) => path)).toEqual(["a.ts"]);
});

it("takes thousands of files out at once", async () => {
  const { store } = await opened();
  const paths = Array.from({ length: 1500 }, (_, at) => `src/${at}.ts`);
  await store.add(paths.map((path) => read(path)));
  await store.remove(paths.slice(1));
  expect(await store.all("files", ["path"])).toEqual([{ path: "src/0.ts" }]);
});

it("tells what a crash between the tables left behind", async () => {
  const { store } = await opened();
  await store.add([read("whole.ts")]);
  await store.add([{ ...read("half.ts"), file: read("other.ts").file }]);
  expect(await store.orphans()).toEqual(["half.ts"]);
});

it("builds anew where the old one can't be read, and says so", async () => {
  const { store } = await opened();
  await store.add([read("a.ts")]);
  store.close();
  open = [];
  const table = join(folder, "v1", "files.lance");
  for (const entry of readdirSync(table, { recursive: true, withFileTypes: true })) if (entry.isFile()) writeFileSync(join(entry.parentPath, entry.name), "not lance");
  const again = await opened();
  expect(again.fresh).toBe("the old one could not be read");
  expect(await again.store.all("files", ["path"])).toEqual([]);
  expect(existsSync(join(folder, "v1.broken"))).toBe(false);
});

it("says where it can't write", async () => {
  writeFileSync(join(folder, "file"), "");
  await expect(openStore(join(folder, "file", "index"))).rejects.toMatchObject({ code: "index.store", message: expect.stringContaining("can't be written: ENOTDIR") });
});

it("keeps the commits apart from the files", async () => {
  const { store } = await opened();
  await store.addCommits([{ hash: "a1", time: 1, message: "Fix it", paths: "a.ts\nb.ts" }]);
  expect(await store.all("commits", ["hash", "time", "message", "paths"])).toEqual([{ hash: "a1", time: 1, message: "Fix it", paths: "a.ts\nb.ts" }]);
  await store.clearCommits();
  expect(await store.all("commits", ["hash"])).toEqual([]);
});

it("stays small over many small changes", async () => {
  const { store } = await opened();
  await store.add([read("a.ts")]);
  for (let round = 0; round < 15; round++) {
    await store.remove(["a.ts"]);
    await store.add([read("a.ts", { mtime: round })]);
  }
  const before = store.bytes();
  await store.tidy();
  expect(store.bytes()).toBeLessThan(before / 2);
  expect(await store.all("files", ["mtime"])).toEqual([{ mtime: 14 }]);
});
