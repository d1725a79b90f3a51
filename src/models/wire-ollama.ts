// Ollama's own chat API: requests out of messages, pieces out of its lines of JSON.
import * as z from "zod/mini";
import type { Usage } from "../core/events.ts";
import { callPieces, type RawCall, toJson } from "./chat.ts";
import { faultOfText, garbled, type Place } from "./faults.ts";
import { type Message, noUsage, type Piece, type Request } from "./model.ts";
import { callSchema } from "./textcalls.ts";
import { toolOut } from "./wire-openai.ts";

export interface Settings {
  model: string;
  /** Sent unchanged with every request of a session: any other value would make the server load the model again. */
  numCtx: number;
  /** The model can think; a model that can't refuses the word. */
  thinks: boolean;
  /** It thinks more or less, never not at all, and by default in between: gpt-oss. */
  levels?: boolean;
}

/**
 * The request's body: what stays the same, then tools, then messages in order, so that a longer conversation's body begins with the shorter one's.
 * Nothing may be dropped or shifted out of the context behind the user's back. Thoughts are not sent back.
 */
export function ollamaBody(settings: Settings, request: Request): string {
  const options = {
    num_ctx: settings.numCtx,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.maxTokens === undefined ? {} : { num_predict: request.maxTokens }),
  };
  return toJson({
    model: settings.model,
    stream: true,
    truncate: false,
    shift: false,
    keep_alive: "30m",
    ...thinkOut(settings, request),
    ...formatOut(request),
    options,
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toolOut) }),
    messages: request.messages.map(messageOut),
  });
}

function thinkOut({ thinks, levels }: Settings, { think }: Request): { think?: boolean | "low" } {
  if (!thinks) return {};
  if (levels) return think === false ? { think: "low" } : {};
  return { think: think !== false };
}

/**
 * This API has no choice of tools: a call is forced by the form of the text, one of the tools' names with its arguments, which the call parser reads. The
 * tools stay in the request, so that the prompt keeps its bytes. A model that thinks does that first, and one that then calls in its own way may.
 */
function formatOut({ schema, force, tools }: Request): { format?: unknown } {
  if (schema) return { format: schema };
  if (force !== "call" || tools.length === 0) return {};
  return { format: callSchema(tools) };
}

function messageOut(message: Message): unknown {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.text };
    case "assistant": {
      const calls = message.calls.map((call) => ({ id: call.id, function: { name: call.name, arguments: call.args ?? {} } }));
      return { role: "assistant", content: message.text, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
    }
    case "tool":
      return { role: "tool", content: message.text, tool_name: message.name, tool_call_id: message.call };
  }
}

const text = z.catch(z.nullish(z.string()), undefined);
const count = z.catch(z.nullish(z.number()), undefined);
const lineShape = z.object({
  message: z.catch(
    z.nullish(
      z.object({
        content: text,
        thinking: text,
        tool_calls: z.catch(z.nullish(z.array(z.object({ id: text, function: z.object({ name: text, arguments: z.optional(z.unknown()) }) }))), undefined),
      }),
    ),
    undefined,
  ),
  done: z.catch(z.nullish(z.boolean()), undefined),
  done_reason: text,
  error: z.optional(z.unknown()),
  load_duration: count,
  prompt_eval_count: count,
  prompt_eval_duration: count,
  eval_count: count,
  eval_duration: count,
});

/** Pieces out of the answer's lines. Calls may stand in any line, the last one included. Returns without `end` when cut. */
export async function* readOllama(place: Place, messages: Message[], lines: AsyncIterable<string>): AsyncGenerator<Piece> {
  const calls: RawCall[] = [];
  for await (const line of lines) {
    if (line.trim() === "") continue;
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      yield { type: "fault", fault: garbled(place, "a line that isn't JSON") };
      return;
    }
    const parsed = lineShape.safeParse(json);
    if (!parsed.success) {
      yield { type: "fault", fault: garbled(place, "a line that isn't an object") };
      return;
    }
    const { message, error, done, done_reason } = parsed.data;
    if (error !== undefined && error !== null) {
      yield { type: "fault", fault: faultOfText(place, null, line) };
      return;
    }
    if (message?.thinking) yield { type: "thought", delta: message.thinking };
    if (message?.content) yield { type: "text", delta: message.content };
    for (const call of message?.tool_calls ?? []) {
      const name = call.function.name ?? "";
      calls.push({ id: call.id ?? "", name, args: call.function.arguments });
      yield { type: "call.delta", name, chars: JSON.stringify(call.function.arguments ?? "").length };
    }
    if (!done) continue;
    yield* callPieces(calls, messages);
    // calls come whole or not at all here: those that came are good even when the limit cut what followed
    yield { type: "end", end: calls.length > 0 ? "calls" : done_reason === "length" ? "length" : "stop", usage: usageOf(parsed.data) };
    return;
  }
}

const ms = (nanoseconds: number | null | undefined): number | null => (nanoseconds == null ? null : Math.round(nanoseconds / 1e5) / 10);
function usageOf(line: z.infer<typeof lineShape>): Usage {
  return {
    ...noUsage,
    promptTokens: line.prompt_eval_count ?? null,
    outputTokens: line.eval_count ?? null,
    promptMs: ms(line.prompt_eval_duration),
    outputMs: ms(line.eval_duration),
    loadMs: ms(line.load_duration),
  };
}
