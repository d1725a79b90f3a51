// What the keys change: the desk is UiState plus what only the keys need to remember. Every step is pure: (desk, ...) -> desk.
import type { PolicyName, Seq } from "../../core/events.ts";
import { keepPlace, revealed, scrolled } from "./panes/scroll.ts";
import { canHasten } from "./parts/status.ts";
import { type Draft, type Edit, edit, emptyDraft } from "./prompt.ts";
import type { PaneName, Pending, Popup, Row, UiState, ViewState } from "./state.ts";

export interface Desk extends UiState {
  prompt: Draft;
  /** Walking through the history: where, and what was typed before. */
  recall: { at: number; kept: Draft } | null;
  /** A key that does something only when pressed again, and until when (ms). */
  armed: { what: "leave" | "clear"; until: number } | null;
  /** Where the focus goes back to when the approval that took it is answered. */
  focusBefore: { focus: PaneName; front: PaneName } | null;
  /** The approval the person was last told of. */
  rung: string | null;
  /** Keys before this moment (ms) are not answers; infinite while an answer is on its way. */
  answersFrom: number;
  /** A question of the screen's own, shown like an approval: what /undo would take back. */
  asking: { pending: Pending; to: Seq } | null;
  /** The prompt put aside while its line is the reason's. */
  aside: Draft | null;
  /** Everything a picker with words of its own (history, models, sessions) chooses from. */
  choices: Popup["items"];
  /** The completion popup was closed by hand and stays away until its word is gone. */
  dismissed: boolean;
}

export const panes: readonly PaneName[] = ["conversation", "diff", "plan", "terminal", "log"];
const perPane = (): Record<PaneName, number> => ({ conversation: 0, diff: 0, plan: 0, terminal: 0, log: 0 });

export function startDesk(given: { columns: number; rows: number; noColor: boolean; draft?: Draft }): Desk {
  return {
    columns: given.columns,
    rows: given.rows,
    focus: "conversation",
    front: "conversation",
    zoomed: false,
    prompt: given.draft ?? emptyDraft,
    popup: null,
    scroll: perPane(),
    unseen: perPane(),
    hunk: 0,
    decisions: {},
    edits: {},
    rejecting: false,
    opened: null,
    selected: null,
    help: false,
    flash: null,
    noColor: given.noColor,
    connected: "connecting",
    welcome: null,
    git: null,
    debug: [],
    recall: null,
    armed: null,
    focusBefore: null,
    rung: null,
    answersFrom: 0,
    asking: null,
    aside: null,
    choices: [],
    dismissed: false,
  };
}

/** What keys mean right now. Every row of the key table names the modes it belongs to. */
export type Mode = "help" | "popup" | "reason" | "asking" | "answer" | "text" | "idle";
export const modes: readonly Mode[] = ["help", "popup", "reason", "asking", "answer", "text", "idle"];
/** Where the prompt is typed into and nothing is in front of it. */
export const plain: readonly Mode[] = ["text", "idle", "answer"];
export const typing: readonly Mode[] = ["text", "idle", "answer", "reason"];
/** The approval in front, or null. */
export const waiting = (view: ViewState): Pending | null => view.pending[0] ?? null;

export function modeOf(desk: Desk, view: ViewState): Mode {
  if (desk.help) return "help";
  if (desk.popup) return "popup";
  if (desk.rejecting) return "reason";
  if (desk.asking) return "asking";
  if (desk.prompt.text !== "") return "text";
  return desk.focus === "diff" && waiting(view) ? "answer" : "idle";
}

export const flash = (desk: Desk, text: string | null): Desk => (desk.flash === text ? desk : { ...desk, flash: text });

export function editPrompt(desk: Desk, one: Edit): Desk {
  const prompt = edit(desk.prompt, one);
  return prompt === desk.prompt ? desk : { ...desk, prompt, recall: prompt.text === desk.prompt.text ? desk.recall : null, selected: null };
}

/** The focused pane comes to the front where only one is shown. */
export const focusPane = (desk: Desk, pane: PaneName): Desk => ({ ...desk, focus: pane, front: pane, focusBefore: null });
export function focusNext(desk: Desk, by: 1 | -1): Desk {
  const at = panes.indexOf(desk.focus) + by;
  return focusPane(desk, panes[(at + panes.length) % panes.length] as PaneName);
}
export const zoom = (desk: Desk): Desk => ({ ...desk, zoomed: !desk.zoomed, front: desk.focus });

