// llama.cpp's server: the OpenAI chat API, with progress while it reads the prompt, and its context per slot in /props.
import * as z from "zod/mini";
import type { ModelId, ModelLine } from "../core/events.ts";
import type { Server } from "./model.ts";
import { lineOf, listedContext, listModels, openaiServer, rootOf } from "./openai.ts";
import { type Asking, ask } from "./wire-ask.ts";

const propsShape = z.object({ default_generation_settings: z.object({ n_ctx: z.number() }) });

/** Without an alias the server calls its model by the file's whole path; as the only model it answers to any name. */
const nameOf = (id: string): string => (id.startsWith("/") ? (id.split("/").at(-1) ?? id) : id);

async function probe(url: string, signal: AbortSignal): Promise<ModelLine[] | null> {
  let loading = false;
  const noteLoading = (status: number, body: string): void => {
    loading ||= status === 503 && /loading model/i.test(body);
  };
  const [props, models] = await Promise.all([ask(rootOf(url), "/props", propsShape, { signal }, noteLoading), listModels(url, { signal })]);
  if (loading) {
    // while it loads it doesn't say what; any name will do for the one model it has
    const name = "default";
    return [
      {
        id: `llama-server/${name}` as ModelId,
        url: rootOf(url),
        name,
        sizeBytes: null,
        trainedContext: null,
        runningContext: null,
        capabilities: [],
        loaded: false,
        refused: null,
      },
    ];
  }
  if (props === null || models === null) return null;
  return models.map((model) => {
    const line = lineOf("llama-server", url, model, nameOf(model.id));
    return models.length === 1 ? { ...line, runningContext: props.default_generation_settings.n_ctx } : line;
  });
}

async function context(url: string, model: string, asking: Asking): Promise<number | null> {
  const props = await ask(rootOf(url), "/props", propsShape, asking);
  const running = props?.default_generation_settings.n_ctx ?? 0;
  return running > 0 ? running : listedContext(url, model, asking);
}

/** llama.cpp's `llama-server` at port 8080. */
export const llamaServer: Server = openaiServer({
  name: "llama-server",
  shown: "llama-server",
  ports: [8080],
  start: "start it with: llama-server -m MODEL.gguf --port 8080 -c 32768",
  get: () => "start llama-server with the model you want; aura models lists what it has",
  extra: { cache_prompt: true, return_progress: true },
  assumed: 8192,
  probe,
  context,
});
