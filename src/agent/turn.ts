// One turn: prompt -> stream -> facts. The heart. Faults that heal are tried again here; the rest is returned as data.
import { setTimeout as sleep } from "node:timers/promises";
import type { Seq } from "../core/events.ts";
import { note } from "../core/note.ts";
import type { Fault, Model, Request } from "../models/model.ts";
import { type Answered, keep, keepBadCall, keepEndless, keepHastened, said } from "./answered.ts";
import { type Common, checkCache, commonStart } from "./cache.ts";
import { compact, isDue } from "./compact.ts";
import { type Heard, listen } from "./listen.ts";
import { expectedMs, learnReading } from "./reading.ts";
import { tellInText } from "./ready.ts";
import { requestOf } from "./request.ts";
import type { AgentNeeds, Sent, Session } from "./session.ts";
import { countPrompt, exactly, learnOverflow, maxTokensFor, type Sized, sizeOf } from "./size.ts";

export type TurnEnd = Answered | { is: "stopped" } | { is: "full"; used: number; context: number } | { is: "fault"; fault: Fault };
/** What is asked of the server for this turn alone, beyond the prompt: nothing of it changes a byte of that. */
export type Retry = Pick<Request, "force" | "think" | "temperature">;

const maxTries = 6;
const maxTriesLoading = 400;
const maxCompactions = 2;
/** Over this share of the window nothing is sent any more. */
const fullAt = 0.95;
/** An overflow below this share is rather about the room for the answer that was asked for than about the history. */
const uncapBelow = 0.75;
/** Thoughts without a word of text may take this share of the window, or this of what is left of it. */
const thoughtShare = { ofWindow: 0.6, ofRest: 0.85 };

export async function runTurn(needs: AgentNeeds, session: Session, model: Model, turn: number, how: Retry, signal: AbortSignal): Promise<TurnEnd> {
  let retry = how;
  let next = await nextRequest(session, model, retry, signal);
  let compactions = 0;
  /** Makes the next request shorter: true when it is. */
  const shorten = async (hard: boolean): Promise<boolean> => {
    if (compactions >= maxCompactions) return false;
    const done = await compact(needs, session, model, signal, { hard, again: compactions > 0 });
    if (done !== "done") return false;
    compactions++;
    next = await nextRequest(session, model, retry, signal);
    return true;
  };
  if (isDue(next)) await shorten(false);
  if (next.used > next.window * fullAt) await shorten(true);
  if (signal.aborted) return { is: "stopped" };
  if (next.used > next.window * fullAt) return { is: "full", used: next.used, context: next.window };

  for (let attempt = 1; ; attempt++) {
    const { upTo } = next;
    const heard = await listen(needs, session, model, next.request, signal, {
      shown: true,
      thoughtMost: thoughtMost(session, next),
      readingMs: expectedMs(session, next.fresh / session.perToken),
    });
    if (signal.aborted || heard.fault?.kind === "aborted") {
      if (heard.text || heard.thought) session.append(said(turn, upTo, heard, "stopped"));
      return { is: "stopped" };
    }
    if (heard.hastened) return keepHastened(session, turn, upTo, heard);
    if (heard.endless) return keepEndless(session, turn, upTo, heard, heard.endless);
    if (heard.end) {
      learn(needs, session, model, next, heard);
      // the answer ran into the end of the context: with a shorter history it has room
      if (ranFull(session, next, heard) && (await shortenAfter(session, needs, shorten))) continue;
      if (signal.aborted) return { is: "stopped" };
      return keep(session, turn, upTo, heard);
    }
    const fault = heard.fault ?? { kind: "cut", message: "The model server ended its answer without an end.", retry: true };
    note("agent", "request failed", { kind: fault.kind, message: fault.message, attempt, status: fault.status, ...retry }, "warn");
    if (fault.kind === "bad-call") return keepBadCall(session, turn, upTo, heard, fault);
    if (fault.kind === "overflow" && next.request.maxTokens !== undefined && next.used < next.window * uncapBelow) {
      session.uncapped = true;
      next = await nextRequest(session, model, retry, signal);
      continue;
    }
    if (fault.kind === "overflow") {
      learnOverflow(session, next);
      if (await shortenAfter(session, needs, shorten)) continue;
      return signal.aborted ? { is: "stopped" } : { is: "fault", fault };
    }
    if (fault.kind === "no-tools" && (await tellInText(needs, session, model))) {
      next = await nextRequest(session, model, retry, signal);
      continue;
    }
    // a server that won't have what was asked for beside the prompt gets the prompt alone
    if (Object.keys(retry).length > 0 && (fault.kind === "rejected" || fault.kind === "broken" || fault.kind === "no-tools")) {
      retry = {};
      next = await nextRequest(session, model, retry, signal);
      continue;
    }
    if (!fault.retry || attempt >= (fault.kind === "loading" ? maxTriesLoading : maxTries)) return { is: "fault", fault };
    if (attempt === 1 && fault.kind !== "loading")
      session.append({ type: "noted", level: "warn", text: `${fault.message.replace(/\.?$/, ".")} Trying again.`, ...(fault.hint ? { hint: fault.hint } : {}) });
    session.live({ type: "working", what: fault.kind === "loading" ? "loading" : "retrying", since: needs.clock.now() });
    await sleep(needs.backOffMs(attempt), undefined, { signal }).catch(() => {});
    if (signal.aborted) return { is: "stopped" };
  }
}

