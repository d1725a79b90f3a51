// Real sessions over a real wire, put together at random: whatever happens in them, each request's tools and messages begin with the bytes of the one before.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpenCore } from "../../src/agent/handle.ts";
import { compose } from "../../src/app/compose.ts";
import type { Asked, Step } from "../../src/app/demo/script.ts";
import type { Wire } from "../../src/app/demo/server.ts";
import { findPaths } from "../../src/config/paths.ts";
import type { UserConfig } from "../../src/config/schema.ts";
import type { ClientId, Entry, Opening, SessionId } from "../../src/core/events.ts";
import { isEntry } from "../../src/core/port.ts";
import { badCall, call, cut, type FakeModel, openFakeModel, prefixBreak, status, thought } from "../fake/model-server.ts";

/** What the model does next; those with a person in them wait for what that person does. */
const moves = ["read", "edit", "edit refused", "many", "bad call", "server error", "cut", "empty", "announced", "hastened", "steered", "stopped", "killed", "done"] as const;
type Move = (typeof moves)[number];
/** What happens between two tasks. */
const pauses = ["nothing", "typing", "restart", "shell", "model"] as const;
type Pause = (typeof pauses)[number];

const by = "test" as ClientId;
const session = "20260101-000000-wire" as SessionId;

interface Played {
  requests: readonly Asked[];
  warms: readonly Asked[];
  facts: readonly Entry[];
}
async function play(wire: Wire, user: UserConfig, tasks: { moves: Move[]; pause: Pause }[]): Promise<Played> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "aura-wire-")));
  const root = join(base, "project");
  mkdirSync(root);
  for (let at = 0; at < 40; at++) writeFileSync(join(root, `f${at}.ts`), `let x${at} = "\u00e9 <&> \\"${at}\\" \ud83d\ude00";\n`);
  const paths = findPaths({ AURA_HOME: join(base, "home") });
  let left: Move[] = [];
  let n = 0;
  let act: (move: "hastened" | "steered" | "stopped" | "killed", word: string) => Promise<void> = async () => {};
  const held = (move: "hastened" | "steered" | "stopped" | "killed"): Step => {
    const word = `word${n}`;
    const gate = Promise.withResolvers<void>();
    const trouble: Step["trouble"] = { is: "hold", after: 3, reached: () => void act(move, word).then(gate.resolve), gate: gate.promise };
    const text = `${word} and so on and on and on`;
    return { parts: [move === "hastened" ? { think: text } : { say: text }, ...(move === "steered" ? [{ call: { name: "read", args: { path: `f${n}.ts` } } }] : [])], trouble };
  };
  const model: FakeModel = await openFakeModel({
    wire,
    context: 131_072,
    capabilities: ["thinking"],
    otherwise: () => {
      n = (n + 1) % 40;
      const path = `f${n}.ts`;
      const move = left.shift() ?? "done";
      switch (move) {
        case "read":
          return [thought("Hm."), "Looking.", call("read", { path })];
        case "edit":
        case "edit refused":
          return call("edit", { path, old: "let", new: move === "edit" ? "const" : "var" });
        case "many":
          return [call("read", { path }, "same"), call("list", {}, "same"), call("nonsense", { x: [1, { y: null }] })];
        case "bad call":
          return badCall("read", `{"path": ${path}`);
        case "server error":
          return status(500, "boom");
        case "cut":
          return cut("Half of an answer that", 2);
        case "empty":
          return "";
        case "announced":
          return "I will now look at it.";
        case "done":
          return "That is all.";
        default:
          return held(move);
      }
    },
  });
  const opening: Opening = { root, cwd: root, env: { PATH: process.env.PATH ?? "" }, policy: "ask", limits: {}, model: model.id, url: model.url, sandbox: "off" };

  let facts: Entry[] = [];
  let said = "";
  let core: OpenCore = compose({ paths, user, backOffMs: () => 1 });
  let watching = new AbortController();
  const watchers = new Set<() => void>();
  const until = (reached: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!reached()) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });
  async function open(): Promise<void> {
    core = compose({ paths, user, backOffMs: () => 1 });
    facts = [];
    await core.core.send({ type: "open", session, opening, by });
    watching = new AbortController();
    const { signal } = watching;
    const mine = core.core;
    void (async () => {
      for await (const item of mine.watch(session, 0, signal)) {
        if (isEntry(item)) {
          facts.push(item);
          if (item.type === "approval.wanted" && !answered.has(item.call)) {
            answered.add(item.call);
            const refused = JSON.stringify(facts.findLast((fact) => fact.type === "tool.called" && fact.call === item.call)).includes('"var"');
            await mine.send({ type: "approve", session, call: item.call, answer: refused ? "no" : "yes", by, ...(refused ? { note: "not so" } : {}) });
          }
        } else if (item.type === "saying") said += item.delta;
        for (const look of [...watchers]) look();
      }
    })();
  }
  async function close(): Promise<void> {
    watching.abort();
    await core.close();
  }
  const answered = new Set<string>();
  act = async (move, word) => {
    await until(() => said.includes(word));
    if (move === "steered") return core.core.send({ type: "ask", session, text: `mind ${word}`, by });
    if (move === "hastened") return core.core.send({ type: "hasten", session });
    if (move === "stopped") return core.core.send({ type: "stop", session });
    await close();
    await open();
  };
  const ended = (): number => facts.filter(({ type }) => type === "ended").length;
  await open();
  try {
    for (const [at, task] of tasks.entries()) {
      left = [...task.moves];
      await core.core.send({ type: "ask", session, text: `task ${at}`, by });
      await until(() => ended() === at + 1);
      if (task.pause === "typing") await core.core.send({ type: "typing", session });
      if (task.pause === "model") await core.core.send({ type: "set", session, model: model.id, url: model.url });
      if (task.pause === "restart") await close().then(open);
      if (task.pause === "shell") {
        await core.core.send({ type: "shell", session, command: "echo hello", by });
        const shelled = tasks.slice(0, at + 1).filter(({ pause }) => pause === "shell").length;
        await until(() => facts.filter(({ type }) => type === "shelled").length === shelled);
      }
    }
    return { requests: model.requests, warms: model.warms, facts };
  } finally {
    await close();
    await model.close();
    rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** What a fact shows to have really happened. */
function proofOf(fact: Entry): string {
  if (fact.type === "asked") return fact.by === "aura" ? (fact.text.includes("enough thought") ? "hastened" : "nudged") : fact.text.startsWith("mind") ? "steered" : "";
  if (fact.type === "noted") return fact.text.startsWith("Resumed") ? "killed" : "";
  if (fact.type === "ended") return fact.why === "stopped" ? "stopped" : "";
  if (fact.type === "approval.given") return fact.answer === "no" ? "refused" : "";
  return fact.type === "tool.called" && fact.bad !== undefined ? "bad call" : "";
}
/** Whatever chance brings, this is played. */
const everything: { moves: Move[]; pause: Pause }[] = [
  { moves: ["read", "hastened", "steered", "edit", "edit refused", "done"], pause: "restart" },
  { moves: ["bad call", "many", "empty", "announced", "announced", "read", "stopped"], pause: "shell" },
  { moves: ["server error", "cut", "killed", "read", "done"], pause: "model" },
  { moves: ["read", "done"], pause: "typing" },
  { moves: ["done"], pause: "nothing" },
];
const spoken = (messages: unknown, tools: unknown): string => JSON.stringify(tools ?? []) + JSON.stringify(messages).slice(0, -1);

describe.each<[Wire, UserConfig]>([
  ["ollama", {}],
  ["llama-server", {}],
  ["ollama", { profile: "nano" }],
])("the bytes on the wire of %s, %j", (wire, user) => {
  it("of each request begin with those of the one before, and what was read ahead is what is sent", async () => {
    const seen = new Set<string>();
    const happened = new Set<string>();
    const task = fc.record({ moves: fc.array(fc.constantFrom(...moves), { maxLength: 7 }), pause: fc.constantFrom(...pauses) });
    await fc.assert(
      fc.asyncProperty(fc.array(task, { minLength: 1, maxLength: 4 }), async (tasks) => {
        const { requests, warms, facts } = await play(wire, user, tasks);
        for (const one of tasks) for (const what of [...one.moves, one.pause]) seen.add(what);
        expect(prefixBreak(requests)).toBe(null);
        for (const fact of facts) happened.add(proofOf(fact));
        const last = spoken(requests.at(-1)?.body.messages, requests.at(-1)?.body.tools);
        for (const { body } of warms) {
          const messages = body.messages as { role: string }[];
          // a template's word of the person's stands in for what isn't asked yet
          const told = messages.length === 2 && messages[1]?.role === "user" ? messages.slice(0, 1) : messages;
          const warmed = spoken(told, body.tools);
          expect(last.startsWith(warmed) || warmed.startsWith(last)).toBe(true);
        }
      }),
      { numRuns: 25, examples: [[everything]] },
    );
    expect([...happened].sort()).toEqual(["", "bad call", "hastened", "killed", "nudged", "refused", "steered", "stopped"]);
    // a test that never came across something proves nothing of it
    expect([...moves, ...pauses].filter((what) => !seen.has(what))).toEqual([]);
  });
});
