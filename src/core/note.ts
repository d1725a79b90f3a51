// The debug log's one function. It isn't the session log: what is noted here may be lost, and never reaches the model or stdout.

export type Note = { at: number; level: "debug" | "info" | "warn" | "error"; room: string; what: string; fields: Record<string, unknown> };
let sink: ((note: Note) => void) | null = null;

/** The program decides at start where notes go; until then they are dropped. */
export function setNoteSink(next: ((note: Note) => void) | null): void {
  sink = next;
}
/** `room` is the folder it comes from, `what` a short phrase that stays the same, `fields` the particulars. Never throws. */
export function note(room: string, what: string, fields: Record<string, unknown> = {}, level: Note["level"] = "debug"): void {
  if (!sink) return;
  try {
    sink({ at: Date.now(), level, room, what, fields });
  } catch {
    // a full disk must not end a session because of its debug log
  }
}
