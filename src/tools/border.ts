// Where a model's arguments come in: spelled in many ways, made into what the tool takes, or answered with what is wrong.
import * as z from "zod/mini";
import type { ToolSpec } from "../models/model.ts";
import type { Tool } from "./tool.ts";

type Fields = Record<string, unknown>;
interface Property {
  type?: string;
  enum?: string[];
  items?: Property;
  properties?: Record<string, Property>;
  required?: string[];
}
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

const specs = new WeakMap<object, ToolSpec>();
/** A tool as the model sees it: equal tools give equal bytes. */
export function specOf(tool: Pick<Tool, "name" | "about" | "args">): ToolSpec {
  const known = specs.get(tool);
  if (known) return known;
  const spec = { name: tool.name, description: tool.about, parameters: trim(z.toJSONSchema(tool.args)) as Fields };
  specs.set(tool, spec);
  return spec;
}
/** Without what costs tokens and tells a model nothing. */
function trim(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(trim);
  if (!isFields(schema)) return schema;
  const kept = Object.entries(schema).filter(
    ([key, value]) => key !== "$schema" && key !== "additionalProperties" && !(/^(minimum|maximum)$/.test(key) && Math.abs(Number(value)) >= Number.MAX_SAFE_INTEGER),
  );
  return Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      key === "properties" && isFields(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, trim(inner)])) : trim(value),
    ]),
  );
}

/** Other agents' names for a field, as letters only. A name that is a field of the tool itself is never taken for another. */
const synonyms: Record<string, string> = {
  path: "filepath filename file absolutepath targetfile relativepath relativeworkspacepath pathname dir directory dirpath folder targetdirectory",
  from: "start startline offset line linestart firstline begin linenumber",
  to: "end endline lineend lastline",
  text: "query pattern regex regexp search searchterm term keyword needle string q",
  glob: "include includes filepattern fileglob includepattern globpattern",
  command: "cmd script commandline shellcommand bash shell input commands",
  timeout_s: "timeoutsec timeoutsecs timeoutseconds timeoutinseconds",
  timeout_ms: "timeoutmillis timeoutmilliseconds",
  background: "isbackground runinbackground inbackground detached",
  job: "jobid shellid bashid taskid id",
  filter: "testname testfile tests name pattern grep match file path filepath",
  message: "msg commitmessage m title",
  paths: "path files file filepaths filepath pathspec",
  action: "subcommand operation command cmd op",
  base: "ref revision rev range target commitid",
  items: "plan todos todo steps tasks todolist list markdown",
};
const letters = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");
const wrappers = new Set(["arguments", "args", "input", "parameters", "params", "kwargs"]);

/** Never throws. `error` is written for the model: it names the field, what it got, and what the tool takes as it was advertised: `told`, where that was another form. */
export function parseArgs<Args>(tool: Tool<Args>, raw: unknown, told?: ToolSpec): { args: Args } | { error: string } {
  const schema = specOf(tool).parameters as Property;
  const shown = (told?.parameters ?? schema) as Property;
  // a schema that begins with a transform does all of this by itself
  const own = tool.args._zod.def.type === "pipe";
  const opened = unwrap(raw, schema, own);
  if (!own && !isFields(opened)) return { error: `${tool.name}: its arguments must be an object, got ${quote(opened)}. ${takes(tool.name, shown)}` };
  let given: unknown = opened;
  if (!own && isFields(opened)) {
    const named = rename(opened, schema);
    given = coerce(tool.accept ? tool.accept(named) : named, schema);
  }
  let parsed: ReturnType<typeof z.safeParse>;
  try {
    parsed = z.safeParse(tool.args, given);
  } catch (error) {
    return { error: `${tool.name}: ${error instanceof Error ? error.message : String(error)}. ${takes(tool.name, shown)}` };
  }
  if (parsed.success) return { args: parsed.data as Args };
  const issues = parsed.error.issues.filter((issue) => issue.path.length === 0 || String(issue.path[0]) in (shown.properties ?? {}));
  // what it lacks are fields that this model was never told of
  const lacking = issues.length > 0 ? [] : (shown.required ?? []).filter((field) => !isFields(raw) || !(field in raw)).map((field) => `"${field}" is missing`);
  const said = issues
    .slice(0, 3)
    .map((issue) =>
      complain(
        issue.path,
        propertyAt(issue.path, schema)?.type ?? ("expected" in issue ? String(issue.expected) : ""),
        "values" in issue && Array.isArray(issue.values) ? issue.values : null,
        given,
        issue.message,
      ),
    );
  return { error: `${tool.name}: ${[...said, ...lacking].join("; ") || "its arguments don't fit"}. ${takes(tool.name, shown)}` };
}

