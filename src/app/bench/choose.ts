// Which model the bench is about: what `aura --yes` would take in this folder, opened once to be sure that it answers.
import { loadConfig } from "../../config/load.ts";
import { rememberedModel } from "../../config/models.ts";
import type { Paths } from "../../config/paths.ts";
import type { UserConfig } from "../../config/schema.ts";
import type { ModelId } from "../../core/events.ts";
import { choose, lookForModels, openModel, splitId } from "../../models/index.ts";
import { setAllowedHosts } from "../../models/loopback.ts";
import type { Flags } from "../flagvalues.ts";
import { findRoot } from "../root-of.ts";

export interface Chosen {
  model: ModelId;
  /** Where one was named by a flag or the configuration. */
  url: string | null;
  user: UserConfig;
}

/** Throws AuraError: exit 3 without a server or model, 2 for a refused address or a broken configuration. */
export async function chooseForBench({ paths, flags, signal }: { paths: Paths; flags: Flags; signal: AbortSignal }): Promise<Chosen> {
  const { user } = await loadConfig({ paths, root: null });
  setAllowedHosts(user.allowHosts ?? []);
  const url = flags.url ?? (flags.model ? undefined : user.url) ?? null;
  const named = flags.model ?? (flags.url ? undefined : (user.model ?? rememberedModel(paths, findRoot(flags.cwd)) ?? undefined));
  const at = url === null ? {} : { url };
  const model = (named ?? choose(await lookForModels(at, signal), null).id) as ModelId;
  const server = splitId(model)?.server.name;
  const key = server && server !== "embedded" ? user.serverKeys?.[server] : undefined;
  await openModel({ id: model, ...at, ...(key ? { key } : {}), ...(user.contextTokens ? { context: user.contextTokens } : {}) }, signal);
  return { model, url, user };
}
