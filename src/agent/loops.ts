// A model that goes in circles: the very same call with the very same result, and nothing changed in between.
import type { CallId, Entry } from "../core/events.ts";
import { syntaxStart } from "./syntax.ts";

/** From this time on the result says so. */
export const hintAt = 3;
/** At this time the run ends. */
export const stopAt = 5;
/** So many calls back is looked: a file read now and then in a long run is no circle. */
const within = 20;
const hintStart = "\n\nYou have made this very call ";

export const repeatHint = (times: number): string => `${hintStart}${times} times with the same result. Do something else, or say what is missing.`;

type Called = Pick<Extract<Entry, { type: "tool.called" }>, "call" | "name" | "args" | "bad">;

/** How often this call has had this result now, counting this time, since something was last changed, asked for by the person, or taken out of the model's sight. */
export function timesSame(entries: readonly Entry[], called: Called, text: string): number {
  const key = keyOf(called);
  const result = plainResult(text);
  const results = new Map<CallId, string>();
  // a call that changes something each time and yet is the same each time goes in circles, too
  const changes = entries.some((entry) => entry.type === "changed" && entry.call === called.call);
  let times = 1;
  let calls = 0;
  for (let at = entries.length - 1; at >= 0; at--) {
    const entry = entries[at];
    if (!entry || (entry.type === "asked" && entry.by !== "aura") || entry.type === "shelled" || entry.type === "compacted") break;
    if (entry.type === "changed" && !changes) break;
    if (entry.type === "tool.returned") results.set(entry.call, entry.text);
    if (entry.type !== "tool.called" || entry.call === called.call) continue;
    if (++calls > within) break;
    if (entry.name !== called.name || keyOf(entry) !== key) continue;
    if (plainResult(results.get(entry.call) ?? "") === result) times++;
  }
  return times;
}

/** Without earlier hints, without what is told of earlier edits, and without what differs each time: durations. */
const plainResult = (text: string): string => {
  const [before = ""] = text.split(syntaxStart);
  const [result = ""] = before.split(hintStart);
  return result.replace(/\b\d+(?:\.\d+)? ?(?:ms|s|sec|seconds|min|m)\b/g, "…");
};
const keyOf = (called: Called): string => `${called.name} ${stable(called.args)} ${called.bad ?? ""}`;
/** JSON with the keys in order. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1))) : part,
  );
}
