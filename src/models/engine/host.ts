// The engine's own process: holds one model and one sequence, does what it is asked in order, and ends when Aura does.
import type { Readable, Writable } from "node:stream";
import { readGguf } from "./gguf.ts";
import { importEngine, type LlamaContext, type LlamaModel, type Sampling, type Sequence, startLlama, type Token, threadsFor } from "./llama.ts";
import { openRenderer, type Rendered } from "./prompt.ts";
import { type EngineRequest, type FromEngine, type Load, splitLines, type ToEngine, toEngine } from "./protocol.ts";
import { write } from "./write.ts";

type Ask = Extract<ToEngine, { type: "ask" }>;
interface Loaded {
  model: LlamaModel;
  sequence: Sequence;
  context: number;
  sampling: Sampling;
  render(request: EngineRequest): Rendered;
  /** A request's own limits on what is drawn. */
  grammar(request: EngineRequest): Promise<Sampling>;
}

/** Serves until `input` ends. Never throws. */
export function serveEngine(input: Readable, output: Writable, exit: () => void): void {
  const say = (message: FromEngine): void => void output.write(`${JSON.stringify(message)}\n`);
  const stopped = new Set<number>();
  let asked: Promise<void> = Promise.resolve();
  let loaded: Promise<Loaded | null> = Promise.resolve(null);
  const take = (line: string): void => {
    const message = toEngine.parse(JSON.parse(line));
    switch (message.type) {
      case "load":
        loaded = load(message, say);
        break;
      case "stop":
        stopped.add(message.id);
        break;
      case "ask":
        asked = asked.then(async () => {
          const ready = await loaded;
          if (ready) await answer(ready, message, say, () => stopped.has(message.id));
          stopped.delete(message.id);
        });
        break;
    }
  };
  input.setEncoding("utf8");
  input.on("data", splitLines(take));
  input.on("end", exit);
  input.on("error", exit);
  output.on("error", exit);
}

async function load(wanted: Load, say: (message: FromEngine) => void): Promise<Loaded | null> {
  const started = performance.now();
  const words: string[] = [];
  try {
    const { info, bytes } = readGguf(wanted.path);
    const installed = await importEngine(wanted.engine);
    const llama = await startLlama(installed, bytes, (level, text) => {
      if (level === "error" || level === "fatal") words.push(text.trim());
      say({ type: "note", what: "llama.cpp", fields: { level, text: text.trim().slice(0, 500) } });
    });
    let shown = 0;
    const model = await llama.loadModel({
      modelPath: wanted.path,
      onLoadProgress(part) {
        if (part - shown < 0.02) return;
        shown = part;
        say({ type: "loading", part });
      },
    });
    const context = await largest(wanted.context, (contextSize) =>
      model.createContext({ contextSize, sequences: 1, swaFullCache: wanted.wholeCache, batchSize: 512, threads: threadsFor(llama, bytes), failedCreationRemedy: false }),
    );
    const sequence = context.getSequence();
    const template = info["tokenizer.chat_template"];
    const special = { bos: model.tokens.bosString ?? "", eos: model.tokens.eosString ?? "" };
    const noted = (what: string, why: string): void => say({ type: "note", what, fields: { why } });
    const render = openRenderer(typeof template === "string" ? template : null, installed.templates, special, noted);
    const grammar = async ({ schema, tools }: EngineRequest): Promise<Sampling> => {
      if (!schema || tools.length > 0) return {};
      try {
        // a choice by another name means nothing to it, and would be written as null
        const known = JSON.parse(JSON.stringify(schema).replaceAll('"anyOf":', '"oneOf":')) as Record<string, unknown>;
        const made = await llama.createGrammarForJsonSchema(known);
        return { grammarEvaluationState: new installed.library.LlamaGrammarEvaluationState({ model, grammar: made }) };
      } catch (error) {
        noted("a schema can't be seen to", String(error));
        return {};
      }
    };
    say({ type: "ready", context: context.contextSize, gpu: llama.gpu === false ? null : llama.gpu, loadMs: Math.round(performance.now() - started) });
    return { model, sequence, context: Math.min(wanted.context, context.contextSize), sampling: samplingOf(info), render, grammar };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say({ type: "failed", message: [why, ...words.slice(-2)].join(": ").slice(0, 600) });
    return null;
  }
}

const leastContext = 4096;
/** The context that was asked for, or half of it, and so on, where there is no memory for more. */
async function largest(tokens: number, create: (tokens: number) => Promise<LlamaContext>): Promise<LlamaContext> {
  try {
    return await create(tokens);
  } catch (error) {
    if (tokens / 2 < leastContext) throw error;
    return largest(Math.floor(tokens / 2), create);
  }
}

/** What the model's makers wrote into its file, else what llama.cpp draws with. */
function samplingOf(info: Record<string, unknown>): Sampling {
  const figure = (name: string, otherwise: number): number => {
    const value = info[`general.sampling.${name}`];
    return typeof value === "number" ? value : otherwise;
  };
  return { temperature: figure("temp", 0.8), topK: figure("top_k", 40), topP: figure("top_p", 0.95), minP: figure("min_p", 0.05) };
}

/** Never throws. */
async function answer(loaded: Loaded, { id, what, request }: Ask, say: (message: FromEngine) => void, stopped: () => boolean): Promise<void> {
  const none = { promptTokens: 0, cachedTokens: 0, outputTokens: 0, promptMs: 0, outputMs: 0 };
  try {
    if (stopped()) return say({ type: "ended", id, why: "stopped", ...none });
    const { text, begun, stops } = loaded.render(request);
    const prompt = tokensOf(loaded.model, text);
    if (what === "count") return say({ type: "counted", id, tokens: prompt.length });
    const room = loaded.context - prompt.length - 1;
    if (room < 1) return say({ type: "wrong", id, why: "overflow", message: `the prompt has ${prompt.length} tokens, the context ${loaded.context}` });
    if (what === "answer" && begun !== "") say({ type: "text", id, delta: begun });
    const written = await write(loaded.model, loaded.sequence, {
      prompt,
      warm: what === "warm",
      maxTokens: Math.max(1, Math.min(room, request.maxTokens ?? room)),
      sampling: { ...loaded.sampling, ...(request.temperature === undefined ? {} : { temperature: request.temperature }), ...(await loaded.grammar(request)) },
      stops,
      stopped,
      read: (part, leftMs) => say({ type: "reading", id, part, leftMs }),
      wrote: (delta) => say({ type: "text", id, delta }),
    });
    say({ type: "ended", id, ...written });
  } catch (error) {
    say({ type: "wrong", id, why: "broken", message: error instanceof Error ? error.message : String(error) });
  }
}

function tokensOf(model: LlamaModel, text: string): Token[] {
  const tokens = model.tokenize(text, true);
  const { bos, shouldPrependBosToken } = model.tokens;
  return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
}
