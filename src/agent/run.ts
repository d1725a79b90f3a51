// A run: turns until the model is done, somebody stops it, or a limit is reached. Ends with exactly one `ended` fact.

import { type Failure, toFailure } from "../core/error.ts";
import type { ClientId, EndWhy, Entry, TestCount } from "../core/events.ts";
import { note } from "../core/note.ts";
import { announces, ladders, malformed, mostMalformed, type Trouble } from "./answer.ts";
import { runCall } from "./call.ts";
import { checkBeforeDone } from "./checks.ts";
import { stopAt } from "./loops.ts";
import { hasUnseenAsk, openCalls } from "./prompt.ts";
import { ready } from "./ready.ts";
import { type AgentNeeds, newestRunStart, type Session } from "./session.ts";
import { type Retry, runTurn, type TurnEnd } from "./turn.ts";

const maxForbidden = 3;
/** Of so many nudges in a run none comes any more. */
const maxNudges = 6;
/** How far each ladder was climbed since the model's last call, and how often it was nudged in all. */
type Nudged = { rungs: Map<Trouble, number>; times: number };

export type Stop = "stopped" | "limit" | "forbidden";
type End = { why: EndWhy; error?: Failure };

/** Starts the run in the background; a session has at most one. */
export function startRun(needs: AgentNeeds, session: Session): void {
  const abort = new AbortController();
  const run = { abort, why: null as Stop | null, done: Promise.resolve() };
  session.run = run;
  needs.active.add(session.id, session.opening);
  run.done = whole(needs, session, abort.signal).finally(() => {
    session.run = null;
    needs.active.remove(session.id);
  });
}

