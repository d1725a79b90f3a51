// The OpenAI chat API as local servers speak it: requests out of messages, pieces out of streamed chunks.
import * as z from "zod/mini";
import type { Usage } from "../core/events.ts";
import { callPieces, type RawCall, toJson } from "./chat.ts";
import { faultOfText, garbled, type Place } from "./faults.ts";
import { type Message, noUsage, type Piece, type Request, type ToolSpec } from "./model.ts";
import { readEvents } from "./sse.ts";

/**
 * The request's body. What stays the same comes first, then tools, then messages in order, so that a longer conversation's body begins with the
 * shorter one's. Thoughts are not sent back.
 */
export function openaiBody(model: string, request: Request, extra: Record<string, unknown>): string {
  return toJson({
    model,
    stream: true,
    stream_options: { include_usage: true },
    ...extra,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.maxTokens === undefined ? {} : { max_tokens: request.maxTokens }),
    ...promptOut(request),
  });
}
/** What becomes the prompt. */
export const promptOut = ({ tools, messages }: Request): Record<string, unknown> => ({
  ...(tools.length === 0 ? {} : { tools: tools.map(toolOut) }),
  messages: messages.map(messageOut),
});
/**
 * What a request asks beyond its words. A schema only without tools: with both, some servers refuse, and others lose the calls. `noThoughts`: how this
 * server is told to leave them out.
 */
export function beyondWords({ force, schema, think, tools }: Request, noThoughts: Record<string, unknown>): Record<string, unknown> {
  return {
    ...(force === "call" && tools.length > 0 ? { tool_choice: "required" } : {}),
    ...(schema && tools.length === 0 ? { response_format: { type: "json_schema", json_schema: { name: "answer", strict: true, schema } } } : {}),
    ...(think === false ? noThoughts : {}),
  };
}
export const toolOut = (tool: ToolSpec): unknown => ({ type: "function", function: { name: tool.name, description: tool.description, parameters: tool.parameters } });

function messageOut(message: Message): unknown {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.text };
    case "assistant": {
      const calls = message.calls.map((call) => ({ id: call.id, type: "function", function: { name: call.name, arguments: toJson(call.args ?? {}) } }));
      return { role: "assistant", content: message.text, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
    }
    case "tool":
      return { role: "tool", tool_call_id: message.call, content: message.text };
  }
}

// Every field may be missing or odd: a local server's small sins must not end a session.
const text = z.catch(z.nullish(z.string()), undefined);
const count = z.catch(z.nullish(z.number()), undefined);
const callDelta = z.object({
  index: count,
  id: text,
  function: z.catch(z.optional(z.object({ name: text, arguments: z.optional(z.unknown()) })), undefined),
});
const delta = z.catch(
  z.nullish(z.object({ content: z.optional(z.unknown()), reasoning_content: text, reasoning: text, tool_calls: z.catch(z.nullish(z.array(callDelta)), undefined) })),
  undefined,
);
const chunkShape = z.object({
  choices: z.catch(z.nullish(z.array(z.object({ delta, message: delta, finish_reason: text }))), undefined),
  usage: z.catch(
    z.nullish(z.object({ prompt_tokens: count, completion_tokens: count, prompt_tokens_details: z.catch(z.nullish(z.object({ cached_tokens: count })), undefined) })),
    undefined,
  ),
  timings: z.catch(z.nullish(z.object({ cache_n: count, prompt_n: count, prompt_ms: count, predicted_n: count, predicted_ms: count })), undefined),
  prompt_progress: z.catch(z.nullish(z.object({ total: z.number(), cache: z.number(), processed: z.number(), time_ms: z.number() })), undefined),
  error: z.optional(z.unknown()),
});
type Chunk = z.infer<typeof chunkShape>;

/** Pieces out of the answer's lines: server-sent events, or one JSON object from a server that doesn't stream. Returns without `end` when cut. */
export async function* readOpenai(place: Place, messages: Message[], lines: AsyncIterable<string>): AsyncGenerator<Piece> {
  const calls: RawCall[] = [];
  const state: Reading = { calls, slots: new Map(), finish: null, usage: undefined, timings: undefined };
  let done = false;
  for await (const event of readEvents(unstreamed(lines))) {
    if (event.data.trim() === "[DONE]") {
      done = true;
      break;
    }
    let json: unknown;
    try {
      json = JSON.parse(event.data);
    } catch {
      yield { type: "fault", fault: event.name === "error" ? faultOfText(place, null, event.data) : garbled(place, "an event that isn't JSON") };
      return;
    }
    const parsed = chunkShape.safeParse(json);
    if (event.name === "error" || !parsed.success || (parsed.data.error !== undefined && parsed.data.error !== null)) {
      const known = event.name === "error" || parsed.success;
      yield { type: "fault", fault: known ? faultOfText(place, codeOf(json), event.data) : garbled(place, "an event that isn't an object") };
      return;
    }
    yield* readChunk(parsed.data, state);
  }
  if (!done && state.finish === null) return;
  yield* lastPieces(state, messages);
}

