// Sessions longer than the model's memory, told from the outside: what is kept, what is said, and that nothing starts over.
import { describe, expect } from "vitest";
import type { Asked } from "../../src/app/demo/script.ts";
import { type Answer, prefixBreak, tooLong } from "../fake/model-server.ts";
import { call, status, story, type World } from "./story.ts";

const context = 8_192;
const asksForSummary = (asked: Asked): boolean => /this conversation is getting too long/.test(asked.messages.at(-1)?.text ?? "");
const overflow = status(400, "exceed_context_size_error: the request exceeds the available context size, try increasing it");
/** The fake counts four characters of JSON a token. */
const tokensOf = (asked: Asked): number => Math.ceil(asked.json.length / 4);
const longWords = Array.from({ length: 900 }, (_, at) => `word${at}`).join(" ");
const filler = (seed: number, lines = 60): string => Array.from({ length: lines }, (_, at) => `export const value_${seed}_${at} = ${seed * at};`).join("\n");

function manyFiles(repo: World["repo"], count: number): void {
  for (let at = 0; at < count; at++) repo.write(`src/part${at}.ts`, `${filler(at)}\n`);
}

/** What every request has to hold, once it happened, and what the history may do. */
function checkRequests(requests: readonly Asked[], words: readonly string[], most = context): { departures: number } {
  const system = requests[0]?.messages[0]?.text;
  let run = 0;
  let departures = 0;
  let before: Asked | null = null;
  for (const [at, request] of requests.entries()) {
    const all = request.messages.map((message) => message.text).join("\n");
    const sent = `${all}\n${JSON.stringify(request.body.messages)}`;
    expect(tokensOf(request), `size of request ${at}`).toBeLessThan(most);
    expect(request.messages[0]?.text).toBe(system);
    expect(request.messages.some((message, n) => message.role === "user" && request.messages[n + 1]?.role === "user")).toBe(false);
    while (words[run + 1] !== undefined && all.includes(words[run + 1] ?? "")) run++;
    for (const word of words.slice(0, run + 1)) expect(all.includes(word), `request ${at} has "${word}"`).toBe(true);
    // planned, changed and tested in the first three answers
    if (at > 0) expect(sent, `request ${at}`).toMatch(/\[>\] sum up part one|text\W+sum up part one/);
    if (at > 1) expect(sent, `request ${at}`).toMatch(/target\.ts/);
    if (at > 2) expect(sent, `request ${at}`).toMatch(/sums odd numbers/);
    if (asksForSummary(request)) continue;
    if (before && prefixBreak([before, request])) departures++;
    before = request;
  }
  return { departures };
}
const prepare = (repo: World["repo"]): void => {
  manyFiles(repo, 12);
  repo.write("AGENTS.md", "Always write value names in snake case.\n");
  repo.write("target.ts", "let x = 0;\n");
  const output = "# tests 2\\n# pass 1\\n# fail 1\\nnot ok 1 - sums odd numbers";
  repo.write("package.json", JSON.stringify({ name: "p", scripts: { test: `node -e "console.log('${output}');process.exit(1)"` } }));
};
const begin = (turn: number): Answer | null => {
  if (turn === 1) return call("plan", { items: [{ text: "sum up part one", state: "running" }, { text: "sum up part two" }] });
  if (turn === 2) return call("edit", { path: "target.ts", old: "0", new: "1" });
  return turn === 3 ? call("test", {}) : null;
};

