// Text and JSON for people and scripts, outside the full screen: harmless on any terminal, silent when the reader went away.
import { AuraError, type ExitCode, isAbort, toFailure } from "../core/error.ts";
import { note } from "../core/note.ts";
import { sanitise } from "../core/text.ts";

export type Paint = "bold" | "dim" | "red" | "green" | "yellow";
export interface Output {
  /** One or more lines on stdout; outside text in it is made harmless. Newline added. */
  out(text: string): void;
  /** The same on stderr. */
  err(text: string): void;
  /** One line of JSON on stdout, unchanged. */
  json(value: unknown): void;
  /** Colours only on a terminal that wants them. For text that is already harmless; `out` and `err` keep these sequences. */
  paint(text: string, paint: Paint): string;
  /** Columns of stdout, 80 where it is no terminal. */
  columns: number;
}
export interface OutputNeeds {
  stdout: Pick<NodeJS.WriteStream, "write" | "on" | "isTTY" | "columns">;
  stderr: Pick<NodeJS.WriteStream, "write" | "on">;
  env: Record<string, string | undefined>;
  /** False after --no-color or NO_COLOR. */
  color: boolean;
}

const codes: Record<Paint, [number, number]> = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] };
const ours = /(\x1b\[(?:1|2|22|31|32|33|39)m)/;
/** Harmless but for the few sequences that `paint` makes. */
const clean = (text: string, painted: boolean): string =>
  painted
    ? text
        .split(ours)
        .map((part, at) => (at % 2 === 1 ? part : sanitise(part)))
        .join("")
    : sanitise(text);

export function openOutput(needs: OutputNeeds): Output {
  const { stdout, stderr, env } = needs;
  survivePipes([stdout, stderr]);
  const painted = needs.color && stdout.isTTY === true && env.TERM !== "dumb";
  return {
    out: (text) => void stdout.write(`${clean(text, painted)}\n`),
    err: (text) => void stderr.write(`${clean(text, false)}\n`),
    json: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    paint: (text, paint) => (painted ? `\x1b[${codes[paint][0]}m${text}\x1b[${codes[paint][1]}m` : text),
    columns: stdout.isTTY && stdout.columns > 0 ? stdout.columns : 80,
  };
}

const surviving = new WeakSet<object>();
/** A reader that went away (`aura sessions | head`, a dropped line) is no reason to stop, nor to complain. Safe to call again. */
export function survivePipes(streams: Iterable<{ on(event: "error", listener: (error: Error) => void): unknown }>): void {
  for (const stream of streams) {
    if (surviving.has(stream)) continue;
    surviving.add(stream);
    stream.on("error", (error) => note("app", "output is closed", { error: error.message }));
  }
}

/**
 * Says what went wrong and returns the exit code. A known trouble is a sentence with its mending, on stderr; with `json` also one line
 * `{"error": {...}}` on stdout. Anything unknown is a bug: one line that says where the log is, exit 70.
 */
export async function reportFailure(error: unknown, options: { json: boolean; logFile?: string }): Promise<ExitCode> {
  survivePipes([process.stdout, process.stderr]);
  if (isAbort(error)) return 130;
  const failure = toFailure(error);
  const isBug = !(error instanceof AuraError);
  if (isBug) {
    note("app", "bug", { error }, "error");
    failure.hint = `This is a bug in Aura; its log: ${options.logFile ?? (await defaultLogFile())}`;
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ error: failure })}\n`);
  process.stderr.write(`aura: ${sanitise(failure.message)}\n${failure.hint ? `      ${sanitise(failure.hint)}\n` : ""}`);
  return error instanceof AuraError ? error.exit : 70;
}
async function defaultLogFile(): Promise<string> {
  const { debugLogFile, findPaths } = await import("../config/paths.ts");
  return debugLogFile(findPaths(process.env));
}
