// The test tool: runs the project's own tests and tells the model only what failed, with the counts.
import * as z from "zod/mini";
import { commandKey } from "../core/approve.ts";
import type { TestCount } from "../core/events.ts";
import { parseReport } from "../languages/index.ts";
import type { TestReport } from "../languages/language.ts";
import type { RunOutcome } from "../sandbox/sandbox.ts";
import { headTail, limits } from "./limits.ts";
import { findTest } from "./project.ts";
import type { Hands, Outcome, Tool } from "./tool.ts";

const args = z.object({ filter: z.optional(z.string().check(z.describe("file or test name"))), command: z.optional(z.string()) });
export type TestArgs = z.infer<typeof args>;

/** No colours, no watch mode, no progress bars, no stacks of the runner itself. */
export const quiet = { CI: "true", NO_COLOR: "1", CARGO_TERM_COLOR: "never", CARGO_TERM_PROGRESS_WHEN: "never", PYTHONDONTWRITEBYTECODE: "1", RUST_BACKTRACE: "0" };

interface Chosen {
  command: string;
  folder: string;
  key: string | null;
}

/** `configured` is the test command the person set, for when the model names none. */
export function testTool(configured: string | null = null): Tool<TestArgs> {
  const choose = async ({ command, filter }: TestArgs, hands: Pick<Hands, "files" | "root" | "cwd">): Promise<Chosen> => {
    if (command !== undefined) return { command, folder: hands.cwd, key: commandKey(command) };
    if (configured !== null && filter === undefined) return { command: configured, folder: hands.root, key: commandKey(configured) ?? configured };
    const found = await findTest(hands);
    return { command: filter === undefined ? found.command : found.narrow(filter), folder: found.folder, key: commandKey(found.command) ?? found.command };
  };
  return {
    name: "test",
    about: "Run the project's tests.",
    args,
    title: ({ command, filter }) => [command, filter].filter(Boolean).join(" ") || "all",
    async risk(call, hands) {
      const { command, key } = await choose(call, hands);
      return { kind: "run", command, outside: false, key };
    },
    accept({ command, filter, ...rest }) {
      const given: Record<string, unknown> = { ...rest };
      if (typeof command !== "string" || command.trim() !== "") given.command = command;
      if (typeof filter !== "string" || filter.trim() !== "") given.filter = filter;
      return given;
    },
    async execute(call, hands): Promise<Outcome> {
      const { command, folder } = await choose(call, hands);
      const outcome = await hands.sandbox.run({
        command,
        cwd: folder,
        timeoutMs: limits.testSeconds * 1000,
        env: quiet,
        signal: hands.signal,
        onOutput: (chunk) => hands.live({ type: "tool.output", call: hands.call, chunk }),
        onScreen: (lines) => hands.live({ type: "tool.screen", call: hands.call, lines }),
      });
      const report = parseReport(outcome.text);
      const ok = outcome.exit === 0 && (report?.failed ?? 0) === 0;
      const count: TestCount = { command, ok, passed: report?.passed ?? null, failed: report?.failed ?? null };
      return { ok, text: tell(command, outcome, report, ok, hands.room), detail: { kind: "tested", count } };
    },
  };
}
export const test = testTool();

function tell(command: string, outcome: RunOutcome, report: TestReport | null, ok: boolean, room: number): string {
  const counts = report ? countsOf(report) : "no test counts in the output";
  const end = outcome.timedOut
    ? `stopped after ${limits.testSeconds} s`
    : outcome.killed
      ? `stopped: ${outcome.killed}`
      : outcome.exit === null
        ? "ended by a signal"
        : ok && report
          ? ""
          : outcome.exit === 127
            ? 'exit 127: it is not installed, or not to be seen in the sandbox; pass another "command"'
            : `exit ${outcome.exit}`;
  const none = report?.passed === 0 && report.failed === 0 ? "no tests were run" : "";
  const line = `${command}: ${[counts, none, end].filter((part) => part !== "").join(", ")}`;
  // failures first: what the run said besides is of use only where they weren't recognised
  const shown = ok && report ? "" : (report?.failures ?? "") !== "" ? (report?.failures ?? "") : outcome.text.trim();
  const text = headTail(shortenRules(shown), Math.max(400, room - line.length - 20));
  return text === "" ? line : `${line}\n${text}`;
}

function countsOf({ passed, failed }: TestReport): string {
  if (passed === null && failed === 0) return "all passed";
  return [passed === null ? "" : `${passed} passed`, failed === null ? "" : `${failed} failed`].filter((part) => part !== "").join(", ");
}

/** Rules drawn across the screen say nothing to a model, and cost a token every few characters. */
const shortenRules = (text: string): string => text.replace(/^([=_\-*#─━═⎯])\1{7,}|([=_\-*#─━═⎯])\2{7,}$/gm, (rule) => rule.slice(0, 4));
