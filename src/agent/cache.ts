// What a server should still have in its cache of the request before, and where the two part: whose bytes made it read again.
import type { Entry, Usage } from "../core/events.ts";
import { note } from "../core/note.ts";
import type { Message, Model, Request } from "../models/model.ts";
import type { Sent, Session } from "./session.ts";
import { charactersOfMessage } from "./size.ts";

export interface Common {
  /** The share of the earlier request that the later one begins with: 0 to 1. */
  share: number;
  /** Where they part, null where the later one only goes on. */
  departs: Departure | null;
  /** Characters of the later request behind that which the server hasn't read or written itself. */
  fresh: number;
}
export interface Departure {
  /** "the system text", "the schema of read", "message 4". */
  whose: string;
  /** The message of the later request, null where it isn't one's. */
  message: Message | null;
  /** The first byte that differs, from the start of that part. */
  byte: number;
  was: string;
  is: string;
}

interface Part {
  whose: string;
  text: string;
  message: Message | null;
}
/** In the order in which templates put them: system text, tools, messages. */
function partsOf({ messages, tools }: Request): Part[] {
  const told = messages.map((message, at): Part => ({ whose: `message ${at}`, text: textOf(message), message }));
  const system = messages[0]?.role === "system" ? told.splice(0, 1).map((part) => ({ ...part, whose: "the system text" })) : [];
  return [...system, ...tools.map((tool) => ({ whose: `the schema of ${tool.name}`, text: JSON.stringify(tool), message: null })), ...told];
}
const textOf = (message: Message): string =>
  message.role === "assistant" && message.calls.length > 0 ? `assistant ${message.text}${JSON.stringify(message.calls)}` : `${message.role} ${message.text}`;

/** How much of `before` stands at the beginning of `now`. Pure. */
export function commonStart(before: Request, now: Request): Common {
  const old = partsOf(before);
  const fresh = partsOf(now);
  let same = 0;
  let departs: Departure | null = null;
  let grown = 0;
  let at = 0;
  for (; at < old.length && !departs; at++) {
    const was = (old[at] as Part).text;
    const is = fresh[at]?.text ?? "";
    const goesOn = at === old.length - 1 && is.startsWith(was);
    if (is === was || goesOn) {
      same += was.length;
      grown += is.length - was.length;
      continue;
    }
    const common = commonLength(was, is);
    same += common;
    departs = {
      whose: (fresh[at] ?? (old[at] as Part)).whose,
      message: fresh[at]?.message ?? null,
      byte: Buffer.byteLength(was.slice(0, common)),
      was: quoted(was, common),
      is: fresh[at] ? quoted(is, common) : "(gone)",
    };
  }
  const behind = departs ? fresh.slice(at - 1) : fresh.slice(at);
  const whole = old.reduce((sum, part) => sum + part.text.length, 0);
  return {
    share: whole === 0 ? 0 : same / whole,
    departs,
    // what it wrote itself it needn't read
    fresh: behind.reduce((sum, { message, text }) => sum + (message?.role === "assistant" ? 0 : message ? charactersOfMessage(message) : text.length), grown),
  };
}
function commonLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}
const quoted = (text: string, at: number): string => text.slice(Math.max(0, at - 12), at + 28);

/** Templates close an answer otherwise than it was written, and leave out what was thought: so many tokens, or this share, may be read again. */
const quirks = { tokens: 64, share: 0.1, guessedShare: 0.35 };
/** Prompts of so many tokens that are read anew at each turn cost the person real time. */
const longPrompt = 2_000;
const coldTurns = 3;
/** A reading of so many ms was a real one, whoever reckoned. */
const clearlyMs = 3_000;

/** After an answer: did the server reuse what the request before had left it? If not, the debug log says whose bytes it was; the person hears of it where it goes on. */
export function checkCache(session: Session, model: Model, before: Sent | null, common: Common | null, usage: Usage): void {
  const { promptTokens, cachedTokens } = usage;
  if (promptTokens === null || cachedTokens === null || !before || !common) return;
  const held = before.promptTokens ?? Math.floor(before.characters / session.perToken);
  const expected = Math.min(promptTokens, Math.floor(held * common.share));
  const fell = expected - cachedTokens > Math.max(quirks.tokens, expected * (usage.cachedGuess ? quirks.guessedShare : quirks.share));
  // what departs is worth a line even where the server made up for it
  if (!fell && !common.departs) {
    session.cold = 0;
    return;
  }
  const why = whyOf(session.log.entries, before, common, usage, before.model === model.id);
  const figures = { promptTokens, cachedTokens, expected: held, ...(usage.cachedGuess ? { guess: true } : {}) };
  note("agent", fell ? "the server reused less than it had read" : "the request departs from the one before", { ...figures, ...why }, why.meant ? "info" : "warn");
  const cold = fell && !common.departs && promptTokens >= longPrompt && cachedTokens < expected / 20 && (!usage.cachedGuess || (usage.promptMs ?? 0) > clearlyMs);
  session.cold = cold ? session.cold + 1 : 0;
  if (session.cold === coldTurns) sayCold(session, promptTokens);
}

interface Why {
  why: string;
  /** It was known beforehand. */
  meant: boolean;
  was?: string;
  is?: string;
}
function whyOf(entries: readonly Entry[], before: Sent, { departs }: Common, usage: Usage, sameModel: boolean): Why {
  if (!sameModel) return { why: "another model", meant: true };
  if (entries.some((entry) => entry.type === "compacted" && entry.seq > before.upTo)) return { why: "the history was shortened", meant: true };
  if (departs) return { why: `${departs.whose}${factOf(entries, departs.message)} differs from byte ${departs.byte}`, meant: false, was: departs.was, is: departs.is };
  const bytes = "the bytes were the same";
  if ((usage.loadMs ?? 0) > 500) return { why: `${bytes}: the model was loaded again, ${Math.round((usage.loadMs ?? 0) / 100) / 10} s`, meant: false };
  const idleS = Math.round(((entries.at(-1)?.at ?? before.at) - before.at) / 1000);
  return { why: `${bytes}: the server lost its cache, ${idleS} s after the request before (another client, another slot, or no room)`, meant: false };
}

/** ` (tool read, fact 33)`. */
function factOf(entries: readonly Entry[], message: Message | null): string {
  if (!message || message.role === "system") return "";
  const fact = entries.findLast((entry) => {
    if (message.role === "tool") return entry.type === "tool.returned" && entry.call === message.call;
    if (message.role === "user") return entry.type === "asked" && message.text.startsWith(entry.text);
    const [call] = message.calls;
    return call ? entry.type === "tool.called" && entry.call === call.id : entry.type === "said" && entry.text !== "" && message.text.startsWith(entry.text);
  });
  return ` (${message.role}${message.role === "tool" ? ` ${message.name}` : ""}${fact ? `, fact ${fact.seq}` : ""})`;
}

const coldSaid = "The model server reads the whole conversation anew at every turn";
/** Said once in a session. */
function sayCold(session: Session, promptTokens: number): void {
  if (session.log.entries.some((entry) => entry.type === "noted" && entry.text.startsWith(coldSaid))) return;
  session.append({
    type: "noted",
    level: "info",
    text: `${coldSaid} (about ${promptTokens} tokens), though nothing in it changed.`,
    hint: "Another program may be using the same server and taking the cache, or prompt caching is off there (llama-server: --no-cache-prompt; vLLM: --no-enable-prefix-caching).",
  });
}
