// argv and environment into one of a few plain values; wrong usage is a value too, so that nothing starts by mistake.
import { resolve } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { nearest } from "../config/nearest.ts";
import { AuraError } from "../core/error.ts";
import type { Seq, SessionId } from "../core/events.ts";
import { type CommandName, commandRow, commands, everywhere, type FlagName, flags } from "./commands.ts";
import { currentFolder, type Env, type Flags, type Given, quoted, sessionOf, usage, valuesOf, wholeNumber } from "./flagvalues.ts";

export type { Flags } from "./flagvalues.ts";

export type Shell = "bash" | "zsh" | "fish";
type Doing =
  | { command: "tui"; task: string | null; goOn: boolean }
  | { command: "headless"; task: string | null; goOn: boolean } // task null: it has to come from stdin, else `missingTask()`
  | { command: "attach"; session: SessionId | null }
  | { command: "sessions" }
  | { command: "resume"; session: SessionId }
  | { command: "undo"; to: Seq | "newest" }
  | { command: "init" }
  | { command: "models" }
  | { command: "probe"; model: string | null } // `models probe`
  | { command: "doctor" }
  | { command: "bench"; only: string[] | null; fresh: boolean }
  | { command: "index"; fresh: boolean }
  | { command: "search"; words: string; limit: number }
  | { command: "config"; action: "get"; key: string | null }
  | { command: "config"; action: "set"; key: string; value: string }
  | { command: "config"; action: "edit" }
  | { command: "daemon"; action: "start" | "stop" | "status" | "run" }
  | { command: "engine"; action: "install" | "status" | "remove"; from: string | null }
  | { command: "demo" }
  | { command: "completions"; shell: Shell }
  | { command: "help"; topic: CommandName | null }
  | { command: "version" };
export type Parsed = Doing & { flags: Flags };
/** Wrong usage: exit 2, on stdout as JSON when `--json` was there too. */
export interface Wrong {
  command: "wrong";
  error: AuraError;
  json: boolean;
}

export const missingTask = (): AuraError => usage("--yes needs a task, as an argument or on stdin", 'For example: aura --yes "make the failing test pass"');

/** Never throws for what the person typed: that comes back as `wrong`. */
export function parseArgv(argv: readonly string[], env: Env): Parsed | Wrong {
  try {
    return parse(argv, env);
  } catch (error) {
    if (!(error instanceof AuraError)) throw error;
    const end = argv.indexOf("--");
    return { command: "wrong", error, json: argv.slice(0, end < 0 ? undefined : end).includes("--json") };
  }
}

const options = Object.fromEntries(flags.map((flag) => [flag.name, { type: flag.value ? "string" : "boolean", ...(flag.short ? { short: flag.short } : {}) } as const]));

function parse(argv: readonly string[], env: Env): Parsed {
  const { tokens } = parseArgs<ParseArgsConfig & { tokens: true }>({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const given = new Map<FlagName, string | true>();
  const words: string[] = [];
  let terminated = -1;
  for (const token of tokens) {
    if (token.kind === "option-terminator") terminated = words.length;
    else if (token.kind === "positional") words.push(token.value);
    else given.set(...readOption(token));
  }
  const base: Flags = {
    cwd: currentFolder(),
    json: given.has("json"),
    limits: {},
    yes: given.has("yes"),
    verbose: given.has("verbose"),
    quiet: given.has("quiet"),
    color: !given.has("no-color") && !env.NO_COLOR,
  };
  if (given.has("version")) return { command: "version", flags: base };
  if (given.has("help")) return { command: "help", topic: words.length > 0 && terminated < 0 ? topicOf(words[0] ?? "") : null, flags: base };

  const name = terminated === 0 ? "start" : commandOf(words, given);
  for (const flag of given.keys()) {
    if (!everywhere.includes(flag) && !commandRow(name).flags.includes(flag)) {
      const where = name === "start" ? "here" : `with ${name}`;
      throw usage(`--${flag} can't be used ${where}`, `aura ${name === "start" ? "" : `${name} `}--help shows what can`);
    }
  }
  const doing = name === "start" ? startOf(words, terminated, given) : doingOf(name, words.slice(1), given);
  return { ...doing, flags: { ...base, ...valuesOf(given, env, commandRow(name).flags) } };
}

interface OptionToken {
  name: string;
  /** As typed: `--model`, `-h`. */
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}
function readOption(token: OptionToken): [FlagName, string | true] {
  const flag = flags.find((row) => row.name === token.name);
  if (!flag || token.rawName !== (token.rawName.startsWith("--") ? `--${flag.name}` : `-${flag.short}`)) {
    const near = token.rawName.startsWith("--")
      ? nearest(
          token.name,
          flags.map((row) => row.name),
        )
      : null;
    throw usage(`Unknown flag ${token.rawName}${near ? `; did you mean --${near}?` : ""}`);
  }
  if (!flag.value) {
    if (token.value !== undefined) throw usage(`--${flag.name} takes no value, but got ${quoted(token.value)}`);
    return [flag.name, true];
  }
  const value = token.value;
  if (value === undefined || value === "") throw usage(`--${flag.name} needs a value: --${flag.name} ${flag.value}`);
  if (!token.inlineValue && /^-(?![\d.])/.test(value)) throw usage(`--${flag.name} needs a value: --${flag.name} ${flag.value}; got the flag ${quoted(value)}`);
  return [flag.name, value];
}

const isCommand = (word: string): word is CommandName => word !== "start" && commands.some((row) => row.name === word);
const shownCommands = (): string[] => commands.filter((row) => !row.hidden && row.name !== "start").map((row) => row.name);

/** A lone plain word must be a command: a typo must never start a session. */
function commandOf(words: string[], given: Given): CommandName {
  const first = words[0];
  if (first === undefined) return "start";
  if (isCommand(first)) {
    if (given.has("continue")) throw usage(`--continue can't be used with ${first}`, `To give "${first}" as a task: aura --continue -- ${first}`);
    return first;
  }
  if (!/^[\w./:@+-]+$/.test(first)) return "start";
  const near = nearest(first, shownCommands());
  // `--yes` says that a task comes: one word will do, where it isn't a command with a slip
  if (near === null && words.length === 1 && given.has("yes")) return "start";
  const flagsText = given.has("yes") ? "--yes " : given.has("continue") ? "--continue " : "";
  const asTask =
    words.length > 1
      ? `A task goes in quotes: aura ${flagsText}"${words
          .map((word) => word.replace(/["\\$`]/g, ""))
          .join(" ")
          .slice(0, 100)}"`
      : `If it is your task: aura ${flagsText}-- ${first}`;
  throw usage(`There is no command ${quoted(first)}${near ? `; did you mean aura ${near}?` : ""}`, asTask);
}

