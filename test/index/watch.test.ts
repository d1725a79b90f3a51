// Watching a real folder: single saves, storms, renames, what is left out.
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openWatch, type Watch } from "../../src/index/watch.ts";

let root: string;
let batches: (readonly string[] | null)[];
let watch: Watch | null;
beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "aura-watch-")));
  mkdirSync(join(root, "src"));
  writeFileSync(join(root, "src", "old.ts"), "1");
  batches = [];
  watch = await openWatch({ root, onChange: (paths) => batches.push(paths) });
});
afterEach(async () => {
  await watch?.close();
  rmSync(root, { recursive: true, force: true });
});
const seen = (): Set<string> => new Set(batches.flatMap((batch) => batch ?? ["(everything)"]));
const sees = (...paths: string[]): Promise<void> => expect.poll(() => paths.filter((path) => !seen().has(path)), { timeout: 20_000 }).toEqual([]);

it("tells of a save, a new file, a rename and a file that went", async () => {
  writeFileSync(join(root, "src", "old.ts"), "2");
  await sees("src/old.ts");
  writeFileSync(join(root, "new.ts"), "1");
  await sees("new.ts");
  renameSync(join(root, "new.ts"), join(root, "newer.ts"));
  await sees("newer.ts");
  unlinkSync(join(root, "newer.ts"));
  mkdirSync(join(root, "deep", "er"), { recursive: true });
  writeFileSync(join(root, "deep", "er", "x.ts"), "1");
  // the file itself, or the folder it came with
  await expect.poll(() => ["deep", "deep/er", "deep/er/x.ts"].some((path) => seen().has(path)), { timeout: 20_000 }).toBe(true);
});

it("makes few batches of a storm", async () => {
  mkdirSync(join(root, "many"));
  await sees("many");
  for (let at = 0; at < 3000; at++) writeFileSync(join(root, "many", `${at}.ts`), "x");
  await sees("many/2999.ts");
  expect(seen().size).toBeGreaterThanOrEqual(3000);
  expect(batches.length).toBeLessThan(60);
});

it("says nothing of folders that hold no source", async () => {
  for (const folder of [".git", "node_modules/x", "src/node_modules", ".aura/index"]) {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, "x"), "1");
  }
  writeFileSync(join(root, "last.ts"), "1");
  await sees("last.ts");
  expect([...seen()].filter((path) => /\.git|node_modules\/|\.aura\//.test(path))).toEqual([]);
});