describe("a session of three hundred turns in a small window", () => {
  let turn = 0;
  story(
    "keeps the task, the person's words, the plan, the changes and the tests in every request, and always fits",
    async ({ repo, model, open }) => {
      prepare(repo);
      const aura = await open({ policy: "auto", sandbox: "off" });
      const words = ["The task: make every part sum up (wish zero).", ...Array.from({ length: 5 }, (_, at) => `Wish number ${at + 1}: mind the odd numbers too.`)];
      for (const word of words) {
        await aura.types(word);
        await aura.sees("ended", (fact) => fact.why === "done");
      }
      expect(turn).toBeGreaterThanOrEqual(300);
      const compactions = aura.facts.filter((fact) => fact.type === "compacted");
      expect(compactions.length).toBeGreaterThan(5);
      expect(compactions.every((fact) => fact.by === "model")).toBe(true);
      // the person sees one line for each, and nothing of what the model wrote for it
      expect(aura.facts.filter((fact) => fact.type === "noted" && fact.text.includes("now a summary"))).toHaveLength(compactions.length);
      expect(aura.facts.some((fact) => fact.type === "said" && fact.text.includes("Found out"))).toBe(false);
      expect(aura.lives.some((live) => live.type === "saying" && live.delta.includes("Found"))).toBe(false);
      expect(model.requests[0]?.messages[0]?.text).toContain("snake case");
      // the history departs from itself at compactions only
      expect(checkRequests(model.requests, words).departures).toBe(compactions.length);
    },
    {
      on: ["memory"],
      model: {
        context,
        otherwise: (asked) => {
          if (asksForSummary(asked)) return "## Found out\nEvery part exports values.\n## Done\nParts were read.\n## Now\nReading on.";
          turn++;
          if (turn % 50 === 0) return `Reached turn ${turn}.`;
          return begin(turn) ?? call("read", { path: `src/part${turn % 12}.ts`, from: 1 + (turn % 7) });
        },
      },
    },
  );

  let turn2 = 0;
  let refused = 0;
  story(
    "does so where no summary ever comes, results are large and the server refuses what is too long",
    async ({ repo, model, open }) => {
      prepare(repo);
      repo.write("large.txt", Array.from({ length: 900 }, (_, at) => `{"${at}":"\u00e9\u00e8 \\"quoted\\" <text> ${at * 31}"}`).join("\n"));
      const aura = await open({ policy: "auto", sandbox: "off" });
      const words = ["The task: make every part sum up (wish zero).", "Wish number 1: tabs.", "Wish number 2: no tabs."];
      for (const word of words) {
        await aura.types(word);
        expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      }
      const compactions = aura.facts.filter((fact) => fact.type === "compacted");
      expect(compactions.length).toBeGreaterThan(5);
      expect(compactions.every((fact) => fact.by === "log")).toBe(true);
      checkRequests(
        model.requests.filter((asked) => tokensOf(asked) <= context),
        words,
        context + 1,
      );
      expect(refused).toBeLessThan(10);
    },
    {
      on: ["memory"],
      model: {
        context,
        otherwise: (asked) => {
          if (tokensOf(asked) > context) {
            refused++;
            return overflow;
          }
          if (asksForSummary(asked)) return "";
          turn2++;
          if (turn2 % 40 === 0) return `Reached turn ${turn2}.`;
          const from = 1 + ((turn2 * 37) % 600);
          return begin(turn2) ?? [0, 1, 2].slice(0, 1 + (turn2 % 3)).map((at) => call("read", { path: "large.txt", from: from + 100 * at, to: from + 100 * at + 80 }));
        },
      },
    },
  );
});

