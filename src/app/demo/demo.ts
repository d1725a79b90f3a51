// `aura demo`: a real project, real tools, real sandbox and a script in place of the model. On a terminal the full screen, else headless with the diff.
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findPaths } from "../../config/paths.ts";
import type { ExitCode } from "../../core/error.ts";
import type { ModelId } from "../../core/events.ts";
import { daemonPaths } from "../../core/paths.ts";
import { installGuard } from "../../models/guard.ts";
import { detectLevel } from "../../sandbox/level.ts";
import { runBatch } from "../batch.ts";
import type { Flags } from "../flagvalues.ts";
import { demoTask, makeDemoProject } from "./project.ts";
import { openScriptedServer } from "./server.ts";
import { demoAnswer } from "./story.ts";

/** Pieces per second: a pace that can be watched. */
const watchedRate = 40;

/** `noScreen`: why there can be no full screen, null when there can. Everything it makes lies in temporary folders that are gone afterwards. */
export async function runDemo(flags: Flags, noScreen: string | null, screen: (flags: Flags, task: string, told: string[]) => Promise<ExitCode>): Promise<ExitCode> {
  installGuard();
  const home = realpathSync(mkdtempSync(join(tmpdir(), "aura-home-")));
  process.env.AURA_HOME = home;
  const root = makeDemoProject();
  const server = await openScriptedServer({ script: (asked) => demoAnswer(asked, noScreen ? 2_000 : watchedRate), wire: "ollama" });
  const { level } = await detectLevel({ folder: join(findPaths(process.env).cache, "sandbox") }).ready;
  const unconfined = flags.sandbox === "off" || level === "none";
  const own: Flags = { ...flags, cwd: root, model: `ollama/${server.model}` as ModelId, url: server.url, ...(unconfined ? { sandbox: "off" as const } : {}) };
  const told = [
    "This is a demo: the model is a script, not a model. The project, the tools, the tests and the sandbox are real.",
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
    await server.close();
    rmSync(dirname(root), { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  }
}
