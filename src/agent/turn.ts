// One turn: prompt -> stream -> facts. The heart. Faults that heal are tried again here; the rest is returned as data.
import { setTimeout as sleep } from "node:timers/promises";
import type { CallId, Fact, Seq } from "../core/events.ts";
import { note } from "../core/note.ts";
import type { Fault, Model, Piece, Request } from "../models/model.ts";
import { noUsage } from "../models/model.ts";
import { parseArgs } from "../tools/index.ts";
import { messagesOf, tokensOf } from "./prompt.ts";
import type { AgentNeeds, Session } from "./session.ts";

export type TurnEnd =
  | { is: "calls" }
  | { is: "answer"; empty: boolean; length: boolean }
  | { is: "stopped" }
  | { is: "full"; used: number; context: number }
  | { is: "fault"; fault: Fault };

/** No piece for this long and the screen says so; nothing is ever given up because of it. */
const stalledAfterMs = 30_000;
const maxTries = 6;
const maxTriesLoading = 400;

type Heard = { text: string; thought: string; calls: Extract<Piece, { type: "call" }>[]; end: Extract<Piece, { type: "end" }> | null; fault: Fault | null };

export async function runTurn(needs: AgentNeeds, session: Session, model: Model, turn: number, signal: AbortSignal): Promise<TurnEnd> {
  const primed = session.log.entries.findLast((entry) => entry.type === "primed");
  if (primed?.type !== "primed") throw new Error("a turn without a head");
  const upTo = session.log.entries.length;
  const request: Request = { messages: [{ role: "system", text: primed.system }, ...messagesOf(session.log.entries)], tools: primed.tools as Request["tools"] };
  const used = tokensOf(primed.system, primed.tools, request.messages.slice(1), session.perToken);
  session.live({ type: "meter", context: model.context, used, tokensPerS: null });
  if (used > model.context * 0.95) return { is: "full", used, context: model.context };

  for (let attempt = 1; ; attempt++) {
    const heard = await listen(needs, session, model, request, signal);
    if (signal.aborted || heard.fault?.kind === "aborted") {
      if (heard.text || heard.thought) session.append(said(turn, upTo, heard, "stopped"));
      return { is: "stopped" };
    }
    if (heard.end) {
      learn(session, heard.end.usage.promptTokens, request, primed.system.length);
      return keep(session, turn, upTo, heard);
    }
    const fault = heard.fault ?? { kind: "cut", message: "The model server ended its answer without an end", retry: true };
    note("agent", "request failed", { kind: fault.kind, message: fault.message, attempt, status: fault.status }, "warn");
    if (fault.kind === "bad-call") return badCall(session, turn, upTo, heard, fault);
    if (!fault.retry || attempt >= (fault.kind === "loading" ? maxTriesLoading : maxTries)) return { is: "fault", fault };
    if (attempt === 1 && fault.kind !== "loading")
      session.append({ type: "noted", level: "warn", text: `${fault.message}. Trying again.`, ...(fault.hint ? { hint: fault.hint } : {}) });
    session.live({ type: "working", what: fault.kind === "loading" ? "loading" : "retrying", since: needs.clock.now() });
    await sleep(needs.backOffMs(attempt), undefined, { signal }).catch(() => {});
    if (signal.aborted) return { is: "stopped" };
  }
}

/** Reads one stream to its end or fault, showing it as it comes. */
async function listen(needs: AgentNeeds, session: Session, model: Model, request: Request, signal: AbortSignal): Promise<Heard> {
  const heard: Heard = { text: "", thought: "", calls: [], end: null, fault: null };
  const started = needs.clock.now();
  let firstAt = 0;
  let pieces = 0;
  const working = (what: "connecting" | "loading" | "queued" | "reading" | "thinking" | "writing" | "stalled", rest: { part?: number; leftMs?: number } = {}): void =>
    session.live({ type: "working", what, since: started, ...rest });
  let phase: "thinking" | "writing" | null = null;
  const enter = (next: "thinking" | "writing"): void => {
    firstAt ||= needs.clock.now();
    pieces++;
    if (phase === next) return;
    phase = next;
    working(next);
  };
  let watchdog: NodeJS.Timeout | undefined;
  const alive = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => {
      note("agent", "nothing from the model server", { forMs: stalledAfterMs }, "warn");
      working("stalled");
    }, stalledAfterMs);
    watchdog.unref();
  };
  alive();
  working("reading");
  try {
    for await (const piece of model.stream(request, signal)) {
      alive();
      switch (piece.type) {
        case "text":
          enter("writing");
          heard.text += piece.delta;
          session.live({ type: "saying", kind: "text", delta: piece.delta });
          break;
        case "thought":
          enter("thinking");
          heard.thought += piece.delta;
          session.live({ type: "saying", kind: "thought", delta: piece.delta });
          break;
        case "call.delta":
          enter("writing");
          session.live({ type: "calling", name: piece.name, chars: piece.chars });
          break;
        case "call":
          heard.calls.push(piece);
          break;
        case "progress":
          working(piece.what, { ...(piece.part === undefined ? {} : { part: piece.part }), ...(piece.leftMs === undefined ? {} : { leftMs: piece.leftMs }) });
          break;
        case "end":
          heard.end = piece;
          break;
        case "fault":
          heard.fault = piece.fault;
          break;
      }
    }
  } finally {
    clearTimeout(watchdog);
  }
  if (heard.end && firstAt) {
    const usage = heard.end.usage;
    const outputMs = usage.outputMs ?? needs.clock.now() - firstAt;
    const tokensPerS = outputMs > 0 ? ((usage.outputTokens ?? pieces) * 1000) / outputMs : null;
    session.live({ type: "meter", context: model.context, used: (usage.promptTokens ?? 0) + (usage.outputTokens ?? 0), tokensPerS });
  }
  return heard;
}

function said(turn: number, upTo: Seq, heard: Heard, end: "stop" | "calls" | "length" | "stopped"): Fact {
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
  return { is: "answer", empty: heard.text.trim() === "", length };
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

/** The server's own count of this prompt teaches how many characters a token has here. */
function learn(session: Session, promptTokens: number | null, request: Request, systemLength: number): void {
  if (!promptTokens || promptTokens < 50) return;
  const characters = tokensOf(" ".repeat(systemLength), request.tools, request.messages.slice(1), 1);
  session.perToken = Math.min(6, Math.max(1.5, characters / promptTokens));
}
