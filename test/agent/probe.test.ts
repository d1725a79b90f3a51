// Probes of scripted models of different ability, over real HTTP: what is found out about each, and what time allows.
import { describe, expect, it } from "vitest";
import { type ProbeStep, runProbe } from "../../src/agent/probe.ts";
import type { Probed } from "../../src/core/probed.ts";
import { openModel } from "../../src/models/index.ts";
import { type Ability, able } from "../fake/able.ts";
import { type FakeModel, type FakeModelNeeds, hang, openFakeModel, status } from "../fake/model-server.ts";

const never = new AbortController().signal;
async function probe(fake: FakeModel, more: { maxMs?: number; signal?: AbortSignal } = {}) {
  const steps: ProbeStep[] = [];
  const model = await openModel({ id: fake.id, url: fake.url }, never);
  const result = await runProbe({ model, url: fake.url, at: 1, nonce: "n1", maxMs: more.maxMs ?? 60_000, onStep: (step) => steps.push(step) }, more.signal ?? never);
  return { ...result, steps };
}
const all = { landed: 2, tried: 2 };
const none = { landed: 0, tried: 2 };

const wires = ["ollama", "openai", "llama-server"] as const;
const rows: [what: string, ability: Ability, found: Partial<Probed>][] = [
  [
    "that can do everything",
    { calls: "native", parallel: true, schema: true, forced: true, lands: ["replace", "blocks", "patch", "whole"] },
    {
      calls: "native",
      parallel: true,
      schema: true,
      forced: true,
      thinks: false,
      edits: { replace: all, blocks: all, patch: all, whole: all },
      form: "replace",
      profile: "default",
    },
  ],
  [
    "whose server leaves its calls in the text",
    { calls: "left", parallel: true, schema: true, forced: true, lands: ["replace", "whole"] },
    { calls: "text", parallel: true, schema: true, forced: true, edits: { replace: all, blocks: none, patch: none, whole: all }, form: "replace", profile: "default" },
  ],
  [
    "that only calls where the tools are told in text",
    { calls: "text", parallel: true, lands: ["replace"] },
    {
      calls: "text",
      onlyTold: true,
      parallel: true,
      schema: false,
      forced: false,
      edits: { replace: all, blocks: none, patch: none, whole: none },
      form: "replace",
      profile: "nano",
    },
  ],
  [
    "whose calls as text can be forced",
    { calls: "text", schema: true, forced: true, lands: ["blocks"] },
    { calls: "text", onlyTold: true, parallel: false, schema: true, forced: true, form: "blocks", profile: "nano" },
  ],
  ["that ignores schemas", { calls: "native", lands: ["replace"] }, { calls: "native", schema: false, forced: false, parallel: false }],
  [
    "whose edits only land as whole files",
    { calls: "native", schema: true, lands: ["whole"] },
    { calls: "native", edits: { replace: none, blocks: none, patch: none, whole: all }, form: "whole", profile: "default" },
  ],
  ["whose patches land best", { calls: "native", lands: ["patch", "whole"] }, { form: "patch", edits: { replace: none, blocks: none, patch: all, whole: all } }],
  ["that writes no JSON", { calls: "text", malformed: true }, { calls: "none", parallel: false, form: "replace", profile: "nano" }],
  ["that only talks", { calls: "none" }, { calls: "none", edits: { replace: none, blocks: none, patch: none, whole: none }, profile: "nano" }],
];

for (const wire of wires)
  describe(`a probe on ${wire}`, () => {
    for (const [what, ability, found] of rows)
      it(`of a model ${what}`, async () => {
        await using fake = await openFakeModel({ wire, otherwise: able(ability) });
        const { probed, skipped } = await probe(fake);
        expect(probed).toMatchObject({ v: 1, model: fake.id, url: fake.url, at: 1, context: 32_768, ...found });
        expect(skipped).toEqual([]);
      });
  });

