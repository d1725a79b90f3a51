// Finding servers and opening models by name, against real servers on ports of their own.
import { createServer, type Server as HttpServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { Wire } from "../../src/app/demo/server.ts";
import type { ModelId, ModelLine } from "../../src/core/events.ts";
import { type Found, findModels, ollamaHost, usualSpots } from "../../src/models/find.ts";
import { choose, lookForModels, openModel, servers, splitId } from "../../src/models/index.ts";
import { type FakeModel, type FakeModelNeeds, openFakeModel, slow } from "../fake/model-server.ts";

const never = new AbortController().signal;
const fakes: FakeModel[] = [];
const plain: HttpServer[] = [];
async function start(needs: FakeModelNeeds): Promise<FakeModel> {
  const fake = await openFakeModel(needs);
  fakes.push(fake);
  return fake;
}
async function serve(answers: Record<string, unknown>): Promise<string> {
  const server = createServer((incoming, response) => {
    const answer = answers[`${incoming.method} ${incoming.url}`];
    incoming.resume();
    if (answer === undefined) response.writeHead(404).end("404 page not found");
    else if (answer === "never") return;
    else response.end(JSON.stringify(answer));
  });
  plain.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}
afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close();
  for (const server of plain.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

describe("finding", () => {
  it.each<Wire>(["ollama", "lmstudio", "llama-server", "openai"])("knows %s when it sees one, and chooses its only model", async (wire) => {
    const fake = await start({ wire, context: 12_345 });
    const found = await lookForModels({ url: fake.url }, never);
    expect(found.looked).toEqual([{ url: fake.url, found: wire, why: null }]);
    expect(found.chosen).toMatch(new RegExp(`^${wire}/fake`));
    expect(found.models).toMatchObject([{ url: fake.url, runningContext: 12_345, refused: null }]);
  });

  it("looks everywhere at once and says what it saw", async () => {
    const ollama = await start({ wire: "ollama" });
    const other = await serve({ "GET /": "a web site" });
    const silent = await serve({ "GET /v1/models": "never", "GET /props": "never" });
    const dead = await start({ wire: "openai" });
    await dead.close();
    const spots = [ollama.url, dead.url, other, silent].map((url) => ({ url, servers }));
    const found = await findModels(spots, never, 1000);
    expect(found.looked).toMatchObject([
      { found: "ollama", why: null },
      { found: null, why: "nothing listens" },
      { found: null, why: "something else answers" },
      { found: null, why: "no answer in time" },
    ]);
    expect(found.chosen).toBe("ollama/fake:latest");
  });

  it("probes each server's own port, and Ollama where OLLAMA_HOST says", () => {
    expect(usualSpots(servers, {}).map((spot) => spot.url)).toEqual([11434, 1234, 8080, 8000].map((port) => `http://127.0.0.1:${port}`));
    expect(usualSpots(servers, { OLLAMA_HOST: ":9999" })[0]?.url).toBe("http://127.0.0.1:9999");
  });
  it.each([
    ["127.0.0.1:1", "http://127.0.0.1:1"],
    ["0.0.0.0", "http://127.0.0.1:11434"],
    ["http://localhost:5", "http://localhost:5"],
    [":5", "http://127.0.0.1:5"],
    ["10.0.0.1:11434", null],
    ["ollama.example.com", null],
    ["https://127.0.0.1", null],
    ["", null],
    ["::::", null],
  ])("reads OLLAMA_HOST=%s as %s", (value, expected) => {
    expect(ollamaHost(value)).toBe(expected);
  });

  it("refuses to look at another machine", async () => {
    await expect(lookForModels({ url: "http://10.0.0.1:11434" }, never)).rejects.toMatchObject({ code: "address.refused", exit: 2 });
  });

  it("lists cloud models and unfit ones with the reason, and never chooses them", async () => {
    const url = await serve({
      "GET /api/tags": {
        models: [
          { name: "qwen3:8b", size: 5, details: { context_length: 40_960 }, capabilities: ["completion", "tools"] },
          { name: "big:cloud", size: 5 },
          { name: "gpt-oss:120b-cloud", size: 5 },
          { name: "linked:latest", size: 5, remote_host: "https://ollama.com", remote_model: "x" },
          { name: "nomic-embed-text:latest", size: 5 },
          { name: "talker:latest", size: 5, capabilities: ["completion"] },
        ],
      },
    });
    const found = await lookForModels({ url }, never);
    expect(found.models.map((model) => model.refused)).toEqual([null, "runs in the cloud", "runs in the cloud", "runs in the cloud", "makes embeddings", null]);
    expect(found.chosen).toBe("ollama/qwen3:8b");
  });

  it("chooses a model that can't call tools only where there is no other", async () => {
    const talker = { name: "talker:latest", size: 5, capabilities: ["completion"] };
    const url = await serve({ "GET /api/tags": { models: [talker] } });
    expect((await lookForModels({ url }, never)).chosen).toBe("ollama/talker:latest");
    const two = await serve({ "GET /api/tags": { models: [talker, { ...talker, name: "able", capabilities: ["completion", "tools"] }] } });
    expect((await lookForModels({ url: two }, never)).chosen).toBe("ollama/able");
    const models = (await lookForModels({ url: two }, never)).models;
    expect(choose({ models, looked: [], chosen: null }, null).name).toBe("able");
    expect(choose({ models, looked: [], chosen: null }, "talker").name).toBe("talker:latest");
  });

  it("leaves out names that would drive a terminal", async () => {
    const url = await serve({ "GET /v1/models": { data: [{ id: "good/model-7b" }, { id: "bad\u001b[2J" }, { id: "x".repeat(1000) }] } });
    expect((await lookForModels({ url }, never)).models.map((model) => model.id)).toEqual(["openai/good/model-7b"]);
  });

  it("knows a llama-server that is still loading, and a server without models", async () => {
    const loading = await start({
      wire: "llama-server",
      intercept: (_, __, response) => {
        response.writeHead(503, { "content-type": "application/json" }).end('{"error":{"message":"Loading model","type":"unavailable_error","code":503}}');
        return true;
      },
    });
    expect((await lookForModels({ url: loading.url }, never)).chosen).toBe("llama-server/default");
    const model = await openModel({ id: null, url: loading.url }, never);
    for await (const piece of model.stream({ messages: [], tools: [] }, never)) expect(piece).toMatchObject({ type: "fault", fault: { kind: "loading", retry: true } });
    const empty = await serve({ "GET /api/tags": { models: null } });
    expect((await lookForModels({ url: empty }, never)).looked).toMatchObject([{ found: "ollama", why: "has no model" }]);
    await expect(openModel({ id: null, url: empty }, never)).rejects.toMatchObject({ code: "model.none", exit: 3 });
  });
});

describe("choosing", () => {
  const line = (id: string, refused: string | null = null): ModelLine => ({
    id: id as ModelId,
    url: "http://127.0.0.1:1",
    name: id.slice(id.indexOf("/") + 1),
    sizeBytes: null,
    trainedContext: null,
    runningContext: null,
    capabilities: [],
    loaded: false,
    refused,
  });
  const found = (...models: ModelLine[]): Found => ({
    models,
    looked: [{ url: "http://127.0.0.1:1", found: models.length > 0 ? "ollama" : null, why: "nothing listens" }],
    chosen: null,
  });
  it("takes a name alone where only one server has it", () => {
    const models = found(line("ollama/qwen3:latest"), line("openai/meta/llama"), line("ollama/other:cloud", "runs in the cloud"));
    expect(choose(models, "qwen3").id).toBe("ollama/qwen3:latest");
    expect(choose(models, "meta/llama").id).toBe("openai/meta/llama");
    expect(() => choose(models, "other:cloud")).toThrow("it runs in the cloud");
    expect(() => choose(models, "nope")).toThrow("No server has a model nope");
    expect(() => choose(models, null)).toThrow("There are several models: ollama/qwen3:latest, openai/meta/llama");
    expect(() => choose(found(), null)).toThrow("No model server found: looked at http://127.0.0.1:1 (nothing listens)");
  });
  it("reads SERVER/NAME", () => {
    expect(splitId("openai/meta/llama")).toMatchObject({ server: { name: "openai" }, name: "meta/llama" });
    expect(splitId("meta/llama")).toBeNull();
    expect(splitId("ollama/")).toBeNull();
  });
});

describe("opening", () => {
  it.each(["big:cloud", "gpt-oss:120b-cloud"])("never opens %s, on any wire", async (name) => {
    for (const wire of ["ollama", "openai"] as const) {
      const fake = await start({ wire, model: name });
      await expect(openModel({ id: `${wire}/${name}`, url: fake.url }, never)).rejects.toMatchObject({ code: "model.refused", exit: 3 });
      expect(fake.requests).toEqual([]);
    }
  });
  it("never opens a model that /api/show says runs elsewhere", async () => {
    const url = await serve({ "POST /api/show": { remote_host: "https://ollama.com", remote_model: "x" } });
    await expect(openModel({ id: "ollama/harmless", url }, never)).rejects.toMatchObject({ code: "model.refused" });
  });
  it("says which model is missing and how to get it", async () => {
    const fake = await start({
      wire: "ollama",
      intercept: (_, path, response) => {
        if (path !== "/api/show") return false;
        response.writeHead(404).end('{"error":"model \'qwen3\' not found"}');
        return true;
      },
    });
    await expect(openModel({ id: "ollama/qwen3", url: fake.url }, never)).rejects.toMatchObject({ code: "model.none", exit: 3, hint: "Try: ollama pull qwen3" });
  });
  it.each<Wire>(["ollama", "lmstudio", "llama-server", "openai"])("says that %s is down", async (wire) => {
    const fake = await start({ wire });
    await fake.close();
    await expect(openModel({ id: fake.id, url: fake.url }, never)).rejects.toMatchObject({
      code: "server.down",
      exit: 3,
      message: expect.stringContaining(`127.0.0.1:${fake.port}`),
    });
  });
  it("refuses another machine before anything is sent", async () => {
    for (const id of ["ollama/x", "openai/x", "x", null])
      await expect(openModel({ id, url: "http://192.168.1.2:8000" }, never)).rejects.toMatchObject({ code: "address.refused", exit: 2 });
  });
  it.each(["", "/", "/v1", "/v1/"])("finds the API behind a root ending in '%s'", async (end) => {
    const fake = (await start({ wire: "openai" })).says("Hi");
    const model = await openModel({ id: "openai/fake", url: fake.url + end }, never);
    for await (const piece of model.stream({ messages: [{ role: "user", text: "x" }], tools: [] }, never)) expect(piece.type).not.toBe("fault");
    expect(fake.paths).toEqual(["GET /v1/models", "POST /v1/chat/completions"]);
  });
  it("asks nothing when the context is given", async () => {
    const fake = await start({ wire: "openai" });
    expect((await openModel({ id: "openai/fake", url: fake.url, context: 999 }, never)).context).toBe(999);
    expect(fake.paths).toEqual([]);
  });
  it("doesn't wait for a server that is slow to tell its context, and knows it before the second request", async () => {
    const release = Promise.withResolvers<void>();
    const fake = await start({
      wire: "openai",
      context: 4321,
      intercept: (_, path, response) => {
        if (path !== "/v1/models") return false;
        void release.promise.then(() => response.end(JSON.stringify({ data: [{ id: "fake", max_model_len: 4321 }] })));
        return true;
      },
    });
    const model = await openModel({ id: "openai/fake", url: fake.url }, never);
    expect(model.context).toBe(8192);
    release.resolve();
    fake.says(slow("Hi", 100));
    for await (const _ of model.stream({ messages: [{ role: "user", text: "x" }], tools: [] }, never));
    await expect.poll(() => model.context).toBe(4321);
  });
  it("asks again after the first words when the server was still loading", async () => {
    let loading = true;
    const fake = await start({
      wire: "llama-server",
      context: 4321,
      intercept: (_, path, response) => {
        if (!loading || path.endsWith("completions")) return false;
        response.writeHead(503).end('{"error":{"message":"Loading model","code":503}}');
        return true;
      },
    });
    const model = await openModel({ id: fake.id, url: fake.url }, never);
    expect(model.context).toBe(8192);
    loading = false;
    fake.says("Hi there");
    for await (const _ of model.stream({ messages: [{ role: "user", text: "x" }], tools: [] }, never));
    await expect.poll(() => model.context).toBe(4321);
  });
  it("sends the key it was given", async () => {
    const keys: (string | undefined)[] = [];
    const fake = await start({
      wire: "openai",
      intercept: (_, __, response) => {
        keys.push(response.req.headers.authorization);
        return false;
      },
    });
    fake.says("Hi");
    const model = await openModel({ id: "openai/fake", url: fake.url, key: "k" }, never);
    for await (const _ of model.stream({ messages: [], tools: [] }, never));
    expect(keys).toEqual(["Bearer k", "Bearer k"]);
  });
});
