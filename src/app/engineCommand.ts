// `aura engine install|status|remove`: the engine that runs GGUF files without a model server.
import { existsSync, rmSync } from "node:fs";
import type { Paths } from "../config/paths.ts";
import { AuraError, type ExitCode } from "../core/error.ts";
import { engineFolder, engineState, engineVersion } from "./engine.ts";
import { engineMegabytes, installEngine, isOurs } from "./engineInstall.ts";
import type { Output } from "./output.ts";

export interface EngineNeeds {
  paths: Paths;
  env: Record<string, string | undefined>;
  action: "install" | "status" | "remove";
  /** Absolute. */
  from: string | null;
  yes: boolean;
  json: boolean;
  quiet: boolean;
  output: Pick<Output, "out" | "err" | "json">;
  confirm(question: string): Promise<boolean>;
}

const megabytes = (bytes: number | null): string => `${Math.round((bytes ?? 0) / 1e6)} MB`;

/** Throws AuraError. */
export async function runEngine(needs: EngineNeeds): Promise<ExitCode> {
  switch (needs.action) {
    case "install":
      return install(needs);
    case "status":
      return status(needs);
    case "remove":
      return remove(needs);
  }
}

function status({ paths, env, json, output }: EngineNeeds): ExitCode {
  const state = engineState(engineFolder(paths, env));
  if (json) output.json(state);
  else if (state.installed)
    output.out(`node-llama-cpp ${state.version}, ${megabytes(state.bytes)}, for the processor${onMac() ? " and Apple's graphics" : " alone"}\n${state.folder}`);
  else
    output.out(
      state.version === null ? "Not installed. aura engine install brings it." : `node-llama-cpp ${state.version} is installed, ${state.wanted} is wanted: aura engine install`,
    );
  return 0;
}
const onMac = (): boolean => process.platform === "darwin" && process.arch === "arm64";

async function install(needs: EngineNeeds): Promise<ExitCode> {
  const { paths, env, from, yes, json, quiet, output, confirm } = needs;
  const folder = engineFolder(paths, env);
  const before = engineState(folder);
  if (before.installed && from === null) {
    if (json) output.json(before);
    else output.out(`node-llama-cpp ${before.version} is installed already: ${folder}`);
    return 0;
  }
  const what =
    from === null
      ? `npm fetches node-llama-cpp ${engineVersion} and what it needs: about ${engineMegabytes.download} MB from the registry your npm is set up with, ${engineMegabytes.disk} MB on the disk.`
      : `node-llama-cpp ${engineVersion}, about ${engineMegabytes.disk} MB, is copied from ${from}.`;
  if (!quiet) output.err(`${what}\nIt goes to ${folder}; no install script runs.`);
  if (!yes && !(await confirm("Install it?"))) throw new AuraError("engine.no", "Nothing was installed", { hint: "--yes answers the question" });
  const started = performance.now();
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  try {
    await installEngine({ folder, from, env, shown: !json && !quiet && process.stderr.isTTY === true, signal: stop.signal });
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
  const state = engineState(folder);
  if (json) output.json({ ...state, ms: Math.round(performance.now() - started) });
  else output.out(`Installed in ${Math.round((performance.now() - started) / 1000)} s, ${megabytes(state.bytes)}. Now: aura --model embedded/PATH.gguf`);
  return 0;
}

async function remove({ paths, env, yes, json, output, confirm }: EngineNeeds): Promise<ExitCode> {
  const folder = engineFolder(paths, env);
  const state = engineState(folder);
  if (!existsSync(folder)) {
    if (json) output.json({ removed: false, folder });
    else output.out("The engine is not installed.");
    return 0;
  }
  if (!isOurs(folder)) throw new AuraError("engine.folder", `${folder} was not made by aura engine install; it is left alone`, { hint: "remove it yourself if it is yours" });
  if (!yes && !(await confirm(`Remove ${folder} (${megabytes(state.bytes)})?`))) throw new AuraError("engine.no", "Nothing was removed", { hint: "--yes answers the question" });
  rmSync(folder, { recursive: true, force: true });
  if (json) output.json({ removed: true, folder });
  else output.out(`Removed ${folder}.`);
  return 0;
}
