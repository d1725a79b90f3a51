// What the fold keeps of what comes from outside: made harmless, bounded in size. Pure.
import type { Change, Hunk, Work } from "../../core/events.ts";
import { sanitise, sanitiseLine } from "../../core/text.ts";
import type { Row, ViewState } from "./state.ts";

/** What is kept: rows, characters of a row, changes and lines of one, characters of a stream. The log has the rest. */
export const kept = { rows: 500, drop: 100, text: 20_000, said: 100_000, changes: 200, changeLines: 2000, stream: 200_000 };

/** Harmless text of at most `most` characters: its beginning and its end. */
export const trimmed = (text: string, most = kept.text): string => {
  const safe = sanitise(text.length > most * 2 ? `${text.slice(0, most)}\n…\n${text.slice(-most / 2)}` : text);
  return safe.length <= most ? safe : `${safe.slice(0, most / 2)}\n… ${safe.length - most} characters left out …\n${safe.slice(-most / 2)}`;
};
export const safeOrNull = (text: string | undefined): string | null => (text === undefined ? null : sanitise(text));

const safeHunk = (hunk: Hunk): Hunk => ({ ...hunk, lines: hunk.lines.map((line) => line.slice(0, 1) + sanitiseLine(line.slice(1).replaceAll("\r", "\u240d"))) });
export const safeChange = (change: Change): Change => ({ ...change, path: sanitiseLine(change.path), hunks: change.hunks.map(safeHunk) });
/** The change with as many whole hunks as are kept. */
export function shortened(change: Change): Change {
  let room = kept.changeLines;
  const hunks = change.hunks.filter((hunk) => {
    room -= hunk.lines.length;
    return room >= 0;
  });
  return hunks.length === change.hunks.length ? change : { ...change, hunks };
}

export const idle: ViewState["work"] = { what: "idle", since: 0, part: null, leftMs: null, guess: false, name: null };
export const doing = (what: Work, since: number, name: string | null = null): ViewState["work"] => ({ ...idle, what, since, name });

/** Typed while a run works and not read by the model yet. */
export const isQueued = (row: Row): boolean => row.kind === "asked" && row.queued;
/** With more rows at the end, but before what is queued: that is read later. The oldest go when there are too many. */
export function withRow(state: ViewState, ...rows: Row[]): ViewState {
  const queued = state.rows.filter(isQueued);
  const all =
    queued.length === 0 ? [...state.rows, ...rows] : [...state.rows.filter((row) => !isQueued(row)), ...rows.filter((row) => !isQueued(row)), ...queued, ...rows.filter(isQueued)];
  if (all.length <= kept.rows) return { ...state, rows: all };
  return { ...state, rows: all.slice(kept.drop), earlier: state.earlier + kept.drop };
}
