// One configuration file's text into settings: faults name file, line and key; keys that don't belong there are left out and named.
import { AuraError } from "../core/error.ts";
import { JsonFault, type PlacedJson, parsePlaced } from "./json.ts";
import { nearest } from "./nearest.ts";
import { type ConfigKind, keyRows, type ProjectConfig, projectSchema, type UserConfig, userSchema } from "./schema.ts";

/** Something in a file that was left out; `text` is a whole sentence without the place. */
export interface Problem {
  file: string;
  line: number;
  text: string;
}
/** `file:line: text`, for stderr and the screen. */
export const problemLine = (problem: Problem): string => `${problem.file}:${problem.line}: ${problem.text}`;

/** Any value as one short visible line: no control or direction characters. */
export function shownValue(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  const plain = text.replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return plain.length > 60 ? `${plain.slice(0, 57)}...` : plain;
}

/** JSON with places; throws AuraError naming file, line and column. */
export function parseFile(file: string, text: string): PlacedJson {
  try {
    return parsePlaced(text);
  } catch (cause) {
    if (!(cause instanceof JsonFault)) throw cause;
    throw new AuraError("config-corrupt", `${file}:${cause.line}:${cause.column}: not valid JSON: ${cause.message}`, {
      hint: "Mend that place; Aura changes nothing in the file",
      exit: 2,
      cause,
    });
  }
}

const never = new Map([
  ["sandbox", "the sandbox is only ever turned off by the flag --sandbox off, for one run"],
  ["always", "remembered answers live in your own state folder"],
  ["remembered", "remembered answers live in your own state folder"],
  ["trust", "whom you trust lives in your own state folder"],
]);
function foreignKey(kind: ConfigKind, path: string): string {
  const name = shownValue(path);
  const top = path.split(".", 1)[0] ?? path;
  const known = keyRows(kind).map((row) => row.key);
  if (kind === "project" && keyRows("user").some((row) => row.key === top || row.key.startsWith(`${top}.`)) && !known.some((key) => key === top || key.startsWith(`${top}.`)))
    return `${name} can't be set by a repository, only in your own configuration; left out`;
  const why = never.get(path);
  if (why) return `${name} can't be set in a file: ${why}; left out`;
  const near = nearest(path, known);
  return `${name} is not a setting; left out${near ? `. Did you mean ${near}?` : ""}`;
}

interface Issue {
  code: string;
  path: PropertyKey[];
  message: string;
  keys?: string[];
}
const schemas = { user: userSchema, project: projectSchema };

/** The value at a path that the schema complained about. */
function valueAt(value: unknown, path: PropertyKey[]): unknown {
  let at = value;
  for (const step of path) at = typeof at === "object" && at !== null ? Reflect.get(at, step) : undefined;
  return at;
}

/** What is wrong with the value itself, as a sentence without the file; null when only foreign keys are. */
export function faultOf(kind: ConfigKind, value: unknown): { path: string; text: string } | null {
  const result = schemas[kind].safeParse(value);
  const issue = (result.error?.issues as Issue[] | undefined)?.find((each) => each.code !== "unrecognized_keys");
  if (!issue) return null;
  const path = issue.path.map(String).join(".");
  const got = path.startsWith("serverKeys.") ? "something else" : shownValue(valueAt(value, issue.path));
  return { path, text: path ? `${shownValue(path)} must be ${issue.message}; it is ${got}` : `the file must hold ${issue.message}; it holds ${got}` };
}

/** Settings of one file. Throws AuraError (exit 2) on broken JSON or a wrong value; unknown and forbidden keys become problems. */
export function parseConfig(kind: "user", file: string, text: string): { config: UserConfig; problems: Problem[] };
export function parseConfig(kind: "project", file: string, text: string): { config: ProjectConfig; problems: Problem[] };
export function parseConfig(kind: ConfigKind, file: string, text: string): { config: UserConfig | ProjectConfig; problems: Problem[] } {
  const { value, lines } = parseFile(file, text);
  const problems: Problem[] = [];
  const lineOf = (path: string): number => lines.get(path) ?? lines.get(path.split(".").slice(0, -1).join(".")) ?? 1;
  const first = schemas[kind].safeParse(value);
  for (const issue of (first.error?.issues ?? []) as Issue[]) {
    if (issue.code !== "unrecognized_keys") continue;
    const owner = valueAt(value, issue.path);
    for (const key of issue.keys ?? []) {
      const path = [...issue.path.map(String), key].join(".");
      problems.push({ file, line: lineOf(path), text: foreignKey(kind, path) });
      if (typeof owner === "object" && owner !== null) Reflect.deleteProperty(owner, key);
    }
  }
  const fault = faultOf(kind, value);
  if (fault) throw new AuraError("config-invalid", `${file}:${lineOf(fault.path)}: ${fault.text}`, { hint: "Mend that line, or take it out", exit: 2 });
  return { config: schemas[kind].parse(value), problems };
}
