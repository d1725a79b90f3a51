// Every language Aura knows, and the two things asked of all of them: how are the tests run, and what did they say.
import { go } from "./go.ts";
import { javascript } from "./javascript.ts";
import type { Folder, Language, TestCommand, TestReport } from "./language.ts";
import { python } from "./python.ts";
import { rust } from "./rust.ts";
import { tap } from "./tap.ts";
import { typescript } from "./typescript.ts";

/** Order matters where one folder has several manifests: the first with a test command is asked. */
export const languages: Language[] = [javascript, typescript, go, rust, python];

export const languageOf = (path: string): Language | undefined => languages.find(({ extensions }) => extensions.some((extension) => path.endsWith(extension)));

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
