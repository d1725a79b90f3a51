// Doctor and the list of models against servers on loopback that answer as Ollama, llama-server, LM Studio and vLLM do.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InUse, modelInUse } from "../../src/app/inUse.ts";
import { modelTable } from "../../src/app/modelsCommand.ts";
import { bareName, toolsRefused, trapsOf } from "../../src/app/traps.ts";
import { rememberModel } from "../../src/config/models.ts";
import { findPaths } from "../../src/config/paths.ts";
import { saveProbe, withProbes } from "../../src/config/probes.ts";
import type { ModelId } from "../../src/core/events.ts";
import type { Probed } from "../../src/core/probed.ts";
import { type Found, findModels } from "../../src/models/find.ts";
import { servers } from "../../src/models/index.ts";
import type { Memory } from "../../src/models/memory.ts";

const home = mkdtempSync(join(tmpdir(), "aura-servers-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const never = new AbortController().signal;

type Answers = Record<string, unknown>;
let open: Server[] = [];
let asked: { path: string; body: string }[] = [];
beforeEach(() => {
  asked = [];
});
afterEach(async () => {
  await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
  open = [];
});
/** A server on a free port: JSON for what it knows, a status with a body where an answer is [status, body], 404 for the rest. */
async function serve(answers: Answers): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      asked.push({ path: `${request.method} ${request.url}`, body });
      const answer = answers[`${request.method} ${request.url}`];
      const [status, json] = Array.isArray(answer)
        ? [answer[0] as number, answer[1] as unknown]
        : [answer === undefined ? 404 : 200, answer ?? { error: { message: "File Not Found", type: "not_found_error", code: 404 } }];
      response.writeHead(status, { "content-type": "application/json; charset=utf-8", connection: "close" }).end(JSON.stringify(json));
    });
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

const ollama = (more: { size?: number; vram?: number; context?: number; loaded?: boolean } = {}): Answers => {
  const details = { parent_model: "", format: "gguf", family: "qwen3", families: ["qwen3"], parameter_size: "8.2B", quantization_level: "Q4_K_M", context_length: 40_960 };
  const model = { name: "qwen3:8b", model: "qwen3:8b", digest: "0".repeat(64), details };
  const size = more.size ?? 6_654_289_920;
  return {
    "GET /api/version": { version: "0.33.0" },
    "GET /api/tags": {
      models: [
        { ...model, modified_at: "2026-08-01T10:00:00.123456789+02:00", size: 5_225_388_164, capabilities: ["completion", "tools", "thinking"] },
        { ...model, name: "big:cloud", model: "big:cloud", size: 384, capabilities: ["completion", "tools"], remote_model: "big", remote_host: "https://ollama.com:443" },
      ],
    },
    "GET /api/ps": {
      models: more.loaded === false ? [] : [{ ...model, size, size_vram: more.vram ?? 0, expires_at: "2026-08-21T10:05:00.1+02:00", context_length: more.context ?? 4096 }],
    },
  };
};
const llamaServer = (slots: number, context: number): Answers => ({
  "GET /health": { status: "ok" },
  "GET /props": {
    default_generation_settings: { n_ctx: context },
    total_slots: slots,
    model_alias: "qwen3-8b",
    model_path: "/models/qwen3-8b.gguf",
    modalities: { vision: false },
    chat_template_caps: { supports_tools: true },
  },
  "GET /v1/models": {
    object: "list",
    data: [{ id: "Qwen3-8B-Q4_K_M.gguf", aliases: [], object: "model", owned_by: "llamacpp", meta: { n_ctx: context, n_ctx_train: 40_960, size: 5_000_000_000, ftype: "Q4_K_M" } }],
  },
});
const lmstudio = (context: number): Answers => ({
  "GET /api/v1/models": {
    models: [
      {
        ...{ type: "llm", publisher: "qwen", key: "qwen3-8b", quantization: { name: "Q4_K_M", bits_per_weight: 4 }, size_bytes: 5_000_000_000, max_context_length: 40_960 },
        loaded_instances: [{ id: "qwen3-8b", config: { context_length: context, parallel: 4 } }],
        capabilities: { vision: true, trained_for_tool_use: true },
      },
    ],
  },
});
const vllm = (chat: unknown): Answers => ({
  "GET /version": { version: "0.11.0" },
  "GET /v1/models": { object: "list", data: [{ id: "Qwen/Qwen3-8B", object: "model", created: 1, owned_by: "vllm", root: "Qwen/Qwen3-8B", parent: null, max_model_len: 40_960 }] },
  "POST /v1/chat/completions": chat,
});
const look = async (...urls: string[]): Promise<Found> =>
  findModels(
    urls.map((url) => ({ url, servers })),
    never,
    3000,
  );
