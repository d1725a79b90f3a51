// What goes wrong with model servers without a word: contexts that are smaller than they look, models beside the graphics card, twins. For doctor.
import * as z from "zod/mini";
import type { Answer, ModelLine } from "../core/events.ts";
import type { Memory } from "../models/memory.ts";
import { ask } from "../models/wire-ask.ts";
import { type Finding, ok, warn } from "./finding.ts";
import { cpuShare, fitOf, usualContext } from "./fitting.ts";
import type { InUse } from "./inUse.ts";
import { contextHint, gigabytes, leastContext } from "./modelsCommand.ts";

const serverOf = (model: ModelLine): string => model.id.split("/", 1)[0] ?? "";
const finding = (what: string, hint: string | null = null): Finding => warn("models", what, hint);

/** Everything about the models that are there; those in use first matter, so only they are looked at for memory and probes. Pure. */
export function trapsOf(found: Answer<{ type: "models" }>, look: { memory: Memory; inUse: InUse | null }): Finding[] {
  const usable = found.models.filter((model) => model.refused === null);
  const used = usable.find((model) => model.id === look.inUse?.model);
  return [
    ...usable.flatMap((model) => [...contextTrap(model), ...cpuTrap(model, look.memory)]),
    ...twins(usable),
    ...cloud(found.models),
    ...(used ? [...memoryTrap(used, look.memory), ...(used.probed === null ? [unprobed(used)] : [])] : []),
    ...(look.inUse && !look.inUse.there
      ? [finding(`${look.inUse.model} is to be used here, but no server has it`, "aura models lists what is there; aura config set model SERVER/NAME")]
      : []),
  ];
}

function contextTrap(model: ModelLine): Finding[] {
  const { runningContext: running, trainedContext: trained, slots } = model;
  if (running === null || running >= Math.min(leastContext, trained ?? leastContext)) return [];
  const server = serverOf(model);
  const much = Math.min(usualContext, trained ?? usualContext);
  if (server === "ollama") {
    const what = `${model.id} is loaded with ${running} tokens of context${running === 4096 ? ", Ollama's default here" : ""}: other programs get no more. Aura asks for more itself, and then it is loaded again`;
    return [
      finding(
        what,
        `OLLAMA_CONTEXT_LENGTH=${much} ollama serve\nas a service: sudo systemctl edit ollama, with the line Environment=OLLAMA_CONTEXT_LENGTH=${much}\nfor Aura alone: ${contextHint(model)}`,
      ),
    ];
  }
  if (server === "llama-server" && (slots ?? 1) > 1) {
    const what = `${model.id} divides its context between ${slots} requests at once: each has ${running} tokens, too little for most tasks`;
    return [finding(what, `start llama-server with -np 1, or with -c ${much * (slots ?? 1)}`)];
  }
  if (server === "lmstudio" && running === 4096)
    return [finding(`${model.id} is loaded with ${running} tokens of context, LM Studio's default: too little for most tasks`, contextHint(model))];
  return [finding(`${model.id} runs with a context of ${running} tokens, too little for most tasks`, contextHint(model))];
}

function cpuTrap(model: ModelLine, memory: Memory): Finding[] {
  const share = cpuShare(model, memory);
  if (share === null) return [];
  const server = serverOf(model);
  const smaller =
    server === "ollama"
      ? `a smaller context: aura config set contextTokens ${leastContext + 384}; ollama stop ${model.name}\na smaller quantization or model: ollama pull NAME:TAG`
      : "load it with a smaller context, or take a smaller quantization";
  if (share < 1) return [finding(`${Math.round(share * 100)} % of ${model.id} lies in main memory instead of on the graphics card: it is several times slower`, smaller)];
  return [
    finding(
      `${model.id} runs on the CPU alone, though this machine has a graphics card`,
      `${server === "ollama" ? "ollama ps and its log (journalctl -u ollama) say why\n" : ""}${smaller}`,
    ),
  ];
}

