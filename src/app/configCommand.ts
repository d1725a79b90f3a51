// `aura config get|set|edit`: the user's own configuration, always validated before it is written; a broken draft is kept, the file never harmed.
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { nearest } from "../config/nearest.ts";
import { faultOf, parseConfig, parseFile, problemLine, shownValue } from "../config/parse.ts";
import { type Paths, userConfigFile } from "../config/paths.ts";
import { readSmall, replaceFile, writePrivate } from "../config/private.ts";
import { type KeyRow, keyRows } from "../config/schema.ts";
import { AuraError, type ExitCode } from "../core/error.ts";
import type { Output } from "./output.ts";

export interface ConfigNeeds {
  paths: Paths;
  env: Record<string, string | undefined>;
  output: Pick<Output, "out" | "err">;
  action: { action: "get"; key: string | null } | { action: "set"; key: string; value: string } | { action: "edit" };
}

/** Throws AuraError (exit 2) for unknown keys, wrong values and broken files. */
export async function runConfig(needs: ConfigNeeds): Promise<ExitCode> {
  const { action } = needs;
  switch (action.action) {
    case "get":
      return get(needs, action.key);
    case "set":
      return set(needs, action.key, action.value);
    case "edit":
      return edit(needs);
  }
}

/** A key, or the object above several keys. */
function checkKey(key: string): KeyRow[] {
  const rows = keyRows("user").filter((row) => row.key === key || row.key.startsWith(`${key}.`));
  if (rows.length > 0) return rows;
  const known = keyRows("user").map((row) => row.key);
  const near = nearest(key, known);
  throw new AuraError("config-key", `There is no setting ${shownValue(key)}${near ? `; did you mean ${near}?` : ""}`, { hint: `Settings: ${known.join(", ")}`, exit: 2 });
}
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function get(needs: ConfigNeeds, key: string | null): ExitCode {
  if (key !== null) checkKey(key);
  const file = userConfigFile(needs.paths);
  const text = readSmall(file);
  const { config, problems } = text === null ? { config: {}, problems: [] } : parseConfig("user", file, text);
  for (const problem of problems) needs.output.err(problemLine(problem));
  let value: unknown = config;
  for (const step of key?.split(".") ?? []) value = isObject(value) && Object.hasOwn(value, step) ? value[step] : null;
  needs.output.out(JSON.stringify(value, null, key === null ? 2 : undefined));
  return 0;
}

/** What was typed, as the key's type wants it. */
function typedValue(rows: KeyRow[], key: string, text: string): unknown {
  const row = rows.find((each) => each.key === key);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  if (json === null) return null;
  if (!row) return json ?? text;
  if (row.type === "list of text") return Array.isArray(json) ? json : text.split(",").map((item) => item.trim());
  if (row.type === "number" || row.type === "boolean") return json ?? text;
  return typeof json === "string" ? json : text;
}

function set(needs: ConfigNeeds, key: string, text: string): ExitCode {
  const rows = checkKey(key);
  const file = userConfigFile(needs.paths);
  const old = readSmall(file);
  const whole = old === null ? {} : parseFile(file, old).value;
  if (!isObject(whole))
    throw new AuraError("config-invalid", `${file}:1: the file must hold an object of settings`, { hint: "Mend it by hand; Aura changes nothing in it", exit: 2 });
  const value = typedValue(rows, key, text);
  const steps = key.split(".");
  const last = steps.pop() ?? key;
  let owner: Record<string, unknown> = whole;
  for (const step of steps) {
    const inner = owner[step];
    const next = isObject(inner) ? inner : {};
    owner[step] = next;
    owner = next;
  }
  if (value === null) delete owner[last];
  else owner[last] = value;
  const fault = faultOf("user", whole);
  if (fault)
    throw new AuraError("config-invalid", fault.text, {
      hint: fault.path.startsWith(key) ? "aura config get shows what is set, docs/config.md what can be" : `That stands in ${file}; mend it with aura config edit`,
      exit: 2,
    });
  writePrivate(file, `${JSON.stringify(whole, null, 2)}\n`);
  return 0;
}

function editorOf(needs: ConfigNeeds, text: string | null): string {
  try {
    const own = text === null ? undefined : parseConfig("user", userConfigFile(needs.paths), text).config.editor;
    if (own) return own;
  } catch {
    // the file may be what has to be mended
  }
  return needs.env.VISUAL || needs.env.EDITOR || "vi";
}

async function edit(needs: ConfigNeeds): Promise<ExitCode> {
  const file = userConfigFile(needs.paths);
  const draft = join(needs.paths.config, "config.draft.json");
  const old = readSmall(file);
  const earlier = readSmall(draft);
  const start = old ?? "{\n}\n";
  writePrivate(draft, earlier ?? start);
  const editor = editorOf(needs, old);
  const failed = await runEditor(editor, draft);
  const text = readSmall(draft);
  if (failed !== null) {
    if (text === start) rmSync(draft, { force: true });
    throw new AuraError("editor", `The editor ${shownValue(editor)} ${failed}; your configuration is as it was`, {
      hint: "Set another with: aura config set editor COMMAND",
      exit: 2,
    });
  }
  if (text === null) throw new AuraError("editor", `${draft} is gone; your configuration is as it was`, { exit: 2 });
  if (text === start) {
    rmSync(draft, { force: true });
    needs.output.err("Nothing changed");
    return 0;
  }
  try {
    const { problems } = parseConfig("user", draft, text);
    for (const problem of problems) needs.output.err(problemLine(problem));
  } catch (error) {
    if (!(error instanceof AuraError)) throw error;
    throw new AuraError(error.code, error.message, { hint: "Your draft is kept and your configuration is as it was; aura config edit opens the draft again", exit: 2 });
  }
  replaceFile(file, text);
  rmSync(draft, { force: true });
  needs.output.err(`Saved ${file}`);
  return 0;
}

/** The editor may be a command line of several words. Resolves with why it failed, or null. */
function runEditor(editor: string, file: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", `${editor} "$1"`, "aura", file], { stdio: "inherit" });
    child.on("error", (error) => resolve(`could not be started: ${error.message}`));
    child.on("exit", (code, signal) => resolve(code === 0 ? null : signal ? `was ended by ${signal}` : code === 127 ? "was not found" : `ended with ${code}`));
  });
}
