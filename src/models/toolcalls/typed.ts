// Turns the strings of XML-like calls into what the tool's JSON schema asks for.
import type { ToolSpec } from "../model.ts";
import { parseLoose } from "./loose.ts";
import { isFields } from "./shape.ts";

/** The schema of one parameter, what it refers to put in its place; undefined if the tool doesn't declare it. */
export function schemaOf(tool: ToolSpec | undefined, parameter: string): unknown {
  const properties = tool?.parameters.properties;
  return isFields(properties) && parameter in properties ? resolved(properties[parameter], tool?.parameters ?? {}, 0) : undefined;
}

function resolved(schema: unknown, root: Record<string, unknown>, depth: number): unknown {
  if (!isFields(schema) || depth > 4) return schema;
  const [, group = "", name = ""] = typeof schema.$ref === "string" ? (/^#\/(\$defs|definitions)\/(.+)$/.exec(schema.$ref) ?? []) : [];
  const definitions = root[group];
  if (isFields(definitions)) return resolved(definitions[name], root, depth + 1);
  const choices = ["anyOf", "oneOf", "allOf"].filter((key) => Array.isArray(schema[key]));
  return choices.reduce<unknown>((whole, key) => ({ ...(whole as object), [key]: (schema[key] as unknown[]).map((one) => resolved(one, root, depth + 1)) }), schema);
}

type Kind = "string" | "integer" | "number" | "boolean" | "null" | "object" | "array";

/** `text` as the schema wants it. Without a schema it stays text, unless `guess`: then whatever JSON it is. What fits no wanted type stays text. */
export function typed(text: string, schema: unknown, guess = false): unknown {
  const kinds = kindsOf(schema, 0);
  if (kinds.size === 0) return guess ? guessed(text) : text.trim() === "null" ? null : text;
  const plain = text.trim();
  if (kinds.has("object") || kinds.has("array")) {
    const parsed = structured(plain);
    if (parsed !== undefined && kinds.has(Array.isArray(parsed) ? "array" : "object")) return parsed;
  }
  if (kinds.has("null") && /^(null|None)$/.test(plain)) return null;
  if (kinds.has("boolean") && /^(true|false)$/i.test(plain)) return plain.toLowerCase() === "true";
  if (kinds.has("boolean") && !kinds.has("string") && !kinds.has("integer") && /^[01]$/.test(plain)) return plain === "1";
  if ((kinds.has("integer") || kinds.has("number")) && isNumber(plain) && (kinds.has("number") || Number.isInteger(Number(plain)))) return Number(plain);
  if (kinds.has("string")) return text;
  if (kinds.has("object") || kinds.has("array")) return unescaped(plain) ?? text;
  return text;
}

const isNumber = (text: string): boolean => /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text);

function structured(text: string): unknown {
  if (!/^[[{(]/.test(text)) return undefined;
  const parsed = parseLoose(text)?.value;
  return typeof parsed === "object" && parsed !== null ? parsed : undefined;
}
/** JSON that was escaped once too often: {\"a\": 1}. */
function unescaped(text: string): unknown {
  if (!text.includes('\\"')) return undefined;
  try {
    const once: unknown = JSON.parse(`"${text}"`);
    return typeof once === "string" ? structured(once) : undefined;
  } catch {
    return undefined;
  }
}

function guessed(text: string): unknown {
  const plain = text.trim();
  if (/^(true|True)$/.test(plain)) return true;
  if (/^(false|False)$/.test(plain)) return false;
  if (/^(null|None)$/.test(plain)) return null;
  if (isNumber(plain) && !/^[-+]?0\d/.test(plain)) return Number(plain);
  return structured(plain) ?? text;
}

const aliases: [RegExp, Kind][] = [
  [/^(str|text|varchar|char|enum)/, "string"],
  [/^(int|uint|long|short|unsigned)/, "integer"],
  [/^(num|float|double|decimal)/, "number"],
  [/^bool/, "boolean"],
  [/^(null|none)/, "null"],
  [/^(obj|dict|map)/, "object"],
  [/^(arr|list|tuple|seq)/, "array"],
];

function kindsOf(schema: unknown, depth: number): Set<Kind> {
  const kinds = new Set<Kind>();
  if (!isFields(schema) || depth > 4) return kinds;
  for (const type of [schema.type].flat()) {
    const kind = typeof type === "string" ? aliases.find(([pattern]) => pattern.test(type.toLowerCase()))?.[1] : undefined;
    if (kind) kinds.add(kind);
  }
  for (const choice of [schema.anyOf, schema.oneOf, schema.allOf].flat()) for (const kind of kindsOf(choice, depth + 1)) kinds.add(kind);
  if (kinds.size > 0) return kinds;
  for (const value of [Array.isArray(schema.enum) ? schema.enum : "const" in schema ? [schema.const] : []].flat()) {
    if (typeof value === "string" || typeof value === "boolean" || typeof value === "number") kinds.add(typeof value as Kind);
    if (value === null) kinds.add("null");
  }
  if (isFields(schema.properties)) kinds.add("object");
  if (schema.items !== undefined) kinds.add("array");
  return kinds;
}
