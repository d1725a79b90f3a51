// Installs the engine for GGUF files beside the project's dependencies, for `npm run try` and `npm run test:engine`. Needs a build.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Where it lies, unless AURA_ENGINE says otherwise. */
export const projectEngine = () => process.env.AURA_ENGINE ?? join(root, "node_modules", ".cache", "aura-engine");

/** True when it is there, or was installed within `limitMs`. `patient`: npm may ask a registry that doesn't answer again and again. */
export function ensureEngine({ limitMs, patient }) {
  const hasty = patient ? {} : { npm_config_fetch_retries: "1", npm_config_fetch_retry_mintimeout: "1000", npm_config_fetch_retry_maxtimeout: "2000" };
  const env = { ...process.env, ...hasty, AURA_ENGINE: projectEngine() };
  const aura = (...args) =>
    spawnSync(process.execPath, [join(root, "dist", "main.js"), "engine", ...args], { env, encoding: "utf8", timeout: limitMs, stdio: ["ignore", "pipe", "inherit"] });
  // the folder around it is everybody's: made here, as the engine makes its own private
  mkdirSync(dirname(projectEngine()), { recursive: true, mode: 0o755 });
  const status = aura("status", "--json");
  if (status.status === 0 && JSON.parse(status.stdout).installed) return true;
  return aura("install", "--yes").status === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !ensureEngine({ limitMs: 10 * 60_000, patient: true })) process.exit(1);