/** JSON text becomes what it says, `{arguments: {...}}` what is in it, a bare string the tool's first field. */
function unwrap(raw: unknown, schema: Property, own: boolean, depth = 0): unknown {
  if (raw === undefined || raw === null || raw === "") return {};
  if (depth > 3) return raw;
  if (typeof raw === "string") {
    try {
      const value: unknown = JSON.parse(raw);
      if (typeof value === "object" && value !== null) return unwrap(value, schema, own, depth + 1);
    } catch {
      // not JSON: the text itself
    }
    const first = Object.keys(schema.properties ?? {})[0];
    return own || first === undefined ? raw : { [first]: raw };
  }
  if (Array.isArray(raw) && raw.length === 1 && isFields(raw[0])) return unwrap(raw[0], schema, own, depth + 1);
  if (!isFields(raw)) return raw;
  const keys = Object.keys(raw);
  const only = keys.length === 1 ? keys[0] : undefined;
  if (only === undefined || !wrappers.has(letters(only)) || (schema.properties && only in schema.properties)) return raw;
  const inner = raw[only];
  return isFields(inner) || (typeof inner === "string" && inner.trimStart().startsWith("{")) ? unwrap(inner, schema, own, depth + 1) : raw;
}

function rename(raw: Fields, schema: Property): Fields {
  const fields = Object.keys(schema.properties ?? {});
  const result: Fields = {};
  const left: [string, unknown][] = [];
  for (const [key, value] of Object.entries(raw)) {
    const field = fields.find((name) => name === key) ?? fields.find((name) => letters(name) === letters(key));
    if (field !== undefined && result[field] === undefined) result[field] = value;
    else left.push([key, value]);
  }
  for (const [key, value] of left) {
    const field = [...fields, "timeout_ms"].find((name) => result[name] === undefined && synonyms[name]?.split(" ").includes(letters(key)));
    result[field ?? key] = value;
  }
  for (const [name, value] of Object.entries(result)) if (schema.properties?.[name]?.type === "array") result[name] = fromJson(value);
  return result;
}

function coerce(given: Fields, schema: Property): Fields {
  const result: Fields = {};
  for (const [name, value] of Object.entries(given)) {
    const property = schema.properties?.[name];
    const optional = !schema.required?.includes(name);
    if (value === undefined || (optional && (value === null || value === "" || value === "null" || value === "undefined"))) continue;
    result[name] = property ? coerceValue(value, property) : value;
  }
  return result;
}

function coerceValue(value: unknown, property: Property): unknown {
  if (property.enum) return typeof value === "string" ? (property.enum.find((choice) => choice === value.trim().toLowerCase()) ?? value) : value;
  if (property.type === "object" && isFields(value)) return coerce(value, property);
  switch (property.type) {
    case "integer":
    case "number": {
      const number = typeof value === "string" && /^\s*[-+]?\d+(\.\d+)?\s*s?\s*$/.test(value) ? Number.parseFloat(value) : value;
      return property.type === "integer" && typeof number === "number" ? Math.trunc(number) : number;
    }
    case "boolean":
      if (value === 1 || value === 0) return value === 1;
      return typeof value === "string" ? (/^(true|yes|on|1)$/i.test(value.trim()) ? true : /^(false|no|off|0)$/i.test(value.trim()) ? false : value) : value;
    case "string":
      if (Array.isArray(value) && value.length === 1) return coerceValue(value[0], property);
      return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
    case "array":
      return asList(value, property).map((item) => (property.items ? coerceValue(item, property.items) : item));
    default:
      return value;
  }
}

/** A list written as JSON text becomes the list. */
function fromJson(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value; // a text that begins with a bracket
  }
}

function asList(value: unknown, { items }: Property): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== "string" || items?.type !== "string") return [value];
  return value
    .split(/[\n,]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

const words: Record<string, string> = { integer: "a whole number", number: "a number", string: "a text", boolean: "true or false", array: "a list", object: "an object" };
function complain(path: PropertyKey[], expected: string, values: unknown[] | null, given: unknown, message: string): string {
  let got: unknown = given;
  for (const key of path) got = (isFields(got) || Array.isArray(got)) && key in got ? (got as Record<PropertyKey, unknown>)[key] : undefined;
  const name = path.length === 0 ? "the arguments" : `"${path.map(String).join(".")}"`;
  if (got === undefined) return `${name} is missing`;
  const wanted = values ? `one of ${values.map(String).join(", ")}` : (words[expected] ?? expected) || message;
  return `${name} must be ${wanted}, got ${quote(got)}`;
}
function propertyAt(path: PropertyKey[], schema: Property): Property | undefined {
  return path.reduce<Property | undefined>((at, key) => (typeof key === "number" ? at?.items : at?.properties?.[String(key)]), schema);
}
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 80)}...`;
}

/** `read takes {"path": string, "from"?: integer}.` */
function takes(name: string, schema: Property): string {
  const typeOf = (property: Property): string =>
    property.enum?.map((value) => JSON.stringify(value)).join(" | ") ??
    (property.type === "array" ? `[${property.items ? typeOf(property.items) : ""}, ...]` : property.properties ? shape(property) : (property.type ?? "any"));
  const shape = ({ properties = {}, required = [] }: Property): string =>
    `{${Object.entries(properties)
      .map(([key, property]) => `"${key}"${required.includes(key) ? "" : "?"}: ${typeOf(property)}`)
      .join(", ")}}`;
  return `${name} takes ${shape(schema)}.`;
}
