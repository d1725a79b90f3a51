// A script in place of a model: what it answers, step by step, and how an answer looks on Ollama's wire and on the OpenAI one.

export interface ScriptedCall {
  name: string;
  args: Record<string, unknown>;
  id?: string;
  /** Sent instead of `args`, as it is: for arguments that aren't JSON. */
  rawArgs?: string;
}
/** One answer. Absent parts are left out; thoughts come first, then text, then calls, unless `parts` gives another order. */
export interface Step {
  think?: string;
  say?: string;
  calls?: ScriptedCall[];
  parts?: ({ think: string } | { say: string } | { call: ScriptedCall })[];
  /** Before the first byte. */
  delayMs?: number;
  /** Pieces per second; absent = the server's own rate. */
  rate?: number;
  end?: "stop" | "length";
  trouble?: Trouble;
}
/** What goes wrong with an answer. */
export type Trouble =
  | { is: "status"; status: number; text: string } // instead of the answer
  | { is: "reset" } // the connection is closed before the first byte
  | { is: "hang" } // nothing comes until the client goes
  | { is: "cut"; after: number; how: "socket" | "end" } // after so many pieces the connection breaks, or the stream ends without its end
  | { is: "error"; after: number; text: string } // after so many pieces an error comes in the stream
  | { is: "bytes"; size: number } // the answer comes in chunks of so many bytes, whatever they split
  | { is: "hold"; after: number; reached(): void; gate: Promise<void> }; // after so many pieces it waits for the gate

/** A chat request, as the script sees it. */
export interface Asked {
  wire: "ollama" | "openai";
  body: Record<string, unknown>;
  /** The body as it came. */
  json: string;
  messages: { role: string; text: string }[];
  tools: string[];
  /** Answers of the model so far: the next step's number, however often a request is repeated. */
  turn: number;
  /** Tool results since the last message of the user. */
  results: number;
  /** Nobody wants an answer: the model is to be loaded, or the prompt to be read. */
  warm: boolean;
}
export type Script = readonly Step[] | ((asked: Asked) => Step | Promise<Step>);

type Json = Record<string, unknown>;
const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const records = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const words = (value: unknown): string =>
  typeof value === "string"
    ? value
    : records(value)
        .map((part) => words(part.text))
        .join("");

/** The request's body in the script's terms; null if it isn't a JSON object. */
export function readAsked(wire: Asked["wire"], json: string): Asked | null {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    return null;
  }
  if (!isRecord(body)) return null;
  const messages = records(body.messages).map((message) => ({ role: words(message.role), text: words(message.content) }));
  const lastUser = messages.findLastIndex((message) => message.role === "user");
  return {
    wire,
    body,
    json,
    messages,
    tools: records(body.tools).map((tool) => words(isRecord(tool.function) ? tool.function.name : "")),
    turn: messages.filter((message) => message.role === "assistant").length,
    results: messages.slice(lastUser + 1).filter((message) => message.role === "tool").length,
    warm: messages.length === 0 || mostOf(body) <= 1,
  };
}
/** Tokens the answer may have. */
function mostOf(body: Json): number {
  const limits = [body.n_predict, body.max_tokens, body.max_completion_tokens, isRecord(body.options) ? body.options.num_predict : undefined];
  return Math.min(...limits.map((limit) => (typeof limit === "number" && limit >= 0 ? limit : Number.POSITIVE_INFINITY)));
}

/** The step a script has for a request; the last one of a list repeats. */
export async function stepFor(script: Script, asked: Asked): Promise<Step> {
  if (typeof script === "function") return script(asked);
  return script[Math.min(asked.turn, script.length - 1)] ?? { say: "The script is empty." };
}

/** Tokens of a prompt that an earlier one had already, and those that were read; how long that took, null = no time at all. */
export interface Read {
  cached: number;
  fresh: number;
  ms: number | null;
}
/** How the scripted model presents itself and counts. */
export interface Voice {
  model: string;
  /** Where Ollama puts calls: `rendered` in lines of their own, `native` into the last line. */
  calls: "rendered" | "native";
  /** Makes ids: `call_` and eight letters, or whatever a test wants. */
  id(): string;
  /** How the prompt was read. */
  read: Read;
  created: Date;
}

/** About four characters make a token, here as everywhere. */
export const tokens = (text: string): number => Math.ceil(text.length / 4);
const partsOf = (step: Step): NonNullable<Step["parts"]> =>
  step.parts ?? [...(step.think ? [{ think: step.think }] : []), ...(step.say ? [{ say: step.say }] : []), ...(step.calls ?? []).map((call) => ({ call }))];
/** Text as a model streams it: words with the white space behind them. */
const pieces = (text: string): string[] => text.match(/\s*\S+\s*|\s+/g) ?? [];
const countOf = (step: Step): number =>
  partsOf(step).reduce((sum, part) => sum + tokens("think" in part ? part.think : "say" in part ? part.say : part.call.name + JSON.stringify(part.call.args)), 0);

/** Go's JSON: `<`, `>` and `&` are escaped. */
const goJson = (value: unknown): string => JSON.stringify(value).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);