/** Positive `by` goes towards the end. */
export function scrollPane(desk: Desk, view: ViewState, pane: PaneName, by: number | "first" | "last"): Desk {
  const { scroll, unseen } = scrolled(pane, view, desk, by);
  return scroll === desk.scroll && unseen === desk.unseen ? desk : { ...desk, scroll, unseen };
}
/** Scrolled panes keep showing what they show when something is added. */
export function keepPlaces(desk: Desk, before: ViewState, after: ViewState): Desk {
  const { scroll, unseen } = keepPlace(before, after, desk);
  return scroll === desk.scroll && unseen === desk.unseen ? desk : { ...desk, scroll, unseen };
}

/** Older (-1) or newer (+1) in the history, oldest first; what was being typed waits at its end. */
export function recall(desk: Desk, history: readonly string[], by: 1 | -1): Desk {
  const at = (desk.recall?.at ?? history.length) + by;
  if (at < 0 || at > history.length || history.length === 0) return desk;
  const kept = desk.recall?.kept ?? desk.prompt;
  if (at === history.length) return { ...desk, prompt: kept, recall: null };
  return { ...desk, prompt: edit({ ...desk.prompt, before: kept.before }, { do: "replace", text: history[at] as string }), recall: { at, kept } };
}

/** Rows that may be folded: calls, the person's own commands, long tasks and thoughts. */
const folds = (row: Row): boolean =>
  (row.kind === "call" && row.name !== "plan") || row.kind === "shelled" || (row.kind === "asked" && row.text.length > 400) || (row.kind === "thought" && row.text.length > 200);
function reveal(desk: Desk, view: ViewState): Desk {
  const { scroll, unseen } = revealed(view, desk);
  return { ...desk, scroll, unseen };
}
/** Steps through the rows of the conversation that fold: -1 upwards; beyond the newest nothing is selected. */
export function selectCall(desk: Desk, view: ViewState, by: 1 | -1): Desk {
  const keys = view.rows.filter(folds).map((row) => row.key);
  const from = desk.selected === null ? keys.length : keys.indexOf(desk.selected);
  return reveal({ ...desk, selected: keys[Math.max(0, from + by)] ?? null, focus: "conversation", front: "conversation" }, view);
}
/** Unfolds the selected call, the newest where none is; folds it when it is open. */
export function openCall(desk: Desk, view: ViewState): Desk {
  const target = desk.selected ?? view.rows.findLast((row) => folds(row) && (row.kind === "call" || row.kind === "shelled"))?.key ?? null;
  return reveal({ ...desk, opened: desk.opened === target ? null : target, selected: target }, view);
}

export const showPopup = (desk: Desk, popup: Popup | null): Desk => (popup === desk.popup ? desk : { ...desk, popup });
export function movePopup(desk: Desk, by: number): Desk {
  const { popup } = desk;
  if (!popup || popup.items.length === 0) return desk;
  return { ...desk, popup: { ...popup, at: (popup.at + by + popup.items.length) % popup.items.length } };
}

/** A run, or a command of the person's own: what Esc stops. */
export const worksNow = (view: ViewState): boolean => view.running || view.work.what === "running";
/** Is there a thought to end? */
export const thinks = (view: ViewState): true | string => (canHasten(view) ? true : "it isn't thinking");
/** Said while a stop is on its way; gone when the run is over. */
export const stoppingText = "stopping";

const policies: readonly PolicyName[] = ["ask", "auto", "read-only"];
export const policyNames = policies;
export const nextPolicy = (policy: PolicyName): PolicyName => policies[(policies.indexOf(policy) + 1) % policies.length] as PolicyName;

/** Whether a key pressed for the first or the second time; the second within `withinMs` disarms. */
export function arm(desk: Desk, what: "leave" | "clear", now: number, text: string, withinMs: number): { desk: Desk; again: boolean } {
  if (desk.armed?.what === what && now <= desk.armed.until) return { desk: { ...desk, armed: null, flash: null }, again: true };
  return { desk: { ...desk, armed: { what, until: now + withinMs }, flash: text }, again: false };
}
