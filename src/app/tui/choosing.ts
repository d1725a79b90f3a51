// The lists over the prompt: completion while one types, the history search, the pickers of models and sessions, and what taking an item does.
import { unreachable } from "../../core/error.ts";
import type { ModelId, ModelLine, SessionId, SessionLine } from "../../core/events.ts";
import { sanitiseLine } from "../../core/text.ts";
import { duration } from "../../core/time.ts";
import { rank, type Trigger, take, triggerOf } from "./completion.ts";
import type { Deck } from "./deck.ts";
import { slashItems } from "./slash.ts";
import type { Popup } from "./state.ts";
import { type Desk, editPrompt, flash, showPopup } from "./ui.ts";

type Items = Popup["items"];
const itemText = (item: Items[number]): string => `${item.value} ${item.note}`;
/** Lists that take what is typed as their own words; the others read them from the prompt. */
export const hasOwnWords = (popup: Popup): boolean => popup.kind === "history" || popup.kind === "model" || popup.kind === "session";

/** What is typed while a list with words of its own is open. */
export function typeWords(desk: Desk, words: string): Desk {
  const { popup } = desk;
  if (!popup) return desk;
  const textOf = popup.kind === "history" ? (item: Items[number]) => item.value : itemText;
  return { ...desk, popup: { ...popup, words, items: rank(words, desk.choices, textOf, 200), at: 0 } };
}

export function openHistoryList(deck: Deck): void {
  const choices = [...new Set([...deck.history()].reverse())].map((value) => ({ value, note: "" }));
  if (choices.length === 0) deck.say("nothing was typed here before");
  else deck.change((desk) => typeWords({ ...desk, choices, popup: { kind: "history", words: "", items: [], at: 0, busy: false } }, desk.prompt.text.split("\n")[0] ?? ""));
}

const size = (bytes: number | null): string => (bytes === null ? "" : `${(bytes / 1e9).toFixed(1)} GB`);
const context = (tokens: number | null): string => (tokens === null ? "" : `${Math.round(tokens / 1024)}k context`);
const modelNote = (model: ModelLine): string =>
  [model.refused ? `not usable: ${sanitiseLine(model.refused)}` : "", model.loaded ? "loaded" : "", size(model.sizeBytes), context(model.runningContext ?? model.trainedContext)]
    .filter((part) => part !== "")
    .join("  ");

/** Asks what there is and lets the person pick. Says so when there is nothing. */
export async function openModelList(deck: Deck): Promise<void> {
  deck.change((desk) => ({ ...desk, choices: [], popup: { kind: "model", words: "", items: [], at: 0, busy: true } }));
  const answer = await deck.query({ type: "models" }).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  if (deck.desk().popup?.kind !== "model") return;
  if (typeof answer === "string" || answer.models.length === 0) {
    deck.change((desk) => showPopup(desk, null));
    return deck.say(typeof answer === "string" ? answer : "no model server answers: start Ollama, LM Studio or llama.cpp, then /model");
  }
  const choices = answer.models.map((model) => ({ value: sanitiseLine(model.id), note: modelNote(model) }));
  deck.change((desk) => typeWords({ ...desk, choices }, desk.popup?.words ?? ""));
  deck.change((desk) => (desk.popup ? { ...desk, popup: { ...desk.popup, busy: false } } : desk));
}

const ago = (line: SessionLine, now: number): string => `${line.state}, ${duration(Math.max(0, now - line.changedAt))} ago`;
export async function openSessionList(deck: Deck): Promise<void> {
  deck.change((desk) => ({ ...desk, choices: [], popup: { kind: "session", words: "", items: [], at: 0, busy: true } }));
  const lines = await deck.query({ type: "sessions", root: deck.view().root }).catch((): SessionLine[] => []);
  if (deck.desk().popup?.kind !== "session") return;
  const others = lines.filter((line) => line.session !== deck.who().session).sort((a, b) => b.changedAt - a.changedAt);
  if (others.length === 0) {
    deck.change((desk) => showPopup(desk, null));
    return deck.say("there is no other session in this repository");
  }
  const choices = others.map((line) => ({ value: line.session, note: `${ago(line, deck.now())}  ${sanitiseLine(line.task).slice(0, 80)}` }));
  deck.change((desk) => typeWords({ ...desk, choices }, desk.popup?.words ?? ""));
  deck.change((desk) => (desk.popup ? { ...desk, popup: { ...desk.popup, busy: false } } : desk));
}

