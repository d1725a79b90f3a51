// `aura index` and `aura search` through the built program: real worker processes, killed, shared, interrupted, on real trees.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { indexPlace } from "../../src/app/indexing.ts";
import { findPaths } from "../../src/config/paths.ts";
import type { IndexState, SearchHit } from "../../src/core/indexing.ts";
import { lockHolder } from "../../src/core/lock.ts";
import { call, openFakeModel } from "../fake/model-server.ts";

const main = join(import.meta.dirname, "..", "..", "dist", "main.js");
let base: string;
let root: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "aura-ic-")));
  root = join(base, "repo");
  mkdirSync(root);
});
afterEach(async () => {
  const worker = workerPid();
  if (worker !== null) {
    process.kill(worker, "SIGTERM");
    await expect.poll(workerPid, { timeout: 20_000 }).toBeNull();
  }
  rmSync(base, { recursive: true, force: true });
});

const env = (): NodeJS.ProcessEnv => ({ ...process.env, AURA_HOME: join(base, "home") });
const workerPid = (): number | null => lockHolder(indexPlace(findPaths(env()), root).lock)?.pid ?? null;
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
function aura(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: root, env: env(), encoding: "utf8", timeout: 60_000 });
  return { code: status, out: stdout, err: stderr };
}
const started = (...args: string[]): ChildProcess => spawn(process.execPath, [main, ...args], { cwd: root, env: env(), stdio: "ignore" });
const indexed = (): IndexState => JSON.parse(aura("index", "--json").out);
const search = (words: string, ...rest: string[]): SearchHit[] => JSON.parse(aura("search", words, "--json", ...rest).out).results;
/** A small shop, big enough that ranking matters. */
function shop(files = 30): void {
  for (let at = 0; at < files; at++) write(`src/part${at}.ts`, `/** Part ${at} of the shop. */\nexport function part${at}(input: string): string {\n  return input + ${at};\n}\n`);
  write(
    "src/cart.ts",
    "/** Adds up the lines of a cart, with the discount. */\nexport function cartTotal(lines: number[], discount: number): number {\n  return lines.reduce((sum, line) => sum + line, 0) - discount;\n}\n",
  );
  write("src/net/getHTTPResponseCode.ts", "import { cartTotal } from '../cart.ts';\nexport function getHTTPResponseCode(): number {\n  return cartTotal([200], 0);\n}\n");
  write("README.md", "# A shop\n\nThe cart adds up lines.\n");
}

it("finds by words, by split identifiers, by name, by text and by pattern, and says why", () => {
  shop();
  const [cart] = search("discount of a cart");
  expect(cart).toMatchObject({ path: "src/cart.ts", symbol: "cartTotal", score: 1 });
  expect(cart?.why[0]).toMatch(/discount cart|cart discount/);
  expect(cart?.snippet).toContain("cartTotal");
  expect(search("http response code")[0]).toMatchObject({ path: "src/net/getHTTPResponseCode.ts" });
  expect(search("cartTotal")[0]).toMatchObject({ path: "src/cart.ts", line: 2, why: expect.arrayContaining(["defines that very name"]) });
  expect(search('"cartTotal([200]"')).toMatchObject([{ path: "src/net/getHTTPResponseCode.ts", line: 3, why: ["holds the text"] }]);
  expect(search("/part1\\d\\b/", "-k", "3")).toHaveLength(3);
});

it("prints what it found for people, and exits with 1 when there is nothing", () => {
  shop(3);
  const { code, out } = aura("search", "cart discount", "-k", "1");
  expect(code).toBe(0);
  expect(out.split("\n")[0]).toMatch(/^src\/cart\.ts:\d+ {2}cartTotal {2}/);
  expect(aura("search", "zebra xylophone")).toMatchObject({ code: 1, out: "", err: "aura: nothing found\n" });
  expect(aura("search").code).toBe(2);
  expect(aura("search", "x", "-k", "0").code).toBe(2);
});

it("shows what the index holds, and keeps git's status clean", () => {
  execFileSync("git", ["init", "-q"], { cwd: root });
  shop();
  expect(indexed()).toMatchObject({ is: "ready", files: 33, languages: { typescript: 32, text: 1 } });
  expect(existsSync(join(root, ".aura", "index"))).toBe(true);
  expect(execFileSync("git", ["status", "--porcelain", "--", ".aura"], { cwd: root, encoding: "utf8" })).toBe("");
  expect(aura("index").out).toContain("languages: typescript 32, text 1");
});

