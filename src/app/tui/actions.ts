// Every key as a row of data: what it is called, when it works, what it does. Dispatch, the help screen and docs/keys.md read the same rows.
import { answerRows } from "./answers.ts";
import type { Deck } from "./deck.ts";
import { keyLabel } from "./keys.ts";
import { promptRows } from "./prompting.ts";
import { screenRows } from "./screening.ts";
import type { ViewState } from "./state.ts";
import { type Desk, type Mode, modeOf } from "./ui.ts";

export type Group = "Prompt" | "Run" | "Answer" | "Panes" | "Screen" | "List";
export interface ActionRow {
  keys: readonly string[];
  group: Group;
  label: string;
  /** In which meanings of the keyboard it works at all. */
  modes: readonly Mode[];
  /** true, or why not now; rows without it always work in their modes. */
  when?(view: ViewState, desk: Desk): true | string;
  run(deck: Deck): void;
}
/** As the help screen shows it: `why` is null for keys that work now. */
export interface KeyRow {
  keys: string;
  group: Group;
  label: string;
  why: string | null;
}

export const actions: readonly ActionRow[] = [...answerRows, ...promptRows, ...screenRows];

/** The row a key means now, with the reason when it doesn't work; null when the key means nothing (text is typed then). */
export function rowFor(key: string, view: ViewState, desk: Desk): { row: ActionRow; why: string | null } | null {
  const mode = modeOf(desk, view);
  let blocked: { row: ActionRow; why: string } | null = null;
  for (const row of actions) {
    if (!row.keys.includes(key) || !row.modes.includes(mode)) continue;
    const works = row.when?.(view, desk) ?? true;
    if (works === true) return { row, why: null };
    blocked ??= { row, why: works };
  }
  return blocked;
}

/** The keys that exist here, with those that don't work now told why. The help screen itself doesn't count as a place. */
export function keyRows(view: ViewState, desk: Desk): KeyRow[] {
  const mode = modeOf({ ...desk, help: false }, view);
  return actions
    .filter((row) => row.modes.includes(mode))
    .map((row) => {
      const works = row.when?.(view, desk) ?? true;
      return { keys: row.keys.filter(shownKey).map(keyLabel).join(" "), group: row.group, label: row.label, why: works === true ? null : works };
    })
    .sort((a, b) => Number(a.why !== null) - Number(b.why !== null));
}
/** Second spellings of the same key aren't worth a place in a table. */
export const shownKey = (key: string): boolean => !["alt-Z", "shift-backspace"].includes(key);
