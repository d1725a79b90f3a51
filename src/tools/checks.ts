// The project's own linters and type checkers for the files that were changed: nearest to each file, then upwards.
import { dirname, join, relative } from "node:path";
import { commandKey } from "../core/approve.ts";
import { allChecksOf, checksOf, languageOf } from "../languages/index.ts";
import type { Check, Folder, Language } from "../languages/language.ts";
import { within } from "../sandbox/policy.ts";
import { folderAt, type Look, namesIn } from "./project.ts";

export interface ProjectCheck extends Check {
  /** Folder it runs in, real and absolute. */
  folder: string;
  /** The changed files it looks at, relative to the root. */
  paths: string[];
}
/** More than this is no check but a day's work. */
const mostChecks = 4;
const mostFiles = 40;

/** `changed`: relative to the root. `configured`: the command of the project's configuration, false = none is wanted. */
export async function findChecks(look: Look, changed: readonly string[], configured: string | false | undefined): Promise<ProjectCheck[]> {
  const code = changed.filter((path) => languageOf(path) !== undefined && within(look.root, join(look.root, path))).slice(0, mostFiles);
  if (configured === false || code.length === 0) return [];
  if (configured !== undefined) return stepsOf(configured).map((command) => ({ command, folder: look.root, paths: code }));
  const found = new Map<string, ProjectCheck>();
  for (const language of new Set(code.map(languageOf))) {
    const own = code.filter((path) => languageOf(path) === language);
    if (language) for (const check of await checksFor(look, language, own)) merge(found, check);
  }
  return [...found.values()].slice(0, mostChecks);
}

/** What checks the whole project, of every language that has something configured at the root. */
export async function wholeChecks(look: Look): Promise<string[]> {
  const checks = await allChecksOf(await folderAt(look, look.root, new Set()));
  return [...new Set(checks.map(({ command }) => command))];
}

/** `a && b` as two checks, so that what was allowed for one holds for it. */
function stepsOf(command: string): string[] {
  const steps = command.split(/\s+&&\s+/);
  return steps.every((step) => commandKey(step) !== null && !step.startsWith("cd ")) ? steps : [command];
}

/** Each file's nearest folder that has checks for its language, once for all its files. */
async function checksFor(look: Look, language: Language, paths: readonly string[]): Promise<ProjectCheck[]> {
  const known = new Map<string, Promise<Folder | null>>();
  const folderOf = async (path: string): Promise<Folder | null> => {
    const above = new Set<string>();
    for (let at = path; at !== look.root && dirname(at) !== at; ) {
      at = dirname(at);
      for (const name of await namesIn(look, at)) above.add(name);
    }
    const folder = await folderAt(look, path, above);
    return (await checksOf(language, folder, [])).length > 0 ? folder : null;
  };
  const homes = new Map<string, { folder: Folder; paths: string[] }>();
  for (const path of paths) {
    for (let at = dirname(join(look.root, path)); ; at = dirname(at)) {
      const asked = known.get(at) ?? folderOf(at);
      known.set(at, asked);
      const folder = await asked;
      if (folder) {
        const home = homes.get(at) ?? { folder, paths: [] };
        home.paths.push(path);
        homes.set(at, home);
      }
      if (folder || at === look.root || dirname(at) === at) break;
    }
  }
  const found: ProjectCheck[] = [];
  for (const [at, home] of homes) {
    const below = home.paths.map((path) => relative(at, join(look.root, path)));
    for (const check of await checksOf(language, home.folder, below)) found.push({ ...check, folder: at, paths: home.paths });
  }
  return found;
}

/** The same command in the same folder once, for the files of all who ask for it. */
function merge(found: Map<string, ProjectCheck>, check: ProjectCheck): void {
  const key = `${check.folder}\0${check.command}`;
  const known = found.get(key);
  if (known) known.paths = [...known.paths, ...check.paths];
  else found.set(key, check);
}
