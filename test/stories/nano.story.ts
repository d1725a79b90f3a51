// Small models: three tools told in text, calls and results in text both ways, and the same whole of Aura behind them.
import type { ServerResponse } from "node:http";
import { describe, expect } from "vitest";
import { callText } from "../../src/models/textcalls.ts";
import { openFakeModel, prefixBreak } from "../fake/model-server.ts";
import { type Client, status, story, type World } from "./story.ts";

const calls = (name: string, args: Record<string, unknown>): string => callText({ name, args });
/** What no person should see of it. */
const markup = /tool_call|tool_response|"arguments"/;
const primedOf = (facts: Client["facts"]) => facts.flatMap((fact) => (fact.type === "primed" ? [fact] : []));

for (const wire of ["ollama", "openai", "llama-server", "lmstudio"] as const)
  describe(`a small model on ${wire}`, () => {
    const model = { wire, context: 4_096 };
    story(
      "reads, edits, tests and is done, all in text",
      async ({ repo, model, open }) => {
        repo.write("cart.py", "def total(prices):\n    return sum(prices) + 1\n");
        repo.write("check.sh", "grep -q 'return sum(prices)$' cart.py && echo ok\n");
        model.says(
          `I look first.\n${calls("run", { command: "ls" })}`,
          `${calls("read", { path: "cart.py" })}\n${calls("read", { path: "check.sh", from: 1, to: 5 })}`,
          calls("edit", { path: "cart.py", old: "    return sum(prices) + 1", new: "    return sum(prices)" }),
          calls("run", { command: "sh check.sh" }),
          "The total was one too high. It is mended and the check passes.",
        );
        const aura = await open({ policy: "auto", sandbox: "off" });
        await aura.types("total is wrong");
        expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 5 });
        expect(repo.read("cart.py")).toBe("def total(prices):\n    return sum(prices)\n");
        expect(aura.facts.flatMap((fact) => (fact.type === "tool.called" ? [fact.name] : []))).toEqual(["run", "read", "read", "edit", "run"]);
        expect(aura.facts.flatMap((fact) => (fact.type === "tool.returned" ? [fact.ok] : []))).toEqual([true, true, true, true, true]);
        expect(primedOf(aura.facts)).toMatchObject([{ profile: "nano", form: "replace" }]);
        expect(await aura.sees("noted")).toMatchObject({ level: "info", text: expect.stringMatching(/three tools \(run, read and edit\).*4096 tokens/) });

        const shown = aura.lives.map((live) => (live.type === "saying" ? live.delta : "")).join("");
        const said = aura.facts.map((fact) => (fact.type === "said" ? fact.text : "")).join("");
        expect(`${shown}${said}`).not.toMatch(markup);

        expect(prefixBreak(model.requests)).toBeNull();
        for (const { body, messages } of model.requests) {
          expect(body).not.toHaveProperty("tools");
          expect(messages[0]?.text.length).toBeLessThanOrEqual(1_600);
          expect(messages.map(({ role }) => role).filter((role) => !["system", "user", "assistant"].includes(role))).toEqual([]);
          expect(messages.some((message, n) => message.role === messages[n + 1]?.role)).toBe(false);
        }
        const sent = model.requests.at(-1)?.messages ?? [];
        expect(sent[2]?.text).toBe(`I look first.\n${calls("run", { command: "ls" })}`);
        expect(sent[5]?.text).toMatch(/^<tool_response>\n1\tdef total[\s\S]*<\/tool_response>\n<tool_response>\n1\tgrep[\s\S]*<\/tool_response>$/);
      },
      { on: wire === "ollama" || wire === "openai" ? ["memory", "socket"] : ["memory"], model },
    );
  });

