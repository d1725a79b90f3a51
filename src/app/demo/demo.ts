// `aura demo`: a real project, real tools, real sandbox; for a model a tiny one that really runs where the engine is installed, else a script.
// On a terminal the full screen, else headless with the diff.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findPaths } from "../../config/paths.ts";
import type { ExitCode } from "../../core/error.ts";
import type { ModelId } from "../../core/events.ts";
import { daemonPaths } from "../../core/paths.ts";
import { installedVersion } from "../../models/engine/pool.ts";
import { installGuard } from "../../models/guard.ts";
import { detectLevel } from "../../sandbox/level.ts";
import { runBatch } from "../batch.ts";
import { engineFolder, engineVersion } from "../engine.ts";
import type { Flags } from "../flagvalues.ts";
import { demoTask, makeDemoProject } from "./project.ts";
import { openScriptedServer } from "./server.ts";
import { demoAnswer } from "./story.ts";

/** Pieces per second: a pace that can be watched. */
const watchedRate = 40;

/** The test model's file, where the engine is there to run it; it lies beside the bundles, and in a clone where it was made. */
function runnable(engine: string): string | null {
  if (installedVersion(engine) !== engineVersion) return null;
  const here = dirname(fileURLToPath(import.meta.url));
  return [join(here, "tool-loop.gguf"), join(here, "../../../test/engine/tool-loop.gguf")].find((path) => existsSync(path)) ?? null;
}
const toldOf = (model: string | null): string =>
  model === null
    ? "This is a demo: the model is a script, not a model. The project, the tools, the tests and the sandbox are real."
    : "This is a demo: the model is a 1.5 MB test model that really runs; it knows tasks like this one and nothing else. The project, the tools, the tests and the sandbox are real.";

/** `noScreen`: why there can be no full screen, null when there can. Everything it makes lies in temporary folders that are gone afterwards. */
export async function runDemo(flags: Flags, noScreen: string | null, screen: (flags: Flags, task: string, told: string[]) => Promise<ExitCode>): Promise<ExitCode> {
  installGuard();
  const home = realpathSync(mkdtempSync(join(tmpdir(), "aura-home-")));
  const engine = engineFolder(findPaths(process.env), process.env);
  process.env.AURA_HOME = home;
  process.env.AURA_ENGINE = engine;
  const root = makeDemoProject();
  const real = runnable(engine);
  const server = real === null ? await openScriptedServer({ script: (asked) => demoAnswer(asked, noScreen ? 2_000 : watchedRate), wire: "ollama" }) : null;
  const { level } = await detectLevel({ folder: join(findPaths(process.env).cache, "sandbox") }).ready;
  const unconfined = flags.sandbox === "off" || level === "none";
  const model = server ? { model: `ollama/${server.model}` as ModelId, url: server.url } : { model: `embedded/${real}` as ModelId };
  const own: Flags = { ...flags, cwd: root, ...model, ...(unconfined ? { sandbox: "off" as const } : {}) };
  const told = [
    toldOf(real),
    ...(unconfined ? ["UNCONFINED: no sandbox works here, so the demo's own commands (its tests) run without one. aura doctor says what is missing."] : []),
  ];
  try {
    if (!noScreen) return await screen(own, demoTask, told);
    for (const line of told) process.stderr.write(`aura: ${line}\n`);
    process.stderr.write(`aura: ${demoTask}\n`);
    const code = await runBatch({ command: "headless", task: demoTask, goOn: false, flags: { ...own, yes: true } });
    process.stdout.write(`\n${execFileSync("git", ["-c", "core.fsmonitor=false", "diff", "--no-ext-diff", "--no-color"], { cwd: root, encoding: "utf8" })}`);
    return code;
  } finally {
    const { stopDaemon } = await import("../connect.ts");
    await stopDaemon(daemonPaths(findPaths(process.env))).catch(() => false);
    await server?.close();
    rmSync(dirname(root), { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  }
}
