// Weak models, told from the outside: those that go in circles, announce and do nothing, repeat themselves or never stop thinking.
import { describe, expect } from "vitest";
import { prefixBreak } from "../fake/model-server.ts";
import { badCall, call, status, story, thought } from "./story.ts";

const results = (messages: { role: string; text: string }[] = []): string[] => messages.filter((message) => message.role === "tool").map((message) => message.text);

describe("the same call again and again", () => {
  story("is told at the third time, and ends the run at the fifth", async ({ repo, model, open }) => {
    repo.write("a.ts", "let x = 1;\n");
    for (let times = 0; times < 5; times++) model.says(call("read", { path: "a.ts" }));
    const aura = await open({ policy: "auto" });
    await aura.types("look");
    const ended = await aura.sees("ended");
    expect(ended).toMatchObject({ why: "failed", error: { code: "model.loop" } });
    expect(ended.error?.message).toMatch(/5 times[\s\S]*read a\.ts/);
    const told = results(model.requests[4]?.messages);
    expect(told.map((text) => /You have made this very call (\d) times/.exec(text)?.[1])).toEqual([undefined, undefined, "3", "4"]);
  });

  story(
    "is fine while files change in between",
    async ({ repo, model, open }) => {
      repo.write("a.ts", "let x = 1;\n");
      for (let times = 0; times < 6; times++) model.says(call("list", {}), call("edit", { path: "a.ts", old: `x = ${times + 1}`, new: `x = ${times + 2}` }));
      model.says("Counted.");
      const aura = await open({ policy: "auto" });
      await aura.types("count");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      expect(results(model.requests.at(-1)?.messages).some((text) => text.includes("this very call"))).toBe(false);
    },
    { on: ["memory"] },
  );
});

describe("an answer that only announces", () => {
  story("is nudged once, then the work goes on", async ({ repo, model, open }) => {
    repo.write("a.ts", "let x = 1;\n");
    model.says("I see the problem. Let me read a.ts first.", call("read", { path: "a.ts" }), "x is one.");
    const aura = await open({ policy: "auto" });
    await aura.types("what is x");
    expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 3 });
    expect(model.requests[1]?.messages.at(-1)).toMatchObject({ role: "user", text: expect.stringMatching(/announced a step/) });
  });

  story(
    "is nudged again after a call, but not for ever",
    async ({ repo, model, open }) => {
      for (let at = 0; at < 7; at++) {
        repo.write(`f${at}.ts`, `let x = ${at};\n`);
        model.says("Let me read the next one.", ...(at < 6 ? [call("read", { path: `f${at}.ts` })] : []));
      }
      const aura = await open({ policy: "auto" });
      await aura.types("read them");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 13 });
      expect(aura.facts.filter((fact) => fact.type === "asked" && fact.by === "aura")).toHaveLength(6);
    },
    { on: ["memory"] },
  );

  story(
    "is forced to a call the second time, and free again behind it",
    async ({ repo, model, open }) => {
      repo.write("a.ts", "let x = 1;\n");
      model.says("I will now look at it.", "I will now look at it, really.", call("read", { path: "a.ts" }), "x is one.");
      const aura = await open({ policy: "auto" });
      await aura.types("what is x");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 4 });
      expect(model.requests.map(({ body }) => body.tool_choice)).toEqual([undefined, undefined, "required", undefined]);
      expect(prefixBreak(model.requests)).toBe(null);
    },
    { on: ["memory"], model: { wire: "llama-server" } },
  );

  story(
    "is taken for an answer the third time",
    async ({ model, open }) => {
      model.says("I will now look at it.", "I will now look at it, really.", "I will now look at it, I swear.");
      const aura = await open({ policy: "auto" });
      await aura.types("look");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 3 });
    },
    { on: ["memory"] },
  );
});

