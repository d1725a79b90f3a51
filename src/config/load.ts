// Reads both configurations and keeps them apart: the user's decides, a trusted repository's can only narrow. Nothing is parsed where there is no file.
import { realpathSync } from "node:fs";
import type { Limits, PolicyName } from "../core/events.ts";
import type { Problem } from "./parse.ts";
import { type Paths, projectConfigFile, userConfigFile } from "./paths.ts";
import { readSmall } from "./private.ts";
import type { ProjectConfig, UserConfig } from "./schema.ts";
import { type Brought, lookAtProject } from "./trust.ts";

export interface Loaded {
  user: UserConfig;
  /** Empty unless the person said yes to exactly this content. */
  project: ProjectConfig;
  /** Keys that were left out of what is used. */
  problems: Problem[];
  /** What the repository's .aura brings, null when nothing. With `trust: "new"` the person has to be asked, then load again. */
  brought: Brought | null;
}

/** `root` null = outside any repository. Throws AuraError (exit 2) naming file, line and column of a broken file; never writes. */
export async function loadConfig(needs: { paths: Paths; root: string | null }): Promise<Loaded> {
  const { paths } = needs;
  const root = needs.root === null ? null : realpathSync(needs.root);
  const userFile = userConfigFile(paths);
  const userText = readSmall(userFile);
  const seen = root === null ? null : lookAtProject(paths, root);
  const brought = seen?.brought ?? null;
  const projectText = seen?.configText ?? null;
  const loaded: Loaded = { user: {}, project: {}, problems: [], brought };
  if (userText === null && projectText === null) return loaded;

  const { parseConfig } = await import("./parse.ts");
  if (userText !== null) {
    const { config, problems } = parseConfig("user", userFile, userText);
    loaded.user = config;
    loaded.problems.push(...problems);
  }
  if (root !== null && projectText !== null) {
    const { config, problems } = parseConfig("project", projectConfigFile(root), projectText);
    if (brought?.trust === "yes") {
      loaded.project = config;
      loaded.problems.push(...problems);
    }
  }
  return loaded;
}

/** The line for stderr where nobody can be asked, null when there is nothing to say. */
export function untrustedLine(brought: Brought | null): string | null {
  if (!brought || brought.trust === "yes") return null;
  const files = brought.files.length === 1 ? brought.files[0] : `${brought.files.length} files in .aura`;
  return brought.trust === "no"
    ? `aura: ${files} of this repository is ignored, as you answered`
    : `aura: ${files} of this repository is ignored until you have agreed to it: run aura init, or aura on a terminal`;
}

const strictness: Record<PolicyName, number> = { auto: 0, ask: 1, "read-only": 2 };
export const stricter = (a: PolicyName, b: PolicyName | undefined): PolicyName => (b !== undefined && strictness[b] > strictness[a] ? b : a);

const lower = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined ? b : b === undefined ? a : Math.min(a, b));
/** The policy and limits of a run: what the flags and the user's file want, narrowed by the repository's. */
export function settle(wanted: { policy?: PolicyName; limits: Limits; headless: boolean }, loaded: Pick<Loaded, "user" | "project">): { policy: PolicyName; limits: Limits } {
  const { user, project } = loaded;
  const policy = stricter(wanted.policy ?? (wanted.headless ? "auto" : (user.policy ?? "ask")), project.policy);
  const seconds = (value: number | undefined): number | undefined => (value === undefined ? undefined : value * 1000);
  const maxTurns = lower(wanted.limits.maxTurns ?? user.limits?.maxTurns, project.limits?.maxTurns);
  const maxTimeMs = lower(wanted.limits.maxTimeMs ?? seconds(user.limits?.maxTimeS), seconds(project.limits?.maxTimeS));
  return { policy, limits: { ...(maxTurns === undefined ? {} : { maxTurns }), ...(maxTimeMs === undefined ? {} : { maxTimeMs }) } };
}
