// `aura --yes`: composes a core of its own, runs the task to its end, and goes on when the line drops.
import { sessionLines } from "../agent/lines.ts";
import { debugLogFile, findPaths } from "../config/paths.ts";
import { AuraError, type ExitCode } from "../core/error.ts";
import type { SessionId } from "../core/events.ts";
import { newSessionId } from "../core/time.ts";
import { installGuard } from "../models/guard.ts";
import { missingTask, type Parsed } from "./args.ts";
import { compose } from "./compose.ts";
import { openDebugLog } from "./debuglog.ts";
import { runHeadless } from "./headless.ts";
import { openOutput } from "./output.ts";
import { makeOpening } from "./root.ts";

const maxStdinBytes = 4 * 1024 * 1024;

export async function runBatch(parsed: Extract<Parsed, { command: "headless" }>): Promise<ExitCode> {
  installGuard();
  process.on("SIGHUP", () => {});
  const { flags } = parsed;
  const paths = findPaths(process.env);
  const debug = openDebugLog({ paths, verbose: flags.verbose });
  const output = openOutput({ stdout: process.stdout, stderr: process.stderr, env: process.env, color: flags.color });
  const task = await wholeTask(parsed.task);
  const { opening, told, user } = await makeOpening({ paths, flags, env: process.env, headless: true });
  for (const line of told) output.err(line);

  const open = compose({ paths, user });
  const stop = new AbortController();
  const interrupt = (): void => {
    // a second Ctrl-C doesn't wait for the end to be written
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    const session = parsed.goOn ? newestSession(opening.root) : newSessionId();
    return await runHeadless({
      core: open.core,
      session,
      opening,
      task,
      fresh: !parsed.goOn,
      json: flags.json,
      quiet: flags.quiet,
      out: output.out,
      logFile: debugLogFile(paths),
      entry: output.json,
      refused: (error) => output.json({ error }),
      err: output.err,
      signal: stop.signal,
    });
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
    await open.close();
    debug.close();
  }
}

function newestSession(root: string): SessionId {
  const unread: unknown[] = [];
  const [newest] = sessionLines(
    root,
    () => null,
    (error) => unread.push(error),
  );
  if (!newest && unread.length > 0) throw unread[0];
  if (!newest) throw new AuraError("session.none", "There is no session in this repository to continue", { hint: 'aura --yes "task" starts one', exit: 2 });
  return newest.session;
}

/** The argument, and what was piped in below it. A terminal or a closed stdin is not read. */
async function wholeTask(task: string | null): Promise<string> {
  const piped = process.stdin.isTTY ? "" : await readPiped();
  if (task === null && piped.trim() === "") throw missingTask();
  if (piped.trim() === "") return task ?? "";
  return task === null ? piped : `${task}\n\n${piped}`;
}
async function readPiped(): Promise<string> {
  const { fstatSync } = await import("node:fs");
  try {
    // only a pipe or a file says "read me"; an inherited socket or device may never end
    const stat = fstatSync(0);
    if (!stat.isFIFO() && !stat.isFile()) return "";
  } catch {
    return "";
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxStdinBytes)
      throw new AuraError("stdin.large", `More than ${maxStdinBytes / 1024 / 1024} MB were piped in`, {
        hint: "put it into a file of the repository and name that in the task",
        exit: 2,
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
