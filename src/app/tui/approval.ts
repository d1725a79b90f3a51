// Answering approvals: hunk by hunk until the call is decided, without a yes anybody could give by accident. Pure.
import type { Change, ClientId, Command, Decision, Hunk, SessionId } from "../../core/events.ts";
import { emptyDraft } from "./prompt.ts";
import type { Pending, ViewState } from "./state.ts";
import { type Desk, flash, stoppingText, waiting, worksNow } from "./ui.ts";

/** Keys this soon after an approval appears were meant for something else. */
export const guardMs = 300;

/** What is shown like an approval: the screen's own question first, then what the session waits for. */
export const inFront = (desk: Desk, view: ViewState): Pending | null => desk.asking?.pending ?? waiting(view);
export const hunksOf = (pending: Pending): { change: Change; hunk: Hunk }[] => pending.changes.flatMap((change) => change.hunks.map((hunk) => ({ change, hunk })));

/**
 * After every change of the view: a new approval takes the focus when nothing is typed, and gives it back when all are answered.
 * `ring`: the person should be told (bell, title), which happens once per approval.
 */
export function notice(before: Desk, view: ViewState, now: number): { desk: Desk; ring: boolean } {
  const desk = before.flash === stoppingText && !worksNow(view) ? flash(before, null) : before;
  const pending = waiting(view);
  if (!pending) {
    if (desk.rung === null) return { desk, ring: false };
    const back = desk.focusBefore ?? { focus: desk.focus, front: desk.front };
    const over = { ...desk, ...back, focusBefore: null, rung: null, answersFrom: 0, hunk: 0, decisions: {}, edits: {} };
    return { desk: desk.rejecting ? cancelReason(over) : over, ring: false };
  }
  if (pending.call === desk.rung) return { desk, ring: false };
  const fresh = { ...desk, rung: pending.call, hunk: 0, decisions: {}, edits: {}, answersFrom: now + guardMs };
  const settled = desk.rejecting ? cancelReason(fresh) : fresh;
  return { desk: comeForward(settled), ring: true };
}

/** The diff takes the focus, unless something is being typed or chosen; for a question that waits. */
export function comeForward(desk: Desk): Desk {
  if (desk.prompt.text !== "" || desk.popup || desk.help || desk.rejecting || desk.focus === "diff") return desk;
  return { ...desk, focusBefore: { focus: desk.focus, front: desk.front }, focus: "diff", front: "diff" };
}

/** Whether an answer key counts yet. */
export const mayAnswer = (desk: Desk, pending: Pending, now: number): boolean => now >= Math.max(desk.answersFrom, pending.shownAt + guardMs);

/** Decides the hunk under the cursor and goes to the next undecided one. */
export function decide(desk: Desk, pending: Pending, is: Decision["is"], text?: string): Desk {
  const hunks = hunksOf(pending);
  const here = hunks[desk.hunk]?.hunk;
  if (!here) return desk;
  const decisions = { ...desk.decisions, [here.id]: is };
  const edits = { ...desk.edits };
  delete edits[here.id];
  if (text !== undefined) edits[here.id] = text;
  const open = (at: number): boolean => decisions[hunks[at]?.hunk.id ?? ""] === undefined;
  let next = desk.hunk;
  for (let step = 1; step <= hunks.length; step++) {
    const at = (desk.hunk + step) % hunks.length;
    if (!open(at)) continue;
    next = at;
    break;
  }
  return { ...desk, decisions, edits, hunk: next };
}
/** Every hunk not decided yet is kept. */
export function keepRest(desk: Desk, pending: Pending): Desk {
  const decisions = { ...desk.decisions };
  for (const { hunk } of hunksOf(pending)) decisions[hunk.id] ??= "kept";
  return { ...desk, decisions };
}

type Approve = Extract<Command, { type: "approve" }>;
/** The answer once every hunk is decided; null while one is open. All dropped is a no. */
export function verdict(desk: Desk, pending: Pending, who: { session: SessionId; by: ClientId }): Approve | null {
  const hunks: Decision[] = [];
  for (const { hunk } of hunksOf(pending)) {
    const is = desk.decisions[hunk.id];
    if (is === undefined) return null;
    const text = desk.edits[hunk.id];
    hunks.push(is === "edited" && text !== undefined ? { id: hunk.id, is, text } : { id: hunk.id, is });
  }
  const answer = hunks.length > 0 && hunks.every(({ is }) => is === "dropped") ? "no" : "yes";
  const plain = hunks.every(({ is }) => is === "kept");
  return { type: "approve", ...who, call: pending.call, answer, ...(plain ? {} : { hunks }) };
}

export function moveHunk(desk: Desk, pending: Pending, by: 1 | -1): Desk {
  const most = hunksOf(pending).length - 1;
  return { ...desk, hunk: Math.max(0, Math.min(most, desk.hunk + by)), scroll: { ...desk.scroll, diff: 0 } };
}
/** To the first hunk of the next or the previous file. */
export function moveFile(desk: Desk, pending: Pending, by: 1 | -1): Desk {
  const hunks = hunksOf(pending);
  const files = pending.changes.filter((change) => change.hunks.length > 0);
  const here = files.indexOf(hunks[desk.hunk]?.change as Change);
  const target = files[Math.max(0, Math.min(files.length - 1, here + by))];
  const at = hunks.findIndex(({ change }) => change === target);
  return at < 0 ? desk : { ...desk, hunk: at, scroll: { ...desk.scroll, diff: 0 } };
}

/** What an editor shows of a hunk: its lines as they would be after the change. */
export const hunkText = (hunk: Hunk): string =>
  hunk.lines
    .filter((line) => !line.startsWith("-"))
    .map((line) => `${line.slice(1)}\n`)
    .join("");

/** The prompt's line becomes the reason's; what was typed waits aside. */
export const askReason = (desk: Desk): Desk =>
  flash({ ...desk, rejecting: true, aside: desk.prompt, prompt: emptyDraft, popup: null }, "why not? Enter tells the model, Esc goes back");
export const cancelReason = (desk: Desk): Desk => flash({ ...desk, rejecting: false, prompt: desk.aside ?? emptyDraft, aside: null }, null);
