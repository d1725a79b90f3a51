// What the bench finds before it begins: the sandbox's level and each language's toolchain, asked where they will have to work.
import type { Paths } from "../../config/paths.ts";
import { AuraError } from "../../core/error.ts";
import { openSandbox } from "../../sandbox/open.ts";
import { repositoryPolicy } from "../../sandbox/policy.ts";
import { makePlace, removePlace } from "./project.ts";
import type { Result } from "./shape.ts";
import type { Task, Tongue } from "./task.ts";
import { benchEnv, readVersion, toolchains } from "./toolchains.ts";

export interface Looked {
  languages: Result["languages"];
  /** `off` where the person said so. */
  level: string;
}
/** Throws AuraError (exit 4) where there is no sandbox and nobody said to do without. */
export async function lookAround(needs: { paths: Paths; cacheDir: string; wanted: readonly Task[]; off: boolean; signal: AbortSignal }): Promise<Looked> {
  const { paths, off } = needs;
  const place = makePlace();
  const sandbox = await openSandbox({
    root: place,
    cwd: place,
    env: benchEnv(process.env),
    cacheDir: needs.cacheDir,
    policy: repositoryPolicy(place),
    hidden: [paths.config, paths.state, paths.runtime],
    off,
  });
  try {
    const level = await sandbox.ready;
    if (level === "none" && !off) {
      throw new AuraError("sandbox.none", "No sandbox works on this machine, and the bench runs nothing unconfined.", {
        hint: "aura doctor says what is missing; --sandbox off runs without confinement, at your own risk.",
        exit: 4,
      });
    }
    const languages: Looked["languages"] = {};
    for (const language of new Set(needs.wanted.map((task): Tongue => task.language))) {
      const toolchain = toolchains[language];
      languages[language] = readVersion(toolchain, await sandbox.run({ command: toolchain.version, cwd: place, timeoutMs: 60_000, signal: needs.signal }));
    }
    return { languages, level: off ? "off" : level };
  } finally {
    await sandbox.close();
    removePlace(place);
  }
}
