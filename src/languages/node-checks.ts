// The linters and type checkers of a project with a package.json: its own scripts, else tools that are configured and installed.
import { type Check, type Folder, quoted } from "./language.ts";
import { managerOf, parseManifest } from "./manifest.ts";

const typeScripts = ["typecheck", "type-check", "check:types", "check-types", "types:check", "types"];
const lintScripts = ["lint", "lint:check", "check:lint", "eslint"];
/** What changes files, never ends, or does more than look. */
const unwanted = /--(fix|write|watch|apply|unsafe|test)\b|(^|\s)-w(\s|$)|\b(vitest|jest|mocha|ava|playwright|cypress|karma|tap|nyc|c8|install|publish)\b(?![\w./-])/;
const otherTests = /\b(npm|pnpm|yarn|bun)\s+(t|test|tst|ci|i)\b/;

/** All that a script comes to: what it runs before and after it, and the scripts it calls. */
function wholeScript(scripts: Readonly<Record<string, string>>, name: string, seen: Set<string> = new Set()): string {
  if (seen.has(name)) return "";
  seen.add(name);
  const own = [`pre${name}`, name, `post${name}`].map((one) => scripts[one] ?? "").join(" ; ");
  const one = [...own.matchAll(/\b(?:npm(?: run| run-script)?|pnpm(?: run)?|yarn(?: run)?|bun run)\s+(?:-\S+\s+)*([\w:.-]+)/g)].map(([, other = ""]) => other);
  const several = [...own.matchAll(/\b(?:run-[sp]|npm-run-all)\s+([^;&|]+)/g)].flatMap(([, others = ""]) => others.split(/\s+/).filter((word) => !word.startsWith("-")));
  return [own, ...[...one, ...several].map((other) => wholeScript(scripts, other, seen))].join(" ; ");
}

/** `changed`: files of this folder and below; none = all that there is. */
export async function nodeChecks(folder: Folder, changed: readonly string[]): Promise<Check[]> {
  if (!folder.names.has("package.json")) return [];
  const manifest = parseManifest(await folder.text("package.json"));
  if (!manifest) return [];
  const { scripts } = manifest;
  const usable = (name: string): boolean => {
    if (scripts[name] === undefined) return false;
    const whole = wholeScript(scripts, name);
    return !unwanted.test(whole) && !otherTests.test(whole);
  };
  const named = [typeScripts, lintScripts].flatMap((names) => names.find(usable) ?? []);
  const chosen = named.length > 0 ? named : usable("check") ? ["check"] : [];
  if (chosen.length > 0) return chosen.map((name) => ({ command: `${managerOf(folder, manifest)} run ${name}` }));
  return installed(folder, changed);
}

async function installed(folder: Folder, changed: readonly string[]): Promise<Check[]> {
  const tools = new Set(await folder.list("node_modules/.bin"));
  const has = (name: string, configs: RegExp): boolean => tools.has(name) && [...folder.names].some((entry) => configs.test(entry));
  const files = changed.length === 0 ? "." : changed.map(quoted).join(" ");
  const checks: Check[] = [];
  if (has("tsc", /^tsconfig\.json$/) && (changed.length === 0 || changed.some((path) => /\.[cm]?tsx?$/.test(path))))
    checks.push({ command: "node_modules/.bin/tsc --noEmit -p ." });
  if (has("biome", /^biome\.jsonc?$/)) checks.push({ command: `node_modules/.bin/biome check --no-errors-on-unmatched ${files}` });
  else if (has("eslint", /^(eslint\.config\.[cm]?[jt]s|\.eslintrc(\.\w+)?)$/)) checks.push({ command: `node_modules/.bin/eslint ${files}` });
  return checks;
}