describe("a probe", () => {
  const good: Ability = { calls: "native", parallel: true, schema: true, forced: true, lands: ["replace", "blocks", "patch", "whole"] };
  const fakeOf = (ability: Ability, more: FakeModelNeeds = {}): Promise<FakeModel> => openFakeModel({ otherwise: able(ability), ...more });

  it("notices thoughts, and goes on without them", async () => {
    await using fake = await fakeOf({ ...good, thinks: true }, { capabilities: ["thinking"] });
    const { probed } = await probe(fake);
    expect(probed).toMatchObject({ thinks: true, calls: "native" });
    // whether it calls is asked as a session would
    expect(fake.requests.map(({ body }) => body.think)).toEqual([true, true, ...fake.requests.slice(2).map(() => false)]);
  });

  it("takes the speeds from a long prompt that nobody has read before", async () => {
    await using fake = await fakeOf(good, { wire: "llama-server", readPerS: 20_000 });
    const { probed } = await probe(fake);
    expect(probed.readPerS).toBeGreaterThan(0);
    expect(probed.writePerS).toBeGreaterThan(0);
    const long = fake.requests.filter(({ json }) => json.includes("Count from 1 to 60"));
    expect(long).toHaveLength(1);
    expect(long[0]?.messages[0]?.text.startsWith("Notes n1\n")).toBe(true);
    expect((long[0]?.json.length ?? 0) / 4).toBeGreaterThan(1_300);
    expect((long[0]?.json.length ?? 0) / 4).toBeLessThan(1_900);
  });

  it("of a server that takes no tools goes on in text", async () => {
    await using fake = await openFakeModel({
      otherwise: (asked) => (asked.tools.length > 0 ? status(400, "registry.ollama.ai/library/fake does not support tools") : able({ ...good, calls: "text" })(asked)),
    });
    expect((await probe(fake)).probed).toMatchObject({ calls: "text", onlyTold: true, profile: "nano", edits: { replace: all } });
    expect(fake.requests.filter(({ tools }) => tools.length > 0)).toHaveLength(1);
  });

  it("chooses the small profile for a small context, whatever the model can do", async () => {
    await using fake = await fakeOf(good, { context: 4_096 });
    expect((await probe(fake)).probed).toMatchObject({ calls: "native", context: 4_096, profile: "nano" });
  });

  it("tells each step as it begins and ends, the most telling first", async () => {
    await using fake = await fakeOf(good);
    const { steps } = await probe(fake);
    const done = steps.filter(({ state }) => state === "done");
    expect(done.map(({ name }) => name)).toEqual(["load", "calls", "edits replace", "speed", "parallel", "schema", "forced", "edits blocks", "edits patch", "edits whole"]);
    expect(steps.map(({ state }) => state)).toEqual(done.flatMap(() => ["begun", "done"]));
    expect(done.every(({ got }) => got !== "")).toBe(true);
  });

  it("stops when its time is over, and says what it did not try", async () => {
    await using fake = await openFakeModel({ otherwise: (asked) => (asked.json.includes("Count from 1") ? hang() : able(good)(asked)) });
    const { probed, skipped, steps } = await probe(fake, { maxMs: 3_000 });
    expect(probed).toMatchObject({ calls: "native", form: "replace", profile: "default", schema: false });
    expect(probed.edits).toEqual({ replace: all, blocks: { landed: 0, tried: 0 }, patch: { landed: 0, tried: 0 }, whole: { landed: 0, tried: 0 } });
    expect(skipped).toEqual(["speed", "parallel", "schema", "forced", "edits blocks", "edits patch", "edits whole"]);
    expect(steps.filter(({ state }) => state === "skipped")).toHaveLength(7);
    await fake.abortedTimes(1);
  });

  it("gives nothing where not even a call could be tried in time", async () => {
    await using fake = await openFakeModel({ otherwise: (asked) => (asked.json.includes("notes.txt") ? hang() : "ready") });
    await expect(probe(fake, { maxMs: 300 })).rejects.toMatchObject({ code: "probe.slow", exit: 1 });
  });

  it("waits for a model that loads, and doesn't count that", async () => {
    await using fake = await fakeOf(good, { wire: "llama-server" });
    fake.says(status(503, '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}'));
    expect((await probe(fake)).probed.calls).toBe("native");
  });

  it("ends in the server's words where there is no model", async () => {
    await using fake = await fakeOf(good);
    fake.says(status(404, "model 'fake' not found"));
    await expect(probe(fake)).rejects.toMatchObject({ code: "model.no-model", exit: 3 });
  });

  it("is given up at once, and closes the server's stream", async () => {
    await using fake = await openFakeModel({ otherwise: (asked) => (asked.json.includes("notes.txt") ? hang() : "ready") });
    const stop = new AbortController();
    const probing = probe(fake, { signal: stop.signal });
    await fake.asked(2);
    stop.abort();
    await expect(probing).rejects.toMatchObject({ name: "AbortError" });
    await fake.abortedTimes(1);
  });
});
