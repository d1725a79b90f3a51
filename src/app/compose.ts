// The only wiring: every room is opened here with what it needs, heavy ones when first used. Closing closes the last opened first.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type OpenCore, openCore } from "../agent/handle.ts";
import type { AgentNeeds, Workplace } from "../agent/session.ts";
import { loadConfig } from "../config/load.ts";
import { lastModel, rememberModel } from "../config/models.ts";
import type { Paths } from "../config/paths.ts";
import { readProbe, withProbes } from "../config/probes.ts";
import { loadAlways, rememberAlways } from "../config/remember.ts";
import type { UserConfig } from "../config/schema.ts";
import type { Opening } from "../core/events.ts";
import { note } from "../core/note.ts";
import { redact } from "../core/redact.ts";
import { type Clock, systemClock } from "../core/time.ts";
import { findGit } from "../git/find.ts";
import { openGit } from "../git/open.ts";
import { openSyntax } from "../languages/syntax.ts";
import { setEnginePlace } from "../models/engine/pool.ts";
import { lookForModels } from "../models/index.ts";
import { setAllowedHosts } from "../models/loopback.ts";
import { gitPaths } from "../sandbox/gitdirs.ts";
import { openSandbox } from "../sandbox/open.ts";
import { repositoryPolicy } from "../sandbox/policy.ts";
import { openFiles } from "../tools/files.ts";
import { toolsFor } from "../tools/index.ts";
import { type Active, noActive } from "./active.ts";
import { enginePlaceOf } from "./engine.ts";
import { modelOpener } from "./openmodel.ts";
import { openRoots } from "./roots.ts";
import { version } from "./version.ts";

export interface ComposeNeeds {
  paths: Paths;
  user: UserConfig;
  /** The same as it is later: a process that lives long outlives it. Absent = it stays as it is. */
  userNow?(): Promise<UserConfig>;
  active?: Active;
  clock?: Clock;
  /** Absent = from half a second on, doubled each time, to eight seconds. */
  backOffMs?: AgentNeeds["backOffMs"];
  /** Runs that are not the person's own work: their instructions stay out, the repository isn't remembered, and commands can't see `hidden` either. */
  apart?: Apart;
}
export interface Apart {
  hidden: readonly string[];
  cacheDir: string;
}

/** The core of this process: the daemon's, or a headless run's own. */
export function compose({ paths, user, userNow = async () => user, active = noActive, clock = systemClock, backOffMs, apart }: ComposeNeeds): OpenCore {
  setAllowedHosts(user.allowHosts ?? []);
  const configNow = async (): Promise<UserConfig> => {
    const now = await userNow();
    setAllowedHosts(now.allowHosts ?? []);
    return now;
  };
  setEnginePlace(enginePlaceOf(paths, process.env));
  const roots = openRoots(paths);
  const syntax = openSyntax();

  const needs: AgentNeeds = {
    clock,
    version,
    userConfig: apart ? null : paths.config,
    redact,
    syntax,
    active,
    backOffMs: backOffMs ?? ((attempt) => Math.min(8_000, 250 * 2 ** attempt)),
    remembered: { load: async (root) => loadAlways(paths, root), add: async (root, key) => rememberAlways(paths, root, key) },
    openModel: modelOpener(paths, configNow),
    probed: (model, url) => (url === undefined ? null : readProbe(paths, model, url)),
    profile: async () => (await userNow()).profile ?? "auto",
    chose: (root, model) => rememberModel(paths, root, model),
    openWorkplace: (opening) => openWorkplace(paths, opening, apart),
  };
  const open = openCore(needs, {
    models: async (url) => {
      const found = await lookForModels(url === undefined ? {} : { url }, AbortSignal.timeout(5_000));
      const last = lastModel(paths);
      const still = last !== null && found.models.some((line) => line.id === last && line.refused === null);
      return { ...found, models: withProbes(paths, found.models), chosen: found.chosen ?? (still ? last : null) };
    },
    files: async (root, words, limit) => (await import("./filenames.ts")).matchFiles(root, words, limit),
    debug: async (lines) => (await import("./debuglog.ts")).tailDebugLog(paths, lines),
    health: async (sessions) => {
      const { detectLevel } = await import("../sandbox/level.ts");
      return { pid: process.pid, version, sessions, sandbox: (await detectLevel({ folder: join(paths.cache, "sandbox") }).ready).level };
    },
    roots: roots.list,
    sawRoot: apart ? () => {} : roots.saw,
  });
  const close = async (): Promise<void> => {
    await open.close();
    await syntax.close();
  };
  return { ...open, close };
}

/** What the tools of one session work with; the sandbox's mounts and the file tools' checks come from one table. */
async function openWorkplace(paths: Paths, opening: Opening, apart: Apart | undefined): Promise<Workplace> {
  const policy = repositoryPolicy(opening.root, gitPaths(opening.root));
  const project = createHash("sha256").update(opening.root).digest("hex").slice(0, 16);
  const sandbox = await openSandbox({
    root: opening.root,
    cwd: opening.cwd,
    env: opening.env,
    cacheDir: apart?.cacheDir ?? join(paths.cache, "sandbox", project),
    policy,
    hidden: [paths.config, paths.state, paths.runtime, ...(apart?.hidden ?? [])],
    off: opening.sandbox === "off",
  });
  const git = openGit({
    root: opening.root,
    env: opening.env,
    runHook: async (hook, args, env) => {
      const words = [hook, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
      const outcome = await sandbox.run({ command: words, cwd: findGit(opening.root)?.top ?? opening.root, timeoutMs: 10 * 60_000, env, signal: new AbortController().signal });
      return { ok: outcome.exit === 0, text: outcome.text };
    },
  });
  const { project: settings } = await loadConfig({ paths, root: opening.root });
  return {
    tools: toolsFor(settings.test ? { test: settings.test } : {}),
    files: openFiles({ policy, root: opening.root }),
    sandbox,
    git,
    ...(apart ? {} : { index: indexFor(paths, opening) }),
    ...(settings.lint === undefined ? {} : { lint: settings.lint }),
    close: () => sandbox.close(),
  };
}

/** How long the model waits for an index that is just being made. */
const indexPatienceMs = 4_000;
/** Nothing is loaded or started before the first question. */
function indexFor(paths: Paths, opening: Opening): NonNullable<Workplace["index"]> {
  let opened: Promise<import("./indexing.ts").Indexing> | null = null;
  const indexing = (): Promise<import("./indexing.ts").Indexing> => {
    opened ??= import("./indexing.ts").then(({ openIndexing }) => openIndexing({ paths, root: opening.root, env: process.env }));
    return opened;
  };
  /** What was changed is searchable before the next question is asked. */
  let told: Promise<void> = Promise.resolve();
  return {
    async search(words, limit, signal) {
      try {
        await told;
        const index = await indexing();
        const first = await index.search({ words, limit }, signal);
        if (!first.partial) return first.results;
        await index.refresh(() => {}, AbortSignal.any([signal, AbortSignal.timeout(indexPatienceMs)])).catch(() => {});
        return (await index.search({ words, limit }, signal)).results;
      } catch (error) {
        signal.throwIfAborted();
        note("app", "the index could not be asked", { error: String(error) }, "warn");
        return [];
      }
    },
    changed(changed) {
      // a worker that nobody has asked for sees the tree when it starts
      if (!opened) return;
      const index = opened;
      told = told.then(async () => (await index).update(changed)).catch((error: unknown) => note("app", "the index was not told of a change", { error: String(error) }, "warn"));
    },
  };
}
