// The sessions of a repository, one line each: a fold over every log, remembered until its file changes.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Entry, SessionId, SessionLine } from "../core/events.ts";
import { readLog } from "../core/log.ts";
import { note } from "../core/note.ts";

const known = new Map<string, { stamp: string; line: SessionLine }>();

/** Newest first. A log that can't be read is left out: `unread` hears why, and so does the debug log. */
export function sessionLines(root: string, owner: (session: SessionId) => SessionLine["owner"], unread: (error: unknown) => void = () => {}): SessionLine[] {
  const dir = join(root, ".aura", "log");
  let names: string[];
  try {
    names = readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
  } catch {
    return [];
  }
  const lines: SessionLine[] = [];
  for (const name of names) {
    const session = name.slice(0, -".jsonl".length) as SessionId;
    const line = lineOf(join(dir, name), session, root, unread);
    if (!line) continue;
    const owned = owner(session);
    lines.push({ ...line, owner: owned, state: owned === null && (line.state === "working" || line.state === "waiting") ? "interrupted" : line.state });
  }
  return lines.sort((a, b) => b.changedAt - a.changedAt || (a.session < b.session ? 1 : -1));
}

function lineOf(path: string, session: SessionId, root: string, unread: (error: unknown) => void): SessionLine | null {
  try {
    const stat = statSync(path);
    const stamp = `${stat.size}:${stat.mtimeMs}`;
    const before = known.get(path);
    if (before?.stamp === stamp) return before.line;
    const line = fold(readLog(path), session, root);
    known.set(path, { stamp, line });
    return line;
  } catch (error) {
    note("agent", "a session log can't be read", { path, error: String(error) }, "warn");
    unread(error);
    return null;
  }
}

function fold(entries: Entry[], session: SessionId, root: string): SessionLine {
  const line: SessionLine = { session, root, startedAt: entries[0]?.at ?? 0, changedAt: entries.at(-1)?.at ?? 0, task: "", state: "new", turns: 0, owner: null };
  for (const entry of entries) {
    if (entry.type === "asked") {
      if (!line.task) line.task = entry.text;
      line.state = "working";
    } else if (entry.type === "said") line.turns++;
    else if (entry.type === "approval.wanted") line.state = "waiting";
    else if (entry.type === "approval.given") line.state = "working";
    else if (entry.type === "ended") line.state = entry.why;
  }
  return line;
}
