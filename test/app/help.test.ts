// Help and the generated papers come from the same rows as the parser, and are up to date.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseArgv } from "../../src/app/args.ts";
import { commands, flags } from "../../src/app/commands.ts";
import { renderHelp } from "../../src/app/help.ts";

const topics = [null, ...commands.map((row) => row.name)];

it("fits 80 columns and names every command and flag", () => {
  for (const topic of topics) for (const line of renderHelp(topic).split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  const all = renderHelp(null);
  for (const row of commands) for (const { form } of row.usage) expect(all.includes(`aura ${form}`)).toBe(!row.hidden);
  for (const flag of flags) expect(all).toContain(`--${flag.name}`);
});

it("names no command that doesn't exist yet", () => {
  for (const later of ["commit", "branch", "merge", "rebase", "pr", "prd", "plan", "analyze", "review", "audit", "dash", "lsp", "acp"]) {
    expect(renderHelp(null)).not.toMatch(new RegExp(`aura ${later}\\b`));
    expect(parseArgv([later], {})).toMatchObject({ command: "wrong", error: { exit: 2 } });
  }
});

it("says what one command takes", () => {
  expect(renderHelp("undo")).toBe(
    [
      "  aura undo [--to SEQ]              take back what the newest run did to your",
      "                                    files",
      "",
      "Shows what would change and asks first (--yes: doesn't). What you changed since",
      "then yourself is left alone.",
      "",
      "Flags",
      "  --to SEQ              take back everything since this fact of the session's",
      "                        log",
      "",
      ...renderHelp("demo").split("\n").slice(renderHelp("demo").split("\n").indexOf("Flags of every command")),
    ].join("\n"),
  );
});

it("has every form of the command line accepted by the parser", () => {
  const samples: Record<string, string[]> = {
    'start ["task"]': ["a task"],
    'start --yes "task"': ["--yes", "a task"],
    'start --continue ["task"]': ["--continue"],
    "attach attach [session]": ["attach"],
    "sessions sessions [--json]": ["sessions", "--json"],
    "resume resume <session>": ["resume", "x7f3"],
    "undo undo [--to SEQ]": ["undo", "--to", "3"],
    "init init": ["init"],
    "models models [--json]": ["models", "--json"],
    "models models probe [MODEL]": ["models", "probe", "ollama/a"],
    "doctor doctor [--json]": ["doctor", "--json"],
    "index index [--json]": ["index", "--json"],
    'search search "words" [-k N] [--json]': ["search", "a word", "-k", "3"],
    "bench bench [--model M]": ["bench", "--model", "ollama/qwen3:8b", "--only", "python,go-add"],
    "engine engine install [--from PATH]": ["engine", "install", "--from", "/engine"],
    "engine engine status [--json]": ["engine", "status", "--json"],
    "engine engine remove": ["engine", "remove"],
    "config config get [KEY]": ["config", "get", "model"],
    "config config set KEY VALUE": ["config", "set", "policy", "ask"],
    "config config edit": ["config", "edit"],
    "daemon daemon start|stop|status": ["daemon", "status"],
    "demo demo": ["demo"],
    "completions completions bash|zsh|fish": ["completions", "bash"],
    "help help [command]": ["help", "undo"],
  };
  const forms = commands.flatMap((row) => row.usage.map(({ form }) => `${row.name} ${form}`));
  expect(Object.keys(samples).sort()).toEqual(forms.sort());
  for (const args of Object.values(samples)) expect(parseArgv(args, {}).command).not.toBe("wrong");
});

it("has fresh generated papers: npm run docs", () => {
  execFileSync(process.execPath, [join(import.meta.dirname, "../../scripts/docs.mjs"), "--check"], { stdio: ["ignore", "ignore", "pipe"] });
});
