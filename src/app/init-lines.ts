// `/init` inside the screen: the same as `aura init --yes`, its words as lines.
import type { Paths } from "../config/paths.ts";
import { lookForModels } from "../models/index.ts";
import { runInit } from "./init.ts";
import { detectCommandsIn } from "./plain.ts";

export async function initLines(paths: Paths, root: string): Promise<string[]> {
  const lines: string[] = [];
  const say = (text: string): void => void lines.push(...text.split("\n"));
  await runInit({
    paths,
    root,
    json: false,
    output: { out: say, err: say, json: () => {} },
    // a repository's own files are agreed to on the command line, where they are shown first
    confirm: async () => false,
    detectCommands: detectCommandsIn,
    findModels: () => lookForModels({}, AbortSignal.timeout(5_000)),
  });
  return lines;
}
