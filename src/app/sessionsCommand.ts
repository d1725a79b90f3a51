// `aura sessions`: what was asked, when, and how it stands, newest first.

import { join } from "node:path";
import { sessionLines } from "../agent/lines.ts";
import type { Paths } from "../config/paths.ts";
import { type ExitCode, toFailure } from "../core/error.ts";
import type { SessionLine } from "../core/events.ts";
import { logOwner } from "../core/log.ts";
import { cut, sanitiseLine } from "../core/text.ts";
import type { Flags } from "./flagvalues.ts";
import type { Output } from "./output.ts";
import { findRoot } from "./root-of.ts";
import { openRoots } from "./roots.ts";

/** Sessions of this repository; outside one, of every repository Aura was used in. */
export async function printSessions({ paths, flags, output }: { paths: Paths; flags: Flags; output: Output }): Promise<ExitCode> {
  const root = findRoot(flags.cwd);
  const unread = (error: unknown): void => output.err(`aura: ${toFailure(error).message}`);
  const of = (one: string): SessionLine[] => sessionLines(one, (id) => logOwner(join(one, ".aura", "log"), id), unread);
  const here = of(root);
  const lines = here.length > 0 ? here : openRoots(paths).list().flatMap(of);
  if (flags.json) {
    output.json(lines);
    return 0;
  }
  if (lines.length === 0) output.out("No sessions yet. aura starts one.");
  for (const line of lines) {
    const where = line.root === root ? "" : `  ${sanitiseLine(line.root)}`;
    output.out(
      `${line.session}  ${line.state.padEnd(11)}  ${String(line.turns).padStart(3)} turns  ${cut(sanitiseLine(line.task) || "(nothing asked)", Math.max(20, output.columns - 50))}${where}`,
    );
  }
  return 0;
}
