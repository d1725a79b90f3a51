// What is added up, printed, compared and found again of a bench, without running one.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { addUp, figuresOf, noFigures } from "../../../src/app/bench/figures.ts";
import { compared, openProgress, renderResult, tokens } from "../../../src/app/bench/report.ts";
import { fileOf, nameOf, resultsFor, saveResult, unfinishedOf } from "../../../src/app/bench/result.ts";
import type { Figures, Result, Row } from "../../../src/app/bench/shape.ts";
import { benchEnv, readVersion, toolchains } from "../../../src/app/bench/toolchains.ts";
import { findPaths } from "../../../src/config/paths.ts";
import type { CallId, Entry, Fact, Usage } from "../../../src/core/events.ts";
import { noUsage } from "../../../src/models/model.ts";

const home = mkdtempSync(join(tmpdir(), "aura-report-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const paths = findPaths({ AURA_HOME: home });

const figures = (more: Partial<Figures> = {}): Figures => ({
  ...noFigures,
  turns: 7,
  promptTokens: 12_345,
  cachedTokens: 9876,
  outputTokens: 987,
  readPerS: 850.4,
  writePerS: 41.25,
  calls: 6,
  edits: 2,
  ms: 63_000,
  ...more,
});
const row = (name: string, state: Row["state"], more: Partial<Row> = {}): Row => ({
  name,
  language: "python",
  kind: "fix",
  state,
  why: null,
  failed: [],
  ended: "done",
  figures: state === "solved" || state === "failed" ? figures() : null,
  ...more,
});
const result = (tasks: Row[], more: Partial<Result> = {}): Result => ({
  ...{
    v: 1,
    model: "ollama/qwen3:8b",
    url: null,
    context: 32_768,
    profile: "default",
    form: "replace",
    version: "1.0.0",
    suite: "s",
    sandbox: "bwrap",
    startedAt: Date.UTC(2026, 10, 22, 18, 30, 45),
  },
  ...{ changedAt: 0, finished: true, working: null, languages: {}, limits: { maxTurns: 50, maxTimeMs: 900_000 } },
  machine: { cpu: "x", cores: 2, memoryBytes: 1, platform: "linux x64" },
  tasks,
  ...more,
});

let seq = 0;
const entry = (fact: Fact): Entry => ({ seq: ++seq, at: 0, ...fact });
const said = (usage: Partial<Usage>): Entry => entry({ type: "said", turn: 1, upTo: 1, text: "", end: "stop", usage: { ...noUsage, ...usage } });
const called = (call: string, name: string, args: unknown, bad?: string): Entry =>
  entry({ type: "tool.called", call: call as CallId, name, args, about: "", ...(bad ? { bad } : {}) });
const returned = (call: string, ok: boolean): Entry => entry({ type: "tool.returned", call: call as CallId, ok, text: "", ms: 1 });

describe("figures", () => {
  it("add up what the server counted, and nothing where it doesn't", () => {
    const one = figuresOf([
      said({ promptTokens: 1000, cachedTokens: 0, promptMs: 1000, outputTokens: 50, outputMs: 1000 }),
      said({ promptTokens: 1200, cachedTokens: 1000, promptMs: 500, outputTokens: 50, outputMs: 1500, cachedGuess: true }),
      entry({ type: "compacted", upTo: 1, summary: "", by: "model", room: 1, trim: null, usage: { ...noUsage, promptTokens: 300, outputTokens: 10 } }),
      entry({ type: "ended", why: "done", turns: 2, ms: 5000 }),
    ]);
    expect(one).toMatchObject({ turns: 2, promptTokens: 2500, cachedTokens: 1000, cachedGuess: true, outputTokens: 110, readPerS: 800, writePerS: 40, compactions: 1, ms: 5000 });
    expect(figuresOf([said({})])).toMatchObject({ turns: 1, promptTokens: null, cachedTokens: null, outputTokens: null, readPerS: null, writePerS: null });
    expect(addUp([one, figuresOf([said({})])])).toMatchObject({ turns: 3, promptTokens: 2500, outputTokens: 110, writePerS: 40 });
    expect(addUp([])).toEqual(noFigures);
  });
  it("tell calls that can't be run from edits that miss", () => {
    const entries = [
      ...[
        called("1", "edit", {}, "its arguments are not valid JSON"),
        returned("1", false),
        called("2", "paint", {}),
        returned("2", false),
        called("3", "read", { lines: [] }),
        returned("3", false),
      ],
      ...[
        called("4", "edit", { path: "a", old: "x", new: "y" }),
        returned("4", false),
        called("5", "write", { path: "a", content: "x" }),
        returned("5", true),
        called("6", "run", { command: "false" }),
        returned("6", false),
      ],
    ];
    expect(figuresOf(entries)).toMatchObject({ calls: 6, malformed: 3, edits: 2, failedEdits: 1 });
  });
});

describe("the table", () => {
  it("is a line for each task, in 80 columns, and says once why a language is skipped", () => {
    const lines = renderResult(
      result([
        row("python-fix", "solved"),
        row("typescript-multi", "failed", {
          why: `time was up; fails ${"a test with quite a long name, ".repeat(4)}and 3 more`,
          figures: figures({ promptTokens: 1_234_567, cachedTokens: null, ms: 3_725_000, readPerS: 12_345.6, malformed: 12, failedEdits: 103 }),
        }),
        row("go-add", "skipped", { why: "Go is not installed" }),
        row("go-test", "skipped", { why: "Go is not installed" }),
        row("rust-fix", "open"),
      ]),
      null,
    );
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(lines.slice(0, 3)).toEqual([
      "TASK             RESULT  TURNS   READ REUSED WRITTEN BAD MISS  IN/S OUT/S   TIME",
      "python-fix       solved      7  12.3k    80%     987   0    0   850  41.3   1:03",
      "typescript-multi failed      7   1.2M      -     987  12  103 12346  41.3  1:02h",
    ]);
    expect(lines.filter((line) => line.includes("Go is not installed"))).toEqual(["skipped: Go is not installed"]);
    expect(lines).toContain("ollama/qwen3:8b: 1 of 2 solved, 1 not worked on yet, 2 skipped");
  });
  it("compares with the last time, task by task", () => {
    const now = result([row("a", "solved"), row("b", "failed"), row("c", "solved"), row("d", "skipped")]);
    const last = result([row("a", "failed"), row("b", "solved"), row("c", "solved"), row("d", "solved")]);
    expect(compared(now, last)).toBe("last time (2026-11-22 18:30 UTC, Aura 1.0.0): 2 of these 3 solved; solved now: a; no longer solved: b");
    expect(compared(last, last)).toContain("3 of these 4 solved; the same ones");
  });
  it("keeps terminals safe", () => {
    expect(renderResult(result([row("a", "failed", { why: "evil \u001b[2J\n text" })]), null).join("\n")).not.toContain("\u001b");
  });
  it("shortens numbers", () => {
    expect([null, 0, 999, 1000, 12_345, 99_960, 999_499, 1_000_000].map(tokens)).toEqual(["-", "0", "999", "1.0k", "12.3k", "100k", "999k", "1.0M"]);
  });
});

it("shows progress on one line of a terminal, and a line for each task elsewhere", () => {
  const run = (tty: boolean, quiet: boolean): string => {
    let out = "";
    const progress = openProgress({ tty, quiet, columns: 60, err: (text) => (out += `${text}\n`), raw: (text) => (out += text) });
    progress.begins("python-fix", 1, 12);
    progress.saw(said({}));
    progress.saw(called("1", "edit", {}));
    progress.judging();
    progress.ends(row("python-fix", "failed", { why: "changed nothing", figures: figures({ turns: 1 }) }));
    return out;
  };
  expect(run(false, false)).toBe("   1/12  python-fix       failed   1 turn, 1 min 3 s: changed nothing\n");
  expect(
    run(true, false)
      .split("\r\x1b[K")
      .map((text) => text.trimEnd()),
  ).toEqual([
    "",
    expect.stringContaining("1/12  python-fix"),
    expect.stringContaining("turn 1: edit"),
    expect.stringContaining("being judged"),
    "   1/12  python-fix       failed   1 turn, 1 min 3 s: changed nothing",
  ]);
  expect(run(true, true)).toBe("");
});

describe("results on disk", () => {
  it("are found again by model, the newest first, and broken ones left alone", () => {
    const [old, fresh] = [result([row("a", "solved")], { startedAt: 1000 }), result([row("a", "open")], { startedAt: 2_000_000, finished: false })];
    saveResult(paths, old);
    saveResult(paths, fresh);
    saveResult(paths, result([], { model: "ollama/qwen3:8b-q8", startedAt: 3_000_000 }));
    const broken = join(home, "state", "bench", `${nameOf({ model: old.model, startedAt: 9_000_000 })}.json`);
    writeFileSync(broken, "{");
    expect(resultsFor(paths, old.model).map((one) => one.startedAt)).toEqual([2_000_000, 1000]);
    expect(readFileSync(broken, "utf8")).toBe("{");
    expect(statSync(fileOf(paths, old)).mode & 0o077).toBe(0);
    expect(JSON.parse(readFileSync(fileOf(paths, old), "utf8"))).toMatchObject({ total: { solved: 1, open: 0 } });
    expect(resultsFor(findPaths({ AURA_HOME: join(home, "none") }), "x")).toEqual([]);
  });
  it("are gone on with when nothing that matters differs", () => {
    const open = result([row("a", "solved"), row("b", "open")], { finished: false });
    const asked = { model: open.model, url: null, version: "1.0.0", suite: "s", limits: {}, names: ["a", "b"] };
    expect(unfinishedOf([open], asked)).toBe(open);
    expect(unfinishedOf([open], { ...asked, limits: { maxTurns: 50 } })).toBe(open);
    for (const other of [{ limits: { maxTurns: 9 } }, { names: ["a"] }, { suite: "t" }, { version: "1.0.1" }, { url: "http://127.0.0.1:1" }])
      expect(unfinishedOf([open], { ...asked, ...other })).toBeNull();
    expect(unfinishedOf([{ ...open, finished: true }, open], asked)).toBeNull();
  });
});

it("reads versions, and says what is too old or missing", () => {
  expect(readVersion(toolchains.python, { exit: 0, text: "Python 3.11.7\n" })).toEqual({ version: "Python 3.11.7", why: null });
  expect(readVersion(toolchains.go, { exit: 0, text: "go version go1.26.8 linux/amd64" })).toEqual({ version: "Go 1.26.8", why: null });
  expect(readVersion(toolchains.typescript, { exit: 0, text: "v22.12.0" }).why).toBe("Node 22.12.0 is too old: the tasks need 22.18");
  expect(readVersion(toolchains.rust, { exit: 127, text: "sh: cargo: not found" }).why).toContain("Rust is not installed");
  expect(benchEnv({ PATH: "/x", SECRET_TOKEN: "y" })).toEqual({ PATH: expect.stringMatching(/:\/x$/) });
});