describe("a request that no longer fits", () => {
  story("is shortened and sent again when the server says so; the person sees one line", async ({ repo, model, open }) => {
    manyFiles(repo, 6);
    for (let at = 0; at < 6; at++) model.says(call("read", { path: `src/part${at}.ts` }));
    model.says(overflow, "## Found out\nEach exports sixty values.\n## Now\nAnswering.", "There are sixty.");
    const aura = await open({ policy: "auto" });
    await aura.types("how many values?");
    expect(await aura.sees("ended")).toMatchObject({ why: "done" });
    expect(
      model.requests
        .at(-1)
        ?.messages.map((message) => message.text)
        .join("\n"),
    ).toMatch(/how many values\?[\s\S]*sixty values/);
    expect(model.requests.at(-1)?.messages[0]).toEqual(model.requests[0]?.messages[0]);
    // the summary was asked for behind the history that the server had read already
    expect(asksForSummary(model.requests[7] as Asked)).toBe(true);
    expect(model.requests.slice(0, 7).some((asked) => prefixBreak([asked, model.requests[7] as Asked]) === null)).toBe(true);
    expect(aura.facts.filter((fact) => fact.type === "noted")).toHaveLength(1);
    expect(aura.facts.filter((fact) => fact.type === "said").map((fact) => fact.text)).toEqual(["", "", "", "", "", "", "There are sixty."]);
  });

  story(
    "falls back on the log where the model has no summary",
    async ({ repo, model, open }) => {
      repo.write("a.ts", `${filler(1)}\n`);
      model.says(call("read", { path: "a.ts" }), overflow, "", "Done.");
      const aura = await open({ policy: "auto" });
      await aura.types("look");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      expect(await aura.sees("compacted")).toMatchObject({ by: "log" });
      expect(model.requests.at(-1)?.messages[1]?.text).toMatch(/look[\s\S]*by the log:[\s\S]*read a\.ts/);
    },
    { on: ["memory"] },
  );

  story(
    "is shortened once more where the server refuses even that",
    async ({ repo, model, open }) => {
      manyFiles(repo, 4);
      for (let at = 0; at < 4; at++) model.says(call("read", { path: `src/part${at}.ts` }));
      model.says(overflow, "## Found out\nParts one to three have sixty values.", overflow, "## Found out\nAll parts have sixty values.", "Sixty each.");
      const aura = await open({ policy: "auto" });
      await aura.types("how many values?");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 5 });
      expect(aura.facts.filter((fact) => fact.type === "compacted")).toHaveLength(2);
      const sizes = model.requests.filter((asked) => !asksForSummary(asked)).map(tokensOf);
      expect(sizes.at(-1)).toBeLessThan(sizes.at(-2) ?? 0);
      expect(sizes.at(-2)).toBeLessThan(sizes.at(-3) ?? 0);
      expect(model.requests.at(-1)?.messages).toHaveLength(2);
    },
    { on: ["memory"] },
  );

  story(
    "has its newest results shortened where they alone are too long",
    async ({ repo, model, open }) => {
      repo.write("large.txt", `${filler(3, 400)}\n`);
      const reads = [0, 1, 2, 3, 4, 5].map((at) => call("read", { path: "large.txt", from: 1 + at * 50, to: 50 + at * 50 }));
      model.says(reads, "Many.");
      const aura = await open({ policy: "auto" });
      await aura.types("how many values?");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 2 });
      expect(await aura.sees("compacted")).toMatchObject({ trim: expect.any(Number) });
      expect(await aura.sees("noted")).toMatchObject({ text: expect.stringMatching(/newest results were shortened/) });
      expect(tokensOf(model.requests[1] as Asked)).toBeLessThan(4_096);
      expect(model.requests[1]?.messages.filter((message) => message.role === "tool")).toHaveLength(6);
    },
    { on: ["memory"], model: { context: 4_096 }, user: { profile: "default" } },
  );

  story(
    "ends the run in the server's words when nothing can be shortened",
    async ({ model, open }) => {
      model.says(overflow);
      const aura = await open({ policy: "auto" });
      await aura.types("look");
      expect(await aura.sees("ended")).toMatchObject({ why: "failed", error: { code: "model.overflow" } });
    },
    { on: ["memory"] },
  );

  story(
    "is shortened, too, where the answer ran into the end of the context",
    async ({ repo, model, open }) => {
      manyFiles(repo, 2);
      model.says(
        call("read", { path: "src/part0.ts" }),
        call("read", { path: "src/part1.ts" }),
        tooLong(longWords),
        "## Found out\nEach exports sixty values.",
        "There are sixty.",
      );
      const aura = await open({ policy: "auto" });
      await aura.types("how many values?");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 3 });
      expect(aura.facts.some((fact) => fact.type === "said" && fact.text.includes("word"))).toBe(false);
      expect(await aura.sees("compacted")).toMatchObject({ by: "model" });
    },
    { on: ["memory"], model: { context: 4_096 }, user: { profile: "default" } },
  );

  story(
    "is sent without a limit for the answer where that was what did not fit",
    async ({ model, open }) => {
      model.says(status(400, "This model's maximum context length is 8192 tokens. However, you requested 8300 tokens"), "Hello.");
      const aura = await open({ policy: "auto" });
      await aura.types("hello");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      expect(model.requests.map((asked) => "max_tokens" in asked.body)).toEqual([true, false]);
      expect(aura.facts.some((fact) => fact.type === "compacted")).toBe(false);
    },
    { on: ["memory"], model: { wire: "openai", context } },
  );

  story("goes on with the same bytes after a restart right behind the compaction", async ({ repo, model, open, kill }) => {
    repo.write("a.ts", `${filler(1)}\n`);
    model.says(call("read", { path: "a.ts" }), overflow, "## Found out\na.ts exports sixty values.\n## Now\nAnswering.");
    const hold = model.hold("Half an answer that nobody", 1);
    const first = await open({ policy: "auto" });
    await first.types("how many values?");
    await hold.reached;
    first.drops();
    await kill();
    model.says("There are sixty.");
    const aura = await open({ session: first.session, policy: "auto" });
    expect(await aura.sees("ended")).toMatchObject({ why: "done" });
    hold.release();
    const bytes = model.requests.map(({ body }) => JSON.stringify([body.tools, body.messages]));
    expect(bytes.at(-1)).toBe(bytes.at(-2));
  });
});

