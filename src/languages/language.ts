// What Aura knows of a programming language: one file each, listed in index.ts.

import type { OutlineRules } from "./outline.ts";
import type { Resolve } from "./resolve.ts";

/** A folder of the project as a language sees it. Folders carry a trailing slash in `names` and `list`. */
export interface Folder {
  names: ReadonlySet<string>;
  /** Names in the folders above, up to the repository's root. */
  above: ReadonlySet<string>;
  /** A small text file of this folder, null when it isn't there or isn't readable. */
  text(name: string): Promise<string | null>;
  /** Names in a folder below, at any depth (`node_modules/.bin`), empty when there is none. */
  list(name: string): Promise<string[]>;
}
/** How a project runs its tests. */
export interface TestCommand {
  command: string;
  /** The same for one file or one test's name. The filter is quoted, so it stays one word for the shell. */
  narrow(filter: string): string;
}
/** A command of the project's own that finds what its tests don't: style, types. It changes nothing and ends by itself. */
export interface Check {
  command: string;
  /** A passing run of the tests says as much. */
  tested?: boolean;
}
export interface TestReport {
  /** null where the runner's output doesn't say. */
  passed: number | null;
  failed: number | null;
  /** The part that shows what failed; empty when nothing did. */
  failures: string;
  /** Where in the output its summary stands: the last one counts when several runners wrote. */
  at: number;
}
/** Reads one runner's output; null when the output isn't its. Pure. */
export type ReportParser = (output: string) => TestReport | null;

/** Names of tree-sitter's grammars; grammar.ts loads them. */
export type GrammarName = "bash" | "c-sharp" | "cpp" | "css" | "go" | "java" | "javascript" | "php" | "python" | "ruby" | "rust" | "tsx" | "typescript";

/** How definitions and imports of a language are read; its query lies in queries/GRAMMAR.scm. */
export interface CodeRules extends OutlineRules {
  resolve: Resolve;
}

export interface Language {
  name: string;
  extensions: string[];
  /** The grammar its files are parsed with, and the extensions that have another one. */
  grammar: GrammarName;
  grammars?: Readonly<Record<string, GrammarName>>;
  /** Files that mark a project's folder. */
  manifests: string[];
  /** Program that must be there to build or run it. */
  toolchain: string;
  comment: { line: string; block?: [open: string, close: string] };
  /** Asked for folders near to where the person stands; null when this folder isn't a project of this language with tests. */
  testCommand(folder: Folder): Promise<TestCommand | null>;
  reports: ReportParser[];
  /** What is configured in this folder to check files of this language. `changed`: relative to it; none = the whole project. Absent: nothing is known. */
  checks?(folder: Folder, changed: readonly string[]): Promise<Check[]>;
  /** What the index asks of its code. */
  code: CodeRules;
}

/** One word for the shell, whatever it holds. */
export const quoted = (word: string): string => (/^[\w./@:=,+-]+$/.test(word) && !word.startsWith("-") ? word : `'${word.replaceAll("'", "'\\''")}'`);
/** `test/a.test.ts` rather than `adds two numbers`. */
export const isPath = (filter: string): boolean => !/\s/.test(filter) && (filter.includes("/") || /\.\w{1,4}$/.test(filter));

/** Adds up the first group of every match; null when there is none. */
export function sum(output: string, pattern: RegExp): number | null {
  let total: number | null = null;
  for (const match of output.matchAll(pattern)) total = (total ?? 0) + Number(match[1] ?? 0);
  return total;
}
/** Where the last match starts, -1 when there is none. */
export function lastAt(output: string, pattern: RegExp): number {
  let at = -1;
  for (const match of output.matchAll(pattern)) at = match.index;
  return at;
}
/** From the first match of `start` up to the first match of `end` after it, or to the end. Empty when `start` isn't there. */
export function between(output: string, start: RegExp, end?: RegExp): string {
  const from = output.search(start);
  if (from === -1) return "";
  const rest = output.slice(from);
  const to = end ? rest.search(end) : -1;
  return (to > 0 ? rest.slice(0, to) : rest).trim();
}
