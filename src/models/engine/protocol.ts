// What Aura and its engine's process say to each other: one JSON object a line, requests down its stdin, answers up a pipe of their own.
//
//   load ──> loading* ──> ready | failed          one model for the process's life
//   ask ───> reading* ──> text* ──> ended | wrong   in order, one at a time
//   ask to count ───────> counted | wrong
//   stop ──> the asked-for request ends as `stopped`, or never begins
import * as z from "zod/mini";

const call = z.object({ id: z.string(), name: z.string(), args: z.unknown() });
const message = z.discriminatedUnion("role", [
  z.object({ role: z.literal("system"), text: z.string() }),
  z.object({ role: z.literal("user"), text: z.string() }),
  z.object({ role: z.literal("assistant"), text: z.string(), thought: z.exactOptional(z.string()), calls: z.array(call) }),
  z.object({ role: z.literal("tool"), call: z.string(), name: z.string(), text: z.string() }),
]);
const record = z.record(z.string(), z.unknown());
const request = z.object({
  messages: z.array(message),
  tools: z.array(z.object({ name: z.string(), description: z.string(), parameters: record })),
  maxTokens: z.exactOptional(z.number()),
  temperature: z.exactOptional(z.number()),
  force: z.exactOptional(z.literal("call")),
  think: z.exactOptional(z.literal(false)),
  schema: z.exactOptional(record),
});
/** A request as `asText` leaves it. */
export type EngineRequest = z.infer<typeof request>;

const load = z.object({
  type: z.literal("load"),
  /** The model's file. */
  path: z.string(),
  /** The folder that has node-llama-cpp in its node_modules. */
  engine: z.string(),
  /** Tokens. */
  context: z.number(),
  /** Keep the whole context in every layer, also where the model looks only at a window: any prefix can be used again. */
  wholeCache: z.boolean(),
});
export type Load = z.infer<typeof load>;
export const toEngine = z.discriminatedUnion("type", [
  load,
  z.object({ type: z.literal("ask"), id: z.number(), what: z.enum(["answer", "warm", "count"]), request }),
  z.object({ type: z.literal("stop"), id: z.number() }),
]);
export type ToEngine = z.infer<typeof toEngine>;

const id = z.number();
export const fromEngine = z.discriminatedUnion("type", [
  z.object({ type: z.literal("loading"), part: z.number() }),
  z.object({ type: z.literal("ready"), context: z.number(), gpu: z.nullable(z.string()), loadMs: z.number() }),
  z.object({ type: z.literal("failed"), message: z.string() }),
  z.object({ type: z.literal("reading"), id, part: z.number(), leftMs: z.nullable(z.number()) }),
  z.object({ type: z.literal("text"), id, delta: z.string() }),
  z.object({
    type: z.literal("ended"),
    id,
    why: z.enum(["stop", "length", "stopped"]),
    promptTokens: z.number(),
    cachedTokens: z.number(),
    outputTokens: z.number(),
    promptMs: z.number(),
    outputMs: z.number(),
  }),
  z.object({ type: z.literal("counted"), id, tokens: z.number() }),
  z.object({ type: z.literal("wrong"), id, why: z.enum(["overflow", "broken", "rejected"]), message: z.string() }),
  z.object({ type: z.literal("note"), what: z.string(), fields: record }),
]);
export type FromEngine = z.infer<typeof fromEngine>;

/** Feeds text in pieces, calls back with whole lines. */
export function splitLines(line: (text: string) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const one of lines) if (one !== "") line(one);
  };
}
