// What doctor says of one thing it looked at.

/** One thing looked at. `what` is a sentence without full stop, `hint` a command or a sentence that mends it. */
export interface Finding {
  id: string;
  level: "ok" | "warn" | "bad";
  what: string;
  hint: string | null;
}
export const ok = (id: string, what: string): Finding => ({ id, level: "ok", what, hint: null });
export const warn = (id: string, what: string, hint: string | null = null): Finding => ({ id, level: "warn", what, hint });
export const bad = (id: string, what: string, hint: string | null = null): Finding => ({ id, level: "bad", what, hint });
