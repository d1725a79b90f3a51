// The command line as people type it: what starts, what is refused, and with which words.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { parseArgv } from "../../src/app/args.ts";

const folder = mkdtempSync(join(tmpdir(), "aura-args-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Without the flags nobody gave. */
function parsed(args: string[], env: Record<string, string> = {}): Record<string, unknown> {
  const result = parseArgv(args, env);
  if (result.command === "wrong") throw result.error;
  const { flags, ...doing } = result;
  const given = Object.fromEntries(
    Object.entries(flags).filter(
      ([key, value]) =>
        !(
          (value === false && key !== "color") ||
          (key === "color" && value === true) ||
          (key === "cwd" && value === process.cwd()) ||
          (key === "limits" && JSON.stringify(value) === "{}")
        ),
    ),
  );
  return { ...doing, ...given };
}
function refused(args: string[], env: Record<string, string> = {}): string {
  const result = parseArgv(args, env);
  if (result.command !== "wrong") throw new Error(`accepted: ${JSON.stringify(result)}`);
  expect(result.error.exit).toBe(2);
  expect(result.error.hint).toBeTruthy();
  return `${result.error.message} | ${result.error.hint}`;
}

describe("sessions", () => {
  it("starts one for a task, headless with --yes, the newest with --continue", () => {
    expect(parsed([])).toEqual({ command: "tui", task: null, goOn: false });
    expect(parsed(["fix the cart"])).toEqual({ command: "tui", task: "fix the cart", goOn: false });
    expect(parsed(["--yes", "fix the cart"])).toEqual({ command: "headless", task: "fix the cart", goOn: false, yes: true });
    expect(parsed(["fix the cart", "--yes", "--json"])).toEqual({ command: "headless", task: "fix the cart", goOn: false, yes: true, json: true });
    expect(parsed(["--yes"])).toEqual({ command: "headless", task: null, goOn: false, yes: true });
    expect(parsed(["--continue"])).toEqual({ command: "tui", task: null, goOn: true });
    expect(parsed(["--continue", "and the tests"])).toEqual({ command: "tui", task: "and the tests", goOn: true });
    expect(parsed(["--yes", "--continue", "and the tests"])).toEqual({ command: "headless", task: "and the tests", goOn: true, yes: true });
  });
  it("takes what is no plain word for a task, and anything after --", () => {
    for (const task of ["修复测试", "why?", "исправь", "add `x`"]) expect(parsed([task])).toMatchObject({ task });
    expect(parsed(["--", "refactor"])).toMatchObject({ command: "tui", task: "refactor" });
    expect(parsed(["--yes", "--", "--help", "is", "wrong"])).toMatchObject({ command: "headless", task: "--help is wrong" });
    expect(parsed(["--yes", "--", "undo"])).toMatchObject({ command: "headless", task: "undo" });
  });
  it("never starts on a typo", () => {
    expect(refused(["sesions"])).toBe('There is no command "sesions"; did you mean aura sessions? | If it is your task: aura -- sesions');
    expect(refused(["--yes", "udno"])).toContain("did you mean aura undo? | If it is your task: aura --yes -- udno");
    expect(parsed(["--yes", "hello"])).toMatchObject({ command: "headless", task: "hello" });
    expect(refused(["--yes", "fix", "it"])).toContain('A task goes in quotes: aura --yes "fix it"');
    expect(refused(["commit"])).toContain('There is no command "commit"');
    expect(refused(["fix", "the", "cart"])).toContain('A task goes in quotes: aura "fix the cart"');
    expect(refused(["fix the", "cart"])).toContain('"cart" is one argument too many');
    expect(refused([""])).toContain("The task is empty");
    expect(refused(["  "])).toContain("The task is empty");
    expect(refused(["--json", "fix the cart"])).toContain("--json needs --yes");
    expect(refused(["--continue", "undo"])).toContain("aura --continue -- undo");
  });
});

describe("commands", () => {
  it("parses each", () => {
    expect(parsed(["attach"])).toEqual({ command: "attach", session: null });
    expect(parsed(["attach", "20261122-183045-x7f3"])).toEqual({ command: "attach", session: "20261122-183045-x7f3" });
    expect(parsed(["sessions", "--json"])).toEqual({ command: "sessions", json: true });
    expect(parsed(["resume", "x7f3"])).toEqual({ command: "resume", session: "x7f3" });
    expect(parsed(["undo"])).toEqual({ command: "undo", to: "newest" });
    expect(parsed(["--yes", "undo", "--to", "12"])).toEqual({ command: "undo", to: 12, yes: true });
    expect(parsed(["config", "get"])).toEqual({ command: "config", action: "get", key: null });
    expect(parsed(["config", "set", "limits.maxTurns", "30"])).toEqual({ command: "config", action: "set", key: "limits.maxTurns", value: "30" });
    expect(parsed(["config", "edit"])).toEqual({ command: "config", action: "edit" });
    expect(parsed(["daemon", "run"])).toEqual({ command: "daemon", action: "run" });
    expect(parsed(["completions", "fish"])).toEqual({ command: "completions", shell: "fish" });
    expect(parsed(["bench"])).toEqual({ command: "bench", only: null, fresh: false });
    expect(parsed(["bench", "--only", "rust-fix, go", "--fresh", "--max-time", "60"])).toEqual({
      ...{ command: "bench", only: ["rust-fix", "go"], fresh: true },
      limits: { maxTimeMs: 60_000 },
    });
    expect(parsed(["models", "probe"])).toEqual({ command: "probe", model: null });
    expect(parsed(["models", "probe", "ollama/qwen3:8b", "--max-time", "120"])).toEqual({ command: "probe", model: "ollama/qwen3:8b", limits: { maxTimeMs: 120_000 } });
    for (const command of ["init", "models", "doctor", "demo"]) expect(parsed([command])).toEqual({ command });
  });
  it("refuses wrong arguments by name", () => {
    expect(refused(["resume"])).toContain("resume needs a session");
    expect(refused(["resume", "../../etc/passwd"])).toContain("is not a session's name");
    expect(refused(["daemon"])).toContain("daemon needs one of start, stop, status");
    expect(refused(["daemon", "strat"])).toContain("did you mean start?");
    expect(refused(["config", "set", "policy"])).toContain("a key and a value");
    expect(refused(["models", "please"])).toContain('models needs one of probe; got "please"');
    expect(refused(["models", "--max-time", "9"])).toContain("--max-time is for models probe");
    expect(refused(["models", "probe", "a", "b"])).toContain('at most 2; got "b"');
    expect(refused(["bench", "--only", ","])).toContain("--only needs names");
    expect(refused(["bench", "--policy", "ask"])).toContain("--policy can't be used with bench");
    expect(refused(["sessions", "--policy", "ask"])).toContain("--policy can't be used with sessions");
    expect(refused(["--to", "3"])).toContain("--to can't be used here");
  });
  it("answers --help and --version before anything else", () => {
    expect(parsed(["--version", "--model", "nonsense"])).toEqual({ command: "version" });
    expect(parsed(["--help"])).toEqual({ command: "help", topic: null });
    expect(parsed(["config", "-h"])).toEqual({ command: "help", topic: "config" });
    expect(parsed(["help", "undo"])).toEqual({ command: "help", topic: "undo" });
    expect(refused(["help", "udno"])).toContain("did you mean aura undo");
  });
});

describe("flags", () => {
  it("reads values, and the environment behind them", () => {
    expect(
      parsed(["a b", "--model", "openai/qwen/qwen3:8b", "--url=http://localhost:1234/", "--policy", "read-only", "--max-turns", "3", "--max-time", "1.5", "--sandbox", "off"]),
    ).toEqual({
      command: "tui",
      task: "a b",
      goOn: false,
      model: "openai/qwen/qwen3:8b",
      url: "http://localhost:1234",
      policy: "read-only",
      limits: { maxTurns: 3, maxTimeMs: 1500 },
      sandbox: "off",
    });
    const env = { AURA_MODEL: "ollama/a", AURA_URL: "http://[::1]:11434" };
    expect(parsed(["a b"], env)).toMatchObject({ model: "ollama/a", url: "http://[::1]:11434" });
    expect(parsed(["a b", "--model", "ollama/b"], env)).toMatchObject({ model: "ollama/b" });
    expect(parsed(["sessions"], { AURA_MODEL: "nonsense" })).toEqual({ command: "sessions" });
    expect(parsed(["models"], { NO_COLOR: "1" })).toMatchObject({ color: false });
    expect(parsed(["models", "--cwd", folder])).toMatchObject({ cwd: folder });
  });
  it("names the flag and what it got", () => {
    expect(refused(["--modle", "x"])).toContain("Unknown flag --modle; did you mean --model?");
    expect(refused(["-x"])).toContain("Unknown flag -x");
    expect(refused(["--yess", "fix it now"])).toContain("did you mean --yes?");
    expect(refused(["--yes=no", "fix it now"])).toContain('--yes takes no value, but got "no"');
    expect(refused(["a b", "--model"])).toContain("--model needs a value: --model SERVER/NAME");
    expect(refused(["a b", "--model", "--json"])).toContain('got the flag "--json"');
    expect(refused(["a b", "--model", "qwen3"])).toContain('--model must be SERVER/NAME; got "qwen3"');
    expect(refused(["a b", "--model", "olama/qwen3"])).toContain("Did you mean ollama/qwen3?");
    expect(refused(["a b"], { AURA_MODEL: "qwen3" })).toContain('AURA_MODEL must be SERVER/NAME; got "qwen3"');
    expect(refused(["a b", "--url", "127.0.0.1:1234"])).toContain("Did you mean http://127.0.0.1:1234?");
    expect(refused(["a b", "--url", "ftp://localhost"])).toContain("must begin with http:// or https://");
    expect(refused(["a b", "--url", "http://me:secret@localhost:1"])).not.toContain("secret");
    expect(refused(["a b", "--url", "http://localhost:99999"])).toContain("must be an address");
    expect(refused(["a b", "--policy", "yolo"])).toContain('--policy must be ask, auto or read-only; got "yolo"');
    expect(refused(["a b", "--sandbox", "on"])).toContain('--sandbox must be off; got "on"');
    for (const bad of ["0", "-5", "x", "1.5", "1e9"]) expect(refused(["a b", "--max-turns", bad])).toContain(`--max-turns must be a whole number above 0; got "${bad}"`);
    for (const bad of ["0", "-5", "5m", "99999999"])
      expect(refused(["a b", "--max-time", bad])).toContain(`--max-time must be a number of seconds above 0 and at most 2000000; got "${bad}"`);
    expect(refused(["a b", "--cwd", join(folder, "gone")])).toContain("there is no folder");
    expect(refused(["a b", "--cwd", import.meta.filename])).toContain("is not a folder");
  });
  it("says when the fault has to come as JSON", () => {
    expect(parseArgv(["--json", "--nope"], {})).toMatchObject({ command: "wrong", json: true });
    expect(parseArgv(["--nope", "--", "--json"], {})).toMatchObject({ command: "wrong", json: false });
  });
});

it("never throws, whatever is typed, and shows no control characters", () => {
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("--yes", "--json", "--model", "--", "-", "config", "set", "undo", "--to", "--cwd", "--url", "\u001b[31m", "__proto__", "--__proto__", "--constructor"),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (args) => {
      const result = parseArgv(args, {});
      if (result.command === "wrong") expect(result.error.message).not.toMatch(/[\u0000-\u0008\u001b\u009b]/);
    }),
    { numRuns: 500 },
  );
});
