// Which profile a model gets: how much is sent before the task, and in which form its edits are asked for. A table of what is known, and nothing else.
import type { EditForm, Probed, Profile } from "../core/probed.ts";

/** What the person's configuration says. */
export type ProfileWish = "auto" | Profile;
export interface Known {
  /** Tokens the server holds; null: it hasn't told, and a guess is no reason to do with less. */
  context: number | null;
  /** null: never probed. */
  probed: Pick<Probed, "calls" | "onlyTold" | "form"> | null;
  wish: ProfileWish;
}
export interface Choice {
  profile: Profile;
  form: EditForm;
  /** For the person, a clause without full stop. */
  why: string;
}

/** With fewer tokens of context the whole head would leave no room for a file and a test's output. */
const smallContext = 6_000;

const whyWhole = { native: "the server hands over the model's calls", text: "the model's calls can be read in its text", none: "" } satisfies Record<Probed["calls"], string>;

export function chooseProfile({ context, probed, wish }: Known): Choice {
  const form = probed?.form ?? "replace";
  if (wish !== "auto") return { profile: wish, form, why: "your configuration says so" };
  if (probed?.calls === "none") return { profile: "nano", form, why: "the model made no call when it was tried" };
  if (probed?.onlyTold) return { profile: "nano", form, why: "the model calls tools only where they are told in text" };
  if (context !== null && context < smallContext) return { profile: "nano", form, why: `a context of ${context} tokens has no room for more` };
  return { profile: "default", form, why: probed ? whyWhole[probed.calls] : "nothing speaks against it" };
}

/** Best first where as many land: a quote is plainer than blocks, and those than a patch. */
export const formOrder: readonly EditForm[] = ["replace", "blocks", "patch", "whole"];
/** A whole file costs many times the tokens and tempts a model to leave things out: the others may land this much less often. */
const wholeBehind = 0.5;

/** The form to ask for: of those that were tried, the one that lands most often. */
export function chooseForm(edits: Probed["edits"]): EditForm {
  const rate = (form: EditForm): number => (edits[form]?.landed ?? 0) / Math.max(1, edits[form]?.tried ?? 0);
  const best = formOrder.filter((form) => form !== "whole").reduce((one, other) => (rate(other) > rate(one) ? other : one));
  const whole = rate("whole");
  return whole > 0 && (rate(best) === 0 || whole >= rate(best) + wholeBehind) ? "whole" : best;
}