function topicOf(word: string): CommandName | null {
  if (isCommand(word)) return word;
  if (!/^[\w-]+$/.test(word)) return null;
  const near = nearest(word, shownCommands());
  throw usage(`There is no command ${quoted(word)}${near ? `; did you mean aura ${near}?` : ""}`);
}

function startOf(words: string[], terminated: number, given: Given): Doing {
  if (terminated < 0 && words.length > 1) throw usage(`One task at a time, in quotes; ${quoted(words[1] ?? "")} is one argument too many`);
  const task = words.length === 0 ? null : words.join(" ").trim();
  if (task === "") throw usage("The task is empty");
  if (given.has("yes")) return { command: "headless", task, goOn: given.has("continue") };
  if (given.has("json")) throw usage("--json needs --yes: a full-screen session has no machine-readable output", 'For example: aura --yes --json "make the failing test pass"');
  return { command: "tui", task, goOn: given.has("continue") };
}

function doingOf(name: Exclude<CommandName, "start">, rest: string[], given: Given): Doing {
  const most = (count: number): void => {
    if (rest.length > count) throw usage(`${name} takes ${count === 0 ? "no arguments" : `at most ${count}`}; got ${quoted(rest[count] ?? "")}`, `aura ${name} --help`);
  };
  const [first, second, third] = rest;
  const oneOf = <T extends string>(choices: readonly T[]): T => {
    const found = choices.find((choice) => choice === first);
    if (found !== undefined) return found;
    const near = first === undefined ? null : nearest(first, choices);
    throw usage(`${name} needs one of ${choices.join(", ")}${first === undefined ? "" : `; got ${quoted(first)}`}${near ? `; did you mean ${near}?` : ""}`, `aura ${name} --help`);
  };
  switch (name) {
    case "sessions":
    case "init":
    case "doctor":
    case "demo":
      most(0);
      return { command: name };
    case "models":
      if (first === undefined && given.has("max-time")) throw usage("--max-time is for models probe", "aura models --help");
      if (first === undefined) return { command: name };
      oneOf(["probe"]);
      most(2);
      if (second === "") throw usage("The model's name is empty", "aura models lists them");
      return { command: "probe", model: second ?? null };
    case "attach":
      most(1);
      return { command: name, session: first === undefined ? null : sessionOf(first) };
    case "resume":
      most(1);
      if (first === undefined) throw usage("resume needs a session", "aura sessions lists them; aura --continue takes the newest");
      return { command: name, session: sessionOf(first) };
    case "undo": {
      most(0);
      const to = given.get("to");
      return { command: name, to: to === undefined ? "newest" : wholeNumber("--to", String(to)) };
    }
    case "daemon":
      most(1);
      return first === "run" ? { command: name, action: "run" } : { command: name, action: oneOf(["start", "stop", "status"]) };
    case "engine": {
      most(1);
      const action = oneOf(["install", "status", "remove"]);
      const from = given.get("from");
      if (from !== undefined && action !== "install") throw usage("--from goes with engine install", "aura engine --help");
      return { command: name, action, from: from === undefined ? null : resolve(String(from)) };
    }
    case "completions":
      most(1);
      return { command: name, shell: oneOf(["bash", "zsh", "fish"]) };
    case "help":
      most(1);
      return { command: name, topic: first === undefined ? null : topicOf(first) };
    case "bench": {
      most(0);
      const only = given.get("only");
      const names =
        only === undefined
          ? null
          : String(only)
              .split(",")
              .map((name) => name.trim())
              .filter((name) => name !== "");
      if (names?.length === 0) throw usage("--only needs names", "For example: aura bench --only python,go-add");
      return { command: name, only: names, fresh: given.has("fresh") };
    }
    case "index":
      most(0);
      return { command: name, fresh: given.has("fresh") };
    case "search": {
      most(1);
      const limit = given.get("limit");
      if (first === undefined || first.trim() === "") throw usage("search needs words", 'For example: aura search "parse the http header"');
      return { command: name, words: first, limit: limit === undefined ? 10 : Math.min(200, wholeNumber("-k", String(limit))) };
    }
    case "config": {
      const action = oneOf(["get", "set", "edit"]);
      most(action === "edit" ? 1 : action === "get" ? 2 : 3);
      if (action === "edit") return { command: name, action };
      if (action === "get") return { command: name, action, key: second ?? null };
      if (second === undefined || third === undefined) throw usage("config set needs a key and a value", "For example: aura config set policy ask");
      return { command: name, action, key: second, value: third };
    }
  }
}
