// Where the user's own things live: XDG folders, or all below AURA_HOME. Pure, creates nothing.
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** Absolute folders of this user. Whoever writes there makes them (0700) with `makePrivateFolder`. */
export interface Paths {
  /** Holds config.json. */
  config: string;
  /** Holds the debug log, what was remembered per repository, histories. */
  state: string;
  /** May be deleted at any time. */
  cache: string;
  /** The daemon's socket and lock. Below state, not XDG_RUNTIME_DIR: that one is taken away at the last logout, and a run has to survive it. */
  runtime: string;
}

export function findPaths(env: Record<string, string | undefined>): Paths {
  const own = env.AURA_HOME;
  if (own) {
    const base = resolve(own);
    return { config: base, state: join(base, "state"), cache: join(base, "cache"), runtime: join(base, "run") };
  }
  const home = env.HOME || homedir();
  // The XDG standard: relative values are to be ignored.
  const folder = (name: string, otherwise: string): string => {
    const value = env[name];
    return join(value && isAbsolute(value) ? value : join(home, otherwise), "aura");
  };
  const state = folder("XDG_STATE_HOME", ".local/state");
  return { config: folder("XDG_CONFIG_HOME", ".config"), state, cache: folder("XDG_CACHE_HOME", ".cache"), runtime: join(state, "run") };
}

export const userConfigFile = (paths: Paths): string => join(paths.config, "config.json");
export const projectConfigFile = (root: string): string => join(root, ".aura", "config.json");
export const debugLogFile = (paths: Paths): string => join(paths.state, "debug.log");
