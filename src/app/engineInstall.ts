// Brings the engine into the user's own folders: through npm, which alone reaches the network here, or from a folder or tarball of another machine.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makePrivateFolder } from "../config/private.ts";
import { AuraError, errnoOf } from "../core/error.ts";
import { libraryFolder } from "../models/engine/llama.ts";
import { installedVersion } from "../models/engine/pool.ts";
import { engineVersion, platformPackage } from "./engine.ts";

/** Measured with version 3.22.1 on Linux, x64. */
export const engineMegabytes = { download: 48, disk: 52 };

export interface InstallNeeds {
  folder: string;
  /** A folder that holds the engine's node_modules, or a tarball of one; null = npm. */
  from: string | null;
  env: Record<string, string | undefined>;
  /** npm's own progress goes to the terminal. */
  shown: boolean;
  signal: AbortSignal;
}

/** All or nothing: made beside its place, tried, then moved there. Throws AuraError, or an AbortError. */
export async function installEngine({ folder, from, env, shown, signal }: InstallNeeds): Promise<void> {
  const native = platformPackage();
  if (native === null)
    throw new AuraError("engine.platform", `There is no engine for ${process.platform} on ${process.arch}`, { hint: "a model server such as Ollama may run here instead" });
  if (existsSync(folder) && readdirSync(folder).length > 0 && !isOurs(folder))
    throw new AuraError("engine.folder", `${folder} holds something else; it is left alone`, { hint: "AURA_ENGINE has to name a folder of its own", exit: 2 });
  makePrivateFolder(dirname(folder));
  const draft = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
  try {
    writeFileSync(join(draft, "package.json"), `${JSON.stringify({ name: mark, private: true })}\n`);
    if (from !== null) await take(from, draft, signal);
    else await fetchByNpm(draft, native, env, shown, signal);
    if (installedVersion(draft) !== engineVersion || !existsSync(join(draft, "node_modules", native)))
      throw new AuraError("engine.wrong", `That is not the engine ${engineVersion} for ${process.platform} on ${process.arch}`, {
        hint: `it needs node_modules/node-llama-cpp ${engineVersion} and node_modules/${native}`,
      });
    // the sources of llama.cpp, to build it anew: two fifths of the whole, and never used here
    rmSync(join(libraryFolder(draft), "llama", "gitRelease.bundle"), { force: true });
    await tryOut(draft, env, signal);
    const old = `${draft}-old`;
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(draft, folder);
    rmSync(old, { recursive: true, force: true });
  } catch (error) {
    if (error instanceof AuraError || signal.aborted) throw error;
    throw new AuraError("engine.install", `The engine could not be put into ${folder}: ${errnoOf(error) ?? String(error)}`, {
      hint: "check the folder's rights and the room on the disk",
      cause: error,
    });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

const mark = "aura-engine";
/** Was this folder made here? AURA_ENGINE could name any. Never throws. */
export function isOurs(folder: string): boolean {
  try {
    return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: unknown }).name === mark;
  } catch {
    return false;
  }
}

async function fetchByNpm(draft: string, native: string, env: InstallNeeds["env"], shown: boolean, signal: AbortSignal): Promise<void> {
  const options = ["--prefix", draft, "--ignore-scripts", "--omit=optional", "--save-exact", "--no-audit", "--no-fund", "--loglevel=error"];
  const { code, said } = await run("npm", ["install", ...options, `node-llama-cpp@${engineVersion}`, `${native}@${engineVersion}`], {
    cwd: draft,
    env: withoutNpm(env),
    shown,
    signal,
  });
  if (code === 0) return;
  if (code === "ENOENT")
    throw new AuraError("engine.npm", "npm is not on the PATH; it fetches the engine", {
      hint: "install npm, or take the engine from another machine: aura engine install --from FOLDER",
    });
  throw new AuraError("engine.npm", `npm could not fetch the engine${said === "" ? "" : `: ${said}`}`, {
    hint: "npm goes where its own configuration says (npm config get registry); without network: aura engine install --from FOLDER",
  });
}