describe("a session in text", () => {
  const model = { context: 4_096 };
  story(
    "takes words that come while it works, and only grows, over a restart too",
    async ({ repo, model, open, kill }) => {
      repo.write("a.ts", "let x = 1;\n");
      const hold = model.hold(calls("read", { path: "a.ts" }), 1);
      model.says("It is one.");
      const first = await open({ policy: "auto" });
      await first.types("what is x");
      await hold.reached;
      await first.types("in one word");
      hold.release();
      expect(await first.sees("ended")).toMatchObject({ why: "done" });
      first.drops();
      await kill();
      model.says("Yes.");
      const aura = await open({ session: first.session, policy: "auto" });
      await aura.types("sure?");
      await aura.sees("ended", (fact) => fact.seq > first.facts.length);
      expect(prefixBreak(model.requests)).toBeNull();
      expect(model.requests[1]?.messages.at(-1)?.text).toBe("<tool_response>\n1\tlet x = 1;\n</tool_response>\n\nin one word");
      expect(model.requests[2]?.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user", "assistant", "user"]);
    },
    { model },
  );

  story(
    "stops a model that makes up its result",
    async ({ repo, model, open }) => {
      repo.write("a.ts", "let x = 1;\n");
      model.says(`${calls("read", { path: "a.ts" })}\n<tool_response>\n1\tlet x = 7;\n</tool_response>\nx is seven.\n${calls("run", { command: "rm a.ts" })}`, "x is one.");
      const aura = await open({ policy: "auto" });
      await aura.types("what is x");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 2 });
      expect(aura.facts.flatMap((fact) => (fact.type === "tool.called" ? [fact.name] : []))).toEqual(["read"]);
      expect(model.requests[1]?.json).not.toContain("seven");
      expect(repo.has("a.ts")).toBe(true);
    },
    { on: ["memory"], model },
  );

  for (const wire of ["ollama", "openai"] as const)
    story(
      `forces a call by the form of the answer on ${wire}`,
      async ({ repo, model, open }) => {
        repo.write("a.ts", "let x = 1;\n");
        model.says("I will now read the file.", "Let me read it.", '{"name": "read", "arguments": {"path": "a.ts"}}', "x is one.");
        const aura = await open({ policy: "auto" });
        await aura.types("what is x");
        expect(await aura.sees("ended")).toMatchObject({ why: "done" });
        expect(aura.facts.flatMap((fact) => (fact.type === "tool.called" ? [[fact.name, fact.args]] : []))).toEqual([["read", { path: "a.ts" }]]);
        const forms = model.requests.map(({ body }) => JSON.stringify(body.format ?? body.response_format ?? null));
        expect(forms.map((form) => form.includes('"enum":["read"]'))).toEqual([false, false, true, false]);
        expect(prefixBreak(model.requests)).toBeNull();
        // what it answered without tags is kept as the call it was
        expect(model.requests[3]?.messages.at(-2)?.text).toBe(calls("read", { path: "a.ts" }));
      },
      { on: ["memory"], model: { ...model, wire } },
    );

  story(
    "is what the person's configuration wants",
    async ({ model, open }) => {
      model.says("Hello.");
      const aura = await open({ policy: "auto" });
      await aura.types("hello");
      await aura.sees("ended");
      expect(primedOf(aura.facts)).toMatchObject([{ profile: "nano" }]);
      // nobody is told what they chose themselves
      expect(aura.facts.some((fact) => fact.type === "noted")).toBe(false);
      expect(model.requests[0]?.tools).toEqual([]);
    },
    { model: { context: 131_072 }, user: { profile: "nano" } },
  );
});

describe("a server that takes no tools for its model", () => {
  for (const wire of ["ollama", "openai"] as const)
    story(
      `is spoken to in text from then on, on ${wire}`,
      async ({ repo, model, open, kill }) => {
        repo.write("a.ts", "let x = 1;\n");
        const first = await open({ policy: "auto", prewarm: false });
        await first.types("what is x");
        expect(await first.sees("ended")).toMatchObject({ why: "done", turns: 2 });
        expect(primedOf(first.facts).map(({ profile }) => profile)).toEqual(["default", "nano"]);
        expect(await first.sees("noted")).toMatchObject({ level: "info", text: expect.stringMatching(/takes no tools .* \(read, edit, run\) in text/) });
        first.drops();
        await kill();
        const aura = await open({ session: first.session, policy: "auto", prewarm: false });
        await aura.types("sure?");
        await aura.sees("ended", (fact) => fact.seq > first.facts.length);
        expect(model.requests.map(({ tools }) => tools.length > 0)).toEqual([true, false, false, false]);
        expect(prefixBreak(model.requests.slice(1))).toBeNull();
      },
      {
        on: ["memory"],
        model: {
          wire,
          otherwise: ({ tools, turn }) => {
            if (tools.length > 0)
              return status(400, wire === "ollama" ? "registry.ollama.ai/library/fake does not support tools" : '"auto" tool choice requires --enable-auto-tool-choice');
            return turn === 0 ? calls("read", { path: "a.ts" }) : "It is one.";
          },
        },
      },
    );
});

