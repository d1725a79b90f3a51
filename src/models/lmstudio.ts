// LM Studio: the OpenAI chat API, with sizes, capabilities and the loaded context from its own lists.
import * as z from "zod/mini";
import type { ModelId, ModelLine } from "../core/events.ts";
import type { Busy } from "./chat.ts";
import type { Server } from "./model.ts";
import { isEmbedder, listedContext, openaiServer, rootOf } from "./openai.ts";
import { type Asking, ask, askOrNull } from "./wire-ask.ts";

const count = z.catch(z.nullish(z.number()), undefined);
const instance = z.object({ id: z.string(), config: z.catch(z.nullish(z.object({ context_length: count, parallel: count })), undefined) });
const capabilities = z.catch(
  z.nullish(z.object({ vision: z.optional(z.boolean()), trained_for_tool_use: z.optional(z.boolean()), reasoning: z.optional(z.unknown()) })),
  undefined,
);
const quantization = z.catch(z.nullish(z.union([z.string(), z.object({ name: z.string() })])), undefined);
const newShape = z.object({
  models: z.array(
    z.object({
      type: z.string(),
      key: z.string(),
      size_bytes: count,
      max_context_length: count,
      loaded_instances: z.catch(z.nullish(z.array(instance)), undefined),
      capabilities,
      quantization,
    }),
  ),
});
const oldShape = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      state: z.string(),
      max_context_length: count,
      loaded_context_length: count,
      capabilities: z.catch(z.nullish(z.array(z.string())), undefined),
      quantization,
    }),
  ),
});
interface Known {
  name: string;
  /** Other names the loaded model answers to. */
  aliases: string[];
  kind: string;
  sizeBytes: number | null;
  trainedContext: number | null;
  runningContext: number | null;
  loaded: boolean;
  capabilities: string[];
  quantization: string | null;
  slots: number | null;
}
const nameOf = (named: z.infer<typeof quantization>): string | null => (typeof named === "string" ? named : (named?.name ?? null));

/** LM Studio's own list, of its newer API where it has it (0.4), else of the older one; null if it is another server. */
async function listKnown(url: string, asking: Asking): Promise<Known[] | null> {
  const [recent, old] = await Promise.all([ask(rootOf(url), "/api/v1/models", newShape, asking), askOrNull(rootOf(url), "/api/v0/models", oldShape, asking)]);
  if (recent !== null) {
    return recent.models.map((model) => ({
      name: model.key,
      aliases: model.loaded_instances?.map((one) => one.id) ?? [],
      kind: model.type,
      sizeBytes: model.size_bytes ?? null,
      trainedContext: model.max_context_length ?? null,
      runningContext: model.loaded_instances?.[0]?.config?.context_length ?? null,
      loaded: (model.loaded_instances?.length ?? 0) > 0,
      capabilities: [
        "completion",
        ...(model.capabilities?.trained_for_tool_use ? ["tools"] : []),
        ...(model.capabilities?.reasoning ? ["thinking"] : []),
        ...(model.capabilities?.vision ? ["vision"] : []),
      ],
      quantization: nameOf(model.quantization),
      slots: model.loaded_instances?.[0]?.config?.parallel ?? null,
    }));
  }
  if (old === null) return null;
  return old.data.map((model) => ({
    name: model.id,
    aliases: [],
    kind: model.type,
    sizeBytes: null,
    trainedContext: model.max_context_length ?? null,
    runningContext: model.loaded_context_length ?? null,
    loaded: model.state === "loaded",
    capabilities: ["completion", ...(model.capabilities?.includes("tool_use") ? ["tools"] : []), ...(model.type === "vlm" ? ["vision"] : [])],
    quantization: nameOf(model.quantization),
    slots: null,
  }));
}

async function probe(url: string, signal: AbortSignal): Promise<ModelLine[] | null> {
  const known = await listKnown(url, { signal });
  if (known === null) return null;
  return known.map((model) => ({
    id: `lmstudio/${model.name}` as ModelId,
    url: rootOf(url),
    name: model.name,
    sizeBytes: model.sizeBytes,
    trainedContext: model.trainedContext,
    runningContext: model.runningContext,
    capabilities: model.capabilities,
    loaded: model.loaded,
    quantization: model.quantization,
    slots: model.slots,
    refused: model.kind.startsWith("embedding") || isEmbedder(model.name) ? "makes embeddings" : null,
  }));
}

const named = (known: Known[], name: string): Known | undefined => known.find((model) => model.name === name || model.aliases.includes(name));

async function context(url: string, name: string, asking: Asking): Promise<number | null> {
  const known = await listKnown(url, asking);
  return known === null ? listedContext(url, name, asking) : (named(known, name)?.runningContext ?? null);
}

/** It loads a model at its first request. */
async function silent(url: string, name: string, asking: Asking): Promise<Busy | null> {
  const model = named((await listKnown(url, asking)) ?? [], name);
  return model === undefined ? null : model.loaded ? "reading" : "loading";
}

/** LM Studio's server at port 1234. It loads a model at the first chat, often with 4,096 tokens of context: that is what is reckoned with until it tells. */
export const lmstudio: Server = openaiServer({
  name: "lmstudio",
  shown: "LM Studio",
  ports: [1234],
  start: "start it in LM Studio (Developer, Start server), or with: lms server start",
  get: (model) => `load it in LM Studio, or with: lms load ${model}`,
  extra: {},
  assumed: 4096,
  probe,
  context,
  warm: async () => ({ max_tokens: 1 }),
  // its API has no word for it
  noThoughts: async () => ({}),
  count: [],
  silent,
});
