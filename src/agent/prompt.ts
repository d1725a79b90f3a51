// What the model is sent, as a fold of the log: append-only between compactions, so that request N+1 begins with the bytes of request N.
//
//   asked ─┐ (waits for the next request)            said.upTo tells which asks a request had already seen:
//   said ──┼─> user, assistant, tool results ...     later ones come after its answer and its results
//   compacted ─> one user message (what is pinned, the summary) in place of all up to its upTo
import type { CallId, Entry, Seq } from "../core/events.ts";
import type { CallOut, Message, Request, ToolSpec } from "../models/model.ts";
import { headTail, pinnedText } from "./pinned.ts";

type Answer = { text: string; calls: CallOut[]; results: Map<CallId, string> };

/** A call that never got its result (the process died): what the model is told instead. */
export const lostResult = "No result: Aura was interrupted while this ran. Check what it did before you repeat it.";
const noAnswer = "(no answer)";
const stopped = "(stopped by the person)";

/** The whole conversation for the next request. Pure; equal entries give equal messages. */
export function messagesOf(entries: readonly Entry[]): Message[] {
  const out: Message[] = [];
  let waiting: { seq: Seq; text: string }[] = [];
  let open: Answer | null = null;
  const at = entries.findLastIndex((entry) => entry.type === "compacted");
  const compacted = entries[at]?.type === "compacted" ? entries[at] : null;
  if (compacted) waiting.push({ seq: 0, text: pinnedText(entries.slice(0, at), compacted) });

  const closeAnswer = (): void => {
    if (!open) return;
    out.push({ role: "assistant", text: open.text, calls: open.calls });
    for (const call of open.calls) out.push({ role: "tool", call: call.id, name: call.name, text: open.results.get(call.id as CallId) ?? lostResult });
    open = null;
  };
  const flushAsks = (upTo: Seq): void => {
    const due = waiting.filter((ask) => ask.seq <= upTo);
    if (due.length === 0) return;
    waiting = waiting.filter((ask) => ask.seq > upTo);
    out.push({ role: "user", text: due.map((ask) => ask.text).join("\n\n") });
  };

  for (const entry of entries) {
    if (compacted && entry.seq <= compacted.upTo) continue;
    switch (entry.type) {
      case "asked":
        waiting.push({ seq: entry.seq, text: entry.text });
        break;
      case "shelled":
        waiting.push({ seq: entry.seq, text: `I ran \`${entry.command}\` myself. Its output:\n${entry.text}` });
        break;
      case "reverted":
        if (entry.paths.length > 0) waiting.push({ seq: entry.seq, text: `I took back the changes of your last run to: ${entry.paths.join(", ")}.` });
        break;
      case "said":
        closeAnswer();
        flushAsks(entry.upTo);
        open = { text: entry.end === "stopped" ? `${entry.text}\n${stopped}`.trim() : entry.text, calls: [], results: new Map() };
        break;
      case "tool.called":
        open?.calls.push({ id: entry.call, name: entry.name, args: entry.args });
        break;
      case "tool.returned":
        open?.results.set(entry.call, compacted && compacted.trim !== null && entry.seq < compacted.seq ? headTail(entry.text, compacted.trim) : entry.text);
        break;
      case "ended":
        closeAnswer();
        flushAsks(entry.seq);
        // two user messages in a row are refused by some chat templates, and joining them would change sent bytes
        if (out.at(-1)?.role === "user" || out.at(-1)?.role === "tool") out.push({ role: "assistant", text: noAnswer, calls: [] });
        break;
      default:
        break;
    }
  }
  closeAnswer();
  flushAsks(Number.POSITIVE_INFINITY);
  return out;
}

/** What every request begins with; `format` as in a request. */
export interface Beginning {
  system: string;
  tools: ToolSpec[];
  format?: "text";
}
/** The head of every request as the log has it; null before the first one. */
export function headOf(entries: readonly Entry[]): Beginning | null {
  const primed = entries.findLast((entry) => entry.type === "primed");
  if (primed?.type !== "primed") return null;
  return { system: primed.system, tools: primed.tools as ToolSpec[], ...(primed.profile === "nano" ? { format: "text" } : {}) };
}
export const requestWith = ({ system, ...rest }: Beginning, messages: readonly Message[]): Request => ({ ...rest, messages: [{ role: "system", text: system }, ...messages] });

/** The newest fact of an answer: what comes behind it waits for the next request. */
export const lastSpoken = (entries: readonly Entry[]): Seq =>
  entries.findLast((entry) => entry.type === "said" || entry.type === "tool.called" || entry.type === "tool.returned")?.seq ?? 0;

/** Are there asks that no request has seen yet? */
export function hasUnseenAsk(entries: readonly Entry[]): boolean {
  let upTo = 0;
  for (const entry of entries) if (entry.type === "said") upTo = entry.upTo;
  return entries.some((entry) => entry.type === "asked" && entry.seq > upTo);
}

/** Calls of the newest answer that have no result yet, in order. */
export function openCalls(entries: readonly Entry[]): Extract<Entry, { type: "tool.called" }>[] {
  const returned = new Set<CallId>();
  for (const entry of entries) if (entry.type === "tool.returned") returned.add(entry.call);
  return entries.filter((entry) => entry.type === "tool.called" && !returned.has(entry.call)) as Extract<Entry, { type: "tool.called" }>[];
}
