// What the server reuses and what it has yet to read, told from the outside: progress, the debug log's culprit, and a word to the person.
import type { ServerResponse } from "node:http";
import { describe, expect } from "vitest";
import type { Live } from "../../src/core/events.ts";
import { type Note, setNoteSink } from "../../src/core/note.ts";
import { call, status, story, type World } from "./story.ts";

/** What these servers are taken for until they have told, which on a busy machine may come late. */
const context = 8_192;
const lines = (count: number): string => Array.from({ length: count }, (_, at) => `export const value_${at} = ${at * 31};`).join("\n");
type Working = Extract<Live, { type: "working" }>;
const readings = (lives: readonly Live[]): Working[] => lives.filter((live): live is Working => live.type === "working" && live.what === "reading" && live.part !== undefined);

/** What is noted in the debug log while `tell` runs. */
async function noted(tell: () => Promise<void>): Promise<Note[]> {
  const notes: Note[] = [];
  setNoteSink((note) => notes.push(note));
  try {
    await tell();
  } finally {
    setNoteSink(null);
  }
  return notes.filter(({ what }) => what.startsWith("the server reused less") || what.startsWith("the request departs"));
}

describe("a prompt that takes long to read", () => {
  const slowly = async ({ repo, model, open }: World): Promise<Live[]> => {
    repo.write("a.ts", lines(300));
    model.says(
      [1, 101, 201].map((from) => call("read", { path: "a.ts", from, to: from + 99 })),
      "Many values.",
    );
    const aura = await open({ policy: "auto", prewarm: false });
    await aura.types("how many values?");
    expect(await aura.sees("ended")).toMatchObject({ why: "done" });
    const said = aura.lives.findLastIndex((live) => live.type === "saying");
    const begun = aura.lives.findIndex((live, at) => live.type === "saying" && at > 0);
    expect(readings(aura.lives.slice(begun, said))).toEqual([]);
    return aura.lives;
  };

  story(
    "is followed by a guess, marked as one, where the server says nothing",
    async (world) => {
      const guessed = readings(await slowly(world)).filter(({ guess }) => guess);
      // the first reading taught the speed, so the second is guessed
      expect(guessed.length).toBeGreaterThan(1);
      for (const [at, { part = 0 }] of guessed.entries()) {
        expect(part).toBeGreaterThan(guessed[at - 1]?.part ?? 0);
        expect(part).toBeLessThan(1);
      }
      expect(guessed[0]?.leftMs).toBeGreaterThan(0);
    },
    { on: ["memory"], model: { wire: "openai", readPerS: 1_000, context } },
  );

  story(
    "is followed by the server's own word where it gives one",
    async (world) => {
      const told = readings(await slowly(world));
      expect(told.length).toBeGreaterThan(3);
      expect(told.filter(({ guess }) => guess)).toEqual([]);
    },
    { on: ["memory"], model: { wire: "llama-server", readPerS: 1_000, context } },
  );
});

describe("a cache that is lost", () => {
  story(
    "is noted with what the bytes say: nothing differed",
    async ({ model, open }) => {
      const task = "Remember this. ".repeat(120);
      model.says("One.", "Something else.", "Two.");
      const notes = await noted(async () => {
        const aura = await open({ prewarm: false });
        await aura.types(task);
        await aura.sees("ended");
        // the server has one slot, and another session takes it
        const other = await open({ prewarm: false });
        await other.types("something else");
        await other.sees("ended");
        await aura.types("go on");
        await aura.sees("ended");
      });
      expect(notes).toMatchObject([
        { level: "warn", fields: { why: expect.stringMatching(/the bytes were the same: the server lost its cache/), cachedTokens: expect.any(Number) } },
      ]);
    },
    { on: ["memory"], model: { wire: "openai", context } },
  );

  story(
    "is no riddle after a compaction",
    async ({ repo, model, open }) => {
      for (let at = 0; at < 3; at++) repo.write(`part${at}.ts`, lines(60));
      for (let at = 0; at < 3; at++) model.says(call("read", { path: `part${at}.ts` }));
      const overflow = status(400, "exceeds the available context size");
      // the first time it is taken for the room that the answer was to have
      model.says(overflow, overflow, "## Found out\nEach exports sixty values.", "Sixty each.");
      const notes = await noted(async () => {
        const aura = await open({ policy: "auto", prewarm: false });
        await aura.types("how many values?");
        expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      });
      expect(notes.map(({ fields, level }) => [level, fields.why])).toEqual([["info", "the history was shortened"]]);
    },
    { on: ["memory"], model: { wire: "openai", context } },
  );

  let turn = 0;
  const cold = (response: ServerResponse): void => {
    const message = turn < 5 ? { tool_calls: [{ id: `c${turn}`, function: { name: "read", arguments: `{"path":"part${turn}.ts"}` } }] } : { content: "Many." };
    const usage = { prompt_tokens: 2_500 + 500 * turn, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 0 } };
    turn++;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ choices: [{ message, finish_reason: "stop" }], usage }));
  };
  story(
    "turn after turn is told to the person, once",
    async ({ repo, open }) => {
      for (let at = 0; at < 5; at++) repo.write(`part${at}.ts`, lines(60));
      const aura = await open({ policy: "auto", prewarm: false });
      await aura.types("how many values?");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 6 });
      expect(aura.facts.filter((fact) => fact.type === "noted")).toMatchObject([
        { level: "info", text: expect.stringMatching(/reads the whole conversation anew/), hint: expect.any(String) },
      ]);
    },
    {
      on: ["memory"],
      model: {
        wire: "openai",
        intercept: (_, path, response) => {
          if (path !== "/v1/chat/completions") return false;
          cold(response);
          return true;
        },
      },
    },
  );
});
