// `aura init`: finds out what this repository is, writes .aura/config.json and says so. What is there already is completed only after a yes.
import { mkdirSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { parseConfig, problemLine, shownValue } from "../config/parse.ts";
import { type Paths, projectConfigFile } from "../config/paths.ts";
import { readSmall, replaceFile } from "../config/private.ts";
import type { ProjectConfig } from "../config/schema.ts";
import { describeProject, lookAtProject, saveTrust } from "../config/trust.ts";
import type { ExitCode } from "../core/error.ts";
import type { Answer } from "../core/events.ts";
import { lookedLines, startHints } from "./modelsCommand.ts";
import type { Output } from "./output.ts";

export interface InitNeeds {
  paths: Paths;
  /** Real path of the repository. */
  root: string;
  json: boolean;
  output: Pick<Output, "out" | "err" | "json">;
  /** A yes or no from the person; with --yes always true, without a terminal always false. */
  confirm(question: string): Promise<boolean>;
  /** The project's own commands, null where none was recognised. */
  detectCommands(root: string): Promise<{ test: string | null; lint: string | null }>;
  findModels(): Promise<Answer<{ type: "models" }>>;
}

/** Throws AuraError for a broken file that is there already, which stays as it is. */
export async function runInit(needs: InitNeeds): Promise<ExitCode> {
  const { root, paths, output } = needs;
  const say = (line: string): void => (needs.json ? undefined : output.out(line));
  if (!(await agreeToOthers(needs, say))) {
    say("Nothing was written.");
    return 0;
  }
  const file = projectConfigFile(root);
  const old = readSmall(file, { links: false });
  const before: ProjectConfig = old === null ? {} : parseConfig("project", file, old).config;

  const [languages, commands, found] = [detectLanguages(root), await needs.detectCommands(root), await needs.findModels()];
  say(`Languages      ${languages.join(", ") || "none recognised"}`);
  say(`Test command   ${commands.test ?? "none recognised; write it under test"}`);
  say(`Lint command   ${commands.lint ?? "none recognised"}`);
  const usable = found.models.filter((model) => model.refused === null);
  say(`Models         ${usable.length === 0 ? "none found" : `${usable.length} found${found.chosen ? `, in use: ${found.chosen}` : "; aura models lists them"}`}`);
  for (const line of lookedLines(found)) say(`               ${line}`);

  const news: ProjectConfig = {
    ...(languages.length > 0 && !before.languages ? { languages } : {}),
    ...(commands.test !== null && !before.test ? { test: commands.test } : {}),
    ...(commands.lint !== null && before.lint === undefined ? { lint: commands.lint } : {}),
  };
  const wrote = await write(needs, old, news, say);
  const now = lookAtProject(paths, root);
  if (now && (wrote.length > 0 || now.brought.trust === "yes")) saveTrust(paths, root, now.brought, true);
  if (needs.json) output.json({ root, languages, ...commands, models: usable.map((model) => model.id), looked: found.looked, wrote });
  else if (usable.length === 0) for (const line of ["", "To have a model:", ...startHints.map((hint) => `  ${hint}`)]) say(line);
  else say('\nNext: aura, or aura "what you want done"');
  return 0;
}

/** True when nothing foreign is there, or the person agreed to it. */
async function agreeToOthers(needs: InitNeeds, say: (line: string) => void): Promise<boolean> {
  const seen = lookAtProject(needs.paths, needs.root);
  if (!seen || seen.brought.trust === "yes") return true;
  say("This repository brings settings of its own:");
  for (const line of await describeProject(needs.root, seen.brought)) say(`  ${line}`);
  const yes = await needs.confirm("Use them?");
  if (yes) saveTrust(needs.paths, needs.root, seen.brought, true);
  return yes;
}

/** Returns the files written, relative to the root. */
async function write(needs: InitNeeds, old: string | null, news: ProjectConfig, say: (line: string) => void): Promise<string[]> {
  const wrote: string[] = [];
  const file = projectConfigFile(needs.root);
  const folder = join(needs.root, ".aura");
  const lines = Object.entries(news).map(([key, value]) => `  ${key}: ${shownValue(value)}`);
  if (old === null || lines.length > 0) {
    if (old !== null) {
      say(`\n.aura/config.json is there already; this could be added:`);
      for (const line of lines) say(line);
      if (!(await needs.confirm("Add it?"))) {
        say("Nothing was written.");
        return wrote;
      }
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const whole: unknown = old === null ? {} : JSON.parse(old.replace(/^\uFEFF/, ""));
    replaceFile(file, `${JSON.stringify({ ...(whole as Record<string, unknown>), ...news }, null, 2)}\n`, 0o644);
    for (const problem of parseConfig("project", file, readSmall(file) ?? "{}").problems) needs.output.err(problemLine(problem));
    wrote.push(".aura/config.json");
  }
  const ignore = join(folder, ".gitignore");
  const ignored = readSmall(ignore, { links: false });
  // A lone * is Aura's own from before: the folder ignored itself.
  if (ignored === null || ignored.trim() === "*") {
    replaceFile(ignore, "log/\nindex/\n", 0o644);
    wrote.push(".aura/.gitignore");
  }
  say(wrote.length > 0 ? `\nWrote ${wrote.join(" and ")}: yours to change and to commit.` : "\nEverything is there already; nothing was written.");
  return wrote;
}

const byExtension: Record<string, string> = {
  ".ts": "typescript",
  ".tsx": "typescript",
  ".mts": "typescript",
  ".js": "javascript",
  ".jsx": "javascript",
  ".mjs": "javascript",
  ".cjs": "javascript",
  ".py": "python",
  ".go": "go",
  ".rs": "rust",
  ".java": "java",
  ".kt": "kotlin",
  ".rb": "ruby",
  ".php": "php",
  ".cs": "csharp",
  ".c": "c",
  ".h": "c",
  ".cc": "cpp",
  ".cpp": "cpp",
  ".hpp": "cpp",
  ".swift": "swift",
  ".scala": "scala",
  ".ex": "elixir",
  ".exs": "elixir",
  ".hs": "haskell",
  ".lua": "lua",
  ".sh": "bash",
  ".zig": "zig",
  ".dart": "dart",
};
const notOurs = new Set(["node_modules", "vendor", "target", "dist", "build", "out", "venv", "__pycache__", "site-packages", "third_party"]);
const mostEntries = 20_000;

/** Languages by their files, the most common first; single strays beside many others are left out. Reads names only, breadth first, a bounded number of them. */
export function detectLanguages(root: string): string[] {
  const counts = new Map<string, number>();
  const folders = [root];
  let seen = 0;
  for (let folder = folders.shift(); folder !== undefined && seen < mostEntries; folder = folders.shift()) {
    let entries: import("node:fs").Dirent[] = [];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      // not ours to read
    }
    for (const entry of entries) {
      if (++seen >= mostEntries) break;
      if (entry.isDirectory()) {
        if (!entry.name.startsWith(".") && !notOurs.has(entry.name)) folders.push(join(folder, entry.name));
        continue;
      }
      const language = entry.isFile() ? byExtension[extname(entry.name).toLowerCase()] : undefined;
      if (language) counts.set(language, (counts.get(language) ?? 0) + 1);
    }
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts.entries()]
    .filter(([, count]) => count / total >= 0.02)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([language]) => language);
}
