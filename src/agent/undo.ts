// Undo, the simple one: the newest run's edits by tools, from the bytes before, each file only if it is still as Aura left it.

import { AuraError, ToolError } from "../core/error.ts";
import type { Change, Entry, Seq } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import { makeDraft } from "../tools/draft.ts";
import type { Files } from "../tools/tool.ts";

interface Run {
  start: Seq;
  end: Seq;
  task: string;
  changes: Change[];
}

/** Runs that changed files and weren't taken back yet, oldest first. */
function standingRuns(entries: readonly Entry[]): Run[] {
  const runs: Run[] = [];
  let open: Run | null = null;
  for (const entry of entries) {
    if (entry.type === "asked" && !open) {
      open = { start: entry.seq, end: entry.seq, task: entry.text, changes: [] };
      runs.push(open);
    }
    if (open) open.end = entry.seq;
    if (entry.type === "changed" && open) open.changes.push(entry.change);
    if (entry.type === "ended") open = null;
    if (entry.type === "reverted" && entry.paths.length + entry.kept.length > 0) {
      if (open) open.changes = open.changes.filter((change) => !entry.kept.some((kept) => kept.path === change.path));
      else for (const run of runs) if (run.start >= entry.upTo) run.changes = [];
    }
  }
  return runs.filter((run) => run.changes.length > 0);
}

/** What an undo would take back: one net change per file, first before to last after. Throws AuraError when there is nothing. */
export function undoable(entries: readonly Entry[], to: Seq | "newest"): { task: string; upTo: Seq; changes: Change[] } {
  const runs = standingRuns(entries);
  const chosen = to === "newest" ? runs.slice(-1) : runs.filter((run) => run.end >= to);
  const first = chosen[0];
  if (!first) throw new AuraError("undo.nothing", "There is nothing to undo: no edits by Aura's tools in this session that weren't taken back already.");
  const net = new Map<string, Change>();
  for (const change of chosen.flatMap((run) => run.changes)) {
    const earlier = net.get(change.path);
    net.set(
      change.path,
      earlier
        ? { ...earlier, after: change.after, added: earlier.added + change.added, removed: earlier.removed + change.removed, hunks: [...earlier.hunks, ...change.hunks] }
        : change,
    );
  }
  return { task: first.task, upTo: first.start, changes: [...net.values()].filter((change) => change.before !== change.after) };
}

/** Takes the changes back. A file that isn't as Aura left it is kept, with the reason. */
export async function revert(log: Log, files: Files, to: Seq | "newest"): Promise<void> {
  const { upTo, changes } = undoable(log.entries, to);
  const paths: string[] = [];
  const kept: { path: string; why: string }[] = [];
  for (const change of changes) {
    const why = await takeBack(log, files, change);
    if (why === null) paths.push(change.path);
    else kept.push({ path: change.path, why });
  }
  log.append({ type: "reverted", upTo, paths, kept });
  log.sync();
}

/** null when done, else why the file was left alone. */
async function takeBack(log: Log, files: Files, change: Change): Promise<string | null> {
  const before = change.before === null ? null : log.kept(change.before);
  if (change.before !== null && !before) return "the bytes before are no longer kept";
  try {
    const place = await files.locate(change.path);
    const now = place.exists ? await files.read(change.path, { allowOutside: true }) : null;
    const draft = makeDraft({ path: change.path, realPath: place.realPath, before: now, after: before });
    if (draft.change.before === change.before) return null;
    if (draft.change.before !== change.after) return "it was changed since";
    await files.apply([draft], { allowOutside: true });
    return null;
  } catch (error) {
    if (error instanceof ToolError || error instanceof AuraError) return error.message;
    throw error;
  }
}
