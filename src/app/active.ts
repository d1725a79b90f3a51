// Sessions whose run is not finished, kept in the user's state, so that the next daemon goes on where the last one was cut off.
import { join } from "node:path";
import type { Paths } from "../config/paths.ts";
import { readSmall, writePrivate } from "../config/private.ts";
import type { Opening, SessionId } from "../core/events.ts";
import { note } from "../core/note.ts";

export interface Active {
  add(session: SessionId, opening: Opening): void;
  remove(session: SessionId): void;
  list(): { session: SessionId; opening: Opening }[];
}
const maxBytes = 1_000_000;

/** One file; the daemon alone writes it. Losing it costs only the automatic resuming, so no error leaves here. */
export function openActive(paths: Paths): Active {
  const file = join(paths.state, "active.json");
  const read = (): Record<string, Opening> => {
    try {
      const parsed: unknown = JSON.parse(readSmall(file, { maxBytes }) ?? "{}");
      return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, Opening>) : {};
    } catch (error) {
      note("app", "the list of active sessions can't be read", { error: String(error) }, "warn");
      return {};
    }
  };
  const change = (make: (all: Record<string, Opening>) => void): void => {
    try {
      const all = read();
      make(all);
      writePrivate(file, JSON.stringify(all));
    } catch (error) {
      note("app", "the list of active sessions can't be written", { error: String(error) }, "warn");
    }
  };
  return {
    add: (session, opening) => change((all) => (all[session] = opening)),
    remove: (session) => change((all) => delete all[session]),
    list: () =>
      Object.entries(read())
        .filter(([, opening]) => typeof opening?.root === "string" && typeof opening.cwd === "string")
        .map(([session, opening]) => ({ session: session as SessionId, opening })),
  };
}

/** For a process that resumes nothing by itself. */
export const noActive: Active = { add: () => {}, remove: () => {}, list: () => [] };
