// How much of a prompt Ollama had in its cache, reckoned from what it tells: sequences of answers as it gives them.
import { afterEach, describe, expect, it } from "vitest";
import type { Usage } from "../../src/core/events.ts";
import { openCacheGuess } from "../../src/models/cached.ts";
import { openModel } from "../../src/models/index.ts";
import { noUsage } from "../../src/models/model.ts";
import { json, ndjson, openWires, type Wires } from "../fake/wires.ts";

const answer = (promptTokens: number, promptMs: number, loadMs = 1.3): Usage => ({ ...noUsage, promptTokens, promptMs, loadMs });
/** What each answer of a session says of its cache. */
function guesses(...answers: Usage[]): (number | null)[] {
  const guess = openCacheGuess();
  return answers.map((usage) => guess.add(usage).cachedTokens);
}

describe("guessing", () => {
  it("learns from the request that loaded the model, which can have found nothing", () => {
    // 2 ms a token; then 300 new ones, then 12, then everything anew after a compaction
    expect(guesses(answer(3000, 6000, 4200), answer(3300, 600), answer(3312, 24), answer(2000, 4000))).toEqual([0, 3000, 3300, 0]);
  });
  it("knows nothing of the first one when the model was there already, and something of the next", () => {
    expect(guesses(answer(3000, 6000), answer(3300, 600))).toEqual([null, 3000]);
  });
  it("takes the slowest for the speed until it knows better: then it guesses too little, not too much", () => {
    // the first was cached in half: 1 ms a token seems the speed
    expect(guesses(answer(3000, 3000), answer(3300, 600), answer(4000, 8000), answer(4300, 600))).toEqual([null, 2700, 0, 4000]);
  });
  it("doesn't take a prompt for read that was wholly cached", () => {
    expect(guesses(answer(9000, 30), answer(9010, 30), answer(9300, 600))).toEqual([null, null, null]);
  });
  it("learns nothing from a few tokens or a moment", () => {
    expect(guesses(answer(26, 342.5), answer(3000, 6))).toEqual([null, null]);
  });
  it("never says less than none or more than all", () => {
    expect(guesses(answer(1000, 1000, 900), answer(2000, 60_000), answer(2000, 0))).toEqual([0, 0, 2000]);
  });
  it("learns anew when the model was loaded anew: it may run elsewhere now", () => {
    expect(guesses(answer(3000, 6000, 4000), answer(3000, 30_000, 4000), answer(3300, 3000))).toEqual([0, 0, 3000]);
  });
  it("leaves a server's own count alone, and one that doesn't count", () => {
    const guess = openCacheGuess();
    const counted = { ...answer(1000, 1000, 900), cachedTokens: 5 };
    expect(guess.add(counted)).toEqual(counted);
    expect(guess.add(noUsage)).toEqual(noUsage);
    expect(guess.msPerToken).toBeNull();
  });
  it("marks its guess as one", () => {
    const guess = openCacheGuess();
    guess.add(answer(1000, 2000, 900));
    expect(guess.add(answer(1100, 200))).toMatchObject({ promptTokens: 1100, cachedTokens: 1000, cachedGuess: true });
    expect(guess.msPerToken).toBe(2);
  });
});

describe("in a session", () => {
  let server: Wires | null = null;
  afterEach(async () => server?.close());
  it("is told with each answer, a warming teaching it too", async () => {
    // nanoseconds, as the wire has them
    const figures = [
      { load_duration: 4_200_000_000, prompt_eval_count: 3000, prompt_eval_duration: 6_000_000_000 },
      { load_duration: 1_334_875, prompt_eval_count: 3300, prompt_eval_duration: 600_000_000 },
    ];
    let at = 0;
    server = await openWires({
      "/api/show": { parameters: "num_ctx 8192", model_info: {} },
      "/api/ps": { models: [] },
      "/api/chat": ({ body }, response) =>
        body.messages.length === 0
          ? json(response, { message: { role: "assistant", content: "" }, done: true, done_reason: "load" })
          : ndjson(response, [{ message: { role: "assistant", content: "" }, done: true, done_reason: "stop", eval_count: 282, eval_duration: 4_535_599_000, ...figures[at++] }]),
    });
    const never = new AbortController().signal;
    const model = await openModel({ id: "ollama/m", url: server.url }, never);
    const request = { messages: [{ role: "user" as const, text: "x" }], tools: [] };
    expect(await model.warm?.(request, never)).toBe(true);
    for await (const piece of model.stream(request, never))
      expect(piece).toEqual({
        type: "end",
        end: "stop",
        usage: { promptTokens: 3300, cachedTokens: 3000, cachedGuess: true, outputTokens: 282, promptMs: 600, outputMs: 4535.6, loadMs: 1.3 },
      });
  });
});
