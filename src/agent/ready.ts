// What has to be there before the first request: the model, opened, and the head of every request, frozen in the log.
import type { Entry } from "../core/events.ts";
import type { Model } from "../models/model.ts";
import { toolSpecs } from "../tools/index.ts";
import { instructionsIn, makeHead } from "./head.ts";
import type { AgentNeeds, Session } from "./session.ts";

/** The model, opened, and the head in the log. Opening it again only where the person chose another. */
export async function ready(needs: AgentNeeds, session: Session, signal: AbortSignal): Promise<Model> {
  if (!session.model.open) {
    session.live({ type: "working", what: "connecting", since: needs.clock.now() });
    const wanted: Parameters<AgentNeeds["openModel"]>[0] = { root: session.opening.root };
    if (session.model.wanted !== undefined) wanted.model = session.model.wanted;
    if (session.model.url !== undefined) wanted.url = session.model.url;
    session.model.open = await needs.openModel(wanted, signal);
  }
  const model = session.model.open;
  const at = session.model.url === undefined ? {} : { url: session.model.url };
  const primed = session.log.entries.findLast((entry): entry is Extract<Entry, { type: "primed" }> => entry.type === "primed");
  if (primed) {
    for (const shown of instructionsIn(primed.system)) session.told.add(shown);
    if (primed.model !== model.id) session.counted = false;
    if (primed.model !== model.id || primed.url !== session.model.url)
      session.append({ type: "primed", model: model.id, ...at, context: model.context, system: primed.system, tools: primed.tools });
    return model;
  }
  const { tools } = await session.workplace;
  const head = makeHead({ root: session.opening.root, userConfig: needs.userConfig, tools: toolSpecs(tools), context: model.context });
  session.append({ type: "primed", model: model.id, ...at, context: model.context, system: head.system, tools: head.tools });
  for (const shown of instructionsIn(head.system)) session.told.add(shown);
  if (head.left.length > 0)
    session.append({
      type: "noted",
      level: "warn",
      text: `Left out of the prompt, too long for a context of ${model.context} tokens: ${head.left.join(", ")}.`,
      hint: "Shorten the file, or run the model with a larger context.",
    });
  return model;
}
