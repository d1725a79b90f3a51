// A command's raw output as screen lines: carriage returns overwrite, escape sequences and their split halves never arrive.
import { sanitise } from "../../../core/text.ts";
import type { TerminalView } from "../state.ts";

/** Most lines kept, and most characters of one. */
export const keptLines = 500;
const keptColumns = 2000;

/** An escape sequence that the end of the chunk cut, at most 100 characters of it. */
const unfinished = /(?:\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\n]{0,100}|[ -/]*)?|\r)$/;

/** `terminal` with a chunk of output behind its last line. What a cut sequence has begun waits in `carry` for the next chunk. */
export function withOutput(terminal: TerminalView, chunk: string): TerminalView {
  const raw = (terminal.carry ?? "") + chunk;
  const carry = unfinished.exec(raw)?.[0] ?? "";
  const whole = raw.slice(0, raw.length - carry.length).slice(-keptLines * 200);
  const lines = [...terminal.lines];
  const parts = whole.replaceAll("\r\n", "\n").split("\n");
  for (const [index, part] of parts.entries()) {
    const line = overwritten(index === 0 ? (lines.pop() ?? "") + part : part);
    lines.push(sanitise(line.slice(0, keptColumns)));
  }
  return { ...terminal, lines: lines.slice(-keptLines), carry };
}

/** What is seen of a line after its carriage returns and backspaces. */
function overwritten(line: string): string {
  const backed = line.includes("\b") ? line.replace(/[^\b]?\x08/g, "") : line;
  return backed.includes("\r") ? (backed.split("\r").findLast((part) => part !== "") ?? "") : backed;
}

/** Lines of a finished text, the newest `keptLines`. */
export function outputLines(text: string): string[] {
  const lines = sanitise(text.slice(-keptLines * 200)).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.slice(-keptLines).map((line) => line.slice(0, keptColumns));
}