function memoryTrap(model: ModelLine, memory: Memory): Finding[] {
  const { needBytes, fits, fitsNow } = fitOf(model, memory);
  if (needBytes === null || fitsNow !== false) return [];
  const needs = `${model.id} needs about ${gigabytes(needBytes)} with a context of ${usualContext} tokens`;
  if (fits === false) return [finding(`${needs}, more than the ${gigabytes(memory.total)} of this machine`, "take a smaller model or quantization (aura models lists what fits)")];
  return [finding(`${needs}, and ${gigabytes(memory.available)} are free now`, "end what else takes memory, other loaded models first (ollama stop NAME, lms unload NAME)")];
}

const unprobed = (model: ModelLine): Finding => finding(`${model.id} was never tried: Aura goes by what its server says of it`, `aura models probe ${model.id}   (up to a minute)`);

function cloud(models: readonly ModelLine[]): Finding[] {
  const names = models.filter((model) => model.refused !== null && /cloud/.test(model.refused)).map((model) => model.id);
  return names.length === 0 ? [] : [ok("models", `${names.join(", ")} ${names.length === 1 ? "runs" : "run"} in the cloud and ${names.length === 1 ? "is" : "are"} refused`)];
}

/** `Qwen3-8B-Q4_K_M.gguf`, `qwen3:8b` and `lmstudio-community/qwen3-8b` are one model under three names. */
export const bareName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^.*\//, "")
    .replace(/\.gguf$/, "")
    .replace(/:latest$/, "")
    .replace(/[-_.:](i?q\d\w*|f16|bf16|f32|fp16|fp8|gguf|mlx|awq|gptq|\dbit)(?=[-_.:]|$)/g, "")
    .replace(/[^a-z0-9.]/g, "");

/** The same model on two servers: twice in memory where both have it loaded. */
function twins(models: readonly ModelLine[]): Finding[] {
  const groups = new Map<string, ModelLine[]>();
  for (const model of models) groups.set(bareName(model.name), [...(groups.get(bareName(model.name)) ?? []), model]);
  return [...groups.values()].flatMap((group) => {
    if (new Set(group.map((model) => model.url)).size < 2) return [];
    const names = group.map((model) => `${model.id} at ${model.url}`).join(" and ");
    const loaded = group.filter((model) => model.loaded);
    if (new Set(loaded.map((model) => model.url)).size < 2) return [ok("models", `the same model on two servers: ${names}`)];
    const ends = loaded.map((model) => ({ ollama: `ollama stop ${model.name}`, lmstudio: `lms unload ${model.name}` })[serverOf(model)] ?? `end the server at ${model.url}`);
    return [finding(`the same model lies in memory twice: ${names}`, `keep one: ${ends.join(", or ")}`)];
  });
}

const anything = z.unknown();
/**
 * vLLM takes tools only when it was started for them, and says so only when it gets one: asked with one word of a question and one token of an answer.
 * null: not vLLM, or all is well. Never throws.
 */
export async function toolsRefused(model: ModelLine, needs: { signal: AbortSignal; key?: string }): Promise<Finding | null> {
  if (serverOf(model) !== "openai") return null;
  let refusal = "";
  try {
    const about = await ask(model.url, "/version", z.object({ version: z.string() }), needs);
    if (about === null) return null;
    const tool = { type: "function", function: { name: "none", description: "Does nothing.", parameters: { type: "object", properties: {} } } };
    const json = JSON.stringify({ model: model.name, messages: [{ role: "user", content: "Hi" }], tools: [tool], tool_choice: "auto", max_tokens: 1 });
    await ask(`${model.url}/v1`, "/chat/completions", anything, { ...needs, json }, (status, body) => {
      if (status === 400) refusal = body;
    });
  } catch {
    // a server that doesn't answer has been told of already
    return null;
  }
  if (!/enable-auto-tool-choice|tool-call-parser/i.test(refusal)) return null;
  return finding(
    `${model.id} was started without tool calls: its server refuses every request that brings tools`,
    "start vLLM with --enable-auto-tool-choice --tool-call-parser NAME   (hermes, qwen3_coder, ...; see its documentation)",
  );
}
