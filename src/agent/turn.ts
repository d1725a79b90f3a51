// One turn: prompt -> stream -> facts. The heart. Faults that heal are tried again here; the rest is returned as data.
import { setTimeout as sleep } from "node:timers/promises";
import type { CallId, Fact, Seq } from "../core/events.ts";
import { note } from "../core/note.ts";
import type { Fault, Model, Request } from "../models/model.ts";
import { noUsage } from "../models/model.ts";
import { parseArgs } from "../tools/index.ts";
import { compact, isDue } from "./compact.ts";
import { type Endless, withoutRepeats } from "./endless.ts";
import { type Heard, listen } from "./listen.ts";
import { headTail } from "./pinned.ts";
import { requestOf } from "./request.ts";
import type { AgentNeeds, Session } from "./session.ts";
import { countPrompt, learnOverflow, maxTokensFor, type Sized, sizeOf } from "./size.ts";

export type TurnEnd =
  | { is: "calls" }
  | { is: "answer"; text: string; length: boolean; endless: Endless | null }
  | { is: "stopped" }
  | { is: "full"; used: number; context: number }
  | { is: "fault"; fault: Fault };

const maxTries = 6;
const maxTriesLoading = 400;
const maxCompactions = 2;
/** Over this share of the window nothing is sent any more. */
const fullAt = 0.95;
/** An overflow below this share is rather about the room for the answer that was asked for than about the history. */
const uncapBelow = 0.75;
/** Thoughts without a word of text may take this share of the window, or this of what is left of it. */
const thoughtShare = { ofWindow: 0.6, ofRest: 0.85 };

export async function runTurn(needs: AgentNeeds, session: Session, model: Model, turn: number, signal: AbortSignal): Promise<TurnEnd> {
  let next = nextRequest(session, model);
  let compactions = 0;
  /** Makes the next request shorter: true when it is. */
  const shorten = async (hard: boolean): Promise<boolean> => {
    if (compactions >= maxCompactions) return false;
    const done = await compact(needs, session, model, signal, { hard, again: compactions > 0 });
    if (done !== "done") return false;
    compactions++;
    next = nextRequest(session, model);
    return true;
  };
  if (isDue(next)) await shorten(false);
  if (next.used > next.window * fullAt) await shorten(true);
  if (signal.aborted) return { is: "stopped" };
  if (next.used > next.window * fullAt) return { is: "full", used: next.used, context: next.window };

  for (let attempt = 1; ; attempt++) {
    const { upTo } = next;
    const heard = await listen(needs, session, model, next.request, signal, { shown: true, thoughtMost: thoughtMost(session, next) });
    if (signal.aborted || heard.fault?.kind === "aborted") {
      if (heard.text || heard.thought) session.append(said(turn, upTo, heard, "stopped"));
      return { is: "stopped" };
    }
    if (heard.endless) return keepEndless(session, turn, upTo, heard, heard.endless);
    if (heard.end) {
      if (countPrompt(session, next, heard.end.usage.promptTokens) === "cut") sayCut(session, next, heard.end.usage.promptTokens ?? 0);
      // the answer ran into the end of the context: with a shorter history it has room
      if (ranFull(session, next, heard) && (await shortenAfter(session, needs, shorten))) continue;
      if (signal.aborted) return { is: "stopped" };
      return keep(session, turn, upTo, heard);
    }
    const fault = heard.fault ?? { kind: "cut", message: "The model server ended its answer without an end.", retry: true };
    note("agent", "request failed", { kind: fault.kind, message: fault.message, attempt, status: fault.status }, "warn");
    if (fault.kind === "bad-call") return badCall(session, turn, upTo, heard, fault);
    if (fault.kind === "overflow" && next.request.maxTokens !== undefined && next.used < next.window * uncapBelow) {
      session.uncapped = true;
      next = nextRequest(session, model);
      continue;
    }
    if (fault.kind === "overflow") {
      learnOverflow(session, next);
      if (await shortenAfter(session, needs, shorten)) continue;
      return signal.aborted ? { is: "stopped" } : { is: "fault", fault };
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
}
function nextRequest(session: Session, model: Model): Next {
  const { request, upTo } = requestOf(session);
  const sized = sizeOf(session, model, request);
  session.live({ type: "meter", context: model.context, used: sized.used, tokensPerS: null });
  return { ...sized, request: { ...request, ...maxTokensFor(session, model, sized) }, upTo };
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

function said(turn: number, upTo: Seq, heard: Heard, end: "stop" | "calls" | "length" | "stopped"): Extract<Fact, { type: "said" }> {
  return { type: "said", turn, upTo, text: heard.text.trim(), ...(heard.thought.trim() ? { thought: heard.thought.trim() } : {}), end, usage: heard.end?.usage ?? noUsage };
}

/** The answer and its calls become facts in one write, so that a crash keeps both or neither. */
function keep(session: Session, turn: number, upTo: Seq, heard: Heard): TurnEnd {
  const length = heard.end?.end === "length";
  const calls = length ? [] : heard.calls;
  const ids = new Set<string>(session.log.entries.flatMap((entry) => (entry.type === "tool.called" ? [entry.call as string] : [])));
  const facts: Fact[] = calls.map((call, at) => {
    // servers repeat ids, or send none; a repeated one would mix up two results
    const id = call.id && !ids.has(call.id) ? call.id : `call_${upTo}_${at}`;
    ids.add(id);
    return { type: "tool.called", call: id as CallId, name: call.name, args: call.args, about: aboutOf(session, call.name, call.args), ...(call.bad ? { bad: call.bad } : {}) };
  });
  session.append(said(turn, upTo, heard, length ? "length" : calls.length > 0 ? "calls" : "stop"), ...facts);
  note("agent", "answer", { turn, calls: calls.length, usage: heard.end?.usage }, "info");
  if (facts.length > 0) return { is: "calls" };
  return { is: "answer", text: heard.text.trim(), length, endless: null };
}

const mostThought = 4_000;
/** An answer we stopped: kept without its repetitions, so that they don't lead the model on. */
function keepEndless(session: Session, turn: number, upTo: Seq, heard: Heard, endless: Endless): TurnEnd {
  const fact = said(turn, upTo, { ...heard, text: withoutRepeats(heard.text), thought: headTail(heard.thought, mostThought) }, "stop");
  session.append(fact);
  note("agent", "endless answer stopped", { turn, endless, characters: heard.text.length, thought: heard.thought.length }, "warn");
  return { is: "answer", text: fact.text, length: false, endless };
}

function aboutOf(session: Session, name: string, args: unknown): string {
  const tool = session.place?.tools.find((one) => one.name === name);
  if (!tool) return "";
  const parsed = parseArgs(tool, args);
  return "error" in parsed ? "" : tool.title(parsed.args);
}

/** The server could not parse what the model wrote: told to the model as the result of a call that never ran. */
function badCall(session: Session, turn: number, upTo: Seq, heard: Heard, fault: Fault): TurnEnd {
  const call = `call_${upTo}_bad` as CallId;
  session.append(said(turn, upTo, heard, "calls"), { type: "tool.called", call, name: "invalid", args: {}, about: "a call nobody could parse", bad: fault.raw ?? fault.message });
  return { is: "calls" };
}
