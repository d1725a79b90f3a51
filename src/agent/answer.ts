// An answer without a call: is the task done, or did the model only stop? Each kind of stopping is nudged once between two calls.
import type { Failure } from "../core/error.ts";
import type { Endless } from "./endless.ts";

export type Trouble = "empty" | "announced" | Endless;

/** What the model is told, once; and what the person is told when that didn't help. `announced` twice is taken for an answer. */
export const nudges: Record<Trouble, { ask: string; seen: string; failure: Failure | null }> = {
  empty: {
    ask: "Your answer was empty. Go on with the task: call a tool, or say what was done and what is missing.",
    seen: "",
    failure: { code: "model.empty", message: "The model gave an empty answer twice.", hint: "Ask again in other words, or try another model (/model)." },
  },
  announced: {
    ask: "You announced a step but called no tool. Call it now. If the task is done, or only words were wanted, say so in one sentence.",
    seen: "",
    failure: null,
  },
  repeats: {
    ask: "Your answer repeated itself without end and was stopped. Don't go on with it: call a tool, or answer in a few plain sentences.",
    seen: "The model repeated itself without end; its answer was stopped, and it is asked once more.",
    failure: {
      code: "model.repeats",
      message: "The model's answer repeated itself without end, twice; it was stopped and asked once more in between.",
      hint: "Ask in other words or start afresh (/new); a larger or less compressed model does so less often.",
    },
  },
  thoughts: {
    ask: "You thought for very long without an answer and were stopped. Answer now, without thinking again: call a tool, or say what is missing.",
    seen: "The model thought for so long that the context ran out; it was stopped, and is asked once more to answer.",
    failure: {
      code: "model.thoughts",
      message: "The model thought without end, twice, and never answered; it was stopped and asked to answer in between.",
      hint: "Turn its thinking off, give it a larger context, or choose another model (/model).",
    },
  },
};

const opener = "(?:(?:ok(?:ay)?|alright|great|good|sure|now|next|first|then|so|and|also|perfect|right)[,.!:]? +)*";
const announcement = new RegExp(
  `^${opener}(?:i(?:'ll|\u2019ll| will)(?: (?:now|next|first|then|also|start by))*|i(?:'m|\u2019m| am) (?:now )?going to|let me(?: (?:now|first|start by))?|let(?:'s|\u2019s)) +(\\w+)`,
  "i",
);
/** "Let me know", "I will wait": an end, not an announcement. */
const ends = /^(?:know|wait|leave|stop|stay|be|not|need|assume|say|explain|keep|remain)$/i;
/** Longer answers are plans and reports, in characters; after changes even sooner. */
const most = { before: 1_200, after: 300 };

/** Does the answer end by announcing a step? A question never does, nor a long answer. */
export function announces(text: string, changed: boolean): boolean {
  const answer = text.trim();
  if (answer === "" || answer.endsWith("?") || answer.length > (changed ? most.after : most.before)) return false;
  const lastLine = answer.split("\n").at(-1) ?? "";
  const sentence = (lastLine.split(/(?<=[.!?])\s+/).at(-1) ?? "").replace(/^[-*>#\s]+/, "");
  const verb = announcement.exec(sentence)?.[1];
  return verb !== undefined && !ends.test(verb);
}
