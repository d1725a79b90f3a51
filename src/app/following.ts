// Behind the first frame: settles the configuration, finds the session, reaches the daemon and runs the screen until the person leaves.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { sessionLines } from "../agent/lines.ts";
import { rememberModel } from "../config/models.ts";
import { findPaths, type Paths } from "../config/paths.ts";
import { readSmall, writePrivate } from "../config/private.ts";
import { AuraError, type ExitCode } from "../core/error.ts";
import type { ClientId, ModelId, Opening, SessionId, SessionLine } from "../core/events.ts";
import { logOwner } from "../core/log.ts";
import { note } from "../core/note.ts";
import { daemonPaths } from "../core/paths.ts";
import { newSessionId } from "../core/time.ts";
import { openGit } from "../git/open.ts";
import { connectDaemon } from "./connect.ts";
import { openDebugLog } from "./debuglog.ts";
import type { Flags } from "./flagvalues.ts";
import type { Which } from "./fullscreen.ts";
import { makeOpening } from "./root.ts";
import { daemonSpawn } from "./spawn.ts";
import type { Splash } from "./tui/splash.ts";

const neverMs = 2 ** 31 - 1;

export interface FollowNeeds {
  flags: Flags;
  which: Which;
  splash: Splash;
  root: string;
  by: ClientId;
}

export async function followSession({ flags, which, splash, root, by }: FollowNeeds): Promise<ExitCode> {
  const paths = findPaths(process.env);
  // the daemon notes more; this process stays small and writes its few lines without the library
  openDebugLog({ paths, verbose: flags.verbose, loadAfterMs: neverMs });
  const { opening, told } = await makeOpening({ paths, flags, env: process.env, headless: false });
  if (opening.model) splash.model(opening.model);
  const [session, { runTui }] = await Promise.all([sessionOf(which, paths, root), import("./tui/tui.ts")]);
  const lines: string[] = [];
  const reason = await runTui({
    splash,
    connect: async (signal) => (await connectDaemon({ paths: daemonPaths(paths), spawn: daemonSpawn(), env: process.env, signal })).core,
    session,
    opening,
    by,
    ...(which.task === undefined ? {} : { task: which.task }),
    env: process.env,
    noColor: !flags.color,
    history: historyIn(paths),
    rememberModel: async (id: ModelId) => rememberModel(paths, root, id),
    writeTranscript: async (path, id, text) => writeTranscript(opening, path, id, text),
    init: async () => (await import("./init-lines.ts")).initLines(paths, root),
    git: () => openGit({ root, runHook: async () => ({ ok: false, text: "" }) }).line(AbortSignal.timeout(5_000)),
    told: [...(which.told ?? []), ...told],
    print: (text) => lines.push(text),
  });
  for (const line of lines) process.stdout.write(line);
  if (reason === "left") markSeen(paths, root);
  return 0;
}

const seenFile = (paths: Paths): string => join(paths.state, "seen.json");
function seenIn(paths: Paths): Record<string, string> {
  try {
    return JSON.parse(readSmall(seenFile(paths), { maxBytes: 1_000_000 }) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}
/** The newest session was on the screen when the person left it in peace: the next start needn't show it again. */
function markSeen(paths: Paths, root: string): void {
  const [newest] = linesOf(root);
  if (!newest || newest.state === "working" || newest.state === "waiting") return;
  try {
    writePrivate(seenFile(paths), JSON.stringify({ ...seenIn(paths), [root]: newest.session }));
  } catch (error) {
    note("app", "what was seen can't be written", { error: String(error) }, "warn");
  }
}
const linesOf = (root: string): SessionLine[] => sessionLines(root, (id) => logOwner(join(root, ".aura", "log"), id));

async function sessionOf(which: Which, paths: Paths, root: string): Promise<SessionId> {
  if (which.session) return known(which.session, root);
  if (which.fresh) return newSessionId();
  const lines = linesOf(root);
  const [newest] = lines;
  if (which.newest) {
    if (!newest) throw new AuraError("session.none", "There is no session in this repository yet", { hint: "aura starts one", exit: 2 });
    return newest.session;
  }
  if (!which.resumable || which.task !== undefined) return newSessionId();
  // what works, waits, or ended while nobody looked is what the person wants to see
  const open = lines.find((line) => line.owner !== "headless" && (line.state === "working" || line.state === "waiting" || line.state === "interrupted"));
  if (open) return open.session;
  const unseen = newest && newest.owner === "daemon" && newest.state !== "new" && seenIn(paths)[root] !== newest.session;
  return unseen ? newest.session : newSessionId();
}

/** A session by its name, or by the end of it where only one ends so. A name nobody has must not become a new session. */
function known(name: SessionId, root: string): SessionId {
  if (existsSync(join(root, ".aura", "log", `${name}.jsonl`))) return name;
  const ending = linesOf(root).filter(({ session }) => session.endsWith(`-${name}`));
  const [only] = ending;
  if (only && ending.length === 1) return only.session;
  throw new AuraError("session.unknown", `There is no session ${name} in ${root}`, { hint: "aura sessions lists them", exit: 2 });
}

function historyIn(paths: Paths): { load(): Promise<string[]>; save(lines: string[]): Promise<void> } {
  const file = join(paths.state, "history.json");
  return {
    load: async () => {
      try {
        const parsed: unknown = JSON.parse(readSmall(file, { maxBytes: 4_000_000 }) ?? "[]");
        return Array.isArray(parsed) ? parsed.filter((line): line is string => typeof line === "string") : [];
      } catch {
        return [];
      }
    },
    save: async (lines) => writePrivate(file, JSON.stringify(lines)),
  };
}

function writeTranscript(opening: Opening, path: string | null, session: SessionId, text: string): string {
  const file = path === null ? join(opening.root, ".aura", "exports", `${session}.md`) : isAbsolute(path) ? path : resolve(opening.cwd, path);
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw new AuraError("export.exists", `${file} can't be written: ${error instanceof Error ? error.message : String(error)}`, { hint: "/export PATH takes another name" });
  }
  const within = relative(opening.cwd, file);
  return within.startsWith("..") ? file : within;
}
