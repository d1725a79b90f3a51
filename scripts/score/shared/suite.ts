// What every suite of cases shares: reading the file, running each case, and the three forms of the answer: table, JSON, Markdown.
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ZodMiniType } from "zod/mini";
import * as z from "zod/mini";

export interface Result<Got = unknown> {
  id: string;
  got: Got;
  pass: boolean;
  /** "as expected", or what is wrong. */
  why: string;
}
/** One case and what came of it, as tables see it. */
export interface Scored<Case, Got> {
  one: Case;
  result: Result<Got>;
}
/** Rows of cases that passed, in columns. A case counts in each cell that it names. */
export interface Table<Case> {
  title: string;
  cells(one: Case): { row: string; columns: string[] };
}
export interface Suite<Case, Got> {
  name: string;
  shape: ZodMiniType<Case>;
  run(one: Case): Result<Got>;
  tables: Table<Case>[];
  /** Sentences after the tables. */
  notes(scored: readonly Scored<Case, Got>[]): string[];
  /** A failed case's line, after its id. */
  label(one: Case): string;
}

/** Scores the file named in `args`, read from where the person called. Exit code: 0, or 2 for wrong usage. */
export function scoreSuite<Case, Got>(suite: Suite<Case, Got>, args: readonly string[]): number {
  const file = args.find((arg) => !arg.startsWith("--"));
  const odd = args.filter((arg) => arg.startsWith("--") && !["--json", "--markdown"].includes(arg));
  const path = file === undefined ? "" : resolve(process.env.INIT_CWD ?? process.cwd(), file);
  if (file === undefined || odd.length > 0 || !existsSync(path)) {
    console.error(file !== undefined && odd.length === 0 ? `${path}: there is no such file` : `usage: npm run score -- ${suite.name} FILE [--json | --markdown]`);
    return 2;
  }
  const cases = listIn(path);
  if (!cases) {
    console.error(`${path}: it isn't a JSON list of cases`);
    return 2;
  }
  const results: Result<Got | null>[] = [];
  const scored: Scored<Case, Got>[] = [];
  for (const [nth, given] of cases.entries()) {
    const parsed = suite.shape.safeParse(given);
    if (!parsed.success) {
      results.push({ id: idOf(given) ?? `#${nth + 1}`, got: null, pass: false, why: `not a case of this suite: ${z.prettifyError(parsed.error).split("\n").join(" ")}` });
      continue;
    }
    const result = suite.run(parsed.data);
    results.push(result);
    scored.push({ one: parsed.data, result });
  }
  if (args.includes("--json")) process.stdout.write(`${JSON.stringify(results, null, 1)}\n`);
  else if (args.includes("--markdown")) process.stdout.write(`${markdown(suite, scored)}\n`);
  else print(suite, scored, results);
  return 0;
}

function listIn(path: string): unknown[] | null {
  try {
    const found: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(found) ? found : null;
  } catch {
    return null;
  }
}
const idOf = (given: unknown): string | undefined => (typeof given === "object" && given !== null && "id" in given ? String(given.id) : undefined);

interface Count {
  pass: number;
  all: number;
}
type Counts = Map<string, Map<string, Count>>;

function count<Case, Got>(table: Table<Case>, scored: readonly Scored<Case, Got>[]): { rows: Counts; columns: string[] } {
  const rows: Counts = new Map();
  const columns = new Set<string>();
  const add = (row: string, column: string, pass: boolean): void => {
    const cells = rows.get(row) ?? new Map<string, Count>();
    const cell = cells.get(column) ?? { pass: 0, all: 0 };
    rows.set(row, cells.set(column, { pass: cell.pass + (pass ? 1 : 0), all: cell.all + 1 }));
    columns.add(column);
  };
  for (const { one, result } of scored) {
    const { row, columns: named } = table.cells(one);
    for (const column of named) for (const key of [row, "all"]) add(key, column, result.pass);
  }
  const sorted = new Map([...rows].sort(([a], [b]) => Number(a === "all") - Number(b === "all") || a.localeCompare(b)));
  return { rows: sorted, columns: [...columns].sort((a, b) => a.localeCompare(b)) };
}
const share = ({ pass, all }: Count): string => `${((100 * pass) / all).toFixed(1)} %`;

function print<Case, Got>(suite: Suite<Case, Got>, scored: readonly Scored<Case, Got>[], results: readonly Result<Got | null>[]): void {
  for (const table of suite.tables) {
    console.log(table.title);
    for (const [row, cells] of count(table, scored).rows) {
      for (const [column, cell] of cells) console.log(`  ${`${row}  ${column}`.padEnd(76)} ${`${cell.pass}/${cell.all}`.padStart(8)} ${share(cell).padStart(8)}`);
    }
  }
  for (const note of suite.notes(scored)) console.log(note);
  const labels = new Map(scored.map(({ one, result }) => [result, suite.label(one)]));
  for (const result of results) if (!result.pass) console.log(`- ${result.id} (${labels.get(result as Result<Got>) ?? "?"}): ${result.why}`);
}

function markdown<Case, Got>(suite: Suite<Case, Got>, scored: readonly Scored<Case, Got>[]): string {
  const tables = suite.tables.map((table) => {
    const { rows, columns } = count(table, scored);
    const single = columns.length === 1;
    const head = single ? [table.title, "passed", "share"] : [table.title, ...columns];
    const lines = [...rows].map(([row, cells]) => {
      const texts = columns.flatMap((column) => {
        const cell = cells.get(column);
        if (!cell) return [""];
        return single ? [`${cell.pass} of ${cell.all}`, share(cell)] : [`${cell.pass} of ${cell.all}`];
      });
      return `| ${[row, ...texts].join(" | ")} |`;
    });
    return [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`, ...lines].join("\n");
  });
  return [...tables, suite.notes(scored).join(" ")].filter((part) => part !== "").join("\n\n");
}