/** Was the answer cut because the window was full? A shorter history helps only where history is a good part of it. */
function ranFull(session: Session, sized: Sized, heard: Heard): boolean {
  if (heard.end?.end !== "length" || sized.used < sized.window / 3) return false;
  const { promptTokens, outputTokens } = heard.end.usage;
  const written = outputTokens ?? (heard.text.length + heard.thought.length) / session.perToken;
  return (promptTokens ?? sized.used) + written > sized.window * 0.9;
}

/** What was streamed so far isn't an answer: readers drop it. */
function shortenAfter(session: Session, needs: AgentNeeds, shorten: (hard: boolean) => Promise<boolean>): Promise<boolean> {
  session.live({ type: "working", what: "retrying", since: needs.clock.now() });
  return shorten(true);
}

interface Next extends Sized {
  request: Request;
  /** The newest fact it has seen. */
  upTo: Seq;
  /** The request before, and what this one has of it. */
  before: Sent | null;
  common: Common | null;
  /** Characters that the server has yet to read, as far as is known. */
  fresh: number;
}
async function nextRequest(session: Session, model: Model, how: Retry, signal: AbortSignal): Promise<Next> {
  const { request, upTo } = requestOf(session);
  const sized = await exactly(session, model, request, sizeOf(session, model, request), signal);
  session.live({ type: "meter", context: model.context, used: sized.used, tokensPerS: null });
  const before = session.sent;
  const common = before ? commonStart(before.request, request) : null;
  const fresh = common && before?.model === model.id ? common.fresh : sized.characters;
  return { ...sized, request: { ...request, ...maxTokensFor(session, model, sized), ...how }, upTo, before, common, fresh };
}

/** What the server's figures teach: how long a token is, how fast it reads, what it kept and what it cut. */
function learn(needs: AgentNeeds, session: Session, model: Model, next: Next, heard: Heard): void {
  const usage = heard.end?.usage;
  if (!usage) return;
  if (countPrompt(session, next, usage.promptTokens) === "cut") sayCut(session, next, usage.promptTokens ?? 0);
  learnReading(session, usage, next.fresh / session.perToken, heard.waitedMs ?? 0);
  checkCache(session, model, next.before, next.common, usage);
  session.sent = { at: needs.clock.now(), model: model.id, request: next.request, upTo: next.upTo, characters: next.characters, promptTokens: usage.promptTokens };
}

const thoughtMost = (session: Session, { window, used }: Sized): number =>
  Math.max(window / 10, Math.min(window * thoughtShare.ofWindow, (window - used) * thoughtShare.ofRest)) * session.perToken;

const cutSaid = "The model server read only";
/** Said once in a session. */
function sayCut(session: Session, sized: Sized, promptTokens: number): void {
  if (session.log.entries.some((entry) => entry.type === "noted" && entry.text.startsWith(cutSaid))) return;
  session.append({
    type: "noted",
    level: "warn",
    text: `${cutSaid} ${promptTokens} of about ${sized.used} tokens that were sent: it seems to cut long conversations silently, and the model forgets.`,
    hint: "Run the model with a larger context, or say how much it really holds: aura config set contextTokens NUMBER.",
  });
}
