// An answer without a call: is the task done, or did the model only stop? What is tried then, step by step, before the run ends.
import type { Failure } from "../core/error.ts";
import type { Endless } from "./endless.ts";
import type { Retry } from "./turn.ts";

export type Trouble = "empty" | "announced" | Endless;

interface Rung {
  /** What the model is told. */
  ask: string;
  /** What the person is told, "" = nothing: the question itself is seen. */
  seen: string;
  /** What is asked of the server for the next answer alone. */
  how: Retry;
}
export interface Ladder {
  rungs: Rung[];
  /** How the run ends when none helped; null: it is taken for an answer. Tells what was tried. */
  failure: Failure | null;
}

/** Between two calls of a tool each ladder is climbed once. */
export const ladders: Record<Trouble, Ladder> = {
  empty: {
    rungs: [
      { ask: "Your answer was empty. Go on with the task: call a tool, or say what was done and what is missing.", seen: "", how: {} },
      // all that it had to say may have gone into a thought nobody gets
      { ask: "Your answer was empty again. Without thinking, in one sentence or one call: what is next?", seen: "", how: { think: false } },
    ],
    failure: {
      code: "model.empty",
      message: "The model's answers stayed empty. It was asked to go on, and then to answer without thinking.",
      hint: "Ask again in other words, or try another model (/model).",
    },
  },
  announced: {
    rungs: [
      { ask: "You announced a step but called no tool. Call it now. If the task is done, or only words were wanted, say so in one sentence.", seen: "", how: {} },
      { ask: "You announced a step again and called no tool. Write the call itself now, and nothing else.", seen: "", how: { force: "call" } },
    ],
    failure: null,
  },
  repeats: {
    rungs: [
      {
        ask: "Your answer repeated itself without end and was stopped. Don't go on with it: call a tool, or answer in a few plain sentences.",
        seen: "The model repeated itself without end; its answer was stopped, and it is asked once more.",
        how: {},
      },
      {
        ask: "Your answer repeated itself again and was stopped. Answer in one plain sentence, or make one call.",
        seen: "The model repeated itself again; it is asked for the last time, without thinking and less predictably.",
        // how predictable a model is belongs to its server's settings, and stays so. Once they have failed twice there is nothing to lose: 1 is the model
        // as it was trained, where any lower value leads back to its likeliest words, which are those of the loop
        how: { think: false, temperature: 1 },
      },
    ],
    failure: {
      code: "model.repeats",
      message: "The model's answers repeated themselves without end. They were stopped and asked for again, the last time without thinking and at temperature 1.",
      hint: "Ask in other words or start afresh (/new); a larger or less compressed model does so less often.",
    },
  },
  thoughts: {
    rungs: [
      {
        ask: "You thought for very long without an answer and were stopped. Answer now, without thinking again: call a tool, or say what is missing.",
        seen: "The model thought for so long that the context ran out; it was stopped, and is asked once more to answer without thinking.",
        how: { think: false },
      },
    ],
    failure: {
      code: "model.thoughts",
      message: "The model thought without end, twice, and never answered. It was stopped, and asked to answer with its thinking switched off where the server can do so.",
      hint: "Turn its thinking off, give it a larger context, or choose another model (/model).",
    },
  },
};

/** So many answers in a row of calls that nobody could read, and the run ends. */
export const mostMalformed = 6;
export const malformed: Failure = {
  code: "model.malformed",
  message: `The model wrote ${mostMalformed} calls in a row that could not be read. It was told each time what was wrong, and a well-formed call was asked of the server where it can see to that.`,
  hint: "Try another model (/model); a larger or less compressed one errs less.",
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
