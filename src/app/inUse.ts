// Which model a session opened here would take, and why that one.
import { existsSync } from "node:fs";
import { lastModel } from "../config/models.ts";
import type { Paths } from "../config/paths.ts";
import { readMemory } from "../config/remember.ts";
import type { Answer, ModelId } from "../core/events.ts";
import { modelFile } from "../models/embedded.ts";

export interface InUse {
  model: ModelId;
  why: "flag" | "config" | "repository" | "last" | "only";
  /** One of the servers found has it, or it is a file that exists. */
  there: boolean;
}
export const inUseWords: Record<InUse["why"], string> = {
  flag: "as you say",
  config: "by your configuration",
  repository: "chosen in this repository",
  last: "chosen last",
  only: "the only one",
};

/** null where the person would be asked. Never throws. */
export function modelInUse(needs: { paths: Paths; root: string; flag: string | undefined; configured: string | undefined; found: Answer<{ type: "models" }> }): InUse | null {
  const { paths, root, found } = needs;
  const choices: [InUse["why"], string | null | undefined][] = [
    ["flag", needs.flag],
    ["config", needs.configured],
    ["repository", readMemory(paths, root).model],
    ["last", lastModel(paths)],
    ["only", found.chosen],
  ];
  const [why, model] = choices.find(([, id]) => id) ?? [];
  if (!why || !model) return null;
  const file = /^embedded\/(.+)$/.exec(model)?.[1];
  const there = file === undefined ? found.models.some((line) => line.id === model && line.refused === null) : existsSync(modelFile(file, root));
  return { model: model as ModelId, why, there };
}
