// Every language Aura knows, and what is asked of all of them: how are the tests run, what did they say, what else checks the code.
import { bash } from "./bash.ts";
import { cpp } from "./cpp.ts";
import { csharp } from "./csharp.ts";
import { css } from "./css.ts";
import { go } from "./go.ts";
import { java } from "./java.ts";
import { javascript } from "./javascript.ts";
import type { Check, Folder, GrammarName, Language, TestCommand, TestReport } from "./language.ts";
import { php } from "./php.ts";
import { python } from "./python.ts";
import { ruby } from "./ruby.ts";
import { rust } from "./rust.ts";
import { tap } from "./tap.ts";
import { typescript } from "./typescript.ts";

/** Order matters where one folder has several manifests: the first with a test command is asked. */
export const languages: Language[] = [javascript, typescript, go, rust, python, java, cpp, csharp, ruby, php, bash, css];

export const languageOf = (path: string): Language | undefined => languages.find(({ extensions }) => extensions.some((extension) => path.endsWith(extension)));

/** The grammar a file is parsed with; null where Aura knows none. */
export function grammarOf(path: string): GrammarName | null {
  const language = languageOf(path);
  if (!language) return null;
  const special = Object.entries(language.grammars ?? {}).find(([extension]) => path.endsWith(extension));
  return special?.[1] ?? language.grammar;
}

/** The test command of one folder, null when it has none. */
export async function testCommandOf(folder: Folder): Promise<TestCommand | null> {
  for (const language of languages) {
    const command = await language.testCommand(folder);
    if (command) return command;
  }
  if (!folder.names.has("Makefile")) return null;
  const target = /^(test|check)\s*:(?!=)/m.exec((await folder.text("Makefile")) ?? "")?.[1];
  return target ? { command: `make ${target}`, narrow: () => `make ${target}` } : null;
}

/** What a folder's project checks files of one language with, besides its tests; empty when nothing is configured there. */
export async function checksOf(language: Language, folder: Folder, changed: readonly string[]): Promise<Check[]> {
  const own = (await language.checks?.(folder, changed)) ?? [];
  return own.length > 0 ? own : makeChecks(folder);
}
/** The same for the whole project, of every language that has something configured. */
export async function allChecksOf(folder: Folder): Promise<Check[]> {
  const own = (await Promise.all(languages.map((language) => language.checks?.(folder, []) ?? []))).flat();
  return own.length > 0 ? own : makeChecks(folder);
}
async function makeChecks(folder: Folder): Promise<Check[]> {
  if (!folder.names.has("Makefile")) return [];
  const recipe = /^lint\s*:(?!=)[^\n]*\n((?:\t[^\n]*\n?)*)/m.exec((await folder.text("Makefile")) ?? "")?.[1];
  return recipe && !/--fix\b|--write\b|\binstall\b/.test(recipe) ? [{ command: "make lint" }] : [];
}

/** What a test run's output says, whichever runner wrote it; null when none is recognised. */
export function parseReport(output: string): TestReport | null {
  const text = output.replace(/\r\n?/g, "\n");
  let best: TestReport | null = null;
  for (const { reports } of languages) {
    for (const parse of reports) {
      const report = parse(text);
      if (report && (!best || report.at > best.at)) best = report;
    }
  }
  return best ?? tap(text);
}
