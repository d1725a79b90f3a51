// Which model this person chose, here and last anywhere, so that it is asked once.
import { join } from "node:path";
import type { ModelId } from "../core/events.ts";
import type { Paths } from "./paths.ts";
import { readSmall, writePrivate } from "./private.ts";
import { changeMemory, readMemory } from "./remember.ts";

const lastFile = (paths: Paths): string => join(paths.state, "last-model");

/** The model chosen last in this repository, else last anywhere, else null. It may be gone by now: look before using it. Never throws. */
export function rememberedModel(paths: Paths, root: string): ModelId | null {
  return readMemory(paths, root).model || lastModel(paths);
}

/** The model chosen last in any repository, or null. Never throws. */
export function lastModel(paths: Paths): ModelId | null {
  try {
    const last = readSmall(lastFile(paths), { maxBytes: 1000 })?.trim();
    return last ? (last as ModelId) : null;
  } catch {
    return null;
  }
}

/** Keeps the choice for this repository and as the last one. Throws AuraError where the state can't be written. */
export function rememberModel(paths: Paths, root: string, model: ModelId): void {
  changeMemory(paths, root, (memory) => ({ ...memory, model }));
  writePrivate(lastFile(paths), `${model}\n`);
}