const plain: Memory = { total: 32e9, available: 20e9, graphics: "none" };
const told = (found: Found, more: { memory?: Memory; inUse?: InUse | null } = {}): string[] =>
  trapsOf(found, { memory: plain, inUse: null, ...more }).map(({ level, what, hint }) => `${level}: ${what}${hint ? ` -> ${hint}` : ""}`);

describe("traps", () => {
  it("sees Ollama's default context, and the cloud", async () => {
    const found = await look(await serve(ollama()));
    expect(told(found)).toEqual([
      "warn: ollama/qwen3:8b is loaded with 4096 tokens of context, Ollama's default here: other programs get no more. Aura asks for more itself, and then it is loaded again" +
        " -> OLLAMA_CONTEXT_LENGTH=32768 ollama serve\nas a service: sudo systemctl edit ollama, with the line Environment=OLLAMA_CONTEXT_LENGTH=32768\nfor Aura alone: aura config set contextTokens 32768",
      "ok: ollama/big:cloud runs in the cloud and is refused",
    ]);
    expect(told(await look(await serve(ollama({ context: 32_768 }))))).toEqual(["ok: ollama/big:cloud runs in the cloud and is refused"]);
    expect(told(await look(await serve(ollama({ loaded: false }))))).toHaveLength(1);
  });
  it("sees layers beside the graphics card", async () => {
    const partly = await look(await serve(ollama({ context: 32_768, size: 10e9, vram: 6e9 })));
    expect(told(partly)[0]).toBe(
      "warn: 40 % of ollama/qwen3:8b lies in main memory instead of on the graphics card: it is several times slower" +
        " -> a smaller context: aura config set contextTokens 16384; ollama stop qwen3:8b\na smaller quantization or model: ollama pull NAME:TAG",
    );
    const beside = await look(await serve(ollama({ context: 32_768, vram: 0 })));
    expect(told(beside)).toHaveLength(1);
    expect(told(beside, { memory: { ...plain, graphics: "card" } })[0]).toMatch(
      /^warn: ollama\/qwen3:8b runs on the CPU alone, though this machine has a graphics card -> ollama ps and its log/,
    );
  });
  it("sees slots that divide llama-server's context", async () => {
    expect(told(await look(await serve(llamaServer(4, 8192))))).toEqual([
      "warn: llama-server/Qwen3-8B-Q4_K_M.gguf divides its context between 4 requests at once: each has 8192 tokens, too little for most tasks -> start llama-server with -np 1, or with -c 131072",
    ]);
    expect(told(await look(await serve(llamaServer(1, 8192))))[0]).toContain("-> start llama-server with -c 32768");
    expect(told(await look(await serve(llamaServer(2, 32_768))))).toEqual([]);
  });
  it("sees LM Studio's default context", async () => {
    expect(told(await look(await serve(lmstudio(4096))))).toEqual([
      "warn: lmstudio/qwen3-8b is loaded with 4096 tokens of context, LM Studio's default: too little for most tasks -> lms load qwen3-8b --context-length 32768",
    ]);
    expect(told(await look(await serve(lmstudio(16_384))))).toEqual([]);
  });
  it("sees the same model on two servers, twice in memory or once", async () => {
    const [one, other] = [await serve(ollama({ context: 32_768 })), await serve(llamaServer(1, 32_768))];
    expect(told(await look(one, other))[0]).toBe(
      `warn: the same model lies in memory twice: ollama/qwen3:8b at ${one} and llama-server/Qwen3-8B-Q4_K_M.gguf at ${other} -> keep one: ollama stop qwen3:8b, or end the server at ${other}`,
    );
    const idle = await serve(ollama({ loaded: false }));
    expect(told(await look(idle, other))[0]).toMatch(/^ok: the same model on two servers: ollama\/qwen3:8b at /);
  });
  it("knows a model under its many names", () => {
    for (const name of ["qwen3:8b", "qwen3:8b-q4_K_M", "Qwen/Qwen3-8B", "Qwen3-8B-Q4_K_M.gguf", "lmstudio-community/qwen3-8b-mlx-4bit", "qwen3-8b@latest".replace("@", ":")])
      expect(bareName(name), name).toBe("qwen38b");
    expect(bareName("qwen3:14b")).not.toBe(bareName("qwen3:8b"));
    expect(bareName("qwen3-coder:30b")).not.toBe(bareName("qwen3:30b"));
  });
  it("sees a model in use that was never tried, is too big, or is gone", async () => {
    const paths = findPaths({ AURA_HOME: home });
    const url = await serve(ollama({ loaded: false }));
    const found = { ...(await look(url)), models: withProbes(paths, (await look(url)).models) };
    const inUse = modelInUse({ paths, root: home, flag: undefined, configured: undefined, found });
    expect(inUse).toEqual({ model: "ollama/qwen3:8b", why: "only", there: true });
    expect(told(found, { inUse })).toContain(
      "warn: ollama/qwen3:8b was never tried: Aura goes by what its server says of it -> aura models probe ollama/qwen3:8b   (up to a minute)",
    );
    expect(told(found, { inUse, memory: { ...plain, available: 6e9 } }).find((text) => text.includes("needs about 10.9 GB"))).toContain(
      "and 6.0 GB are free now -> end what else takes memory",
    );
    expect(told(found, { inUse, memory: { total: 8e9, available: 6e9, graphics: "none" } }).find((text) => text.includes("needs about"))).toContain(
      "more than the 8.0 GB of this machine",
    );
    expect(told(found, { inUse: { model: "ollama/gone" as ModelId, why: "last", there: false } })).toContain(
      "warn: ollama/gone is to be used here, but no server has it -> aura models lists what is there; aura config set model SERVER/NAME",
    );
    const probed: Probed = {
      v: 1,
      model: "ollama/qwen3:8b" as ModelId,
      url,
      at: Date.UTC(2026, 10, 22),
      context: 32_768,
      calls: "native",
      parallel: false,
      schema: true,
      forced: false,
      thinks: true,
      edits: { replace: { landed: 2, tried: 2 } },
      form: "replace",
      profile: "default",
      readPerS: 412,
      writePerS: 23.4,
    };
    saveProbe(paths, probed);
    const again = { ...found, models: withProbes(paths, found.models) };
    expect(told(again, { inUse })).toEqual(["ok: ollama/big:cloud runs in the cloud and is refused"]);
    expect(modelTable(again.models, { memory: plain, inUse, columns: 80 }).slice(1, 4)).toEqual([
      "*  ollama/qwen3:8b   5.2 GB  Q4_K_M  40k      tools, thinks",
      "     in use (the only one), fits, probed 2026-11-22: native calls, edits as",
      "     replace, reads 412/s, writes 23/s",
    ]);
  });
});