it("has a saved file searchable without being asked to look", async () => {
  shop(5);
  indexed();
  write("src/zebra.ts", "export function zebraCrossing() {}\n");
  await expect.poll(() => search("zebra crossing")[0]?.path, { timeout: 20_000 }).toBe("src/zebra.ts");
});

it("is one index for two who ask at once", async () => {
  shop(60);
  const children = [started("index", "--json"), started("search", "cart"), started("index", "--json")];
  const codes = await Promise.all(children.map((child) => new Promise((resolve) => child.once("exit", resolve))));
  expect(codes).toEqual([0, 0, 0]);
  expect(indexed().files).toBe(63);
});

it("goes on after kill -9 at any moment, and ends whole", async () => {
  shop(300);
  for (let round = 0; round < 8; round++) {
    const child = started("index", "--json");
    await expect.poll(workerPid, { timeout: 20_000, interval: 5 }).not.toBeNull();
    await new Promise((resolve) => setTimeout(resolve, round * 40));
    const pid = workerPid();
    if (pid !== null) process.kill(pid, "SIGKILL");
    child.kill("SIGKILL");
    write(`src/more${round}.ts`, `export function more${round}() {}\n`);
  }
  const state = indexed();
  expect(state).toMatchObject({ is: "ready", files: 311 });
  expect(state.symbols).toBe(310);
  expect(search("cart discount")[0]?.path).toBe("src/cart.ts");
});

it("builds anew what is corrupt, and says so", async () => {
  shop(5);
  indexed();
  const pid = workerPid();
  if (pid !== null) process.kill(pid, "SIGTERM");
  await expect.poll(workerPid, { timeout: 20_000 }).toBeNull();
  rmSync(join(root, ".aura", "index", "v1", "files.lance"), { recursive: true });
  mkdirSync(join(root, ".aura", "index", "v1", "files.lance"));
  writeFileSync(join(root, ".aura", "index", "v1", "files.lance", "x"), "no");
  const state = indexed();
  expect(state).toMatchObject({ is: "ready", files: 8 });
  expect(state.notes.join(" ")).toContain("built anew");
});

it("begins anew on the person's word", () => {
  shop(5);
  indexed();
  expect(JSON.parse(aura("index", "--fresh", "--json").out)).toMatchObject({ is: "ready", files: 8, read: 8 });
});

it("tells the model where to look for words that no line has, its own edits included", async () => {
  shop(10);
  await using model = await openFakeModel();
  model.says(
    call("search", { text: "discount of a whole cart" }),
    call("write", { path: "src/refund.ts", content: "/** Pays a customer back. */\nexport function refundCustomer(): void {}\n" }),
    call("search", { text: "pays the customer back" }),
    "Found both.",
  );
  const child = spawn(process.execPath, [main, "--yes", "--json", "--model", "ollama/fake", "--url", model.url, "where is it?"], {
    cwd: root,
    env: env(),
    stdio: ["ignore", "pipe", "ignore"],
  });
  let out = "";
  child.stdout.on("data", (bytes) => {
    out += bytes;
  });
  await new Promise((resolve) => child.once("exit", resolve));
  const results = out.split("\n").filter((line) => line.includes('"tool.returned"'));
  expect(results[0]).toContain("src/cart.ts:");
  expect(results[2]).toContain("src/refund.ts:");
});

it("learns a language from the user's own folder", () => {
  const folder = join(base, "home", "languages", "ini");
  mkdirSync(folder, { recursive: true });
  const grammar = join(import.meta.dirname, "..", "..", "node_modules", "@vscode", "tree-sitter-wasm", "wasm", "tree-sitter-ini.wasm");
  writeFileSync(join(folder, "grammar.wasm"), readFileSync(grammar));
  writeFileSync(join(folder, "query.scm"), "(section (section_name (text) @name)) @class");
  write("server.ini", "[zebra]\nport = 1\n");
  expect(indexed()).toMatchObject({ languages: { ini: 1 }, symbols: 1 });
  expect(search("zebra")[0]).toMatchObject({ path: "server.ini", symbol: "zebra" });
});