/** The answer as lines of Ollama's /api/chat: everything but the last is a piece. */
export function ollamaLines(step: Step, asked: Asked, voice: Voice): string[] {
  const base = { model: voice.model, created_at: voice.created.toISOString() };
  const line = (message: Json, rest: Json = { done: false }): string => `${goJson({ ...base, message: { role: "assistant", content: "", ...message }, ...rest })}\n`;
  const lines: string[] = [];
  const late: Json[] = [];
  let index = 0;
  for (const part of partsOf(step)) {
    if ("think" in part) lines.push(...pieces(part.think).map((thinking) => line({ thinking })));
    else if ("say" in part) lines.push(...pieces(part.say).map((content) => line({ content })));
    else if (part.call.rawArgs !== undefined) {
      lines.push(`${goJson({ error: `error parsing tool call: raw='${part.call.rawArgs}', err=invalid character` })}\n`);
      return lines;
    } else {
      const call = { id: part.call.id ?? voice.id(), function: { index: index++, name: part.call.name, arguments: part.call.args } };
      if (voice.calls === "native") late.push(call);
      else lines.push(line({ tool_calls: [call] }));
    }
  }
  const [read, wrote] = [tokens(asked.json), countOf(step)];
  const figures = {
    total_duration: 4e6 + wrote * 1e6,
    load_duration: 1_000_000,
    prompt_eval_count: read,
    prompt_eval_duration: Math.round((voice.read.ms ?? 3) * 1e6),
    eval_count: wrote,
    eval_duration: Math.round((wrote * 1e9) / (step.rate || 1_000)),
  };
  lines.push(line(late.length > 0 ? { tool_calls: late } : {}, { done: true, done_reason: step.end ?? "stop", ...figures }));
  return lines;
}

/** The answer as events of /v1/chat/completions: everything but the last (which says why it ended, what was used, and `[DONE]`) is a piece. */
export function openaiEvents(step: Step, asked: Asked, voice: Voice): string[] {
  const base = { id: `chatcmpl-${voice.created.getTime()}`, object: "chat.completion.chunk", created: Math.floor(voice.created.getTime() / 1000), model: voice.model };
  const event = (rest: Json): string => `data: ${JSON.stringify({ ...base, ...rest })}\n\n`;
  const piece = (delta: Json, finish_reason: string | null = null): string => event({ choices: [{ index: 0, delta, finish_reason }] });
  const events = [piece({ role: "assistant", content: null })];
  let index = 0;
  for (const part of partsOf(step)) {
    if ("think" in part) events.push(...pieces(part.think).map((reasoning_content) => piece({ reasoning_content })));
    else if ("say" in part) events.push(...pieces(part.say).map((content) => piece({ content })));
    else {
      const { id = voice.id(), name, args, rawArgs = JSON.stringify(args) } = part.call;
      events.push(piece({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }));
      for (const bit of rawArgs.match(/[\s\S]{1,12}/g) ?? []) events.push(piece({ tool_calls: [{ index, function: { arguments: bit } }] }));
      index++;
    }
  }
  const finish = piece({}, step.end === "length" ? "length" : index > 0 ? "tool_calls" : "stop");
  const wantsUsage = isRecord(asked.body.stream_options) && asked.body.stream_options.include_usage === true;
  const used = wantsUsage ? event({ choices: [], usage: usageOf(step, asked, voice), ...timingsOf(step, voice) }) : "";
  events.push(`${finish}${used}data: [DONE]\n\n`);
  return events;
}
function usageOf(step: Step, asked: Asked, voice: Voice): Json {
  const [read, wrote] = [tokens(asked.json), countOf(step)];
  return { prompt_tokens: read, completion_tokens: wrote, total_tokens: read + wrote, prompt_tokens_details: { cached_tokens: voice.read.cached } };
}
function timingsOf(step: Step, { read }: Voice): Json {
  const wrote = countOf(step);
  return read.ms === null ? {} : { timings: { cache_n: read.cached, prompt_n: read.fresh, prompt_ms: read.ms, predicted_n: wrote, predicted_ms: wrote } };
}

/** The answer in one piece, for `stream: false`. */
export function wholeAnswer(step: Step, asked: Asked, voice: Voice): string {
  const of = (kind: "think" | "say"): string =>
    partsOf(step)
      .flatMap((part) => (kind in part ? Object.values(part) : []))
      .join("");
  const calls = partsOf(step).flatMap((part) => ("call" in part ? [part.call] : []));
  if (asked.wire === "ollama") {
    const tool_calls = calls.map(({ id = voice.id(), name, args }, index) => ({ id, function: { index, name, arguments: args } }));
    const last = JSON.parse(ollamaLines({ ...(step.end ? { end: step.end } : {}) }, asked, voice).at(-1) ?? "{}") as Json;
    return goJson({ ...last, message: { role: "assistant", content: of("say"), ...(of("think") ? { thinking: of("think") } : {}), ...(calls.length > 0 ? { tool_calls } : {}) } });
  }
  const tool_calls = calls.map(({ id = voice.id(), name, args, rawArgs = JSON.stringify(args) }) => ({ id, type: "function", function: { name, arguments: rawArgs } }));
  const message = { role: "assistant", content: of("say"), ...(of("think") ? { reasoning_content: of("think") } : {}), ...(calls.length > 0 ? { tool_calls } : {}) };
  const finish_reason = step.end === "length" ? "length" : calls.length > 0 ? "tool_calls" : "stop";
  return JSON.stringify({ id: "chatcmpl-0", object: "chat.completion", model: voice.model, choices: [{ index: 0, finish_reason, message }], usage: usageOf(step, asked, voice) });
}
