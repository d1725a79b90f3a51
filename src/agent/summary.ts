// The part of a compaction that has to be written: by the model, on the same head as everything else, or out of the log.
import type { Entry, Usage } from "../core/events.ts";
import { note } from "../core/note.ts";
import type { Message, Model, Request } from "../models/model.ts";
import { type Heard, listen } from "./listen.ts";
import { headTail } from "./pinned.ts";
import { headOf, messagesOf } from "./prompt.ts";
import summaryProse from "./prompts/summary.md";
import type { AgentNeeds, Session } from "./session.ts";
import { charactersOf, maxTokensFor, sizeOf } from "./size.ts";

export interface Summary {
  text: string;
  by: "model" | "log";
  usage?: Usage;
}
/** Shorter than this says nothing. */
const leastCharacters = 20;
/** An English word and the space behind it, in characters. */
const perWord = 7;

/**
 * A summary of at most `most` characters. The model is asked in series, after the history it has read already; where that doesn't fit, fails or
 * brings nothing, the log is listed. null: stopped by the person.
 */
export async function summarise(needs: AgentNeeds, session: Session, model: Model, most: number, signal: AbortSignal): Promise<Summary | null> {
  const request = requestFor(session, model, most);
  if (request) {
    const heard = await listen(needs, session, model, request, signal, { shown: false, thoughtMost: most * 4 });
    if (signal.aborted) return null;
    const text = heard.text.trim();
    if (isWhole(heard) && text.length >= leastCharacters) return { text: headTail(text, most), by: "model", usage: heard.end?.usage as Usage };
    note("agent", "no summary from the model", { fault: heard.fault?.kind, endless: heard.endless, characters: text.length }, "warn");
  }
  return { text: fromLog(session.log.entries, most), by: "log" };
}
const isWhole = (heard: Heard): boolean => heard.end !== null && heard.endless === null;

/** The history as it was sent, as far as it fits, and the question behind it; null where not even the last request would fit. */
function requestFor(session: Session, model: Model, most: number): Request | null {
  const entries = session.log.entries;
  const head = headOf(entries);
  const said = entries.findLast((entry) => entry.type === "said");
  if (!head || said?.type !== "said") return null;
  const unseen = (entry: Entry): boolean => entry.seq > said.upTo && (entry.type === "asked" || entry.type === "shelled" || entry.type === "reverted");
  const question = summaryProse.trim().replace("{{words}}", String(Math.max(50, Math.floor((most * 0.8) / perWord / 10) * 10)));
  for (const seen of [entries.filter((entry) => !unseen(entry)), entries.slice(0, said.upTo)]) {
    const request: Request = { tools: head.tools, messages: [{ role: "system", text: head.system }, ...withQuestion(messagesOf(seen), question)] };
    const size = sizeOf(session, model, request);
    if (size.used + most / session.perToken > size.window * 0.98) continue;
    const limit = maxTokensFor(model, size).maxTokens;
    return limit === undefined ? request : { ...request, maxTokens: limit };
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

/** One line for each thing that happened since the model last summed up, the newest kept where not all fit. */
export function fromLog(entries: readonly Entry[], most: number): string {
  const last = entries.findLast((entry) => entry.type === "compacted" && entry.by === "model");
  const earlier = last?.type === "compacted" ? headTail(last.summary, Math.floor(most / 2)) : null;
  const lines: string[] = [];
  const called = new Map<string, string>();
  let repeats = 1;
  const add = (line: string): void => {
    const previous = lines.at(-1);
    if (previous === (repeats > 1 ? `${line} (${repeats} times)` : line)) {
      lines[lines.length - 1] = `${line} (${++repeats} times)`;
      return;
    }
    repeats = 1;
    lines.push(line);
  };
  for (const entry of entries) {
    if (last?.type === "compacted" && entry.seq <= last.upTo) continue;
    switch (entry.type) {
      case "said":
        if (entry.text) add(`You said: ${firstLine(entry.text, 160)}`);
        break;
      case "tool.called":
        called.set(entry.call, `${entry.name} ${entry.about}`.trim());
        break;
      case "tool.returned":
        add(`${firstLine(called.get(entry.call) ?? "a call", 100)}: ${outcomeOf(entry)}`);
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
  let room = most - (earlier?.length ?? 0) - 60;
  const kept: string[] = [];
  for (const line of lines.toReversed()) {
    room -= line.length + 1;
    if (room < 0) break;
    kept.unshift(line);
  }
  const missing = lines.length - kept.length;
  return [...(earlier === null ? [] : [earlier]), "What happened, by the log:", ...(missing > 0 ? [`[${missing} earlier steps]`] : []), ...kept].join("\n");
}

function outcomeOf(entry: Extract<Entry, { type: "tool.returned" }>): string {
  const { detail } = entry;
  if (detail?.kind === "read") return `read lines ${detail.from}-${detail.to} of ${detail.total}`;
  if (detail?.kind === "found") return `${detail.count} found`;
  if (detail?.kind === "refused") return "refused";
  return `${entry.ok ? "" : "failed: "}${firstLine(entry.text, 120)}`;
}
const firstLine = (text: string, most: number): string => {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > most ? `${line.slice(0, most - 1).toWellFormed()}…` : line;
};
