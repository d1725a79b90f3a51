// Reading ahead, told from the outside: what a server is asked for before anybody asks, and that nobody ever waits for it.
import { describe, expect } from "vitest";
import type { Asked } from "../../src/app/demo/script.ts";
import type { SessionId } from "../../src/core/events.ts";
import { openFakeModel, prefixBreak } from "../fake/model-server.ts";
import { call, story, thought } from "./story.ts";

/** The beginning that templates make of a request: everything up to the last message. */
const beginning = ({ body }: Asked, messages: number): string => JSON.stringify([body.tools, (body.messages as unknown[]).slice(0, messages)]);
const minutes = (count: number): number => count * 60_000;

describe("a session that opens", () => {
  story("has the head read, and its first request begins with those bytes", async ({ model, open }) => {
    model.says("Hello.");
    const aura = await open();
    await model.warmed(1);
    await aura.sees("primed");
    expect(model.requests).toHaveLength(0);
    await aura.types("hello");
    expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 1 });
    const [warm, real] = [model.warms[0] as Asked, model.requests[0] as Asked];
    expect(beginning(warm, 1)).toBe(beginning(real, 1));
    expect(warm.messages[0]?.role).toBe("system");
    // the log knows nothing of it but the head, once
    expect(aura.facts.filter(({ type }) => type !== "confined").map(({ type }) => type)).toEqual(["opened", "primed", "asked", "said", "ended"]);
  });

  story("gives up reading ahead the moment something is asked", async ({ model, open }) => {
    model.says("Hello.");
    model.holdWarms();
    const aura = await open();
    await model.warmed(1);
    await aura.types("hello");
    // it would wait for ever
    expect(await aura.sees("ended")).toMatchObject({ why: "done" });
    await expect.poll(() => model.warmsAborted).toBe(1);
    expect(model.requests).toHaveLength(1);
  });

  story(
    "is answered, too, when it is asked before the model could be opened",
    async ({ model, open }) => {
      model.says("Hello.");
      const aura = await open();
      await aura.types("hello");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      expect(aura.facts.filter(({ type }) => type === "primed")).toHaveLength(1);
    },
    { on: ["memory"] },
  );

  story(
    "reads nothing ahead where nobody is there, or nobody wants it",
    async ({ model, open }) => {
      model.says("Hello.", "Hello.");
      for (const how of [{ headless: true, policy: "auto" as const }, { prewarm: false }]) {
        const aura = await open(how);
        await aura.types("hello");
        await aura.sees("ended");
      }
      expect(model.warms).toHaveLength(0);
      expect(model.requests).toHaveLength(2);
    },
    { on: ["memory"] },
  );

  story(
    "says nothing where there is no server to warm up",
    async ({ model, open }) => {
      await model.close();
      const aura = await open();
      await aura.sees("confined");
      expect(aura.facts.map(({ type }) => type).sort()).toEqual(["confined", "opened"]);
      await model.reopen();
      model.says("Hello.");
      await aura.types("hello");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
    },
    { on: ["memory"] },
  );

  story(
    "and is never used stands in the list as new",
    async ({ repo, model, open }) => {
      const aura = await open();
      await model.warmed(1);
      await aura.sees("primed");
      expect(await aura.core.query({ type: "sessions", root: repo.root })).toMatchObject([{ state: "new", turns: 0, task: "" }]);
    },
    { on: ["memory"] },
  );

  story("freezes its head with the first request, not before", async ({ repo, model, open }) => {
    repo.write("AGENTS.md", "Use tabs.\n");
    model.says("Hello.", "Again.");
    const aura = await open();
    await model.warmed(1);
    expect(model.warms[0]?.messages[0]?.text).toContain("Use tabs");
    repo.write("AGENTS.md", "Use blanks.\n");
    await aura.types("hello");
    await aura.sees("ended");
    repo.write("AGENTS.md", "Use nothing.\n");
    await aura.types("again");
    await aura.sees("ended");
    for (const request of model.requests) expect(request.messages[0]?.text).toContain("Use blanks");
    expect(aura.facts.filter(({ type }) => type === "primed")).toHaveLength(2);
  });
});

