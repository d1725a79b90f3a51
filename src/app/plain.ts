// The commands that print and end: help, completions, sessions, undo, init, models, doctor, config, engine, daemon.
import { findPaths, type Paths } from "../config/paths.ts";
import type { ExitCode } from "../core/error.ts";
import { daemonPaths } from "../core/paths.ts";
import type { Flags, Parsed, Wrong } from "./args.ts";
import { openDebugLog } from "./debuglog.ts";
import { type Output, openOutput, reportFailure } from "./output.ts";
import { version } from "./version.ts";

type Plain = Exclude<Parsed, { command: "version" | "headless" | "tui" | "attach" | "resume" | "demo" | "bench" }>;

export async function runPlain(parsed: Plain | Wrong): Promise<ExitCode> {
  if (parsed.command === "wrong") return reportFailure(parsed.error, { json: parsed.json });
  const { flags } = parsed;
  const output = openOutput({ stdout: process.stdout, stderr: process.stderr, env: process.env, color: flags.color });
  switch (parsed.command) {
    case "help":
      output.out((await import("./help.ts")).renderHelp(parsed.topic).trimEnd());
      return 0;
    case "completions": {
      const { keyRows } = await import("../config/schema.ts");
      const { renderCompletions } = await import("./completions.ts");
      process.stdout.write(
        renderCompletions(
          parsed.shell,
          keyRows("user").map((row) => row.key),
        ),
      );
      return 0;
    }
    default:
      return runNoted(parsed, flags, output);
  }
}

/** The rest reads or changes state, so it gets the guard and the debug log. */
async function runNoted(parsed: Exclude<Plain, { command: "help" | "completions" }>, flags: Flags, output: Output): Promise<ExitCode> {
  const { installGuard } = await import("../models/guard.ts");
  installGuard();
  const paths = findPaths(process.env);
  const debug = openDebugLog({ paths, verbose: flags.verbose });
  try {
    switch (parsed.command) {
      case "config":
        return await (await import("./configCommand.ts")).runConfig({ paths, env: process.env, output, action: parsed });
      case "daemon":
        if (parsed.action === "run") throw new Error("main starts the daemon");
        return await daemon(parsed.action, paths, flags, output);
      case "models": {
        const { printModels } = await import("./modelsCommand.ts");
        const found = await findModels(paths, flags);
        return printModels({ found, inUse: (await inUseHere(paths, flags))(found), json: flags.json, output });
      }
      case "probe":
        return await (await import("./probeCommand.ts")).runProbeCommand({ paths, flags, output, model: parsed.model });
      case "index":
        return await (await import("./indexCommand.ts")).runIndex({ paths, flags, output, fresh: parsed.fresh });
      case "search":
        return await (await import("./searchCommand.ts")).runSearch({ paths, flags, output, words: parsed.words, limit: parsed.limit });
      case "engine": {
        const { runEngine } = await import("./engineCommand.ts");
        const { confirmOnTerminal } = await import("./confirm.ts");
        const { yes, json, quiet } = flags;
        return await runEngine({ paths, env: process.env, action: parsed.action, from: parsed.from, yes, json, quiet, output, confirm: confirmOnTerminal });
      }
      case "sessions":
        return await (await import("./sessionsCommand.ts")).printSessions({ paths, flags, output });
      case "undo":
        return await (await import("./undoCommand.ts")).runUndo({ paths, flags, output, to: parsed.to });
      case "init":
        return await init(paths, flags, output);
      case "doctor":
        return await doctor(paths, flags, output);
    }
  } finally {
    debug.close();
  }
}

async function findModels(paths: Paths, flags: Pick<Flags, "url" | "cwd">): ReturnType<typeof import("../models/index.ts").lookForModels> {
  const { loadConfig } = await import("../config/load.ts");
  const { setAllowedHosts } = await import("../models/loopback.ts");
  const { lookForModels } = await import("../models/index.ts");
  const { user } = await loadConfig({ paths, root: null });
  setAllowedHosts(user.allowHosts ?? []);
  const url = flags.url ?? user.url;
  const { withProbes } = await import("../config/probes.ts");
  const found = await lookForModels(url ? { url } : {}, AbortSignal.timeout(5_000));
  return { ...found, models: withProbes(paths, found.models) };
}

