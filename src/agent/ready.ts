// What has to be there before the first request: the model, opened, and the head of every request, frozen in the log.
import type { Entry } from "../core/events.ts";
import type { Model } from "../models/model.ts";
import { instructionsIn, makeHead } from "./head.ts";
import { type Choice, chooseProfile, type ProfileWish } from "./profile.ts";
import { learnRoughly } from "./reading.ts";
import type { AgentNeeds, Session } from "./session.ts";

/** A server that is there tells its context in a few ms; one that is too busy for that wouldn't answer the first request either. */
const toldMs = 3_000;
async function isTold(model: Model, signal: AbortSignal): Promise<boolean> {
  const told = (await model.told?.(AbortSignal.any([signal, AbortSignal.timeout(toldMs)]))) ?? true;
  signal.throwIfAborted();
  return told;
}

/**
 * The model, opened, and the head in the log. It is opened again only where the person chose another. Until a run's first request the head is
 * made anew each time, so that it holds what is true then, however early it was warmed up with. Writes nothing once `signal` is aborted: throws then,
 * and as `openModel` does.
 */
export async function ready(needs: AgentNeeds, session: Session, signal: AbortSignal, what: "run" | "warm"): Promise<Model> {
  // another may be chosen while this one opens
  const chosen = session.model;
  const model = chosen.open ?? (await opened(needs, session, signal));
  chosen.open = model;
  const probed = needs.probed(model.id, model.url ?? chosen.url);
  if (probed?.readPerS) learnRoughly(session, { perS: probed.readPerS });
  const at = chosen.url === undefined ? {} : { url: chosen.url };
  const primed = session.log.entries.findLast((entry): entry is Primed => entry.type === "primed");
  const choice = async (): Promise<Choice & { wish: ProfileWish }> => {
    const wish = await needs.profile();
    return { wish, ...chooseProfile({ context: (await isTold(model, signal)) ? model.context : null, probed, wish }) };
  };
  if (primed && session.frozen) {
    for (const shown of instructionsIn(primed.system)) session.told.add(shown);
    if (primed.model !== model.id) session.counted = false;
    if (primed.model === model.id && primed.url === chosen.url) return model;
    // another model reads everything anew, but the head says the same to it, unless it needs to be spoken to in another way
    if ((await choice()).profile === (primed.profile ?? "default")) {
      const { type, system, tools, profile, form } = primed;
      session.append({ type, model: model.id, ...at, context: model.context, system, tools, ...(profile ? { profile } : {}), ...(form ? { form } : {}) });
      return model;
    }
  }
  const [{ tools }, { wish, profile, form, why }] = await Promise.all([session.workplace, choice()]);
  signal.throwIfAborted();
  const head = makeHead({ root: session.opening.root, userConfig: needs.userConfig, tools, context: model.context, profile, form });
  const fact = { type: "primed" as const, model: model.id, ...at, context: model.context, system: head.system, tools: head.tools, profile, form };
  if (!primed || !same(primed, fact)) session.append(fact);
  if (what === "warm" && !session.frozen) return model;
  session.frozen = true;
  if (profile === "nano" && wish === "auto")
    session.append({
      type: "noted",
      level: "info",
      text: `Kept short for this model: three tools (run, read and ${form === "whole" ? "write" : "edit"}), told in text, as ${why}.`,
      hint: "All tools: aura config set profile default",
    });
  session.told = new Set(instructionsIn(head.system));
  if (head.left.length > 0)
    session.append({
      type: "noted",
      level: "warn",
      text: `Left out of the prompt, too long for a context of ${model.context} tokens: ${head.left.join(", ")}.`,
      hint: "Shorten the file, or run the model with a larger context.",
    });
  return model;
}

/** The server takes no tools for this model: from here on it is told of them in text. False where it is already. */
export async function tellInText(needs: AgentNeeds, session: Session, model: Model): Promise<boolean> {
  const primed = session.log.entries.findLast((entry): entry is Primed => entry.type === "primed");
  if (!primed || primed.profile === "nano") return false;
  const { tools } = await session.workplace;
  const how = { profile: "nano", form: primed.form ?? "replace" } as const;
  const { system, tools: specs } = makeHead({ root: session.opening.root, userConfig: needs.userConfig, tools, context: model.context, ...how });
  const at = primed.url === undefined ? {} : { url: primed.url };
  session.append(
    { type: "primed", model: model.id, ...at, context: model.context, system, tools: specs, ...how },
    { type: "noted", level: "info", text: `The server takes no tools for ${model.id}: it is told of three (${specs.map(({ name }) => name).join(", ")}) in text.` },
  );
  session.sent = null;
  session.told = new Set(instructionsIn(system));
  return true;
}

async function opened(needs: AgentNeeds, session: Session, signal: AbortSignal): Promise<Model> {
  const { wanted, url } = session.model;
  const model = await needs.openModel({ root: session.opening.root, ...(wanted === undefined ? {} : { model: wanted }), ...(url === undefined ? {} : { url }) }, signal);
  signal.throwIfAborted();
  return model;
}

type Primed = Extract<Entry, { type: "primed" }>;
/** Does the newer one say the same? The log has what JSON keeps of it. */
const same = ({ seq: _, at: __, ...old }: Primed, fresh: Omit<Primed, "seq" | "at">): boolean => JSON.stringify(sorted(old)) === JSON.stringify(sorted(fresh));
const sorted = (record: object): unknown => Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