describe("a call that nobody can read", () => {
  story("is told to the model, which is then held to the form of a call, once", async ({ repo, model, open }) => {
    repo.write("a.ts", "let x = 1;\n");
    model.says(badCall("read", '{"path": oh no'), call("read", { path: "a.ts" }), "x is one.");
    const aura = await open({ policy: "auto" });
    await aura.types("what is x");
    expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 3 });
    expect(model.requests.map(({ body }) => body.format !== undefined)).toEqual([false, true, false]);
    expect(results(model.requests[1]?.messages)[0]).toMatch(/not run.*not valid JSON/s);
  });

  story(
    "is asked for again without a form where the server won't have one",
    async ({ repo, model, open }) => {
      repo.write("a.ts", "let x = 1;\n");
      model.says(badCall("read", '{"path": oh no'), status(400, "unknown parameter"), call("read", { path: "a.ts" }), "x is one.");
      const aura = await open({ policy: "auto" });
      await aura.types("what is x");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 3 });
      expect(model.requests.map(({ body }) => body.tool_choice)).toEqual([undefined, "required", undefined, undefined]);
    },
    { on: ["memory"], model: { wire: "openai" } },
  );

  story(
    "ends the run at the sixth time, and says what was tried",
    async ({ model, open }) => {
      for (let at = 0; at < 6; at++) model.says(badCall("read", `{"path": ${"oh ".repeat(at)}no`));
      const aura = await open({ policy: "auto" });
      await aura.types("what is x");
      const ended = await aura.sees("ended");
      expect(ended).toMatchObject({ why: "failed", turns: 6, error: { code: "model.malformed", message: expect.stringMatching(/told each time/) } });
    },
    { on: ["memory"], model: { wire: "openai" } },
  );
});

describe("an empty answer", () => {
  story(
    "is asked for again, then without thoughts, then the run ends",
    async ({ model, open }) => {
      model.says([thought("Hm.")], "", [thought("Hm, hm.")]);
      const aura = await open({ policy: "auto" });
      await aura.types("what is x");
      const ended = await aura.sees("ended");
      expect(ended).toMatchObject({ why: "failed", turns: 3, error: { code: "model.empty", message: expect.stringMatching(/without thinking/) } });
      expect(model.requests.map(({ body }) => body.think)).toEqual([true, true, false]);
    },
    { on: ["memory"], model: { capabilities: ["thinking"] } },
  );
});

const endless = `Well. ${"I should look at this file again to be quite sure. ".repeat(400)}`;

describe("an answer without end", () => {
  story("is stopped, kept short, and asked for once more", async ({ model, open }) => {
    model.says({ say: endless, rate: 4_000 }, "x is one.");
    const aura = await open({ policy: "auto" });
    await aura.types("what is x");
    expect(await aura.sees("ended")).toMatchObject({ why: "done" });
    await model.abortedTimes(1);
    expect(await aura.sees("noted")).toMatchObject({ text: expect.stringMatching(/repeated itself/) });
    expect(model.requests[1]?.messages.at(-2)?.text.length).toBeLessThan(200);
    expect(model.requests[1]?.messages.at(-1)?.text).toMatch(/without end/);
  });

  story(
    "ends the run when it comes a third time, the last one without thoughts and less predictable",
    async ({ model, open }) => {
      model.says({ say: endless, rate: 4_000 }, { think: endless, rate: 4_000 }, { say: endless, rate: 4_000 });
      const aura = await open({ policy: "auto" });
      await aura.types("what is x");
      expect(await aura.sees("ended")).toMatchObject({ why: "failed", error: { code: "model.repeats", message: expect.stringMatching(/temperature 1/) } });
      expect(model.requests.map(({ body }) => [body.think, (body.options as { temperature?: number }).temperature])).toEqual([
        [true, undefined],
        [true, undefined],
        [false, 1],
      ]);
    },
    { on: ["memory"], model: { capabilities: ["thinking"] } },
  );

  const thoughts = Array.from({ length: 9_000 }, (_, at) => `What about case ${at * 7919}?`).join(" ");
  story(
    "of nothing but thoughts is stopped, and asked to answer",
    async ({ model, open }) => {
      model.says([thought(thoughts)], "x is one.");
      const aura = await open({ policy: "auto" });
      await aura.types("what is x");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      expect(model.requests[1]?.messages.at(-1)?.text).toMatch(/thought for very long/);
      expect(JSON.stringify(model.requests[1]?.body)).not.toContain("What about case");
      expect(model.requests.map(({ body }) => body.think)).toEqual([true, false]);
    },
    { on: ["memory"], model: { context: 8_192, capabilities: ["thinking"] } },
  );
});
