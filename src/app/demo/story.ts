// What the demo's script says and calls. It looks at the results only where it would lie otherwise.
import { demoEdit, demoTask } from "./project.ts";
import type { Asked, ScriptedCall, Step } from "./script.ts";

const items = ["find where totals are computed", "see the tests fail", "apply the discount in total()", "run the tests"];
const plan = (done: number): ScriptedCall[] => [
  { name: "plan", args: { items: items.map((text, at) => ({ text, state: at < done ? "done" : at === done ? "running" : "open" })) } },
];

const steps: Step[] = [
  {
    think: "The total has to know about discounts. I should look at how the cart sums its items, and what the tests expect, before I change anything.",
    say: "I'll look at the cart first, then run its tests.",
    calls: plan(0),
  },
  { calls: [{ name: "read", args: { path: "src/cart.js" } }] },
  { calls: [...plan(1), { name: "test", args: {} }] },
  {
    think:
      "Two tests fail. discount(sum) multiplies by the percentage but never divides by 100, and total() doesn't call discount() at all. And 150 % off must give 0, not a negative sum.",
    say: "`total()` never calls `discount()`, and `discount()` treats 25 as 2500 %. One edit in two places mends both:",
    calls: [...plan(2), { name: "edit", args: { path: demoEdit.path, old: demoEdit.old, new: demoEdit.new } }],
  },
  { calls: [...plan(3), { name: "test", args: {} }] },
  { calls: plan(4) },
];
const goodbye =
  "I am a script, not a model, and this was all I know. To try Aura for real, start Ollama, LM Studio or llama.cpp's server, then run `aura` in a repository of yours.";

/** The next step, by how many answers were given since the task; everything after the task gets the same polite sentence. */
export function demoAnswer(asked: Asked, rate: number): Step {
  const start = asked.messages.findIndex((message) => message.role === "user" && message.text.includes(demoTask));
  const since = asked.messages.slice(start + 1);
  const answers = since.filter((message) => message.role === "assistant").length;
  const step = start < 0 ? undefined : steps[answers];
  if (step) return { ...step, rate };
  if (start < 0 || answers > steps.length) return { say: goodbye, rate };
  const lastTest = since.findLast((message) => message.role === "tool" && /\b\d+ (passed|failed)/.test(message.text))?.text ?? "";
  const refused = since.some((message) => message.role === "tool" && /refused|dropped/.test(message.text));
  const green = /\b3 passed/.test(lastTest) && !/\b[1-9]\d* failed/.test(lastTest);
  const changed = "`discount()` now takes a percentage, and `total()` takes the discount off and never falls below zero.";
  if (green) return { say: `Done: ${changed} All three tests pass.\n\nThe change is not committed; \`git diff\` shows it and \`/undo\` takes it back.`, rate };
  return { say: refused ? "I stopped: parts of the change were refused, so not all tests pass." : "The tests don't pass yet; the run's output above says why.", rate };
}
