// The keys that answer: hunks and commands that wait for a yes, the reason of a no, and the screen's own question before an undo.

import type { Command } from "../../core/events.ts";
import type { ActionRow } from "./actions.ts";
import { askReason, cancelReason, comeForward, decide, hunksOf, hunkText, inFront, keepRest, moveFile, moveHunk, verdict } from "./approval.ts";
import type { Deck } from "./deck.ts";
import { emptyDraft } from "./prompt.ts";
import type { Pending, ViewState } from "./state.ts";
import { type Desk, flash, waiting } from "./ui.ts";

const hasHunks = (view: ViewState): true | string => ((waiting(view)?.changes ?? []).some(({ hunks }) => hunks.length > 0) ? true : "nothing here has parts");
const isCommand = (view: ViewState): true | string => (hasHunks(view) === true ? "this is a change of files: it is answered part by part" : true);

/** After a decision: sends the answer when the call is decided. */
function settle(deck: Deck, pending: Pending): void {
  const command = verdict(deck.desk(), pending, deck.who());
  if (command) void give(deck, command);
}
/** Sends an answer once: until the session has taken it, further keys are no answers. */
async function give(deck: Deck, command: Command): Promise<void> {
  deck.change((desk) => ({ ...desk, answersFrom: Number.POSITIVE_INFINITY }));
  if (!(await deck.send(command))) deck.change((desk) => ({ ...desk, answersFrom: 0 }));
}
function onHunk(deck: Deck, step: (desk: Desk, pending: Pending) => Desk): void {
  const pending = waiting(deck.view());
  if (!pending) return;
  deck.change((desk) => step(desk, pending));
  settle(deck, pending);
}
function answer(deck: Deck, say: "yes" | "no" | "always", note?: string): void {
  const pending = waiting(deck.view());
  if (pending) void give(deck, { type: "approve", ...deck.who(), call: pending.call, answer: say, ...(note ? { note } : {}) });
}
async function editHunk(deck: Deck): Promise<void> {
  const pending = waiting(deck.view());
  const place = pending ? hunksOf(pending)[deck.desk().hunk] : undefined;
  if (!pending || !place) return;
  const id = place.hunk.id;
  const before = deck.desk().edits[id] ?? hunkText(deck.hunk(pending.call, id) ?? place.hunk);
  const after = await deck.edit(before, place.change.path.split("/").at(-1) ?? "hunk");
  if (after === null) return;
  if (waiting(deck.view())?.call !== pending.call) return deck.say("this was answered meanwhile; the edit is dropped");
  onHunk(deck, (desk, now) => decide({ ...desk, hunk: hunksOf(now).findIndex(({ hunk }) => hunk.id === id) }, now, "edited", after));
}
function move(deck: Deck, step: typeof moveHunk, by: 1 | -1): void {
  const pending = inFront(deck.desk(), deck.view());
  if (pending) deck.change((desk) => step(desk, pending, by));
}
function undo(deck: Deck, yes: boolean): void {
  const { asking } = deck.desk();
  deck.change((desk, view) => {
    const back = { ...desk, asking: null, ...(desk.focusBefore ?? {}), focusBefore: null };
    return flash(waiting(view) ? comeForward(back) : back, yes ? null : "nothing was taken back");
  });
  if (yes && asking) void deck.send({ type: "revert", session: deck.who().session, to: asking.to });
}

export const answerRows: readonly ActionRow[] = [
  { keys: ["y"], group: "Answer", label: "keep this part", modes: ["answer"], when: hasHunks, run: (deck) => onHunk(deck, (desk, pending) => decide(desk, pending, "kept")) },
  { keys: ["n"], group: "Answer", label: "drop this part", modes: ["answer"], when: hasHunks, run: (deck) => onHunk(deck, (desk, pending) => decide(desk, pending, "dropped")) },
  { keys: ["a"], group: "Answer", label: "keep all that is undecided", modes: ["answer"], when: hasHunks, run: (deck) => onHunk(deck, keepRest) },
  { keys: ["e"], group: "Answer", label: "edit this part in $EDITOR", modes: ["answer"], when: hasHunks, run: (deck) => void editHunk(deck) },
  { keys: ["y"], group: "Answer", label: "yes, this once", modes: ["answer"], when: isCommand, run: (deck) => answer(deck, "yes") },
  { keys: ["n"], group: "Answer", label: "no", modes: ["answer"], when: isCommand, run: (deck) => answer(deck, "no") },
  {
    keys: ["A"],
    group: "Answer",
    label: "always this sub-command",
    modes: ["answer"],
    when: (view) => (hasHunks(view) === true ? "only commands are remembered" : waiting(view)?.always == null ? "this command can't be remembered" : true),
    run: (deck) => answer(deck, "always"),
  },
  { keys: ["r"], group: "Answer", label: "no, and why", modes: ["answer"], run: (deck) => deck.change(askReason) },
  { keys: ["j"], group: "Answer", label: "next part", modes: ["answer"], when: hasHunks, run: (deck) => move(deck, moveHunk, 1) },
  { keys: ["k"], group: "Answer", label: "part before", modes: ["answer"], when: hasHunks, run: (deck) => move(deck, moveHunk, -1) },
  { keys: ["]"], group: "Answer", label: "next file", modes: ["answer"], when: hasHunks, run: (deck) => move(deck, moveFile, 1) },
  { keys: ["["], group: "Answer", label: "file before", modes: ["answer"], when: hasHunks, run: (deck) => move(deck, moveFile, -1) },
  {
    keys: ["enter"],
    group: "Answer",
    label: "say no with this reason",
    modes: ["reason"],
    run(deck) {
      const note = deck.desk().prompt.text.trim();
      deck.change((desk) => cancelReason({ ...desk, prompt: emptyDraft }));
      answer(deck, "no", note);
    },
  },
  { keys: ["escape"], group: "Answer", label: "back, without an answer", modes: ["reason"], run: (deck) => deck.change(cancelReason) },
  { keys: ["y"], group: "Answer", label: "take these changes back", modes: ["asking"], run: (deck) => undo(deck, true) },
  { keys: ["n", "escape"], group: "Answer", label: "leave them", modes: ["asking"], run: (deck) => undo(deck, false) },
];
