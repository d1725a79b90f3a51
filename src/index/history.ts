// The repository's past as rows: who changed with whom, and in which words. Only what lies before HEAD, names and messages, no texts.
import type { CommitRow } from "./records.ts";

/** The newest so many commits; merges say nothing that their parents don't. */
const mostCommits = 10_000;
/** A commit over so many files tells nothing of any of them: a format, a move, a release. */
export const mostChanged = 50;
const mostMessage = 2_000;

const start = "\u0002";

/** Asks git; a folder without one, or without commits, has no past. `git` gives the output of one call, "" where it fails. */
export async function readHistory(git: (args: readonly string[]) => Promise<string>): Promise<CommitRow[]> {
  const text = await git([
    "log",
    "--no-merges",
    `--max-count=${mostCommits}`,
    "--find-renames",
    "--no-color",
    "--no-show-signature",
    "-z",
    "--name-status",
    "--format=%x02%H%x00%ct%x00%B%x00",
    "HEAD",
  ]);
  return parseHistory(text);
}

/** Newest first, as git says it; paths under the names they have now. */
export function parseHistory(text: string): CommitRow[] {
  /** What a path of then is called now. */
  const now = new Map<string, string>();
  const rows: CommitRow[] = [];
  for (const block of text.split(start).slice(1)) {
    const [hash = "", time = "", message = "", ...rest] = block.split("\0");
    const paths: string[] = [];
    const renamed: [from: string, to: string][] = [];
    for (let at = 0; at < rest.length; at++) {
      const status = (rest[at] ?? "").replace(/^\n/, "");
      if (!/^[ACDMRTUX]\d*$/.test(status)) continue;
      const path = rest[++at] ?? "";
      if (/^[RC]/.test(status)) {
        const to = rest[++at] ?? "";
        paths.push(now.get(to) ?? to);
        if (status.startsWith("R")) renamed.push([path, now.get(to) ?? to]);
      } else paths.push(now.get(path) ?? path);
    }
    for (const [from, to] of renamed) now.set(from, to);
    rows.push({ hash, time: Number(time) || 0, message: message.trim().slice(0, mostMessage), paths: paths.length > mostChanged ? "" : [...new Set(paths)].join("\n") });
  }
  return rows;
}
