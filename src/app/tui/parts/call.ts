// A tool call as one aligned line: verb, object, result, time; and the whole of it when it is opened.

import { cut, pad, widthOf } from "../../../core/text.ts";
import { duration } from "../../../core/time.ts";
import type { Row } from "../state.ts";
import { type Line, line, type Style, span, style, wrapText } from "./line.ts";

export type CallRow = Extract<Row, { kind: "call" }>;
const mostOpened = 400;

/** The line of a call in `width` columns. `now` counts for a running one. */
export function callLine(row: CallRow, width: number, now: number): Line {
  const [resultWidth, timeWidth] = width < 56 ? [13, 8] : [17, 10];
  const objectWidth = Math.max(4, width - 8 - 1 - resultWidth - timeWidth);
  const counts = row.added + row.removed > 0 ? `  +${row.added} -${row.removed}` : "";
  const about = row.about.replaceAll("\n", " ");
  const object = cutObject(about, objectWidth - widthOf(counts));
  const [result, look] = outcome(row, resultWidth > 15);
  const time = row.ms !== null ? duration(row.ms) : row.state === "running" ? seconds(now - row.startedAt) : "";
  return [
    span(pad(row.name, 7), style.bold),
    span(` ${object}`),
    span(pad(counts, objectWidth - widthOf(object)), style.plain),
    span(` ${pad(result, resultWidth - 1)}`, look),
    span(pad(time, timeWidth, "start"), style.dim),
    span(" "),
  ];
}

/** A path loses its middle folders, so that its file is seen; anything else its end. */
function cutObject(text: string, width: number): string {
  const [, path, rest] = /^([^\s]*\/[^\s]+)(.*)$/s.exec(text) ?? [];
  const end = path?.slice(path.lastIndexOf("/")) ?? "";
  if (path === undefined || widthOf(text) <= width || widthOf(end) + widthOf(rest ?? "") + 8 > width) return cut(text, width);
  return `${cut(path, width - widthOf(end) - widthOf(rest ?? ""))}${end}${rest}`;
}

/** Whole seconds, nothing in the first. */
export const seconds = (ms: number): string => (ms < 1000 ? "" : ms < 60_000 ? `${Math.floor(ms / 1000)} s` : duration(Math.floor(ms / 1000) * 1000));

function outcome(row: CallRow, roomy: boolean): [text: string, look: Style] {
  if (row.state === "queued") return ["next", style.dim];
  if (row.state === "waiting") return [roomy ? "waiting for you" : "waiting", style.accent];
  if (row.state === "running") return ["running", style.dim];
  if (row.state === "refused") return ["refused", style.plain];
  const { detail } = row;
  const failed: [string, Style] = ["✗ failed", style.red];
  if (!detail) return row.state === "ok" ? ["", style.plain] : failed;
  switch (detail.kind) {
    case "read":
      return [`${Math.max(0, detail.to - detail.from + 1)} of ${detail.total}${roomy ? " lines" : ""}`, style.dim];
    case "found":
      return [`${detail.count} found`, style.dim];
    case "tested":
      return tested(detail.count);
    case "ran":
      if (detail.job) return ["in background", style.plain];
      if (detail.timedOut) return ["✗ time limit", style.red];
      return detail.exit === 0 ? ["✓", style.green] : [`✗ exit ${detail.exit ?? "by signal"}`, style.red];
    case "refused":
      return ["refused", style.plain];
    default:
      return row.state === "ok" ? ["", style.plain] : failed;
  }
}

/** `✓ 42`, `✗ 1 of 42`. */
export function tested(count: { ok: boolean; passed: number | null; failed: number | null }): [text: string, look: Style] {
  const { ok, passed, failed } = count;
  if (ok) return [passed === null ? "✓ passed" : `✓ ${passed}`, style.green];
  return [failed === null ? "✗ failed" : `✗ ${failed} of ${failed + (passed ?? 0)}`, style.red];
}

/** What the tool gave back, folded at `mostOpened` lines, with its size. */
export function openedLines(text: string, width: number): Line[] {
  if (text === "") return [line("  (nothing came back)", style.dim)];
  const all = text.split("\n");
  const lines = wrapText(all.slice(0, mostOpened).join("\n"), width, style.dim, line("  "));
  if (all.length > mostOpened) lines.push(line(`  … ${all.length - mostOpened} more lines`, style.dim));
  return lines;
}
