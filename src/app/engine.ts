// Where the engine for GGUF files lies, which one it is, and whether it is there.
import { existsSync, lstatSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Paths } from "../config/paths.ts";
import { type EnginePlace, installedVersion } from "../models/engine/pool.ts";

/** The version that was tried: another may differ in what it calls its functions. */
export const engineVersion = "3.22.1";

/** The package with the engine's own program for this machine, null = there is none. On Linux and Windows the one for the processor alone. */
export function platformPackage(platform: string = process.platform, arch: string = process.arch): string | null {
  const names: Record<string, string> = {
    "linux-x64": "linux-x64",
    "linux-arm64": "linux-arm64",
    "linux-arm": "linux-armv7l",
    "darwin-arm64": "mac-arm64-metal",
    "darwin-x64": "mac-x64",
    "win32-x64": "win-x64",
    "win32-arm64": "win-arm64",
  };
  const name = names[`${platform}-${arch}`];
  return name === undefined ? null : `@node-llama-cpp/${name}`;
}

/** All engines of this user, one folder for each version. */
export const enginesFolder = (paths: Paths): string => join(paths.cache, "engine");
/** AURA_ENGINE names another folder: several homes may share one engine. */
export function engineFolder(paths: Paths, env: Record<string, string | undefined>): string {
  if (env.AURA_ENGINE) return resolve(env.AURA_ENGINE);
  return join(enginesFolder(paths), `${engineVersion}-${process.platform}-${process.arch}`);
}

/** Runs as it is from the sources, and bundled beside this file. */
const worker = (): string => {
  const here = fileURLToPath(import.meta.url);
  return join(dirname(here), here.endsWith(".ts") ? "engine-worker.ts" : "engine.mjs");
};
export const enginePlaceOf = (paths: Paths, env: Record<string, string | undefined>): EnginePlace => ({ folder: engineFolder(paths, env), worker: worker() });

export interface EngineState {
  installed: boolean;
  /** Of node-llama-cpp; null where none is installed. */
  version: string | null;
  wanted: string;
  folder: string;
  bytes: number | null;
}
/** Never throws. */
export function engineState(folder: string): EngineState {
  const version = installedVersion(folder);
  return { installed: version === engineVersion, version, wanted: engineVersion, folder, bytes: existsSync(folder) ? sizeOf(folder) : null };
}

/** Bytes of all files below; links count as nothing. */
export function sizeOf(folder: string): number {
  let bytes = 0;
  try {
    for (const entry of readdirSync(realpathSync(folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) bytes += lstatSync(join(entry.parentPath, entry.name)).size;
  } catch {
    // it is being removed
  }
  return bytes;
}
