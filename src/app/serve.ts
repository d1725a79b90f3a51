// The daemon's process: the composed core behind the socket, and what an earlier daemon left unfinished.
import { loadConfig } from "../config/load.ts";
import { findPaths, type Paths } from "../config/paths.ts";
import type { UserConfig } from "../config/schema.ts";
import type { ExitCode } from "../core/error.ts";
import type { ClientId } from "../core/events.ts";
import { note } from "../core/note.ts";
import { daemonPaths } from "../core/paths.ts";
import { installGuard } from "../models/guard.ts";
import { openActive } from "./active.ts";
import { runDaemon } from "./daemon.ts";
import { openDebugLog } from "./debuglog.ts";
import type { Flags } from "./flagvalues.ts";

/** `aura daemon run`. */
export async function runServe(flags: Pick<Flags, "verbose">): Promise<ExitCode> {
  installGuard();
  const paths = findPaths(process.env);
  const debug = openDebugLog({ paths, verbose: flags.verbose });
  try {
    return await serveDaemon(paths);
  } finally {
    debug.close();
  }
}

/** The person's configuration as its file is now; a file that can't be read just now changes nothing. */
async function userNow(paths: Paths, last: UserConfig): Promise<UserConfig> {
  try {
    return (await loadConfig({ paths, root: null })).user;
  } catch (error) {
    note("app", "the configuration can't be read", { error: String(error) }, "warn");
    return last;
  }
}

/** Resolves when the daemon has ended. */
async function serveDaemon(paths: Paths): Promise<ExitCode> {
  const why = await runDaemon({
    paths: daemonPaths(paths),
    openCore: async () => {
      const { compose } = await import("./compose.ts");
      const { user } = await loadConfig({ paths, root: null });
      const active = openActive(paths);
      const open = compose({ paths, user, active, userNow: () => userNow(paths, user) });
      for (const { session, opening } of active.list()) {
        try {
          await open.core.send({ type: "open", session, opening, by: "daemon" as ClientId });
        } catch (error) {
          note("app", "an unfinished session can't be opened again", { session, error: String(error) }, "warn");
          active.remove(session);
        }
      }
      return open;
    },
  });
  note("app", "daemon ended", { why }, "info");
  return 0;
}
