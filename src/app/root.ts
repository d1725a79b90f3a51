// The opening of a session: flags, the user's configuration and the repository's, settled into one value.
import { realpathSync } from "node:fs";
import { loadConfig, settle, untrustedLine } from "../config/load.ts";
import { rememberedModel } from "../config/models.ts";
import type { Problem } from "../config/parse.ts";
import type { Paths } from "../config/paths.ts";
import type { UserConfig } from "../config/schema.ts";
import type { Opening } from "../core/events.ts";
import { allowedEnv } from "../sandbox/home.ts";
import type { Flags } from "./flagvalues.ts";
import { findRoot } from "./root-of.ts";

export interface Opened {
  opening: Opening;
  /** Lines the person should see: what of the repository's own configuration was ignored. */
  told: string[];
  user: UserConfig;
  /** The repository brings an `.aura` that nobody agreed to yet. */
  brought: Awaited<ReturnType<typeof loadConfig>>["brought"];
}

/** Flags, the user's configuration and a trusted repository's, settled into one opening. Throws AuraError for broken files. */
export async function makeOpening(needs: { paths: Paths; flags: Flags; env: NodeJS.ProcessEnv; headless: boolean }): Promise<Opened> {
  const { flags, paths } = needs;
  const cwd = realpathSync(flags.cwd);
  const root = findRoot(cwd);
  const loaded = await loadConfig({ paths, root });
  const { policy, limits } = settle({ ...(flags.policy ? { policy: flags.policy } : {}), limits: flags.limits, headless: needs.headless }, loaded);
  const model = flags.model ?? (flags.url ? undefined : (loaded.user.model ?? rememberedModel(paths, root) ?? undefined));
  const url = flags.url ?? (flags.model ? undefined : loaded.user.url);
  const opening: Opening = {
    root,
    cwd,
    env: { ...allowedEnv(needs.env), ...gitEnv(needs.env) },
    policy,
    limits,
    ...(model ? { model: model as NonNullable<Opening["model"]> } : {}),
    ...(url ? { url } : {}),
    ...(flags.model === undefined && flags.url === undefined ? { preset: true } : {}),
    ...(flags.sandbox ? { sandbox: flags.sandbox } : {}),
    ...(needs.headless ? { headless: true } : {}),
    ...(loaded.user.prewarm === false || loaded.project.prewarm === false ? { prewarm: false } : {}),
  };
  const told = loaded.problems.map((problem: Problem) => `${problem.file}:${problem.line}: ${problem.text}`);
  const untrusted = untrustedLine(loaded.brought);
  if (untrusted && needs.headless) told.push(untrusted);
  return { opening, told, user: loaded.user, brought: loaded.brought };
}

/** Who commits, and where the person's git configuration lies: for Aura's own git; the sandbox's allow-list leaves it out again. */
function gitEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_CONFIG_GLOBAL", "XDG_CONFIG_HOME"];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