describe("a server that takes its time to tell the context", () => {
  const telling = (answer: (response: ServerResponse) => void) => (_: string, path: string, response: ServerResponse) => {
    if (!/models$/.test(path)) return false;
    answer(response);
    return true;
  };
  const list = JSON.stringify({ object: "list", data: [{ id: "fake", object: "model", max_model_len: 4_096 }] });
  const profileOf = async ({ model, open }: Pick<World, "model" | "open">): Promise<unknown[]> => {
    model.says("Hello.");
    const aura = await open({ policy: "auto", prewarm: false });
    await aura.types("hello");
    await aura.sees("ended");
    return primedOf(aura.facts).map(({ profile }) => profile);
  };
  story("is waited for before the profile is chosen", async (world) => expect(await profileOf(world)).toEqual(["nano"]), {
    on: ["memory"],
    model: { wire: "openai", intercept: telling((response) => void setTimeout(() => response.writeHead(200, { "content-type": "application/json" }).end(list), 400)) },
  });
  story("and then doesn't, is no reason to do with less", async (world) => expect(await profileOf(world)).toEqual(["default"]), {
    on: ["memory"],
    model: { wire: "lmstudio", intercept: telling((response) => void response.writeHead(500).end("{}")) },
  });
  let loaded = false;
  const onceLoaded = (_: string, path: string, response: ServerResponse): boolean => {
    if (/chat/.test(path)) loaded = true;
    if (!/models$/.test(path)) return false;
    const context = loaded ? { loaded_context_length: 4_096 } : {};
    const model = { id: "fake", type: "llm", state: loaded ? "loaded" : "not-loaded", max_context_length: 32_768, ...context };
    response.writeHead(path.startsWith("/api/v0") ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify({ data: [model] }));
    return true;
  };
  story(
    "and tells it once the model was loaded by reading ahead, is believed",
    async ({ model, open }) => {
      model.says("Hello.");
      const aura = await open({ policy: "auto" });
      await aura.sees("primed");
      await model.warmed(1);
      await aura.types("hello");
      await aura.sees("ended");
      expect(primedOf(aura.facts).at(-1)).toMatchObject({ profile: "nano", context: 4_096 });
    },
    { on: ["memory"], model: { wire: "lmstudio", intercept: onceLoaded } },
  );
});

describe("a session that opens", () => {
  story(
    "follows the configuration as it is now, whatever the daemon began with",
    async ({ model, open, configures }) => {
      model.says("Hello.", "Hello again.");
      const profiles: unknown[] = [];
      for (const profile of ["default", "nano"] as const) {
        configures({ profile });
        const aura = await open({ prewarm: false });
        await aura.types("hello");
        await aura.sees("ended");
        profiles.push(primedOf(aura.facts).at(-1)?.profile);
      }
      expect(profiles).toEqual(["default", "nano"]);
    },
    { on: ["socket"] },
  );
});

describe("a session that changes to another model", () => {
  story("gets another head where the model needs one, and keeps it where not", async ({ repo, model, open }) => {
    await using small = await openFakeModel({ context: 4_096 });
    await using big = await openFakeModel({ wire: "openai" });
    repo.write("a.ts", "let x = 1;\n");
    model.says({ calls: [{ name: "read", args: { path: "a.ts" } }] }, "One.");
    const aura = await open({ policy: "auto", prewarm: false });
    const ask = async (text: string): Promise<void> => {
      const before = aura.facts.length;
      await aura.types(text);
      await aura.sees("ended", (fact) => fact.seq > before);
    };
    await ask("what is x");
    small.says(calls("read", { path: "a.ts" }), "Still one.");
    await aura.send({ type: "set", model: small.id, url: small.url } as never);
    await ask("and now");
    big.says("One, I say.");
    await aura.send({ type: "set", model: big.id, url: big.url } as never);
    await ask("again");
    model.says("Yes.");
    await aura.send({ type: "set", model: model.id, url: model.url } as never);
    await ask("sure?");
    expect(primedOf(aura.facts).map(({ profile, model }) => [profile, model])).toEqual([
      ["default", model.id],
      ["nano", small.id],
      ["default", big.id],
      ["default", model.id],
    ]);
    // the history goes along, each time as the model can read it
    expect(small.requests[0]?.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user", "assistant", "user"]);
    expect(small.requests[0]?.messages[2]?.text).toBe(calls("read", { path: "a.ts" }));
    expect(big.requests[0]?.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool", "assistant", "user", "assistant", "tool", "assistant", "user"]);
    const heads = primedOf(aura.facts).map(({ system }) => system);
    expect(new Set([heads[0], heads[2], heads[3]]).size).toBe(1);
  });
});
