// A bench's result for people: the table in 80 columns, what stands below it, and the progress while it goes on.
import type { Entry } from "../../core/events.ts";
import { cut, pad, sanitise, sanitiseLine, wrap } from "../../core/text.ts";
import { duration } from "../../core/time.ts";
import { reuseOf } from "./figures.ts";
import { totalOf } from "./result.ts";
import type { Figures, Result, Row } from "./shape.ts";

const width = 80;
const columns: [head: string, width: number][] = [
  ["TASK", 16],
  ["RESULT", 7],
  ["TURNS", 5],
  ["READ", 6],
  ["REUSED", 6],
  ["WRITTEN", 7],
  ["BAD", 3],
  ["MISS", 4],
  ["IN/S", 5],
  ["OUT/S", 5],
  ["TIME", 6],
];
const legend = "BAD: calls that can't be run  MISS: edits that missed  IN/S, OUT/S: tokens/s";
const line = (cells: readonly string[]): string =>
  columns
    .map(([, size], at) => pad(cells[at] ?? "", size, at < 2 ? "end" : "start"))
    .join(" ")
    .trimEnd();

/** `850`, `12.3k`, `1.2M`; a dash where it isn't known. */
export const tokens = (count: number | null): string =>
  count === null ? "-" : count < 1000 ? String(count) : count < 999_500 ? `${(count / 1000).toFixed(count < 99_950 ? 1 : 0)}k` : `${(count / 1e6).toFixed(1)}M`;
const rate = (perSecond: number | null): string =>
  perSecond === null ? "-" : perSecond < 100 ? perSecond.toFixed(1) : perSecond < 99_999 ? String(Math.round(perSecond)) : tokens(perSecond);
const percent = (part: number | null, guess = false): string => (part === null ? "-" : `${guess ? "~" : ""}${Math.round(part * 100)}%`);
/** `3.4s`, `0:42`, `12:03`, `1:02h`. */
const clock = (ms: number): string => {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return seconds < 3600 ? `${Math.floor(seconds / 60)}:${two(seconds % 60)}` : `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}`.concat("h");
};

function cellsOf(name: string, state: string, figures: Figures | null): string[] {
  if (figures === null) return [name, state];
  const { turns, promptTokens, outputTokens, malformed, failedEdits, readPerS, writePerS, ms, cachedGuess } = figures;
  const counts = [String(turns), tokens(promptTokens), percent(reuseOf(figures), cachedGuess), tokens(outputTokens), String(malformed), String(failedEdits)];
  return [name, state, ...counts, rate(readPerS), rate(writePerS), clock(ms)];
}

/** Every line at most 80 columns wide. `last`: the newest finished result of the same tasks, to compare with. */
export function renderResult(result: Result, last: Result | null): string[] {
  const total = totalOf(result);
  const rows = result.tasks.flatMap((row) => [
    line(cellsOf(row.name, row.state, row.figures)),
    // why a language is skipped is said once, below
    ...(row.why !== null && row.state !== "skipped" ? wrap(sanitiseLine(row.why), width - 4).map((text) => `    ${text}`) : []),
  ]);
  const worked = total.solved + total.failed;
  const skipped = [...new Set(result.tasks.flatMap((row) => (row.state === "skipped" && row.why !== null ? [row.why] : [])))];
  const below = [
    `${result.model}: ${total.solved} of ${worked} solved${total.open > 0 ? `, ${total.open} not worked on yet` : ""}${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`,
    ...skipped.map((why) => `skipped: ${why}`),
    ...(last === null ? [] : [compared(result, last)]),
  ];
  return [
    line(columns.map(([head]) => head)),
    ...rows,
    line(cellsOf("total", `${total.solved}/${worked}`, total)),
    legend,
    "",
    ...below.flatMap((text) => wrap(sanitiseLine(text), width)),
  ];
}

/** One sentence: how many then, and which tasks went the other way. Counts only tasks that both results have worked on. */
export function compared(result: Result, last: Result): string {
  const then = new Map(last.tasks.map((row) => [row.name, row.state]));
  const isDone = (state: Row["state"] | undefined): boolean => state === "solved" || state === "failed";
  const both = result.tasks.filter((row) => isDone(row.state) && isDone(then.get(row.name)));
  const before = both.filter((row) => then.get(row.name) === "solved").length;
  const better = both.filter((row) => row.state === "solved" && then.get(row.name) === "failed").map((row) => row.name);
  const worse = both.filter((row) => row.state === "failed" && then.get(row.name) === "solved").map((row) => row.name);
  const when = `${new Date(last.startedAt).toISOString().slice(0, 16).replace("T", " ")} UTC, Aura ${last.version}`;
  const changes = [better.length > 0 ? `solved now: ${better.join(", ")}` : "", worse.length > 0 ? `no longer solved: ${worse.join(", ")}` : ""].filter((part) => part !== "");
  return `last time (${when}): ${before} of these ${both.length} solved${changes.length > 0 ? `; ${changes.join("; ")}` : "; the same ones"}`;
}

export interface Progress {
  /** A task begins, and its number of so many. */
  begins(name: string, at: number, of: number): void;
  saw(entry: Entry): void;
  judging(): void;
  ends(row: Row | null): void;
}
/** On a terminal one line that is written over, elsewhere one line for each task at its end. `err` adds the line break, `raw` doesn't. */
export function openProgress(needs: { tty: boolean; quiet: boolean; columns: number; err(text: string): void; raw(text: string): void }): Progress {
  let head = "";
  let turns = 0;
  const show = (doing: string): void => {
    if (needs.tty && !needs.quiet) needs.raw(`\r\x1b[K${cut(sanitiseLine(`${head} ${doing}`), needs.columns - 1)}`);
  };
  return {
    begins(name, at, of) {
      head = `  ${String(at).padStart(String(of).length)}/${of}  ${name.padEnd(16)}`;
      turns = 0;
      show("the task is read");
    },
    saw(entry) {
      if (entry.type === "said") turns++;
      if (entry.type === "tool.called") show(`turn ${turns}: ${entry.name} ${entry.about}`);
      if (entry.type === "noted") show(`turn ${turns}: ${entry.text}`);
    },
    judging: () => show(`turn ${turns}: done, being judged`),
    ends(row) {
      if (needs.tty && !needs.quiet) needs.raw("\r\x1b[K");
      if (needs.quiet || row === null) return;
      const figures = row.figures ? `${row.figures.turns} ${row.figures.turns === 1 ? "turn" : "turns"}, ${duration(row.figures.ms)}` : "";
      needs.err(sanitise(`${head} ${row.state.padEnd(7)}  ${figures}${row.why ? `: ${row.why}` : ""}`));
    },
  };
}
