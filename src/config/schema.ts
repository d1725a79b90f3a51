// The one schema of both configuration files; docs/config.md and the JSON schema are generated from it. Loaded only when a file exists.
import * as z from "zod/mini";
import type { PolicyName } from "../core/events.ts";

const policyNames = ["ask", "auto", "read-only"] as const satisfies readonly PolicyName[];
/** Servers that may want a key of their own. */
const serverNames = ["ollama", "lmstudio", "llama-server", "openai"] as const;

const text = (wants: string) => z.string(wants).check(z.refine((value) => value.trim() !== "" && !/[\u0000-\u001f\u007f]/.test(value), { error: wants }));
const count = (wants: string, most = Number.MAX_SAFE_INTEGER) =>
  z.number(wants).check(z.refine((value) => Number.isInteger(value) && value > 0 && value <= most, { error: wants }));
const modelText = z
  .string("SERVER/NAME, for example ollama/qwen3:8b")
  .check(z.refine((value) => /^(ollama|lmstudio|llama-server|openai|embedded)\/[^\s\u0000-\u001f]+$/.test(value), { error: "SERVER/NAME, for example ollama/qwen3:8b" }));
const urlWants = "the root address of a server, for example http://127.0.0.1:11434";
const urlText = z
  .string(urlWants)
  .check(z.refine((value) => URL.canParse(value) && /^https?:\/\//.test(value) && new URL(value).username === "" && new URL(value).password === "", { error: urlWants }));
const hostWants = "host names or addresses, with a port or without, for example 192.168.1.20";
const hostText = z.string(hostWants).check(z.refine((value) => /^[\w.-]+(:\d{1,5})?$|^[0-9a-fA-F:]+$|^\[[0-9a-fA-F:]+\](:\d{1,5})?$/.test(value), { error: hostWants }));
const limits = z.strictObject(
  {
    maxTurns: z.optional(count("a whole number above 0").check(z.describe("Most turns of one run."))),
    maxTimeS: z.optional(count("a whole number of seconds from 1 to 2000000", 2_000_000).check(z.describe("Most seconds one run may take."))),
  },
  "an object with maxTurns and maxTimeS",
);
const list = (item: z.ZodMiniType<string>, wants: string) => z.array(item, wants).check(z.refine((value) => value.length <= 1000, { error: wants }));

/** The user's own file: what it says holds everywhere. */
export const userSchema = z.strictObject(
  {
    $schema: z.optional(z.string("the address of a JSON schema").check(z.describe("For editors; not read."))),
    model: z.optional(modelText.check(z.describe("Model to use when no flag names one: SERVER/NAME."))),
    url: z.optional(urlText.check(z.describe("Where that server listens. Another host than this machine must stand under allowHosts."))),
    allowHosts: z.optional(
      list(hostText, "a list of hosts").check(z.describe("Hosts other than this machine that may be asked for a model. Your code goes there: name only machines of your own.")),
    ),
    policy: z.optional(
      z.enum(policyNames, "ask, auto or read-only").check(z.describe("What is asked for in the TUI: ask, auto or read-only. Headless runs are auto unless a flag says otherwise.")),
    ),
    limits: z.optional(limits.check(z.describe("Limits of every run; a flag overrides them."))),
    prewarm: z.optional(
      z
        .boolean("true or false")
        .check(z.describe("Have the model loaded and the beginning of the prompt read when a session opens and while you type (true). false: no request before you ask.")),
    ),
    profile: z.optional(
      z
        .enum(["auto", "default", "nano"], "auto, default or nano")
        .check(
          z.describe(
            "How much is sent before the task. default: all tools, through the server. nano: three tools, described in text, for small models and contexts. auto: what the model's context and its probe (aura models probe) speak for.",
          ),
        ),
    ),
    contextTokens: z.optional(count("a whole number of tokens").check(z.describe("Context to ask the server for, in tokens, where the server lets a client choose (Ollama)."))),
    serverKeys: z.optional(
      z
        .partialRecord(z.enum(serverNames, "one of ollama, lmstudio, llama-server, openai"), text("a key"), "an object of server names and their keys")
        .check(z.describe("Keys for servers started with one, by server name. Sent to that server alone, never logged.")),
    ),
    theme: z.optional(z.enum(["auto", "dark", "light"], "auto, dark or light").check(z.describe("Colours for a dark or a light background; auto asks the terminal."))),
    editor: z.optional(text("a command line").check(z.describe("Editor for Ctrl-G and `aura config edit`; otherwise $VISUAL or $EDITOR."))),
  },
  "an object of settings",
);

/** A repository's file: input from strangers, so it can narrow and describe, never widen. */
export const projectSchema = z.strictObject(
  {
    $schema: z.optional(z.string("the address of a JSON schema").check(z.describe("For editors; not read."))),
    test: z.optional(text("a command line").check(z.describe("Command that runs the tests; it runs in the sandbox, under the policy, like any other."))),
    lint: z.optional(
      z
        .union([text("a command line"), z.literal(false)], "a command line, or false")
        .check(
          z.describe(
            "Command that checks style and types: once before a run that changed code is done, in the sandbox, under the policy. Absent: what the project has is found. false: none.",
          ),
        ),
    ),
    languages: z.optional(list(text("a language name"), "a list of language names").check(z.describe("Languages of this repository."))),
    ignore: z.optional(
      list(text("a pattern as in .gitignore"), "a list of patterns as in .gitignore").check(z.describe("Paths that search leaves out, besides those git ignores.")),
    ),
    policy: z.optional(
      z
        .enum(policyNames, "ask, auto or read-only")
        .check(z.describe("Strictest policy wanted here. It applies only where it is stricter than the one in force (read-only, then ask, then auto).")),
    ),
    prewarm: z.optional(z.boolean("true or false").check(z.describe("false: no request to the model before you ask for something. true changes nothing."))),
    limits: z.optional(limits.check(z.describe("Limits of a run here; they apply only where they are lower than those in force."))),
  },
  "an object of settings",
);

export type UserConfig = z.infer<typeof userSchema>;
export type ProjectConfig = z.infer<typeof projectSchema>;
export type ConfigKind = "user" | "project";
export const schemaOf = (kind: ConfigKind): typeof userSchema | typeof projectSchema => (kind === "user" ? userSchema : projectSchema);

/** One key as people write it, for the docs, completions and `config get`. */
export interface KeyRow {
  key: string;
  type: string;
  about: string;
}
interface JsonSchema {
  type?: string;
  enum?: unknown[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  propertyNames?: { enum?: unknown[] };
  anyOf?: JsonSchema[];
}
/** Both files as one JSON schema, keys in the order written here. */
export const jsonSchemaOf = (kind: ConfigKind): JsonSchema => z.toJSONSchema(schemaOf(kind), { io: "input", target: "draft-7" }) as JsonSchema;

/** Every settable key, nested ones dotted. */
export function keyRows(kind: ConfigKind): KeyRow[] {
  const rows: KeyRow[] = [];
  const walk = (schema: JsonSchema, prefix: string): void => {
    for (const [name, child] of Object.entries(schema.properties ?? {})) {
      if (name === "$schema") continue;
      const key = `${prefix}${name}`;
      if (child.properties) {
        walk(child, `${key}.`);
        continue;
      }
      if (child.propertyNames) {
        for (const inner of child.propertyNames.enum ?? []) rows.push({ key: `${key}.${String(inner)}`, type: "text", about: child.description ?? "" });
        continue;
      }
      const type = child.enum
        ? child.enum.map(String).join(", ")
        : child.type === "array"
          ? "list of text"
          : child.type === "string"
            ? "text"
            : child.anyOf
              ? "text or false"
              : child.type === "integer"
                ? "number"
                : (child.type ?? "text");
      rows.push({ key, type, about: child.description ?? "" });
    }
  };
  walk(jsonSchemaOf(kind), "");
  return rows;
}