interface Reading {
  calls: RawCall[];
  /** The server's index -> the call it is writing there. */
  slots: Map<number, RawCall>;
  finish: string | null;
  usage: Chunk["usage"];
  timings: Chunk["timings"];
}

function* readChunk(chunk: Chunk, state: Reading): Generator<Piece> {
  if (chunk.usage) state.usage = chunk.usage;
  if (chunk.timings) state.timings = chunk.timings;
  if (chunk.prompt_progress) yield readingOf(chunk.prompt_progress);
  const choice = chunk.choices?.[0];
  const news = choice?.delta ?? choice?.message;
  const thought = news?.reasoning_content ?? news?.reasoning;
  if (thought) yield { type: "thought", delta: thought };
  const said = contentText(news?.content);
  if (said !== "") yield { type: "text", delta: said };
  for (const part of news?.tool_calls ?? []) {
    const call = slotOf(part, state);
    if (part.id && call.id === "") call.id = part.id;
    if (part.function?.name && call.name === "") call.name = part.function.name;
    const args = part.function?.arguments;
    if (typeof args === "string") call.args = typeof call.args === "string" ? call.args + args : args;
    else if (args !== undefined && args !== null) call.args = args;
    yield { type: "call.delta", name: call.name, chars: typeof call.args === "string" ? call.args.length : 0 };
  }
  if (choice?.finish_reason) state.finish = choice.finish_reason;
}

/** Servers disagree: an index per call, none at all, or 0 for every call with a new id each time. */
function slotOf(part: z.infer<typeof callDelta>, state: Reading): RawCall {
  const last = state.calls.at(-1);
  const index = part.index ?? (last === undefined || (part.id && part.id !== last.id) ? state.calls.length : state.calls.length - 1);
  const known = state.slots.get(index);
  const another = known !== undefined && part.id && known.id !== "" && part.id !== known.id && part.function?.name;
  if (known && !another) return known;
  const call: RawCall = { id: "", name: "", args: "" };
  state.calls.push(call);
  state.slots.set(index, call);
  return call;
}

function* lastPieces(state: Reading, messages: Message[]): Generator<Piece> {
  const usage = usageOf(state);
  // a call cut by the token limit must never be stored: with it in the history every later request may fail
  if (state.finish === "length") {
    yield { type: "end", end: "length", usage };
    return;
  }
  yield* callPieces(state.calls, messages);
  yield { type: "end", end: state.calls.length > 0 ? "calls" : "stop", usage };
}

function usageOf({ usage, timings }: Reading): Usage {
  const prompt = timings?.prompt_n == null ? null : timings.prompt_n + (timings.cache_n ?? 0);
  return {
    ...noUsage,
    promptTokens: usage?.prompt_tokens ?? prompt,
    cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? timings?.cache_n ?? null,
    outputTokens: usage?.completion_tokens ?? timings?.predicted_n ?? null,
    promptMs: timings?.prompt_ms ?? null,
    outputMs: timings?.predicted_ms ?? null,
  };
}

function readingOf({ total, cache, processed, time_ms }: NonNullable<Chunk["prompt_progress"]>): Piece {
  const part = total > 0 ? Math.min(1, processed / total) : 1;
  const fresh = processed - cache;
  if (fresh <= 0 || time_ms <= 0) return { type: "progress", what: "reading", part };
  return { type: "progress", what: "reading", part, leftMs: Math.round(((total - processed) * time_ms) / fresh) };
}

const parts = z.array(z.object({ text: z.optional(z.string()) }));
function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  const list = parts.safeParse(content);
  return list.success ? list.data.map((part) => part.text ?? "").join("") : "";
}

const coded = z.object({ error: z.object({ code: z.number() }) });
function codeOf(json: unknown): number | null {
  const parsed = coded.safeParse(json);
  return parsed.success ? parsed.data.error.code : null;
}

/** A body that is one JSON object instead of events becomes one event and its end. */
async function* unstreamed(lines: AsyncIterable<string>): AsyncGenerator<string> {
  const whole: string[] = [];
  let streamed: boolean | null = null;
  for await (const line of lines) {
    if (streamed === null && line.trim() !== "") streamed = !line.trimStart().startsWith("{");
    if (streamed === false) whole.push(line);
    else yield line;
  }
  if (streamed === false) yield* [`data: ${whole.join("")}`, "", "data: [DONE]", ""];
}
