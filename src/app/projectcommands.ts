// The commands a project has for its tests and its style, for `aura init`. Reads through the file tools' door.
import { relative } from "node:path";
import { ToolError } from "../core/error.ts";
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

async function textOf(look: Look, name: string): Promise<string | null> {
  try {
    return (await look.files.read(name, { maxBytes: 1_000_000 })).toString("utf8");
  } catch (error) {
    if (error instanceof ToolError) return null;
    throw error;
  }
}

async function lintOf(look: Look): Promise<string | null> {
  const manifest = await textOf(look, "package.json");
  if (manifest !== null) {
    const scripts = scriptsOf(manifest);
    const locks: [string, string][] = [
      ["pnpm-lock.yaml", "pnpm"],
      ["yarn.lock", "yarn"],
      ["bun.lock", "bun"],
    ];
    const names = new Set(await look.files.list(look.root));
    const manager = locks.find(([lock]) => names.has(lock))?.[1] ?? "npm";
    for (const name of ["lint", "check", "typecheck"]) if (scripts.has(name)) return `${manager} run ${name}`;
  }
  const python = await textOf(look, "pyproject.toml");
  if (python?.includes("[tool.ruff") || (await textOf(look, "ruff.toml")) !== null) return "ruff check .";
  if ((await textOf(look, "go.mod")) !== null) return "go vet ./...";
  if ((await textOf(look, "Cargo.toml")) !== null) return "cargo clippy";
  return null;
}

function scriptsOf(manifest: string): Set<string> {
  try {
    const value: unknown = JSON.parse(manifest.replace(/^\uFEFF/, ""));
    const scripts = typeof value === "object" && value !== null && "scripts" in value ? value.scripts : null;
    return new Set(typeof scripts === "object" && scripts !== null ? Object.keys(scripts) : []);
  } catch {
    return new Set();
  }
}
