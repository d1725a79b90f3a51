// `aura --yes`: one run to its end with nobody there. stdout gets the answer (or the facts as JSON lines), stderr a short account.
import type { ExitCode, Failure } from "../core/error.ts";
import type { ClientId, Entry, Fact, Opening, SessionId } from "../core/events.ts";
import { type Core, isEntry } from "../core/port.ts";
import { sanitise } from "../core/text.ts";
import { duration } from "../core/time.ts";

export interface HeadlessNeeds {
  core: Core;
  session: SessionId;
  opening: Opening;
  task: string;
  /** The session begins with this run. */
  fresh: boolean;
  json: boolean;
  quiet: boolean;
  /** Where a bug left its trace. */
  logFile: string;
  out(line: string): void;
  /** One fact as a line of JSON, unchanged. */
  entry(entry: Entry): void;
  /** The one line of JSON that stands for a run which found no server, no model or a refused address, or that can't write its end. */
  refused(error: Failure): void;
  err(line: string): void;
  /** Ctrl-C or SIGTERM: the run is stopped and its end written. */
  signal: AbortSignal;
}

/** Resolves with the exit code of the command line's contract when the run has ended. */
export async function runHeadless(needs: HeadlessNeeds): Promise<ExitCode> {
  const { core, session } = needs;
  const by = `headless-${process.pid}` as ClientId;
  const account = openAccount(needs);
  const waiting = openWaiting();
  // whether the run begins is known with its model: until then its facts wait
  let held: Entry[] | null = needs.json && needs.fresh ? [] : null;
  await core.send({ type: "open", session, opening: needs.opening, by });
  const reading = new AbortController();
  const stop = (): void => void core.send({ type: "stop", session }).catch(() => {});
  if (needs.signal.aborted) stop();
  needs.signal.addEventListener("abort", stop, { once: true });
  await core.send({ type: "ask", session, text: needs.task, by });

  // a continued session has earlier runs in its log: only the end after this ask counts
  let asked = Number.POSITIVE_INFINITY;
  let answer = "";
  try {
    for await (const item of core.watch(session, 0, reading.signal)) {
      if (!isEntry(item)) {
        const silence = item.type === "working" && !needs.quiet ? waiting(item.what) : null;
        if (silence !== null) needs.err(`  * ${silence}`);
        // a run whose end found no room in the log says so this way, and no fact follows
        if (item.type !== "working" || item.what !== "idle" || item.name === undefined) continue;
        if (needs.json) needs.refused({ code: "log.write", message: item.name });
        needs.err(`aura: ${sanitise(item.name)}`);
        return 1;
      }
      if (item.type === "asked" && item.by === by) asked = Math.min(asked, item.seq);
      if (held) held.push(item);
      else if (needs.json) needs.entry(item);
      else if (!needs.quiet) account(item);
      if (item.type === "said" && item.text) answer = item.text;
      const code = item.type === "ended" && item.seq > asked ? exitOf(item) : null;
      const begun = item.type === "primed" || (code !== null && code !== 2 && code !== 3);
      if (held && begun) {
        for (const entry of held) needs.entry(entry);
        held = null;
      }
      if (item.type !== "ended" || code === null) continue;
      if (held && item.error) needs.refused(item.error);
      if (!needs.json && item.why === "done") needs.out(sanitise(answer));
      const error = code === 70 && item.error ? { ...item.error, hint: `This is a bug in Aura; its log: ${needs.logFile}` } : item.error;
      if (error && (held || !needs.json || code === 70)) needs.err(`aura: ${sanitise(error.message)}${error.hint ? `\n      ${sanitise(error.hint)}` : ""}`);
      return code;
    }
  } finally {
    needs.signal.removeEventListener("abort", stop);
    reading.abort();
  }
  return 70;
}

// what opening a model throws, and the faults of one that was open
const noModel: ReadonlySet<string> = new Set(["server.down", "model.none", "model.several", "model.refused", "model.down", "model.no-model", "model.file", "engine.none"]);
const refusedAddress: ReadonlySet<string> = new Set(["address.refused", "model.refused-address"]);

/** The exit code of a run by how it ended. */
export function exitOf(ended: Extract<Fact, { type: "ended" }>): ExitCode {
  switch (ended.why) {
    case "done":
      return ended.tests && !ended.tests.ok ? 1 : 0;
    case "limit":
      return 1;
    case "failed":
      if (ended.error?.code === "bug") return 70;
      // a server that went away in the middle is a run without success
      if (noModel.has(ended.error?.code ?? "")) return ended.turns === 0 ? 3 : 1;
      return refusedAddress.has(ended.error?.code ?? "") ? 2 : 1;
    case "forbidden":
      return 4;
    case "stopped":
      return 130;
  }
}

/** A long silence's reason, told once each; null for anything else. */
function openWaiting(): (what: string) => string | null {
  const left = new Map([
    ["loading", "the model server is loading the model"],
    ["queued", "the model server is busy with somebody else's request"],
    ["stalled", "nothing has come from the model server for a while"],
  ]);
  return (what) => {
    const words = left.get(what) ?? null;
    left.delete(what);
    return words;
  };
}

/** Plain lines for a person or a build log: one per call, one per note. */
function openAccount(needs: HeadlessNeeds): (entry: Entry) => void {
  const called = new Map<string, string>();
  const began = Date.now();
  return (entry) => {
    if (entry.type === "tool.called") called.set(entry.call, sanitise(`${entry.name.padEnd(6)} ${entry.about}`));
    // what earlier runs of a continued session did was told then; a call of theirs may return only now
    if (entry.at < began) return;
    switch (entry.type) {
      case "primed":
        needs.err(`aura: ${sanitise(entry.model)}, context ${entry.context}`);
        break;
      case "confined":
        if (entry.level === "none") needs.err("aura: UNCONFINED: no sandbox is in force");
        break;
      case "tool.returned": {
        const tests = entry.detail?.kind === "tested" ? `  ${entry.detail.count.ok ? "passed" : `${entry.detail.count.failed ?? "some"} failed`}` : "";
        needs.err(`  ${entry.ok ? " " : "!"} ${called.get(entry.call) ?? "?"}${tests}  ${duration(entry.ms)}`);
        if (!entry.ok) needs.err(`      ${sanitise(entry.text.trim().split("\n", 1)[0] ?? "").slice(0, 200)}`);
        break;
      }
      case "noted":
        needs.err(`  * ${sanitise(entry.text)}`);
        break;
      case "ended":
        needs.err(`aura: ${entry.why}, ${entry.turns} turns, ${duration(entry.ms)}`);
        break;
      default:
        break;
    }
  };
}
