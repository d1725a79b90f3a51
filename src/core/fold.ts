// A fold: state computed from the log and nothing else. Prompt, view, plan, undo and session lists are all folds.
import type { Entry } from "./events.ts";

export interface Fold<S> {
  start: S;
  /** Pure. May return the same state; must not change the one it was given. */
  step(state: S, entry: Entry): S;
}

export function foldAll<S>(fold: Fold<S>, entries: Iterable<Entry>): S {
  let state = fold.start;
  for (const entry of entries) state = fold.step(state, entry);
  return state;
}
