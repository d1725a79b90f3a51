// The process that holds the index of one repository: `node indexer.mjs ROOT`. Asked through ZeroMQ; ends when nobody has asked for ten minutes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openWorker } from "../bus/worker.ts";
import { loadConfig } from "../config/load.ts";
import { findPaths } from "../config/paths.ts";
import { ensureAuraFolder } from "../core/logfile.ts";
import { note } from "../core/note.ts";
import { openGitText } from "../git/text.ts";
import { type Engine, openEngine } from "../index/engine.ts";
import { hitsOf, type Line } from "../index/lines.ts";
import { openMemory } from "../index/memory.ts";
import { indexFolder } from "../index/place.ts";
import { queryOf } from "../index/query.ts";
import { openWatch } from "../index/watch.ts";
import type { Learned } from "../languages/read.ts";
import { installGuard } from "../models/guard.ts";
import { allowedEnv } from "../sandbox/home.ts";
import { ripgrep, treeNames } from "../tools/rg.ts";
import { openDebugLog } from "./debuglog.ts";
import { indexPlace, type SearchQuery } from "./indexing.ts";
import { build, version } from "./version.ts";

const idleMs = 10 * 60_000;
const tellMs = 200;

async function main(root: string): Promise<void> {
  process.umask(0o077);
  process.on("SIGHUP", () => {});
  installGuard();
  const paths = findPaths(process.env);
  const debug = openDebugLog({ paths, verbose: false });
  let opened: Promise<Engine> | null = null;
  let busy = false;
  let first: Promise<void> = Promise.resolve();

  const memory = openMemory();
  const engine = (): Promise<Engine> => {
    opened ??= open().catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };
  async function open(): Promise<Engine> {
    const folder = indexFolder(root);
    ensureAuraFolder(folder);
    const made = await openEngine({
      root,
      folder,
      memory,
      learned: await learnedLanguages(root, paths),
      list: (signal) => treeNames(root, signal),
      git: openGitText(root, allowedEnv(process.env)),
    });
    await openWatch({ root, onChange: (changed) => void made.update(changed).catch(() => {}) });
    // the first look at the tree; whoever asks meanwhile gets what is there
    first = run(() => made.refresh());
    return made;
  }
  async function run(work: () => Promise<void>): Promise<void> {
    busy = true;
    try {
      await work();
    } catch (error) {
      note("index", "indexing failed", { error: String(error) }, "error");
    } finally {
      busy = false;
    }
  }

  const worker = await openWorker({
    place: indexPlace(paths, root),
    name: "index worker",
    me: { version, build },
    idleMs,
    busy: () => busy,
    skills: {
      state: async () => (await engine()).state(),
      async refresh(_args, tell) {
        const made = await engine();
        const timer = setInterval(() => tell(made.state()), tellMs);
        try {
          // the look that came with opening is the one that was asked for
          if (made.state().is !== "ready") await first;
          else await made.refresh();
          await made.settled();
        } finally {
          clearInterval(timer);
        }
        return made.state();
      },
      async update(args) {
        await (await engine()).update(Array.isArray(args) ? args.filter((path): path is string => typeof path === "string") : null);
      },
      async search(args) {
        const { words, limit, inPlay = [], wait } = args as SearchQuery & { wait?: boolean };
        const made = await engine();
        if (wait) await made.refresh();
        const query = queryOf(words);
        const partial = made.state().is !== "ready";
        if (query.kind === "words") return { results: await memory.search({ root, words, limit, inPlay }), partial };
        const lines = await linesWith(root, query);
        const scores = new Map(memory.rank(words, inPlay).map(({ path, score }) => [path, score]));
        return { results: hitsOf(lines, limit, (path) => scores.get(path) ?? 0, memory.around), partial: false };
      },
    },
  });
  if (!worker) return;
  process.on("SIGTERM", worker.stop);
  process.on("SIGINT", worker.stop);
  await worker.ended;
  await (opened as Promise<Engine> | null)?.then((made) => made.close()).catch(() => {});
  debug.close();
}

/** The lines of the tree that hold a text or match a pattern; a pattern that is none is searched as text. */
async function linesWith(root: string, query: Exclude<ReturnType<typeof queryOf>, { kind: "words" }>): Promise<Line[]> {
  const limit = AbortSignal.timeout(10_000);
  const how = ["-n", "-0", "-H", "--no-heading", "-S", "--max-count=50", "--max-columns=500", "--glob=!.aura"];
  const run = (as: string[], text: string): ReturnType<typeof ripgrep> => ripgrep(root, [...how, ...as, "-e", text, "."], limit);
  let found = query.kind === "text" ? await run(["-F"], query.text) : await run(["--engine=auto"], query.pattern);
  if (found.exit === 2 && query.kind === "pattern") found = await run(["-F"], query.pattern);
  return found.text.split("\n").flatMap((line) => {
    const [, path, number, text] = /^(?:\.\/)?([^\0]+)\0(\d+)[:-](.*)$/s.exec(line) ?? [];
    return path === undefined || number === undefined ? [] : [{ path, line: Number(number), text: text ?? "" }];
  });
}

/** Languages of the person's own, and of a repository that they trust: a folder each with grammar.wasm, query.scm and, if need be, language.json. */
async function learnedLanguages(root: string, paths: ReturnType<typeof findPaths>): Promise<Learned[]> {
  const { brought } = await loadConfig({ paths, root });
  return [join(paths.config, "languages"), ...(brought === null ? [join(root, ".aura", "languages")] : [])].flatMap(languagesIn);
}
function languagesIn(folder: string): Learned[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      const query = readFileSync(join(folder, name, "query.scm"), "utf8");
      let extensions: unknown = null;
      try {
        extensions = (JSON.parse(readFileSync(join(folder, name, "language.json"), "utf8")) as { extensions?: unknown }).extensions;
      } catch {
        // then its name is its extension
      }
      const good = Array.isArray(extensions) ? extensions.filter((one): one is string => typeof one === "string" && /^\.\S+$/.test(one)) : [];
      return [{ name, extensions: good.length > 0 ? good : [`.${name}`], grammar: join(folder, name, "grammar.wasm"), query }];
    } catch (error) {
      note("index", "a learned language can't be read", { name, error: String(error) }, "warn");
      return [];
    }
  });
}

main(process.argv[2] ?? process.cwd()).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