/** Enter or Tab on the item under the cursor. */
export function choose(deck: Deck, by: "enter" | "tab"): void {
  const { popup, prompt } = deck.desk();
  const item = popup?.items[popup.at];
  if (!popup) return;
  const close = (desk: Desk): Desk => flash({ ...desk, popup: null, choices: [] }, null);
  if (!item) {
    if (popup.busy && hasOwnWords(popup)) return;
    deck.change(close);
    if (!hasOwnWords(popup) && by === "enter") deck.submit();
    return;
  }
  switch (popup.kind) {
    case "history":
      deck.change((desk) => editPrompt(close(desk), { do: "replace", text: item.value }));
      break;
    case "model":
      deck.change(close);
      deck.chooseModel(item.value as ModelId);
      break;
    case "session":
      deck.change(close);
      deck.goTo(item.value as SessionId);
      break;
    case "command":
      deck.change((desk) => editPrompt({ ...close(desk), dismissed: true }, { do: "replace", text: by === "enter" ? item.value : `${item.value} ` }));
      if (by === "enter") deck.submit();
      break;
    case "file": {
      const trigger = triggerOf(prompt);
      const taken = trigger?.kind === "file" ? take(prompt, trigger, item.value) : null;
      deck.change((desk) => (taken ? editPrompt({ ...close(desk), dismissed: true }, { do: "replace", ...taken }) : close(desk)));
      break;
    }
    default:
      unreachable(popup.kind);
  }
}

export interface Completer {
  /** After every edit of the prompt: opens, narrows or closes the completion. */
  look(): void;
  /** No timer is left behind. */
  stop(): void;
}
const debounceMs = 40;
const fileLimit = 20;

/** Files are asked for at most every 40 ms, and an answer to words since changed is dropped. */
export function openCompleter(deck: Deck): Completer {
  let timer: NodeJS.Timeout | null = null;
  let asked = 0;
  const popupOf = (kind: "command" | "file", words: string, items: Items, busy: boolean): Popup => ({ kind, words, items, at: 0, busy });

  async function ask(trigger: Trigger): Promise<void> {
    const mine = ++asked;
    const files = await deck.query({ type: "files", root: deck.view().root, words: trigger.words, limit: fileLimit }).catch((): string[] => []);
    const now = triggerOf(deck.desk().prompt);
    if (mine !== asked || now?.kind !== "file" || now.words !== trigger.words || deck.desk().dismissed) return;
    const items = files.map((file) => ({ value: sanitiseLine(file), note: "" }));
    deck.change((desk) => showPopup(desk, items.length === 0 ? null : popupOf("file", trigger.words, items, false)));
  }

  return {
    look() {
      const desk = deck.desk();
      if ((desk.popup && hasOwnWords(desk.popup)) || desk.rejecting) return;
      const trigger = triggerOf(desk.prompt);
      if (!trigger) {
        if (desk.popup || desk.dismissed) deck.change((now) => ({ ...now, popup: null, dismissed: false }));
        return;
      }
      if (desk.dismissed) return;
      if (trigger.kind === "command") {
        const items = slashItems(trigger.words, deck.view(), desk);
        deck.change((now) => showPopup(now, items.length === 0 ? null : popupOf("command", trigger.words, items, false)));
        return;
      }
      if (timer) clearTimeout(timer);
      timer = setTimeout(() => {
        timer = null;
        void ask(trigger);
      }, debounceMs);
    },
    stop() {
      if (timer) clearTimeout(timer);
      asked++;
    },
  };
}
