// What would tear the screen: errors become a sentence for the person, what libraries print goes into the debug log.
import { note } from "../../core/note.ts";

/** An error as the person should read it: what happened, and the mending where it is known. */
export function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "hint" in error && typeof error.hint === "string" ? `${error.message} ${error.hint}` : error.message;
}

/** Until the returned function is called, `console` writes notes. */
export function quietConsole(): () => void {
  const names = ["log", "info", "warn", "error", "debug", "trace"] as const;
  const kept = names.map((name) => console[name]);
  for (const name of names) console[name] = (...args: unknown[]) => note("tui", `console.${name}`, { text: args.map(String).join(" ").slice(0, 2000) });
  return () => {
    for (const [at, name] of names.entries()) console[name] = kept[at] as (typeof console)[typeof name];
  };
}
