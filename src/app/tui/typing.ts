// From input events to what they do: keys by the table, text into the prompt or a list's words, pastes whole. Decides nothing else.
import { rowFor } from "./actions.ts";
import { inFront, mayAnswer } from "./approval.ts";
import { hasOwnWords, typeWords } from "./choosing.ts";
import type { Deck } from "./deck.ts";
import type { InputEvent } from "./input.ts";
import { edit, editKeys, emptyDraft } from "./prompt.ts";
import { editPrompt, flash, modeOf } from "./ui.ts";

/** Takes events that arrived together, in order. `kitty` is not its business. */
export function takeEvents(deck: Deck, events: readonly InputEvent[]): void {
  for (let at = 0; at < events.length; at++) {
    const event = events[at] as InputEvent;
    if (event.type === "text") at = takeText(deck, events, at);
    else if (event.type === "key") takeKey(deck, event.key);
    else if (event.type === "paste") {
      const { armed } = deck.desk();
      insert(deck, event.text);
      disarm(deck, armed);
    }
  }
}

/** A key forgets the last flash and whatever it didn't confirm; a question's flash stays with its question. */
function begin(deck: Deck): void {
  deck.change((desk) => (desk.flash === null || desk.asking || desk.rejecting ? desk : flash(desk, null)));
}
function disarm(deck: Deck, before: unknown): void {
  deck.change((desk) => (desk.armed !== null && desk.armed === before ? { ...desk, armed: null } : desk));
}

/** One character that may be a key, or a run of them that is text. Returns the index of the last event taken. */
function takeText(deck: Deck, events: readonly InputEvent[], from: number): number {
  const first = events[from] as Extract<InputEvent, { type: "text" }>;
  const mode = modeOf(deck.desk(), deck.view());
  const { armed } = deck.desk();
  begin(deck);
  if (mode !== "text" && mode !== "reason" && mode !== "popup") {
    if (!act(deck, first.text, true) && (mode === "idle" || mode === "answer")) insert(deck, first.text);
    disarm(deck, armed);
    return from;
  }
  let text = first.text;
  let at = from;
  for (let next = events[at + 1]; next?.type === "text"; next = events[at + 1]) {
    text += next.text;
    at++;
  }
  insert(deck, text);
  disarm(deck, armed);
  return at;
}

function insert(deck: Deck, text: string): void {
  deck.change((desk) => {
    if (desk.popup && hasOwnWords(desk.popup)) return typeWords(desk, desk.popup.words + text.replace(/\s+/g, " "));
    if (desk.asking) return desk;
    return editPrompt(desk.help ? { ...desk, help: false } : desk, { do: "insert", text });
  });
}

function takeKey(deck: Deck, key: string): void {
  const { armed, popup } = deck.desk();
  begin(deck);
  if (!act(deck, key, false)) {
    if (popup && hasOwnWords(popup)) editWords(deck, key);
    else {
      const name = editKeys[key];
      const mode = modeOf(deck.desk(), deck.view());
      if (name && mode !== "help" && mode !== "asking") deck.change((desk) => editPrompt(desk, { do: name }));
    }
  }
  disarm(deck, armed);
}
function editWords(deck: Deck, key: string): void {
  const name = editKeys[key];
  const words = deck.desk().popup?.words ?? "";
  if (name === "backspace" || name === "kill-word-back" || name === "kill-to-start") {
    const left = edit({ ...emptyDraft, text: words, cursor: words.length }, { do: name }).text;
    deck.change((desk) => typeWords(desk, left));
  }
}

/** Runs the row of a key. False when the key means nothing here, so that a character is text. */
function act(deck: Deck, key: string, isText: boolean): boolean {
  const found = rowFor(key, deck.view(), deck.desk());
  if (!found) return false;
  const { row, why } = found;
  const answers = row.group === "Answer" && row.modes.some((mode) => mode === "answer" || mode === "asking");
  if (answers && isText) {
    const pending = inFront(deck.desk(), deck.view());
    if (deck.desk().answersFrom === Number.POSITIVE_INFINITY) return true; // answered; the session hasn't said so yet
    // it appeared under the fingers: what was typed was meant for the prompt
    if (pending && !mayAnswer(deck.desk(), pending, deck.now())) return false;
  }
  if (why === null) row.run(deck);
  else if (isText && !answers) return false;
  else deck.say(why);
  return true;
}
