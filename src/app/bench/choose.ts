// Which model the bench is about: what `aura --yes` would take in this folder, opened once to be sure that it answers.
import { loadConfig } from "../../config/load.ts";
import { rememberedModel } from "../../config/models.ts";
import type { Paths } from "../../config/paths.ts";
import type { UserConfig } from "../../config/schema.ts";
import type { ModelId } from "../../core/events.ts";
import { setEnginePlace } from "../../models/engine/pool.ts";
import { setAllowedHosts } from "../../models/loopback.ts";
import { enginePlaceOf } from "../engine.ts";
import type { Flags } from "../flagvalues.ts";
import { modelOpener } from "../openmodel.ts";
import { findRoot } from "../root-of.ts";

export interface Chosen {
  /** With a file's whole path where the model is a file. */
  model: ModelId;
  /** Where one was named by a flag or the configuration. */
  url: string | null;
  user: UserConfig;
}

/** Throws AuraError: exit 3 without a server or model, 2 for a refused address or a broken configuration. */
export async function chooseForBench({ paths, flags, signal }: { paths: Paths; flags: Flags; signal: AbortSignal }): Promise<Chosen> {
  const { user } = await loadConfig({ paths, root: null });
  setAllowedHosts(user.allowHosts ?? []);
  setEnginePlace(enginePlaceOf(paths, process.env));
  const root = findRoot(flags.cwd);
  const url = flags.url ?? (flags.model ? undefined : user.url);
  const named = flags.model ?? (flags.url ? undefined : (user.model ?? rememberedModel(paths, root) ?? undefined));
  const wanted = { root, ...(named === undefined ? {} : { model: named as ModelId }), ...(url === undefined ? {} : { url }) };
  const { id } = await modelOpener(paths, async () => user)(wanted, signal);
  return { model: id, url: url ?? null, user };
}