describe("a server that cuts silently", () => {
  let asked = 0;
  story(
    "is noticed by its count, and told once",
    async ({ repo, open }) => {
      manyFiles(repo, 4);
      const aura = await open({ policy: "auto" });
      await aura.types("look");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      expect(aura.facts.filter((fact) => fact.type === "noted").map((fact) => fact.text)).toEqual([expect.stringMatching(/^The model server read only 700 of about \d+ tokens/)]);
    },
    {
      on: ["memory"],
      model: {
        wire: "ollama",
        intercept: (_, path, response) => {
          if (path !== "/api/chat") return false;
          const n = asked++;
          const message =
            n < 4
              ? { role: "assistant", content: "", tool_calls: [{ id: `c${n}`, function: { name: "read", arguments: { path: `src/part${n}.ts` } } }] }
              : { role: "assistant", content: "Seen." };
          const read = n === 0 ? 1_100 : n === 1 ? 1_700 : 700;
          response.writeHead(200, { "content-type": "application/x-ndjson" });
          response.end(`${JSON.stringify({ message, done: true, done_reason: "stop", prompt_eval_count: read, eval_count: 10 })}\n`);
          return true;
        },
      },
    },
  );
});

describe("room for the answer", () => {
  story(
    "is what is left by the server's own count, asked for only where the end is near",
    async ({ repo, model, open }) => {
      manyFiles(repo, 12);
      for (let at = 0; at < 9; at++) model.says(call("read", { path: `src/part${at}.ts` }));
      model.says("Seen.");
      const aura = await open({ policy: "auto", headless: true });
      await aura.types("look");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      const chats = model.paths.filter((path) => path.startsWith("POST"));
      const counts = chats.filter((path) => path.endsWith("/input_tokens"));
      expect(counts.length).toBeGreaterThan(0);
      expect(chats.slice(0, 4).every((path) => path.endsWith("/completions"))).toBe(true);
      expect(aura.facts.some((fact) => fact.type === "compacted")).toBe(false);
      const [used, most] = [tokensOf(model.requests.at(-1) as Asked), model.requests.at(-1)?.body.max_tokens as number];
      // by an estimate a sixteenth of the prompt would be left unused
      expect(context - used - most).toBeGreaterThan(0);
      expect(context - used - most).toBeLessThan(150);
    },
    { on: ["memory"], model: { wire: "llama-server", context } },
  );

  story(
    "is asked for so that it fits, where a server wants to be told",
    async ({ repo, model, open }) => {
      repo.write("a.ts", `${filler(1)}\n`);
      model.says(call("read", { path: "a.ts" }), "Seen.");
      const aura = await open({ policy: "auto" });
      await aura.types("look");
      await aura.sees("ended");
      for (const asked of model.requests) {
        const most = asked.body.max_tokens as number;
        expect(most).toBeGreaterThan(1_000);
        expect(most + tokensOf(asked)).toBeLessThanOrEqual(context);
      }
    },
    { on: ["memory"], model: { wire: "openai", context } },
  );
});
