// Counting a prompt's tokens by the server's own tokenizer, through whichever of its doors it has.
import * as z from "zod/mini";
import { toJson } from "./chat.ts";
import type { Model, Request } from "./model.ts";
import { type Asking, ask } from "./wire-ask.ts";
import { promptOut } from "./wire-openai.ts";

/** Where to ask: the server's root, and the model's name there. */
export interface Counted {
  root: string;
  name: string;
  key?: string;
}
/** Tokens, null = it can't tell just now, "absent" = the server has no such door. */
type Door = (counted: Counted, request: Request, signal: AbortSignal) => Promise<number | null | "absent">;

/** Asks the first door that is there; one that isn't is asked once. Never throws. */
export function openCount(counted: Counted, doors: readonly Door[]): NonNullable<Model["count"]> {
  let left = [...doors];
  return async (request, signal) => {
    for (const door of left) {
      const count = await door(counted, request, signal).catch(() => null);
      if (count !== "absent") return count;
      left = left.filter((one) => one !== door);
    }
    return null;
  };
}

async function through<T>(path: string, body: unknown, shape: z.ZodMiniType<T>, { root, key }: Counted, signal: AbortSignal): Promise<T | null | "absent"> {
  const asking: Asking = { signal, json: toJson(body), ...(key === undefined ? {} : { key }) };
  let refused: number | null = null;
  const answer = await ask(root, path, shape, asking, (status) => {
    refused = status;
  });
  if (answer !== null) return answer;
  // an answer of another shape is another program's
  return refused === null || [404, 405, 501].includes(refused) ? "absent" : null;
}

const inputTokens = z.object({ input_tokens: z.number() });
/** llama.cpp: the chat request as it is, counted. */
export const countInput: Door = async (counted, request, signal) => {
  const answer = await through("/v1/chat/completions/input_tokens", { model: counted.name, ...promptOut(request) }, inputTokens, counted, signal);
  return typeof answer === "object" && answer !== null ? answer.input_tokens : answer;
};

const prompted = z.object({ prompt: z.string() });
const tokenized = z.object({ tokens: z.array(z.unknown()) });
/** Older llama.cpp: the template applied, then its text taken apart, special tokens as such. */
export const countTemplate: Door = async (counted, request, signal) => {
  const text = await through("/apply-template", { model: counted.name, ...promptOut(request) }, prompted, counted, signal);
  if (text === null || text === "absent") return text;
  const answer = await through("/tokenize", { model: counted.name, content: text.prompt, add_special: true, parse_special: true }, tokenized, counted, signal);
  return typeof answer === "object" && answer !== null ? answer.tokens.length : answer;
};

const counts = z.object({ count: z.number() });
/** vLLM. */
export const countMessages: Door = async (counted, request, signal) => {
  const answer = await through("/tokenize", { model: counted.name, ...promptOut(request), add_generation_prompt: true }, counts, counted, signal);
  return typeof answer === "object" && answer !== null ? answer.count : answer;
};
