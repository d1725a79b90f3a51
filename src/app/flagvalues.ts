// The values of flags and their environment variables: each is checked, and a fault names the flag and what it got.
import { type Stats, statSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { nearest } from "../config/nearest.ts";
import { AuraError, errnoOf } from "../core/error.ts";
import type { Limits, ModelId, PolicyName, SessionId } from "../core/events.ts";
import { type FlagName, type FlagRow, flags } from "./commands.ts";

/** Validated; what is absent was neither a flag nor in the environment. */
export interface Flags {
  model?: ModelId;
  /** Root address, no trailing slash. Whether its host is allowed is not known yet. */
  url?: string;
  /** Absolute, an existing folder. */
  cwd: string;
  json: boolean;
  policy?: PolicyName;
  limits: Limits;
  sandbox?: "off";
  yes: boolean;
  verbose: boolean;
  quiet: boolean;
  color: boolean;
}

export type Env = Record<string, string | undefined>;
export type Given = ReadonlyMap<FlagName, string | true>;

/** Wrong usage: exit 2. */
export const usage = (message: string, hint = "aura --help shows all commands"): AuraError => new AuraError("usage", message, { hint, exit: 2 });
/** Outside text in quotes, short and without control characters. */
export const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "?");

export function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new AuraError("usage", "The current folder is gone", { hint: "cd to a folder that exists, or name one with --cwd", exit: 2, cause });
  }
}
export function sessionOf(text: string): SessionId {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(text)) throw usage(`${quoted(text)} is not a session's name`, "aura sessions lists them");
  return text as SessionId;
}
/** A count above 0, as the flag or variable `what` gives it. */
export function wholeNumber(what: string, text: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw usage(`${what} must be a whole number above 0; got ${quoted(text)}`);
  return value;
}

/** Flags win over the environment; the environment is only looked at where the command takes the flag. */
export function valuesOf(given: Given, env: Env, taken: readonly FlagName[]): Partial<Flags> {
  const read = (name: FlagName): { text: string; what: string; row: FlagRow } | null => {
    const row = flags.find((each) => each.name === name);
    if (!row) return null;
    const flag = given.get(name);
    if (typeof flag === "string") return { text: flag, what: `--${name}`, row };
    const fromEnv = row.env && taken.includes(name) ? env[row.env] : undefined;
    return fromEnv ? { text: fromEnv, what: row.env ?? "", row } : null;
  };
  const values: Partial<Flags> = { limits: {} };
  const limits: Limits = {};
  const model = read("model");
  if (model) values.model = modelOf(model.what, model.text);
  const url = read("url");
  if (url) values.url = urlOf(url.what, url.text);
  const cwd = read("cwd");
  if (cwd) values.cwd = folderOf(cwd.what, cwd.text);
  const policy = read("policy");
  if (policy) values.policy = choiceOf(policy.row, policy.text) as PolicyName;
  const sandbox = read("sandbox");
  if (sandbox) values.sandbox = choiceOf(sandbox.row, sandbox.text) as "off";
  const turns = read("max-turns");
  if (turns) limits.maxTurns = wholeNumber(turns.what, turns.text);
  const time = read("max-time");
  if (time) limits.maxTimeMs = secondsOf(time.what, time.text);
  return { ...values, limits };
}

function choiceOf(row: FlagRow, text: string): string {
  const choices = row.choices ?? [];
  if (choices.includes(text)) return text;
  const near = nearest(text, choices);
  throw usage(`--${row.name} must be ${choices.join(", ").replace(/, ([^,]*)$/, " or $1")}; got ${quoted(text)}${near ? `; did you mean ${near}?` : ""}`);
}
function secondsOf(what: string, text: string): number {
  const seconds = /^\d{1,7}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (seconds <= 0 || seconds > 2_000_000) throw usage(`${what} must be a number of seconds above 0 and at most 2000000; got ${quoted(text)}`);
  return Math.round(seconds * 1000);
}
function modelOf(what: string, text: string): ModelId {
  const servers = ["ollama", "lmstudio", "llama-server", "openai", "embedded"];
  const [server = "", ...name] = text.split("/");
  // the path of a file: it may hold blanks, and counts from the folder it was typed in
  if (server === "embedded" && name.join("/") !== "" && !/[\u0000-\u001f\u007f]/.test(text)) return `embedded/${pathOf(name.join("/"))}` as ModelId;
  if (servers.includes(server) && name.join("/") !== "" && !/[\s\u0000-\u001f\u007f]/.test(text)) return text as ModelId;
  const near = nearest(server, servers);
  const hint =
    name.length > 0 && near && near !== server
      ? `Did you mean ${near}/${name.join("/")}?`
      : `SERVER is one of ${servers.join(", ")}; for example ollama/qwen3:8b. aura models lists what is there`;
  throw usage(`${what} must be SERVER/NAME; got ${quoted(text)}`, hint);
}
const pathOf = (text: string): string => (/^~(?=\/|$)/.test(text) ? homedir() + text.slice(1) : resolve(text));
function urlOf(what: string, text: string): string {
  const example = "for example http://127.0.0.1:11434";
  if (/^[\w.[\]:-]+$/.test(text) && !/^https?:/.test(text)) throw usage(`${what} must begin with http://; got ${quoted(text)}`, `Did you mean http://${text}?`);
  if (!URL.canParse(text)) throw usage(`${what} must be an address, ${example}; got ${quoted(text)}`);
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw usage(`${what} must begin with http:// or https://; got ${quoted(text)}`);
  if (url.username || url.password) throw usage(`${what} must not hold a name or password`, "A server's key goes into your own config: aura config set serverKeys.openai KEY");
  if (url.search || url.hash) throw usage(`${what} must be the server's root address, ${example}, without ? or #; got ${quoted(text)}`);
  return url.href.replace(/\/+$/, "");
}
function folderOf(what: string, text: string): string {
  const path = resolve(text);
  let stat: Stats | undefined;
  try {
    stat = statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw usage(`${what}: can't look at ${quoted(path)}: ${errnoOf(cause) ?? String(cause)}`);
  }
  if (!stat) throw usage(`${what}: there is no folder ${quoted(path)}`);
  if (!stat.isDirectory()) throw usage(`${what}: ${quoted(path)} is not a folder`);
  return path;
}