describe("a session gone back to", () => {
  story("has its whole conversation read", async ({ repo, model, open, kill }) => {
    repo.write("a.ts", "let x = 1;\n");
    model.says(call("read", { path: "a.ts" }), "x is one.", "And you are welcome.");
    const first = await open({ policy: "auto" });
    await first.types("what is x");
    await first.sees("ended");
    first.drops();
    await kill();
    const before = model.warms.length;
    const aura = await open({ session: first.session, policy: "auto" });
    await model.warmed(before + 1);
    await aura.types("thanks");
    await aura.sees("ended", (fact) => fact.seq > first.facts.length);
    const [warm, real] = [model.warms.at(-1) as Asked, model.requests.at(-1) as Asked];
    expect(warm.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool", "assistant"]);
    expect(beginning(warm, 5)).toBe(beginning(real, 5));
    expect(prefixBreak(model.requests)).toBe(null);
  });
});

describe("a prompt that is being written", () => {
  let now = 1_800_000_000_000;
  story(
    "warms the model up where it may have forgotten, and only there",
    async ({ model, open }) => {
      model.says("Hello.");
      const hold = model.hold("And again, for a long time.", 1);
      const aura = await open();
      await model.warmed(1);
      await aura.types("hello");
      await aura.sees("ended");
      await aura.send({ type: "typing" });
      now += minutes(2);
      await aura.send({ type: "typing" });
      await model.warmed(2);
      expect(model.warms.map(({ messages }) => messages.length)).toEqual([2, 3]);
      // it brought what it should: the next one can wait
      await aura.send({ type: "typing" });
      now += minutes(2);
      await aura.types("again");
      await hold.reached;
      await aura.send({ type: "typing" });
      hold.release();
      await aura.sees("ended");
      expect(model.warms).toHaveLength(2);
    },
    { on: ["memory"], clock: { now: () => now } },
  );

  story(
    "warms another model up as soon as it is chosen",
    async ({ model, open }) => {
      await using other = await openFakeModel();
      const aura = await open();
      await model.warmed(1);
      await aura.send({ type: "set", model: other.id, url: other.url } as never);
      await other.warmed(1);
      other.says("Hello.");
      await aura.types("hello");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      expect(model.requests).toHaveLength(0);
    },
    { on: ["memory"] },
  );

  story(
    "of one session never takes from another that works",
    async ({ model, open }) => {
      const hold = model.hold("A long answer that takes its time.", 1);
      const works = await open();
      await model.warmed(1);
      await works.types("talk");
      await hold.reached;
      const other = await open();
      await other.send({ type: "typing" });
      hold.release();
      await works.sees("ended");
      expect(model.warms).toHaveLength(1);
      // and what is read ahead for one is given up for the other
      model.holdWarms();
      model.says("Again.");
      const before = model.warmsAborted;
      const third = await open({ session: "20260101-000000-zzzz" as SessionId });
      await model.warmed(2);
      await works.types("again");
      await works.sees("ended");
      await expect.poll(() => model.warmsAborted).toBe(before + 1);
      expect(third.facts.some(({ type }) => type === "said")).toBe(false);
    },
    { on: ["memory"] },
  );
});

describe("a thought that takes too long", () => {
  story(
    "is ended on the person's word: the log keeps it, the model answers without",
    async ({ model, open }) => {
      const hold = model.hold([thought("First this, then that, and then I wonder whether"), "never said"], 4);
      model.says("Forty-two.");
      const aura = await open({ policy: "auto" });
      // nothing thinks yet
      await aura.send({ type: "hasten" });
      await aura.types("what is it");
      await hold.reached;
      await aura.hears("First this");
      await aura.send({ type: "hasten" });
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 2 });
      await model.abortedTimes(1);
      hold.release();
      const said = aura.facts.filter((fact) => fact.type === "said");
      expect(said).toMatchObject([
        { end: "stopped", text: "", thought: expect.stringMatching(/^First this/) },
        { end: "stop", text: "Forty-two." },
      ]);
      expect(aura.facts.filter((fact) => fact.type === "asked").map(({ by }) => by === "aura")).toEqual([false, true]);
      const [before, after] = model.requests as [Asked, Asked];
      expect([before.body.think, after.body.think]).toEqual([true, false]);
      expect(after.json).not.toContain("First this");
      expect(after.messages.at(-1)?.text).toMatch(/enough thought/);
      expect(prefixBreak(model.requests)).toBe(null);
    },
    { model: { capabilities: ["thinking"] } },
  );

  story(
    "is left alone once there are words",
    async ({ model, open }) => {
      const hold = model.hold([thought("Hm."), "The answer is forty-two."], 3);
      const aura = await open({ policy: "auto" });
      await aura.types("what is it");
      await hold.reached;
      await aura.hears("The");
      await aura.send({ type: "hasten" });
      hold.release();
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 1 });
      expect(await aura.sees("said")).toMatchObject({ text: "The answer is forty-two.", thought: "Hm." });
    },
    { on: ["memory"] },
  );
});
