// The process that is the daemon: detached from every terminal, private, ended in order. What it serves comes from compose.
import { type DaemonNeeds, openDaemon } from "../bus/daemon.ts";
import type { ByeWhy, Program } from "../bus/wire.ts";
import { permitSocketPath } from "../models/guard.ts";
import { build, version } from "./version.ts";

/**
 * Is the daemon until it is idle, retired or told to end; resolves with why, null when another one serves already. The
 * caller then exits. Changes the process for good: folder `/`, umask 077, SIGHUP ignored, SIGTERM and SIGINT end it in order.
 */
export async function runDaemon(needs: Omit<DaemonNeeds, "me"> & { me?: Program }): Promise<ByeWhy | null> {
  process.chdir("/");
  process.umask(0o077);
  process.on("SIGHUP", () => {});
  permitSocketPath(needs.paths.socket); // looks whether another one answers there
  const daemon = await openDaemon({ me: { version, build }, ...needs });
  if (!daemon) return null;
  process.on("SIGTERM", daemon.stop);
  process.on("SIGINT", daemon.stop);
  return daemon.ended;
}
