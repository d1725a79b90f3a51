// The Test Anything Protocol, as many runners write it, and node's own summary of it.
import { lastAt, type ReportParser, sum } from "./language.ts";

/** `not ok` lines, each with its indented diagnosis. */
export function notOk(output: string): string {
  const kept: string[] = [];
  let depth = -1;
  for (const line of output.split("\n")) {
    const indent = line.length - line.trimStart().length;
    if (/^\s*not ok\b/.test(line) && !/# (todo|skip)/i.test(line)) {
      depth = indent;
      kept.push(line);
    } else if (depth !== -1 && line.trim() !== "" && indent > depth) kept.push(line);
    else if (line.trim() !== "") depth = -1;
  }
  return kept.join("\n");
}

export const tap: ReportParser = (output) => {
  if (!/^(TAP version \d+|1\.\.\d+)/m.test(output)) return null;
  const lines = output.split("\n").filter((line) => /^(not )?ok\b/.test(line) && !/# skip/i.test(line));
  const failing = lines.filter((line) => line.startsWith("not") && !/# todo/i.test(line)).length;
  const bailed = /^Bail out!.*/m.exec(output)?.[0];
  const failures = [notOk(output), bailed ?? ""].filter((part) => part !== "").join("\n");
  return { passed: lines.length - failing, failed: failing + (bailed ? 1 : 0), failures, at: lastAt(output, /^1\.\.\d+/gm) };
};

/** node --test, in its own words or as TAP. */
export const nodeTest: ReportParser = (output) => {
  const passed = sum(output, /^[ℹ#i] pass (\d+)/gm);
  const failed = sum(output, /^[ℹ#i] fail (\d+)/gm);
  if (passed === null || failed === null) return null;
  const cancelled = sum(output, /^[ℹ#i] cancelled (\d+)/gm) ?? 0;
  const told = output.search(/^✖ failing tests:/m);
  // of a file that didn't even load, the list at the end says only "test failed": its error stands before
  const bare = told !== -1 && /^ *'test failed'$/m.test(output.slice(told));
  const before = bare ? output.slice(0, Math.max(0, output.search(/^ℹ tests \d/m))) : "";
  const loud = before.split("\n").filter((line) => !/^\s*(✔|▶|﹣|>)/.test(line));
  const failures = told === -1 ? notOk(output) : [loud.join("\n").trim(), output.slice(told).trim()].filter((part) => part !== "").join("\n");
  return { passed, failed: failed + cancelled, failures, at: lastAt(output, /^[ℹ#i] pass \d+/gm) };
};
