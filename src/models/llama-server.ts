// llama.cpp's server: the OpenAI chat API, with progress while it reads the prompt, and its context per slot in /props.
import * as z from "zod/mini";
import type { ModelId, ModelLine } from "../core/events.ts";
import type { Busy } from "./chat.ts";
import { countInput, countTemplate } from "./count.ts";
import type { Server } from "./model.ts";
import { lineOf, listedContext, listModels, openaiServer, rootOf } from "./openai.ts";
import { type Asking, ask } from "./wire-ask.ts";

const flag = z.catch(z.nullish(z.boolean()), undefined);
const count = z.catch(z.nullish(z.number()), undefined);
const propsShape = z.object({
  default_generation_settings: z.object({ n_ctx: z.number() }),
  total_slots: count,
  chat_template: z.catch(z.nullish(z.string()), undefined),
  chat_template_caps: z.catch(z.nullish(z.object({ supports_tools: flag })), undefined),
  modalities: z.catch(z.nullish(z.object({ vision: flag })), undefined),
});

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
    if (models.length !== 1) return line;
    return { ...line, runningContext: props.default_generation_settings.n_ctx, slots: props.total_slots ?? null, capabilities: capabilitiesOf(props) };
  });
}

/** What the template can do, which is all that older servers don't tell of. */
function capabilitiesOf({ chat_template, chat_template_caps, modalities }: z.infer<typeof propsShape>): string[] {
  if (!chat_template_caps) return [];
  return [
    "completion",
    ...(chat_template_caps.supports_tools === false ? [] : ["tools"]),
    ...(/enable_thinking|<think|\[THINK\]|reasoning_content|<\|channel/.test(chat_template ?? "") ? ["thinking"] : []),
    ...(modalities?.vision ? ["vision"] : []),
  ];
}

const decoded = z.object({ n_decoded: count });
const slotsShape = z.array(
  z.object({
    is_processing: z.boolean(),
    n_prompt_tokens: count,
    next_token: z.catch(z.nullish(z.union([z.array(decoded), decoded])), undefined),
  }),
);
/**
 * Nothing has come and every slot is at work: then on another's request, as ours would tell of its progress. Servers too old to do so are believed only
 * where each slot is writing already.
 */
async function silent(url: string, _: string, asking: Asking): Promise<Busy | null> {
  let loading = false;
  const slots = await ask(rootOf(url), "/slots", slotsShape, asking, (status, body) => {
    loading = status === 503 && /loading model/i.test(body);
  });
  if (loading) return "loading";
  if (slots === null || slots.length === 0 || !slots.every((slot) => slot.is_processing)) return null;
  const writes = ({ next_token }: (typeof slots)[number]): boolean => [next_token].flat().some((one) => (one?.n_decoded ?? 0) > 0);
  return slots.every((slot) => writes(slot) || typeof slot.n_prompt_tokens === "number") ? "queued" : null;
}

const templateShape = z.object({ prompt: z.string() });
/**
 * A budget of nothing for thoughts leaves the prompt alone, but older servers don't know it; the template's own switch is known to all. It is added where
 * it only changes the prompt's end: in some templates it stands at the head, and the whole prompt would have to be read again.
 */
async function noThoughts(url: string, _: string, asking: Asking): Promise<Record<string, unknown>> {
  const budget = { thinking_budget_tokens: 0 };
  const off = { chat_template_kwargs: { enable_thinking: false } };
  const last = "a last word of the person's";
  const messages = [
    { role: "system", content: "s" },
    { role: "user", content: "u" },
    { role: "assistant", content: "a" },
    { role: "user", content: last },
  ];
  const applied = (more: object): Promise<z.infer<typeof templateShape> | null> =>
    ask(rootOf(url), "/apply-template", templateShape, { ...asking, json: JSON.stringify({ messages, ...more }) });
  const [as, without] = await Promise.all([applied({}), applied(off)]);
  if (as === null) return { ...budget, ...off };
  const upTo = as.prompt.lastIndexOf(last) + last.length;
  return as.prompt.slice(0, upTo) === without?.prompt.slice(0, upTo) ? { ...budget, ...off } : budget;
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
  warm: async () => ({ n_predict: 0 }),
  noThoughts,
  count: [countInput, countTemplate],
  silent,
});
