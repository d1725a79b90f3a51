// How a session comes to its model: the one that is named, else the one remembered, with what the person's configuration says of its server.
import type { AgentNeeds } from "../agent/session.ts";
import { chosenContexts } from "../config/contexts.ts";
import { rememberedModel } from "../config/models.ts";
import type { Paths } from "../config/paths.ts";
import type { UserConfig } from "../config/schema.ts";
import { AuraError } from "../core/error.ts";
import { modelFile } from "../models/embedded.ts";
import { openModel, splitId } from "../models/index.ts";
import type { Model } from "../models/model.ts";

/** `userNow`: the person's configuration as it is at that moment. Throws as `openModel` of the models does. */
export const modelOpener =
  (paths: Paths, userNow: () => Promise<UserConfig>): AgentNeeds["openModel"] =>
  async ({ root, model, url }, signal) => {
    const user = await userNow();
    const remembered = rememberedModel(paths, root);
    const openAs = (id: string | null): Promise<Model> => {
      const named = id === null ? null : splitId(id);
      const server = named?.server.name;
      const key = server && server !== "embedded" ? user.serverKeys?.[server] : undefined;
      const whole = named && server === "embedded" ? `embedded/${modelFile(named.name, root)}` : id;
      return openModel(
        { id: whole, chosen: chosenContexts(paths), ...(url ? { url } : {}), ...(key ? { key } : {}), ...(user.contextTokens ? { context: user.contextTokens } : {}) },
        signal,
      );
    };
    if (model !== undefined || url === undefined) return openAs(model ?? remembered);
    // at an address of its own the only model is meant; the remembered one counts where there are several
    return openAs(null).catch((error: unknown) => {
      if (error instanceof AuraError && error.code === "model.several" && remembered !== null) return openAs(remembered);
      throw error;
    });
  };
