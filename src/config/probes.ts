// What probes found out about models, kept in the user's own state: one file for each model and server.
import { createHash } from "node:crypto";
import { join } from "node:path";
import * as z from "zod/mini";
import type { ModelLine } from "../core/events.ts";
import { note } from "../core/note.ts";
import type { EditForm, Probed, Profile } from "../core/probed.ts";
import type { Paths } from "./paths.ts";
import { readSmall, writePrivate } from "./private.ts";

const forms = ["replace", "blocks", "patch", "whole"] as const satisfies readonly EditForm[];
const profiles = ["default", "nano"] as const satisfies readonly Profile[];
const count = z.number().check(z.nonnegative());
const speed = z.nullable(count);
const shape = z.object({
  v: z.literal(1),
  model: z.string(),
  url: z.string(),
  at: z.number(),
  context: count,
  calls: z.enum(["native", "text", "none"]),
  onlyTold: z.optional(z.boolean()),
  parallel: z.boolean(),
  schema: z.boolean(),
  forced: z.boolean(),
  thinks: z.boolean(),
  edits: z.partialRecord(z.enum(forms), z.object({ landed: count, tried: count })),
  form: z.enum(forms),
  profile: z.enum(profiles),
  readPerS: speed,
  writePerS: speed,
});

/** The same server by another name for this machine, or by the door of its API, is the same. */
export function serverKey(url: string): string {
  try {
    const { protocol, hostname, port, pathname } = new URL(url);
    const host = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(hostname) ? "127.0.0.1" : hostname;
    return `${protocol}//${host}${port === "" ? "" : `:${port}`}${pathname.replace(/\/+$/, "").replace(/\/(v1|api)$/, "")}`;
  } catch {
    return url;
  }
}
/** Ollama lists a model without a tag as its latest. */
const modelKey = (model: string): string => (model.startsWith("ollama/") && !/:[^/]+$/.test(model) ? `${model}:latest` : model);
function fileOf(paths: Paths, model: string, url: string): string {
  const key = createHash("sha256")
    .update(`${modelKey(model)}\n${serverKey(url)}`)
    .digest("hex")
    .slice(0, 24);
  return join(paths.state, "probes", `${key}.json`);
}

/** What the newest probe of this model at this server found, null = none, or none that can be read (then a note says so). Never throws. */
export function readProbe(paths: Paths, model: string, url: string): Probed | null {
  const file = fileOf(paths, model, url);
  try {
    const text = readSmall(file, { maxBytes: 20_000 });
    if (text === null) return null;
    const parsed = shape.safeParse(JSON.parse(text));
    if (parsed.success && modelKey(parsed.data.model) === modelKey(model)) return parsed.data as Probed;
    note("config", "a probe's result is of another kind than this Aura writes", { file }, "warn");
  } catch (error) {
    note("config", "a probe's result can't be read", { file, error: String(error) }, "warn");
  }
  return null;
}

/** Keeps a probe's result in place of the last one, in one step. Throws AuraError where the state can't be written. */
export function saveProbe(paths: Paths, probed: Probed): void {
  writePrivate(fileOf(paths, probed.model, probed.url), `${JSON.stringify(probed, null, 2)}\n`);
}

/** The same lines, each with what is known of its model. Never throws. */
export const withProbes = (paths: Paths, models: readonly ModelLine[]): ModelLine[] => models.map((line) => ({ ...line, probed: readProbe(paths, line.id, line.url) }));