/** What an `npm run` around us says of its own project is not meant for this folder. */
const withoutNpm = (env: InstallNeeds["env"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || /^npm_(?:config_(?:local_prefix|prefix|global.*|omit|include)|package_|lifecycle_)/i.test(name) ? [] : [[name, value]],
    ),
  );

async function take(from: string, draft: string, signal: AbortSignal): Promise<void> {
  const stat = statSync(from, { throwIfNoEntry: false });
  if (!stat) throw new AuraError("engine.from", `There is no ${from}`, { hint: "--from names an engine's folder, or a tarball of one", exit: 2 });
  if (stat.isDirectory()) {
    const whole = existsSync(libraryFolder(from))
      ? from
      : (readdirSync(from)
          .map((name) => join(from, name))
          .find((path) => existsSync(libraryFolder(path))) ?? from);
    if (existsSync(libraryFolder(whole))) cpSync(join(whole, "node_modules"), join(draft, "node_modules"), { recursive: true, dereference: false, verbatimSymlinks: true });
    return;
  }
  const { code, said } = await run("tar", ["-xf", from, "-C", draft], { cwd: draft, env: withoutNpm(process.env), shown: false, signal });
  if (code !== 0) throw new AuraError("engine.from", `${from} can't be unpacked: ${said || code}`, { hint: "--from names an engine's folder, or a tarball of one", exit: 2 });
  if (existsSync(libraryFolder(draft))) return;
  // packed with the folder's own name
  const inner = readdirSync(draft).find((name) => existsSync(libraryFolder(join(draft, name))));
  if (inner !== undefined) renameSync(join(draft, inner, "node_modules"), join(draft, "node_modules"));
}

const probe = `import { getLlama } from "node-llama-cpp";
const llama = await getLlama({ build: "never", skipDownload: true, progressLogs: false, logLevel: "error", gpu: process.platform === "darwin" && process.arch === "arm64" ? "auto" : false });
if (llama.buildType !== "prebuilt") throw new Error("not a prebuilt engine");
process.exit(0);`;
/** Loads the engine once, in a process of its own. */
async function tryOut(draft: string, env: InstallNeeds["env"], signal: AbortSignal): Promise<void> {
  // a file, as the engine's own trial starts node once more in the same way
  const file = join(draft, "probe.mjs");
  writeFileSync(file, probe);
  const { code, said } = await run(process.execPath, [file], { cwd: draft, env: withoutNpm(env), shown: false, signal });
  rmSync(file, { force: true });
  if (code !== 0)
    throw new AuraError("engine.broken", `The engine does not run on this machine${said === "" ? "" : `: ${said}`}`, {
      hint: "its programs are made for glibc 2.28 or newer, and for processors of the last fifteen years",
    });
}

async function run(
  program: string,
  args: string[],
  { cwd, env, shown, signal }: { cwd: string; env: Record<string, string>; shown: boolean; signal: AbortSignal },
): Promise<{ code: number | string | null; said: string }> {
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "ignore", shown ? "inherit" : "pipe"], signal, shell: process.platform === "win32" && program === "npm" });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    child.on("error", (error) => (signal.aborted ? reject(error) : resolve({ code: errnoOf(error) ?? "unknown", said: error.message })));
    child.on("close", (code, ended) => resolve({ code: code ?? ended, said: wordsOf(said) }));
  });
}

/** The line of an error that says most. */
function wordsOf(text: string): string {
  const lines = text
    .split("\n")
    .map((line) => line.replace(/^npm (?:error|ERR!) ?/, "").trim())
    .filter((line) => line !== "" && !/^at |^code E|complete log of this run|^Node\.js v|^errno|^\^|^throw |^npm warn/.test(line));
  return (lines.find((line) => /error|not found|failed|refused|can't|cannot/i.test(line)) ?? lines.at(-1) ?? "").slice(0, 300);
}
