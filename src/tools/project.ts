// Finding the project's own test command: nearest to where the person stands, then upwards, then just below.
import { dirname, join } from "node:path";
import { ToolError } from "../core/error.ts";
import { testCommandOf } from "../languages/index.ts";
import { type Folder, quoted, type TestCommand } from "../languages/language.ts";
import { shownPath } from "./place.ts";
import type { Hands } from "./tool.ts";

const manifestBytes = 1024 * 1024;
const skipped = /^(\.|node_modules|vendor|target|dist|build|venv|__pycache__)/;

export interface ProjectTest extends TestCommand {
  /** Folder it runs in, real and absolute. */
  folder: string;
}
export type Look = Pick<Hands, "files" | "root" | "cwd">;

export async function namesIn({ files }: Look, folder: string): Promise<Set<string>> {
  return new Set(await files.list(folder).catch((error: unknown) => orEmpty(error)));
}
function orEmpty(error: unknown): string[] {
  if (error instanceof ToolError) return [];
  throw error;
}

export async function folderAt(look: Look, path: string, above: ReadonlySet<string>): Promise<Folder> {
  const text = async (name: string): Promise<string | null> => {
    try {
      return (await look.files.read(join(path, name), { maxBytes: manifestBytes })).toString("utf8");
    } catch (error) {
      if (error instanceof ToolError) return null;
      throw error;
    }
  };
  const names = await namesIn(look, path);
  return { names, above, text, list: async (name) => (names.has(`${name.split("/", 1)[0]}/`) ? [...(await namesIn(look, join(path, name)))] : []) };
}

/** Throws ToolError, naming the candidates, when there is none or it isn't clear which. */
export async function findTest(look: Look): Promise<ProjectTest> {
  const chain: string[] = [];
  for (let at = look.cwd; ; at = dirname(at)) {
    chain.push(at);
    if (at === look.root || dirname(at) === at) break;
  }
  const names = await Promise.all(chain.map((path) => namesIn(look, path)));
  for (const [index, path] of chain.entries()) {
    const above = new Set(names.slice(index + 1).flatMap((set) => [...set]));
    const command = await testCommandOf(await folderAt(look, path, above));
    if (command) return { ...command, folder: path };
  }
  const below = await findBelow(look);
  const [only] = below;
  if (only && below.length === 1) return only;
  if (below.length === 0) throw new ToolError('no test command was found for this project: pass "command"');
  const choices = below.map(({ folder, command }) => `cd ${quoted(shownPath(look.root, folder))} && ${command}`);
  throw new ToolError(`several projects have tests; pass one of these as "command":\n${choices.join("\n")}`);
}

/** Projects one or two folders below. */
async function findBelow(look: Look): Promise<ProjectTest[]> {
  const found: ProjectTest[] = [];
  const top = await folderAt(look, look.cwd, new Set());
  const visit = async (path: string, above: ReadonlySet<string>, depth: number): Promise<void> => {
    const folder = await folderAt(look, path, above);
    const command = await testCommandOf(folder);
    if (command) found.push({ ...command, folder: path });
    else if (depth < 2) for (const name of foldersOf(folder.names)) if (found.length < 8) await visit(join(path, name), new Set([...above, ...folder.names]), depth + 1);
  };
  for (const name of foldersOf(top.names).slice(0, 60)) if (found.length < 8) await visit(join(look.cwd, name), top.names, 1);
  return found;
}

const foldersOf = (names: ReadonlySet<string>): string[] => [...names].filter((name) => name.endsWith("/") && !skipped.test(name)).map((name) => name.slice(0, -1));
