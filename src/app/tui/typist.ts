// Tells the session that a prompt is being written, so that the model is warm by the time it is sent.
import type { Deck } from "./deck.ts";

/** While somebody types the session hears of it so often, ms. */
const everyMs = 20_000;

/** `look` after each change of the prompt. A command is no prompt; while a run works the model is warm. */
export function openTypist(deck: Deck): { look(): void } {
  let toldAt = Number.NEGATIVE_INFINITY;
  let wrote = false;
  return {
    look() {
      const { text } = deck.desk().prompt;
      const writes = text !== "" && !/^[/!]/.test(text);
      const first = writes && !wrote;
      wrote = writes;
      const now = deck.now();
      if (!writes || deck.desk().connected !== "yes" || deck.view().running || (!first && now - toldAt < everyMs)) return;
      toldAt = now;
      void deck.send({ type: "typing", session: deck.who().session });
    },
  };
}