/** Which of the models found a session in this folder would take. */
async function inUseHere(paths: Paths, flags: Flags): Promise<(found: Awaited<ReturnType<typeof findModels>>) => import("./inUse.ts").InUse | null> {
  const { loadConfig } = await import("../config/load.ts");
  const { modelInUse } = await import("./inUse.ts");
  const { findRoot } = await import("./root-of.ts");
  const { user } = await loadConfig({ paths, root: null });
  return (found) => modelInUse({ paths, root: findRoot(flags.cwd), flag: flags.model, configured: flags.url ? undefined : user.model, found });
}

async function init(paths: Paths, flags: Flags, output: Output): Promise<ExitCode> {
  const { findRoot } = await import("./root-of.ts");
  const { runInit } = await import("./init.ts");
  const { confirmOnTerminal } = await import("./confirm.ts");
  const root = findRoot(flags.cwd);
  const confirm = flags.yes ? async () => true : confirmOnTerminal;
  return runInit({ paths, root, json: flags.json, output, confirm, detectCommands: detectCommandsIn, findModels: () => findModels(paths, flags) });
}

/** The project's own commands, as the tools would find them. */
export async function detectCommandsIn(root: string): Promise<{ test: string | null; lint: string | null }> {
  const { detectCommands } = await import("./projectcommands.ts");
  const { openFiles } = await import("../tools/files.ts");
  const { repositoryPolicy } = await import("../sandbox/policy.ts");
  return detectCommands({ files: openFiles({ policy: repositoryPolicy(root), root }), root, cwd: root });
}

async function doctor(paths: Paths, flags: Flags, output: Output): Promise<ExitCode> {
  const { runDoctor } = await import("./doctor.ts");
  const { detectLevel } = await import("../sandbox/level.ts");
  const { loadConfig } = await import("../config/load.ts");
  const { problemLine } = await import("../config/parse.ts");
  const { daemonStatus } = await import("./connect.ts");
  const { findRoot } = await import("./root-of.ts");
  const { toolsRefused } = await import("./traps.ts");
  const { engineFolder, engineState } = await import("./engine.ts");
  const { join } = await import("node:path");
  const root = findRoot(flags.cwd);
  const { user } = await loadConfig({ paths, root: null }).catch(() => ({ user: null }));
  return runDoctor({
    machine: { env: process.env, platform: process.platform, files: "/", isTerminal: process.stdout.isTTY === true },
    paths,
    root,
    version,
    probeSandbox: () => detectLevel({ folder: join(paths.cache, "sandbox") }).ready,
    findModels: () => findModels(paths, flags),
    inUse: user ? await inUseHere(paths, flags) : () => null,
    toolsRefused: (model) => toolsRefused(model, { signal: AbortSignal.timeout(3_000), ...(user?.serverKeys?.openai ? { key: user.serverKeys.openai } : {}) }),
    engine: () => engineState(engineFolder(paths, process.env)),
    daemonStatus: async () => {
      const status = await daemonStatus(daemonPaths(paths));
      return status ? { pid: status.pid, version: status.version, clients: status.clients } : null;
    },
    checkConfig: async () => (await loadConfig({ paths, root })).problems.map(problemLine),
    json: flags.json,
    output,
  });
}

async function daemon(action: "start" | "stop" | "status", paths: Paths, flags: Flags, output: Output): Promise<ExitCode> {
  const places = daemonPaths(paths);
  const { connectDaemon, daemonStatus, stopDaemon } = await import("./connect.ts");
  const { daemonSpawn } = await import("./spawn.ts");
  if (action === "stop") {
    const stopped = await stopDaemon(places);
    if (flags.json) output.json({ stopped });
    else output.out(stopped ? "The daemon has ended." : "No daemon is running.");
    return 0;
  }
  if (action === "start") (await connectDaemon({ paths: places, spawn: daemonSpawn(), env: process.env })).stop();
  const status = await daemonStatus(places);
  if (flags.json) output.json(status);
  else
    output.out(status ? `The daemon runs: process ${status.pid}, version ${status.version}, ${status.clients} clients${status.busy ? ", working" : ""}.` : "No daemon is running.");
  return 0;
}
