// What an answer leaves in the log: its words and its calls in one write, so that a crash keeps both or neither.
import type { CallId, ClientId, Fact, Seq } from "../core/events.ts";
import { note } from "../core/note.ts";
import type { Fault } from "../models/model.ts";
import { noUsage } from "../models/model.ts";
import { parseArgs } from "../tools/index.ts";
import { type Endless, withoutRepeats } from "./endless.ts";
import type { Heard } from "./listen.ts";
import { headTail } from "./pinned.ts";
import type { Session } from "./session.ts";

export type Answered = { is: "calls" } | { is: "answer"; text: string; length: boolean; endless: Endless | null } | { is: "hastened" };

export function said(turn: number, upTo: Seq, heard: Heard, end: "stop" | "calls" | "length" | "stopped"): Extract<Fact, { type: "said" }> {
  return { type: "said", turn, upTo, text: heard.text.trim(), ...(heard.thought.trim() ? { thought: heard.thought.trim() } : {}), end, usage: heard.end?.usage ?? noUsage };
}

/** A whole answer. */
export function keep(session: Session, turn: number, upTo: Seq, heard: Heard): Answered {
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
export function keepEndless(session: Session, turn: number, upTo: Seq, heard: Heard, endless: Endless): Answered {
  const fact = said(turn, upTo, { ...heard, text: withoutRepeats(heard.text), thought: headTail(heard.thought, mostThought) }, "stop");
  session.append(fact);
  note("agent", "endless answer stopped", { turn, endless, characters: heard.text.length, thought: heard.thought.length }, "warn");
  return { is: "answer", text: fact.text, length: false, endless };
}

const steer = "That is enough thought. Answer now, without thinking any further: call the next tool, or say it in a few sentences.";
/** A thought that the person ended: the log keeps it, the model is asked for its answer. */
export function keepHastened(session: Session, turn: number, upTo: Seq, heard: Heard): Answered {
  session.append(said(turn, upTo, heard, "stopped"), { type: "asked", text: steer, by: "aura" as ClientId });
  note("agent", "thought ended by the person", { turn, thought: heard.thought.length }, "info");
  return { is: "hastened" };
}

/** The server could not parse what the model wrote: told to the model as the result of a call that never ran. */
export function keepBadCall(session: Session, turn: number, upTo: Seq, heard: Heard, fault: Fault): Answered {
  const call = `call_${upTo}_bad` as CallId;
  session.append(said(turn, upTo, heard, "calls"), { type: "tool.called", call, name: "invalid", args: {}, about: "a call nobody could parse", bad: fault.raw ?? fault.message });
  return { is: "calls" };
}

function aboutOf(session: Session, name: string, args: unknown): string {
  const tool = session.place?.tools.find((one) => one.name === name);
  if (!tool) return "";
  const parsed = parseArgs(tool, args);
  return "error" in parsed ? "" : tool.title(parsed.args);
}
