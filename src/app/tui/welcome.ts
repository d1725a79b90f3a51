// Before a model is known: what was looked for, which one is taken, and the picker when there are several. Never a dead end.
import type { Answer, Command, ModelId, ModelLine } from "../../core/events.ts";
import { sanitiseLine } from "../../core/text.ts";
import { openModelList } from "./choosing.ts";
import { rank } from "./completion.ts";
import type { Deck } from "./deck.ts";

type Models = Answer<{ type: "models" }>;
export interface ModelsNeeds {
  /** Keeps the choice for this repository. */
  remember(id: ModelId): Promise<void>;
}
export interface ModelChoice {
  /** Looks for servers; says what was found and opens the picker when there is a choice to make. */
  look(): Promise<void>;
  choose(words: string): Promise<void>;
  /** The model that will be used as far as is known. */
  chosen(): ModelId | null;
}

const usable = (models: readonly ModelLine[]): ModelLine[] => models.filter((model) => model.refused === null);

/** Lines for the conversation while there is no model. */
export function welcomeLines(found: Models): string[] {
  const looked = found.looked.map(({ url, found: server, why }) => `  ${sanitiseLine(url)}  ${sanitiseLine(server ?? why ?? "nothing there")}`);
  if (usable(found.models).length > 1) return ["Several models are there: /model chooses one."];
  if (usable(found.models).length === 1) return [];
  const refused = found.models.map((model) => `  ${sanitiseLine(model.id)}: ${sanitiseLine(model.refused ?? "")}`);
  return [
    found.looked.some(({ found: server }) => server !== null) ? "A model server answers, but it has no model Aura may use." : "No model server answers on this machine.",
    "",
    "Looked at:",
    ...looked,
    ...refused,
    "",
    "Start one, then /model looks again:",
    "  Ollama       ollama serve, then ollama pull qwen3-coder",
    "  LM Studio    load a model, then start its server in the Developer tab",
    "  llama.cpp    llama-server -m MODEL.gguf --jinja",
    "Without any: aura demo shows everything with a script in the model's place.",
  ];
}

export function openModels(deck: Deck, needs: ModelsNeeds): ModelChoice {
  let chosen: ModelId | null = null;
  const ask = (): Promise<Models | null> => deck.query({ type: "models" }).catch(() => null);

  return {
    async look() {
      const found = await ask();
      // meanwhile the session's own log may have told which model it has
      if (!found || deck.view().model !== null) return;
      const only = usable(found.models);
      chosen = found.chosen ?? (only.length === 1 ? (only[0] as ModelLine).id : null);
      const lines = chosen === null ? welcomeLines(found) : [];
      deck.change((desk) => ({ ...desk, welcome: lines.length > 0 ? { lines } : null }));
      const { popup, prompt } = deck.desk();
      if (chosen === null && only.length > 1 && !popup && prompt.text === "") await openModelList(deck);
    },
    async choose(words) {
      const found = await ask();
      const models = found?.models ?? [];
      const model = models.find(({ id, name }) => id === words || name === words) ?? rank(words, usable(models), ({ id }) => id, 1)[0];
      if (!model) return deck.say(found ? `no server here has a model "${words}"; /model lists what there is` : "no model server answers; /model looks again");
      if (model.refused !== null) return deck.say(`${sanitiseLine(model.id)} can't be used: ${sanitiseLine(model.refused)}`);
      const command: Command = { type: "set", session: deck.who().session, model: model.id, url: model.url };
      if (!(await deck.send(command))) return;
      chosen = model.id;
      await needs.remember(model.id).catch(() => {});
      deck.change((desk) => ({ ...desk, welcome: null }));
      deck.say(`model: ${sanitiseLine(model.id)}`);
    },
    chosen: () => chosen,
  };
}
