// Figures as a table: what was measured, what is wanted, and whether it is reached.
import type { Headless } from "./headless.ts";

export interface Row {
  figure: string;
  /** What is wanted of the first program; "" = nothing. */
  target: string;
  /** By program. */
  values: string[];
  reached: boolean | null;
}

/** The middle one, and the best: noise of the machine only ever makes slower. NaN when there are none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(at)] ?? Number.NaN) + (sorted[Math.ceil(at)] ?? Number.NaN)) / 2;
}
const best = (values: readonly number[]): number => Math.min(...values);
const short = (value: number): string => (Number.isFinite(value) ? (value < 10 ? value.toFixed(1) : Math.round(value).toString()) : "-");
export const middle = (values: readonly number[], unit = ""): string => (values.length === 0 ? "-" : `${short(median(values))}${unit} (${short(best(values))})`);

/** The first program's figures are held against `limit`; the others are there to compare. */
export function row(figure: string, values: readonly (readonly number[])[], unit: string, limit: number | null): Row {
  const first = median(values[0] ?? []);
  return {
    figure,
    target: limit === null ? "" : `<= ${limit}${unit}`,
    values: values.map((of) => middle(of, unit)),
    reached: limit === null || Number.isNaN(first) ? null : first <= limit,
  };
}

export function headlessRows(all: readonly Headless[]): Row[] {
  const of = (pick: (one: Headless) => number[]): number[][] => all.map(pick);
  const gaps = (at: number): number[][] => of((one) => one.runs.flatMap((run) => run.gapsMs[at] ?? []));
  const head: Row = { figure: "headless", target: "", values: all.map((one) => one.name), reached: null };
  const prompts = (pick: (prompt: NonNullable<Headless["prompt"]>) => number): number[][] => of((one) => (one.prompt ? [pick(one.prompt)] : []));
  return [
    head,
    row(
      "solved",
      of((one) => [(one.runs.filter((run) => run.solved).length * 100) / one.runs.length]),
      " %",
      null,
    ),
    row(
      "4-turn task, wall",
      of((one) => one.runs.map((run) => run.wallMs)),
      " ms",
      null,
    ),
    row(
      "start to first request",
      of((one) => one.runs.map((run) => run.firstMs)),
      " ms",
      null,
    ),
    row("gap after a read", gaps(0), " ms", 10),
    row("gap after an edit", gaps(1), " ms", 10),
    row("gap after `node --test`", gaps(2), " ms", null),
    row(
      "last answer to exit",
      of((one) => one.runs.map((run) => run.exitMs)),
      " ms",
      null,
    ),
    row(
      "--version",
      of((one) => one.versionMs),
      " ms",
      60,
    ),
    row(
      "peak memory of the tree",
      of((one) => one.peakMb),
      " MB",
      236,
    ),
    row(
      "first request: system text",
      prompts((prompt) => prompt.system),
      " tokens",
      null,
    ),
    row(
      "first request: tools",
      prompts((prompt) => prompt.tools),
      " tokens",
      null,
    ),
    row(
      "first request: all",
      prompts((prompt) => prompt.first),
      " tokens",
      1250,
    ),
    row(
      "whole task",
      prompts((prompt) => prompt.whole),
      " tokens",
      5500,
    ),
  ];
}

/** Columns padded for a terminal; the best run stands in brackets behind the median. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ figure, target, values, reached }) => [figure, target, reached === null ? "" : reached ? "yes" : "NO", ...values]);
  const widths = lines.reduce<number[]>((most, line) => line.map((cell, at) => Math.max(most[at] ?? 0, cell.length)), []);
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
