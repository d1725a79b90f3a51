// What is remembered for one repository, by its real path, in the user's own state: "always" answers, the last model, trust. One small file each.
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { AuraError } from "../core/error.ts";
import type { ModelId } from "../core/events.ts";
import { note } from "../core/note.ts";
import { JsonFault, parsePlaced } from "./json.ts";
import type { Paths } from "./paths.ts";
import { readSmall, writePrivate } from "./private.ts";

export interface Memory {
  /** Keys of core/approve.ts answered "always" here. */
  always: string[];
  model?: ModelId;
  trust?: { hash: string; yes: boolean };
}
const mostKeys = 500;

const realRoot = (root: string): string => {
  try {
    return realpathSync(root);
  } catch {
    return root;
  }
};
const fileOf = (paths: Paths, root: string): string => join(paths.state, "repositories", `${createHash("sha256").update(realRoot(root)).digest("hex").slice(0, 24)}.json`);

/** Empty when nothing is remembered or the file can't be understood: forgetting only means being asked again. Never throws. */
export function readMemory(paths: Paths, root: string): Memory {
  const file = fileOf(paths, root);
  try {
    const text = readSmall(file);
    return text === null ? { always: [] } : toMemory(JSON.parse(text), realRoot(root));
  } catch (error) {
    note("config", "what was remembered can't be read", { file, error: String(error) }, "warn");
    return { always: [] };
  }
}

/**
 * Reads anew, changes, writes in one step, so that two Auras lose little. Throws AuraError where the state can't be written, and
 * for a file that isn't what Aura wrote: that one is left as it is.
 */
export function changeMemory(paths: Paths, root: string, change: (memory: Memory) => Memory): void {
  const file = fileOf(paths, root);
  checkMemory(file, realRoot(root));
  writePrivate(file, `${JSON.stringify({ root: realRoot(root), ...change(readMemory(paths, root)) }, null, 2)}\n`);
}
function checkMemory(file: string, root: string): void {
  const text = readSmall(file);
  if (text === null) return;
  let fault = "1: not what Aura remembers of this repository";
  try {
    const { value } = parsePlaced(text);
    if (typeof value === "object" && value !== null && "root" in value && value.root === root) return;
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    fault = `${error.line}:${error.column}: not valid JSON: ${error.message}`;
  }
  throw new AuraError("state-corrupt", `${file}:${fault}`, { hint: "Mend it, or move it away: Aura changes nothing in it, and remembers nothing there", exit: 2 });
}

function toMemory(value: unknown, root: string): Memory {
  const memory: Memory = { always: [] };
  if (typeof value !== "object" || value === null || !("root" in value) || value.root !== root) return memory;
  if ("always" in value && Array.isArray(value.always)) memory.always = value.always.filter((key) => typeof key === "string").slice(-mostKeys);
  if ("model" in value && typeof value.model === "string") memory.model = value.model as ModelId;
  if ("trust" in value && typeof value.trust === "object" && value.trust !== null) {
    const trust = value.trust;
    if ("hash" in trust && typeof trust.hash === "string" && "yes" in trust && typeof trust.yes === "boolean") memory.trust = { hash: trust.hash, yes: trust.yes };
  }
  return memory;
}

/** The keys answered "always" in this repository. Never throws. */
export const loadAlways = (paths: Paths, root: string): Set<string> => new Set(readMemory(paths, root).always);

/** Adds one key. Throws AuraError where the state can't be written. */
export function rememberAlways(paths: Paths, root: string, key: string): void {
  changeMemory(paths, root, (memory) => ({ ...memory, always: [...memory.always.filter((old) => old !== key), key].slice(-mostKeys) }));
}

/** Takes every "always" answer of this repository back. */
export function forgetAlways(paths: Paths, root: string): void {
  changeMemory(paths, root, (memory) => ({ ...memory, always: [] }));
}