async function whole(needs: AgentNeeds, session: Session, signal: AbortSignal): Promise<void> {
  const started = needs.clock.now();
  const runStart = newestRunStart(session.log.entries) ?? 0;
  const limitMs = session.opening.limits.maxTimeMs;
  const timer = limitMs === undefined ? undefined : setTimeout(() => endBy(session, "limit"), limitMs);
  if (session.policy === "auto" && session.opening.sandbox !== "off") void forbidUnconfined(session);
  const seen = { turns: 0, tests: undefined as TestCount | undefined };
  let end: End;
  try {
    end = await turns(needs, session, signal, seen);
    if (signal.aborted) end = stoppedEnd(session);
  } catch (error) {
    if (signal.aborted) end = stoppedEnd(session);
    else {
      note("agent", "run failed", { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, "error");
      end = { why: "failed", error: toFailure(error) };
    }
  } finally {
    clearTimeout(timer);
  }
  try {
    const ofRun = session.log.entries.filter((entry) => entry.seq >= runStart);
    const count = ofRun.filter((entry) => entry.type === "said").length;
    for (const call of openCalls(ofRun)) session.append({ type: "tool.returned", call: call.call, ok: false, text: "Not run: the run ended before it.", ms: 0 });
    const tests = seen.tests ?? lastTests(ofRun);
    session.append({ type: "ended", why: end.why, turns: count, ms: needs.clock.now() - started, ...(end.error ? { error: end.error } : {}), ...(tests ? { tests } : {}) });
    session.log.sync();
  } catch (error) {
    // a full disk: the run is over all the same; the next start repairs the log
    note("agent", "the end of the run could not be written", { error: String(error) }, "error");
    session.live({ type: "working", what: "idle", since: needs.clock.now(), name: toFailure(error).message });
    return;
  }
  session.live({ type: "working", what: "idle", since: needs.clock.now() });
}

function stoppedEnd(session: Session): End {
  if (session.run?.why === "limit")
    return { why: "limit", error: { code: "limit.time", message: "The run reached its time limit.", hint: "Raise --max-time, or ask it to go on." } };
  if (session.run?.why === "forbidden")
    return {
      why: "forbidden",
      error: {
        code: "sandbox.none",
        message: "No sandbox works on this machine, and policy auto runs nothing unconfined.",
        hint: "aura doctor says what is missing; --sandbox off runs without confinement, at your own risk.",
      },
    };
  return { why: "stopped" };
}
async function forbidUnconfined(session: Session): Promise<void> {
  const level = await session.workplace.then((workplace) => workplace.sandbox.ready).catch(() => null);
  if (level === "none") endBy(session, "forbidden");
}

/** Aborts the run; generation, commands and waiting approvals end at once. */
export function endBy(session: Session, why: Stop): void {
  if (!session.run) return;
  session.run.why ??= why;
  session.run.abort.abort();
}

async function turns(needs: AgentNeeds, session: Session, signal: AbortSignal, seen: { turns: number; tests: TestCount | undefined }): Promise<End> {
  if (!session.model.open) session.live({ type: "working", what: "connecting", since: needs.clock.now() });
  const model = await ready(needs, session, signal, "run");
  let forbidden = 0;
  const nudged: Nudged = { rungs: new Map(), times: 0 };
  /** For the next turn alone. */
  let how: Retry = {};
  /** Answers in a row with calls that could not be read. */
  let unread = 0;
  // a resumed run may have calls of its last answer still to do
  let pending = openCalls(session.log.entries);
  const limit = session.opening.limits.maxTurns;
  for (;;) {
    for (const called of pending) {
      const done = await runCall(needs, session, called, model.context, signal);
      if (done.tests) seen.tests = done.tests;
      if (signal.aborted || done.is === "stopped") return stoppedEnd(session);
      if ((done.times ?? 1) >= stopAt)
        return {
          why: "failed",
          error: {
            code: "model.loop",
            message: `The model made the very same call ${done.times} times with the same result: ${`${called.name} ${called.about}`.trim()}. It was told so, and went on.`,
            hint: "Say what it should do instead, or try another model (/model).",
          },
        };
      forbidden = done.is === "forbidden" ? forbidden + 1 : 0;
      if (forbidden >= maxForbidden)
        return {
          why: "forbidden",
          error: {
            code: "forbidden",
            message: `Stopped: ${maxForbidden} calls in a row were forbidden by policy ${session.policy}.`,
            hint: "Run it in the full screen (aura) to be asked, or change the task.",
          },
        };
    }
    if (pending.some((called) => called.bad !== undefined)) {
      if (++unread >= mostMalformed) return { why: "failed", error: malformed };
      how = { force: "call" };
    } else if (pending.length > 0) unread = 0;
    if (limit !== undefined && seen.turns >= limit)
      return { why: "limit", error: { code: "limit.turns", message: `The run reached its limit of ${limit} turns.`, hint: "Raise --max-turns, or ask it to go on." } };
    seen.turns++;
    const turn = await runTurn(needs, session, session.model.open ?? model, session.log.entries.filter((entry) => entry.type === "said").length + 1, how, signal);
    how = {};
    switch (turn.is) {
      case "stopped":
        return stoppedEnd(session);
      case "fault":
        return { why: "failed", error: { code: `model.${turn.fault.kind}`, message: turn.fault.message, ...(turn.fault.hint ? { hint: turn.fault.hint } : {}) } };
      case "full":
        return {
          why: "failed",
          error: {
            code: "context.full",
            message: `The conversation (about ${turn.used} tokens) no longer fits the model's context of ${turn.context}.`,
            hint: "/new starts a fresh session and carries task and plan over.",
          },
        };
      case "calls":
        // it works again: the next stumble is a new one, within reason
        nudged.rungs.clear();
        pending = openCalls(session.log.entries);
        break;
      case "hastened":
        pending = [];
        how = { think: false };
        break;
      case "answer": {
        pending = [];
        if (hasUnseenAsk(session.log.entries)) break;
        if (turn.length)
          return {
            why: "failed",
            error: {
              code: "model.length",
              message: "The answer was cut off: the model reached the end of its context or output limit.",
              hint: "/new starts fresh; a larger context helps (Ollama: OLLAMA_CONTEXT_LENGTH).",
            },
          };
        const judged = judge(session, turn, nudged);
        const more = limit === undefined || seen.turns < limit;
        if ("why" in judged && judged.why === "done" && (await checkBeforeDone(needs, session, more, signal))) break;
        if ("why" in judged) return judged;
        how = judged;
        break;
      }
    }
  }
}

/** The end that an answer without calls means; or, when the model was nudged instead, how the next one is asked for. */
function judge(session: Session, answer: Extract<TurnEnd, { is: "answer" }>, nudged: Nudged): End | Retry {
  const trouble = troubleOf(session, answer);
  if (!trouble) return { why: "done" };
  const { rungs, failure } = ladders[trouble];
  const at = nudged.rungs.get(trouble) ?? 0;
  const rung = nudged.times < maxNudges ? rungs[at] : undefined;
  if (!rung) return failure ? { why: "failed", error: failure } : { why: "done" };
  nudged.rungs.set(trouble, at + 1);
  nudged.times++;
  if (rung.seen) session.append({ type: "noted", level: "warn", text: rung.seen });
  session.append({ type: "asked", text: rung.ask, by: "aura" as ClientId });
  return rung.how;
}

/** What is wrong with an answer that calls nothing; null when it is one. */
function troubleOf(session: Session, answer: Extract<TurnEnd, { is: "answer" }>): Trouble | null {
  if (answer.endless) return answer.endless;
  if (answer.text === "") return "empty";
  const entries = session.log.entries;
  const start = newestRunStart(entries) ?? 0;
  const changed = entries.some((entry) => entry.type === "changed" && entry.seq > start);
  return announces(answer.text, changed) ? "announced" : null;
}

function lastTests(entries: readonly Entry[]): TestCount | undefined {
  const last = entries.findLast((entry) => entry.type === "tool.returned" && entry.detail?.kind === "tested");
  return last?.type === "tool.returned" && last.detail?.kind === "tested" ? last.detail.count : undefined;
}
