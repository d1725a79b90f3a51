// `aura undo`: shows what would be taken back, asks, and does it, through the daemon where that holds the session.
import { join } from "node:path";
import { sessionLines } from "../agent/lines.ts";
import { loadConfig } from "../config/load.ts";
import type { Paths } from "../config/paths.ts";
import { AuraError, type ExitCode, toFailure } from "../core/error.ts";
import type { ClientId, Seq } from "../core/events.ts";
import { logOwner } from "../core/log.ts";
import { daemonPaths } from "../core/paths.ts";
import { type Core, isEntry } from "../core/port.ts";
import { sanitiseLine } from "../core/text.ts";
import { compose } from "./compose.ts";
import { confirmOnTerminal } from "./confirm.ts";
import { connectDaemon } from "./connect.ts";
import type { Flags } from "./flagvalues.ts";
import type { Output } from "./output.ts";
import { makeOpening } from "./root.ts";
import { daemonSpawn } from "./spawn.ts";

export async function runUndo({ paths, flags, output, to }: { paths: Paths; flags: Flags; output: Output; to: Seq | "newest" }): Promise<ExitCode> {
  const { opening } = await makeOpening({ paths, flags, env: process.env, headless: false });
  const logs = join(opening.root, ".aura", "log");
  const unread = (error: unknown): void => output.err(`aura: ${toFailure(error).message}`);
  const [newest] = sessionLines(opening.root, (id) => logOwner(logs, id), unread).filter((line) => line.turns > 0);
  if (!newest) throw new AuraError("undo.nothing", "There is nothing to undo: no session of this repository has done anything");
  if (newest.owner === "headless")
    throw new AuraError("undo.running", `Session ${newest.session} is still being run by aura --yes`, { hint: "wait for it, or end that process first" });

  const { user } = await loadConfig({ paths, root: null });
  const daemon = newest.owner === "daemon" ? await connectDaemon({ paths: daemonPaths(paths), spawn: daemonSpawn(), env: process.env }) : null;
  const own = daemon ? null : compose({ paths, user });
  const core = daemon?.core ?? (own?.core as Core);
  try {
    const session = newest.session;
    await core.send({ type: "open", session, opening: { ...opening, ending: true }, by: `undo-${process.pid}` as ClientId });
    const { task, changes } = await core.query({ type: "undo", session, to });
    if (!flags.json) {
      output.out(`Takes back what this did: ${sanitiseLine(task).slice(0, 200)}`);
      for (const change of changes)
        output.out(`  ${change.before === null ? "removes " : change.after === null ? "restores" : "restores"} ${sanitiseLine(change.path)}  +${change.removed} -${change.added}`);
      if (!flags.yes && !(await confirmOnTerminal("Take it back?"))) {
        output.out(process.stdin.isTTY ? "Nothing was changed." : "Nothing was changed: nobody was there to ask; --yes answers it.");
        return 1;
      }
    } else if (!flags.yes) throw new AuraError("undo.confirm", "With --json nobody can be asked", { hint: "add --yes", exit: 2 });
    const done = new AbortController();
    const seen = reverted(core, session, done);
    await core.send({ type: "revert", session, to });
    const { paths: files, kept } = await seen;
    if (flags.json) output.json({ reverted: files, kept });
    else {
      output.out(`Took back ${files.length} ${files.length === 1 ? "file" : "files"}.`);
      for (const one of kept) output.out(`  left alone: ${sanitiseLine(one.path)}: ${sanitiseLine(one.why)}`);
    }
    return kept.length > 0 ? 1 : 0;
  } finally {
    daemon?.stop();
    await own?.close();
  }
}

/** The `reverted` fact that comes after now. */
async function reverted(core: Core, session: Parameters<Core["watch"]>[0], done: AbortController): Promise<{ paths: string[]; kept: { path: string; why: string }[] }> {
  const since = Date.now();
  for await (const item of core.watch(session, 0, done.signal)) {
    if (!isEntry(item) || item.type !== "reverted" || item.at < since) continue;
    done.abort();
    return item;
  }
  throw new Error("the session ended before the undo was done");
}
