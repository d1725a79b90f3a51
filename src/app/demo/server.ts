// A scripted model server on loopback: it speaks the wires of real servers and says of itself that it is a script. For the demo and for tests.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { randomId } from "../../core/time.ts";
import { openSlot, pause, type Slot } from "./reading.ts";
import { type Asked, ollamaLines, openaiEvents, readAsked, type Script, type Step, stepFor, tokens, type Voice, wholeAnswer } from "./script.ts";

export type Wire = "ollama" | "openai" | "llama-server" | "lmstudio";
export interface ScriptedServerNeeds {
  script: Script;
  /** 0 or absent = any free one. */
  port?: number;
  /** Whose paths are answered; absent = Ollama's (which has the OpenAI API too). */
  wire?: Wire;
  /** Absent = `scripted-demo`. */
  model?: string;
  /** Tokens of context it claims. */
  context?: number;
  /** Streamed pieces per second, 0 = as fast as they go. */
  rate?: number;
  /** Tokens of a prompt it reads per second, one request at a time; 0 = at once. What an earlier prompt began with isn't read again. */
  readPerS?: number;
  /** Ollama only: calls in the last line (`native`) or in lines of their own. */
  calls?: Voice["calls"];
  /** What Ollama's /api/show says beside completion and tools. */
  capabilities?: string[];
  /** Told of every request when its body has come. */
  onRequest?(request: { method: string; path: string; json: string; chat: boolean }): void;
  /** Told when a client goes away before its answer is whole. */
  onAborted?(asked: Asked): void;
  /** Awaited before a request that wants no answer is served. */
  onWarm?(asked: Asked, gone: AbortSignal): Promise<void>;
  /** Answers instead of the server when it returns true. */
  intercept?(method: string, path: string, response: ServerResponse): boolean;
}
export interface ScriptedServer {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  port: number;
  model: string;
  /** Stops listening and breaks every connection, as a killed server would. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 only. Throws the system error when the port is taken. */
export async function openScriptedServer(needs: ScriptedServerNeeds): Promise<ScriptedServer> {
  const model = needs.model ?? "scripted-demo";
  const server = createServer((request, response) => void handle(request, response));
  const slot = openSlot(needs.readPerS ?? 0);
  let closing = false;
  const used = new WeakSet<object>();
  let resetAgain = false;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const json = Buffer.concat(chunks).toString();
    const method = request.method ?? "GET";
    const path = (request.url ?? "/").replace(/\?.*/, "");
    const wire = chatWire(needs.wire ?? "ollama", method, path);
    needs.onRequest?.({ method, path, json, chat: wire !== null });
    if (needs.intercept?.(method, path, response)) return;
    if (wire === null) {
      used.add(request.socket);
      if (needs.wire === "llama-server" && path === "/v1/chat/completions/input_tokens") return send(response, 200, { input_tokens: tokens(json) });
      const answer = lists(needs, model)[`${method} ${path}`];
      if (answer === undefined) return send(response, 404, { error: { message: "File Not Found", type: "not_found_error", code: 404 } });
      return send(response, 200, answer);
    }
    const asked = readAsked(wire, json);
    if (asked === null) return send(response, 400, errorBody(wire, "missing request body"));
    const gone = new AbortController();
    response.on("close", () => {
      if (response.writableFinished) return;
      gone.abort();
      if (!closing && !torn.has(response)) needs.onAborted?.(asked);
    });
    const voice = (read: Voice["read"]): Voice => ({ model, calls: needs.calls ?? "rendered", id: () => `call_${randomId(8)}`, read, created: new Date() });
    // a client sends once more when a kept connection breaks: that one has to break too, or nothing went wrong
    const [kept, again] = [used.has(request.socket), resetAgain];
    used.add(request.socket);
    resetAgain = false;
    if (again) return tear(response);
    try {
      if (asked.warm) await needs.onWarm?.(asked, gone.signal);
      const step: Step = asked.warm ? { end: "length" } : await stepFor(needs.script, asked);
      resetAgain = kept && step.trouble?.is === "reset";
      const over = await slot.turn(gone.signal);
      await answer(step, asked, { voice, slot, response, rate: needs.rate ?? 0 }, gone.signal).finally(over);
    } catch (error) {
      if (!gone.signal.aborted) send(response, 500, errorBody(wire, `the script failed: ${String(error)}`));
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(needs.port ?? 0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      closing = true;
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, port, model, close };
}

function chatWire(wire: Wire, method: string, path: string): Asked["wire"] | null {
  if (method !== "POST") return null;
  if (path === "/v1/chat/completions") return "openai";
  return wire === "ollama" && path === "/api/chat" ? "ollama" : null;
}

/** Everything but chat: what each wire says of its one model. */
function lists(needs: ScriptedServerNeeds, model: string): Record<string, unknown> {
  const context = needs.context ?? 32_768;
  const common = {
    "GET /v1/models": { object: "list", data: [{ id: model, object: "model", created: 0, owned_by: "script", ...(needs.wire === "openai" ? { max_model_len: context } : {}) }] },
  };
  const capabilities = ["completion", "tools", ...(needs.capabilities ?? [])];
  const details = { parent_model: "", format: "script", family: "script", families: ["script"], parameter_size: "0", quantization_level: "none", context_length: context };
  const tag = `${model}${model.includes(":") ? "" : ":latest"}`;
  const entry = { name: tag, model: tag, size: 0, digest: "0".repeat(64), details };
  switch (needs.wire ?? "ollama") {
    case "ollama":
      return {
        ...common,
        "GET /": "Ollama is running",
        "GET /api/version": { version: "0.0.0-script" },
        "GET /api/tags": { models: [{ ...entry, modified_at: "2026-01-01T00:00:00Z", capabilities }] },
        "GET /api/ps": { models: [{ ...entry, expires_at: "2099-01-01T00:00:00Z", size_vram: 0, context_length: context }] },
        "POST /api/show": {
          parameters: `${"num_ctx".padEnd(30)} ${context}`,
          template: "",
          details,
          model_info: { "general.architecture": "script", "script.context_length": context },
          capabilities,
          modified_at: "2026-01-01T00:00:00Z",
        },
      };
    case "llama-server":
      return {
        "GET /health": { status: "ok" },
        "GET /props": { default_generation_settings: { n_ctx: context }, total_slots: 1, model_alias: model },
        "GET /v1/models": { object: "list", data: [{ id: model, aliases: [model], object: "model", owned_by: "script", meta: { n_ctx: context, n_ctx_train: context } }] },
      };
    case "lmstudio":
      return {
        ...common,
        "GET /api/v1/models": {
          models: [
            {
              type: "llm",
              key: model,
              size_bytes: 0,
              max_context_length: context,
              loaded_instances: [{ id: model, config: { context_length: context } }],
              capabilities: { trained_for_tool_use: true },
            },
          ],
        },
      };
    case "openai":
      return { ...common, "GET /health": {} };
  }
}

const errorBody = (wire: Asked["wire"], text: string): unknown => (wire === "ollama" ? { error: text } : { error: { message: text, type: "server_error" } });

/** Answers the server itself broke off: no client went away there. */
const torn = new WeakSet<ServerResponse>();
function tear(response: ServerResponse): void {
  torn.add(response);
  response.destroy();
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "content-type": typeof body === "string" ? "text/plain" : "application/json; charset=utf-8", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

interface Answering {
  voice(read: Voice["read"]): Voice;
  slot: Slot;
  response: ServerResponse;
  rate: number;
}
async function answer(step: Step, asked: Asked, { voice: voiceFor, slot, response, rate }: Answering, gone: AbortSignal): Promise<void> {
  const { trouble } = step;
  if (step.delayMs) await pause(step.delayMs, gone);
  if (trouble?.is === "reset") return tear(response);
  if (trouble?.is === "hang") return new Promise((resolve) => gone.addEventListener("abort", () => resolve(), { once: true }));
  if (trouble?.is === "status") return send(response, trouble.status, trouble.text.startsWith("{") ? JSON.parse(trouble.text) : errorBody(asked.wire, trouble.text));
  const stream = (): void => {
    if (response.headersSent) return;
    response.writeHead(200, { "content-type": asked.wire === "ollama" ? "application/x-ndjson" : "text/event-stream", "cache-control": "no-cache" });
    response.flushHeaders();
  };
  const read = await slot.read(asked, gone, (so) => {
    if (asked.body.return_progress !== true || asked.body.stream !== true) return;
    stream();
    response.write(`data: ${JSON.stringify({ object: "chat.completion.chunk", choices: [], prompt_progress: so })}\n\n`);
  });
  if (read === null) return;
  const voice = voiceFor(read);
  if (asked.body.stream === false || (asked.wire === "openai" && asked.body.stream !== true)) {
    response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(wholeAnswer(step, asked, voice));
    return;
  }
  const lines = asked.wire === "ollama" ? ollamaLines(step, asked, voice) : openaiEvents(step, asked, voice);
  stream();
  const perSecond = step.rate ?? rate;
  const start = performance.now();
  for (const [index, line] of lines.entries()) {
    if (gone.aborted) return;
    if (trouble && "after" in trouble && index === Math.min(trouble.after, lines.length - 1)) {
      if (trouble.is === "cut") return void (trouble.how === "end" ? response.end() : setImmediate(() => tear(response)));
      if (trouble.is === "error")
        return void response.end(asked.wire === "ollama" ? `${JSON.stringify({ error: trouble.text })}\n` : `data: ${JSON.stringify(errorBody("openai", trouble.text))}\n\n`);
      trouble.reached();
      await Promise.race([trouble.gate, new Promise((resolve) => gone.addEventListener("abort", resolve, { once: true }))]);
    }
    if (perSecond > 0) await pause(start + (index * 1000) / perSecond - performance.now(), gone);
    await write(response, Buffer.from(line), trouble?.is === "bytes" ? trouble.size : line.length * 4);
  }
  response.end();
}

async function write(response: ServerResponse, bytes: Buffer, size: number): Promise<void> {
  for (let from = 0; from < bytes.length; from += size) {
    response.write(bytes.subarray(from, from + size));
    // each chunk in a packet of its own
    if (size < bytes.length) await new Promise((resolve) => setImmediate(resolve));
  }
}