describe("the model in use", () => {
  it("is what a session would take: flag, configuration, repository, the last one, the only one", async () => {
    const paths = findPaths({ AURA_HOME: join(home, "choosing") });
    const found = await look(await serve(ollama({ loaded: false })));
    const use = (flag?: string, configured?: string, root = home): unknown => modelInUse({ paths, root, flag, configured, found });
    rememberModel(paths, home, "ollama/qwen3:8b" as ModelId);
    expect(use("ollama/a", "ollama/b")).toEqual({ model: "ollama/a", why: "flag", there: false });
    expect(use(undefined, "ollama/big:cloud")).toEqual({ model: "ollama/big:cloud", why: "config", there: false });
    expect(use()).toEqual({ model: "ollama/qwen3:8b", why: "repository", there: true });
    expect(use(undefined, undefined, tmpdir())).toEqual({ model: "ollama/qwen3:8b", why: "last", there: true });
    writeFileSync(join(home, "a.gguf"), "GGUF");
    expect(use("embedded/a.gguf")).toMatchObject({ there: true });
    expect(use("embedded/b.gguf")).toMatchObject({ there: false });
    expect(modelInUse({ paths: findPaths({ AURA_HOME: join(home, "nobody") }), root: home, flag: undefined, configured: undefined, found: { ...found, chosen: null } })).toBeNull();
  });
});

describe("vLLM", () => {
  const refusal = {
    object: "error",
    message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    type: "BadRequestError",
    param: null,
    code: 400,
  };
  const modelOf = async (answers: Answers): Promise<Found["models"][number]> => {
    const [model] = (await look(await serve(answers))).models;
    if (!model) throw new Error("no model found");
    asked = [];
    return model;
  };
  it("that was started without tools is found out with one token", async () => {
    const model = await modelOf(vllm([400, refusal]));
    expect(await toolsRefused(model, { signal: never })).toMatchObject({
      level: "warn",
      what: "openai/Qwen/Qwen3-8B was started without tool calls: its server refuses every request that brings tools",
      hint: expect.stringContaining("--enable-auto-tool-choice --tool-call-parser"),
    });
    expect(asked.map(({ path }) => path)).toEqual(["GET /version", "POST /v1/chat/completions"]);
    expect(JSON.parse(asked[1]?.body ?? "")).toMatchObject({ model: "Qwen/Qwen3-8B", max_tokens: 1, tool_choice: "auto" });
  });
  it("that takes tools, or is something else, is left alone", async () => {
    expect(await toolsRefused(await modelOf(vllm({ choices: [] })), { signal: never })).toBeNull();
    const { "GET /version": _, ...other } = vllm([400, refusal]);
    expect(await toolsRefused(await modelOf(other), { signal: never })).toBeNull();
    expect(asked.map(({ path }) => path)).toEqual(["GET /version"]);
    expect(await toolsRefused(await modelOf(ollama()), { signal: never })).toBeNull();
    expect(asked).toEqual([]);
  });
});
