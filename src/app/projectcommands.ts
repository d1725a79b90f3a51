// The commands a project has for its tests and its style, for `aura init`. Reads through the file tools' door.
import { relative } from "node:path";
import { ToolError } from "../core/error.ts";
import { wholeChecks } from "../tools/checks.ts";
import { findTest } from "../tools/project.ts";
import type { Hands } from "../tools/tool.ts";

type Look = Pick<Hands, "files" | "root" | "cwd">;

/** null where none was recognised, or where several are equally likely. Throws only for bugs. */
export async function detectCommands(look: Look): Promise<{ test: string | null; lint: string | null }> {
  return { test: await testOf(look), lint: await lintOf(look) };
}

async function testOf(look: Look): Promise<string | null> {
  try {
    const found = await findTest(look);
    const folder = relative(look.root, found.folder);
    return folder === "" ? found.command : `cd '${folder.replaceAll("'", "'\\''")}' && ${found.command}`;
  } catch (error) {
    if (error instanceof ToolError) return null;
    throw error;
  }
}

async function lintOf(look: Look): Promise<string | null> {
  const commands = await wholeChecks(look);
  return commands.length === 0 ? null : commands.join(" && ");
}
