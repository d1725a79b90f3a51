// Every text by which a server says that a conversation no longer fits: each leads to a compaction and the same request again, and the person sees one line.
import { describe, expect } from "vitest";
import type { Asked, Step } from "../../src/app/demo/script.ts";
import type { Wire } from "../../src/app/demo/server.ts";
import { errorInside, prefixBreak } from "../fake/model-server.ts";
import { call, status, story } from "./story.ts";

const engine = {
  error: {
    code: 400,
    message: "request (6019 tokens) exceeds the available context size (4096 tokens), try increasing it",
    type: "exceed_context_size_error",
    n_prompt_tokens: 6019,
    n_ctx: 4096,
  },
};
const texts: [server: string, wire: Wire, answer: Step][] = [
  [
    "Ollama with its own templates",
    "ollama",
    status(
      400,
      "the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings, or use a model with a longer context length",
    ),
  ],
  ["Ollama with the model's own", "ollama", status(400, JSON.stringify({ error: JSON.stringify(engine) }))],
  ["Ollama's older words", "ollama", status(400, "the input length exceeds the context length")],
  ["Ollama in mid-stream", "ollama", errorInside("Well", "the input length exceeds the context length", 1)],
  ["llama.cpp", "llama-server", status(400, JSON.stringify(engine))],
  [
    "vLLM",
    "openai",
    status(
      400,
      JSON.stringify({
        error: {
          message: "This model's maximum context length is 8192 tokens. However, you requested 8300 tokens (7300 in the messages, 1000 in the completion).",
          type: "BadRequestError",
          code: 400,
        },
      }),
    ),
  ],
  [
    "newer vLLM",
    "openai",
    status(
      400,
      JSON.stringify({
        error: { message: "'max_tokens' is too large: 1000. This model's maximum context length is 8192 tokens and your request has 7300 input tokens", code: 400 },
      }),
    ),
  ],
  [
    "LM Studio",
    "lmstudio",
    errorInside(
      "Well",
      "Trying to keep the first 6019 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length",
      1,
    ),
  ],
  ["LM Studio's engine", "lmstudio", errorInside("Well", "Cannot truncate prompt with n_keep (6019) >= n_ctx (4096)", 1)],
  [
    "LM Studio as a status",
    "lmstudio",
    status(400, "Trying to keep the first 6019 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens"),
  ],
];
const asksForSummary = (asked: Asked): boolean => /this conversation is getting too long/.test(asked.messages.at(-1)?.text ?? "");

describe("a conversation that is too long", () => {
  for (const [server, wire, overflow] of texts) {
    // LM Studio is taken for 4,096 tokens until it has told, which on a busy machine may come late
    story(
      `is shortened and goes on in the words of ${server}`,
      async ({ repo, model, open }) => {
        for (let at = 0; at < 3; at++) repo.write(`part${at}.ts`, Array.from({ length: 60 }, (_, line) => `export const value_${at}_${line} = ${line};`).join("\n"));
        for (let at = 0; at < 3; at++) model.says(call("read", { path: `part${at}.ts` }));
        // where room for the answer was asked for, that may have been too much: it is left out first
        if (wire !== "ollama") model.says(overflow);
        model.says(overflow, "## Found out\nEach exports sixty values.\n## Now\nAnswering.", "There are sixty.");
        const aura = await open({ policy: "auto", prewarm: false });
        await aura.types("how many values?");
        expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 4 });
        const notes = aura.facts.filter((fact) => fact.type === "noted" && !fact.text.startsWith("Kept short"));
        expect(notes).toMatchObject([{ text: expect.stringMatching(/context was nearly full/) }]);
        expect(aura.facts.filter((fact) => fact.type === "compacted")).toHaveLength(1);
        expect(aura.facts.filter((fact) => fact.type === "said").at(-1)).toMatchObject({ text: "There are sixty." });
        // the sub-step that summed up began with what the server had read
        const summary = model.requests.findIndex(asksForSummary);
        expect(prefixBreak(model.requests.slice(0, summary))).toBe(null);
        expect(model.requests[summary]?.messages[0]).toEqual(model.requests[0]?.messages[0]);
        const last = model.requests
          .at(-1)
          ?.messages.map(({ text }) => text)
          .join("\n");
        expect(last).toMatch(/how many values\?[\s\S]*sixty values/);
      },
      { on: ["memory"], model: { wire, context: wire === "lmstudio" ? 4_096 : 8_192 } },
    );
  }
});
