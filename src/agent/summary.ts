// The part of a compaction that has to be written: by the model, on the same head as everything else, or out of the log.
import type { Entry, Seq, Usage } from "../core/events.ts";
import { note } from "../core/note.ts";
import type { Message, Model, Request } from "../models/model.ts";
import { listen } from "./listen.ts";
import { headTail } from "./pinned.ts";
import { headOf, lastSpoken, messagesOf, requestWith } from "./prompt.ts";
import summaryProse from "./prompts/summary.md";
import type { AgentNeeds, Session } from "./session.ts";
import { charactersOf, maxTokensFor, sizeOf } from "./size.ts";

export interface Summary {
  text: string;
  by: "model" | "log";
  usage?: Usage;
}
export interface Wanted {
  /** Characters. */
  most: number;
  /** What comes behind this fact stays word for word: a summary may do without it. */
  upTo: Seq;
}
/** Shorter than this says nothing. */
const leastCharacters = 20;
/** An English word and the space behind it, in characters. */
const perWord = 7;

/**
 * A summary of at most `most` characters. The model is asked in series, after the history it has read already; where that doesn't fit, fails or
 * brings nothing, the log is listed. null: stopped by the person.
 */
export async function summarise(needs: AgentNeeds, session: Session, model: Model, want: Wanted, signal: AbortSignal): Promise<Summary | null> {
  const { most } = want;
  const asking = requestFor(session, model, want);
  if (asking) {
    const heard = await listen(needs, session, model, asking.request, signal, { shown: false, thoughtMost: most * 4, readingMs: null });
    if (signal.aborted) return null;
    const text = heard.text.trim();
    if (heard.end !== null && heard.endless === null && text.length >= leastCharacters) {
      const between = session.log.entries.slice(asking.seen, want.upTo);
      const rest = between.length === 0 ? "" : logLines(between, most / 4);
      return { text: `${headTail(text, most - rest.length)}${rest === "" ? "" : `\n## Since then, by the log\n${rest}`}`, by: "model", usage: heard.end.usage };
    }
    note("agent", "no summary from the model", { fault: heard.fault?.kind, endless: heard.endless, characters: text.length }, "warn");
  }
  return { text: fromLog(session.log.entries, most), by: "log" };
}

/** The history as it was sent, as much of it as fits, and the question behind it; `seen`: the newest fact in it. null where nothing fits. */
function requestFor(session: Session, model: Model, { most }: Wanted): { request: Request; seen: Seq } | null {
  const entries = session.log.entries;
  const head = headOf(entries);
  if (!head) return null;
  const question = summaryProse.trim().replace("{{words}}", String(Math.max(50, Math.floor((most * 0.8) / perWord / 10) * 10)));
  const from = entries.findLast((entry) => entry.type === "compacted")?.upTo ?? 0;
  const sent = entries.flatMap((entry) => (entry.type === "said" && entry.seq > from ? [entry.upTo] : [])).toReversed();
  for (const seen of [lastSpoken(entries), ...sent]) {
    const request = requestWith(head, withQuestion(messagesOf(entries.slice(0, seen)), question));
    const size = sizeOf(session, model, request);
    if (size.used + most / session.perToken > size.window * 0.98) continue;
    return { request: { ...request, ...maxTokensFor(session, model, size) }, seen };
  }
  note("agent", "the history is too long to be summarised by the model", { characters: charactersOf({ ...head, messages: messagesOf(entries) }) }, "info");
  return null;
}

/** Two user messages in a row are refused by some chat templates. */
function withQuestion(messages: Message[], question: string): Message[] {
  const last = messages.at(-1);
  if (last?.role !== "user") return [...messages, { role: "user", text: question }];
  return [...messages.slice(0, -1), { role: "user", text: `${last.text}\n\n${question}` }];
}

/** What happened since the model last summed up, behind what it said then. */
export function fromLog(entries: readonly Entry[], most: number): string {
  const last = entries.findLast((entry) => entry.type === "compacted" && entry.by === "model");
  const earlier = last?.type === "compacted" ? `${headTail(last.summary, Math.floor(most / 2))}\n` : "";
  const begin = `${earlier}What happened, by the log:\n`;
  return begin + logLines(entries.slice(last?.type === "compacted" ? last.upTo : 0), most - begin.length);
}

/** One line for each thing that happened, the newest kept where not all fit into `most` characters. */
function logLines(entries: readonly Entry[], most: number): string {
  const lines: { text: string; times: number }[] = [];
  const add = (text: string): void => {
    const previous = lines.at(-1);
    if (previous?.text === text) previous.times++;
    else lines.push({ text, times: 1 });
  };
  const called = new Map<string, string>();
  for (const entry of entries) {
    switch (entry.type) {
      case "said":
        if (entry.text) add(`You said: ${firstLine(entry.text, 160)}`);
        break;
      case "tool.called":
        called.set(entry.call, `${entry.name} ${entry.about}`.trim());
        break;
      case "tool.returned":
        add(entry.detail?.kind === "read" ? readLine(entry.detail) : `${firstLine(called.get(entry.call) ?? "a call", 100)}: ${outcomeOf(entry)}`);
        break;
      case "shelled":
        add(`I ran ${firstLine(entry.command, 100)} myself: ${entry.ok ? "ok" : "failed"}`);
        break;
      case "reverted":
        if (entry.paths.length > 0) add(`I took back the changes to ${firstLine(entry.paths.join(", "), 160)}`);
        break;
      default:
        break;
    }
  }
  let room = most - 30;
  const kept: string[] = [];
  for (const { text, times } of lines.toReversed()) {
    const line = times > 1 ? `${text} (${times} times)` : text;
    room -= line.length + 1;
    if (room < 0) break;
    kept.unshift(line);
  }
  const missing = lines.length - kept.length;
  return [...(missing > 0 ? [`[${missing} earlier steps]`] : []), ...kept].join("\n");
}

const readLine = (read: { path: string; from: number; to: number; total: number }): string => `read ${read.path}: lines ${read.from}-${read.to} of ${read.total}`;
function outcomeOf(entry: Extract<Entry, { type: "tool.returned" }>): string {
  const { detail } = entry;
  if (detail?.kind === "found") return `${detail.count} found`;
  if (detail?.kind === "refused") return "refused";
  return `${entry.ok ? "" : "failed: "}${firstLine(entry.text, 120)}`;
}
const firstLine = (text: string, most: number): string => {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > most ? `${line.slice(0, most - 1).toWellFormed()}…` : line;
};
