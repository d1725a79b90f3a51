// The debug log on a real disk: nothing until there is something, bounded, private, without secrets, whole when the process ends early.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type DebugLog, openDebugLog, tailDebugLog } from "../../src/app/debuglog.ts";
import { findPaths, type Paths } from "../../src/config/paths.ts";
import { note } from "../../src/core/note.ts";

let base: string;
let paths: Paths;
let log: DebugLog | null = null;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "aura-debuglog-"));
  paths = findPaths({ AURA_HOME: base });
});
afterEach(() => {
  log?.close();
  log = null;
  rmSync(base, { recursive: true, force: true });
});
const records = (file: string): { level: number; msg: string; room: string; fields: Record<string, unknown> }[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { level: number; msg: string; room: string; fields: Record<string, unknown> });
const settled = async (done: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 500 && !done(); turn++) await new Promise((resolve) => setTimeout(resolve, 10));
};

it("creates nothing before a note worth keeping, then a private file without secrets", async () => {
  log = openDebugLog({ paths, verbose: false });
  note("models", "asked", { url: "http://127.0.0.1:1" });
  expect(readdirSync(base)).toEqual([]);
  note("models", "no answer", { url: "http://me:hush@127.0.0.1:1", apiKey: "hush", error: new Error("hush: TOKEN") }, "warn");
  const { file } = log;
  await settled(() => existsSync(file));
  note("models", "again", {}, "info");
  note("models", "asked");
  expect(statSync(log.file).mode & 0o777).toBe(0o600);
  expect(statSync(paths.state).mode & 0o777).toBe(0o700);
  expect(records(log.file)).toMatchObject([
    { level: 40, room: "models", msg: "no answer", fields: { url: "http://me:[redacted]@127.0.0.1:1", apiKey: "[redacted]", error: { name: "Error" } } },
    { level: 30, room: "models", msg: "again" },
  ]);
});

it("keeps debug notes when verbose, and shows the newest as plain lines", () => {
  log = openDebugLog({ paths, verbose: true });
  for (let at = 1; at <= 5; at++) note("agent", `turn ${at}`, { at, text: "a\u001b[31mb\n" });
  const lines = tailDebugLog(paths, 2);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} debug agent {3}turn 5 {2}at=5 text=ab$/);
  writeFileSync(log.file, "not json\n");
  expect(tailDebugLog(paths, 9)).toEqual(["not json"]);
});

it("stays in two files of bounded size, also with a second process writing", async () => {
  log = openDebugLog({ paths, verbose: true, maxBytes: 20_000, loadAfterMs: 0 });
  note("app", "first", {}, "info");
  const { file } = log;
  await settled(() => existsSync(file));
  await new Promise((resolve) => setTimeout(resolve, 60)); // from here on the library writes
  for (let at = 0; at < 600; at++) note("app", "filler", { at, text: "x".repeat(100) });
  writeFileSync(`${file}.moved`, "");
  expect(readdirSync(paths.state).sort()).toEqual(["debug.1.log", "debug.log", "debug.log.moved"]);
  for (const name of ["debug.log", "debug.1.log"]) expect(statSync(join(paths.state, name)).size).toBeLessThan(21_000);
  rmSync(file);
  for (let at = 0; at < 150; at++) note("app", "later", { at });
  expect(records(file).at(-1)?.fields).toEqual({ at: 149 });
  expect(tailDebugLog(paths, 1000).length).toBeGreaterThan(150);
});

it("loses nothing when the process ends before the writer is loaded, and never writes to stdout", () => {
  const script = `
    const { openDebugLog } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/app/debuglog.ts"))});
    const { note } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/core/note.ts"))});
    openDebugLog({ paths: ${JSON.stringify(paths)}, verbose: false });
    note("app", "bug", { error: new Error("x") }, "error");
    process.exit(70);`;
  let out = "";
  try {
    execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    out = String((error as { stdout: unknown }).stdout);
    expect((error as { status: unknown }).status).toBe(70);
  }
  expect(out).toBe("");
  expect(records(join(paths.state, "debug.log"))).toMatchObject([{ level: 50, msg: "bug", fields: { error: { message: "x" } } }]);
});
