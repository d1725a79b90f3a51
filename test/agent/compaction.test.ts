// Compaction as a fold: what is pinned stays in every request, the size always fits, the same facts give the same bytes.
import { describe, expect, it } from "vitest";
import { announces } from "../../src/agent/answer.ts";
import { endsInRepeats, openEndless, withoutRepeats } from "../../src/agent/endless.ts";
import { repeatHint, timesSame } from "../../src/agent/loops.ts";
import { messagesOf } from "../../src/agent/prompt.ts";
import { fromLog } from "../../src/agent/summary.ts";
import type { CallId, ClientId, Entry, Fact, ItemId } from "../../src/core/events.ts";
import { noUsage } from "../../src/models/model.ts";

const by = "test" as ClientId;
const logOf = (...facts: Fact[]): Entry[] => facts.map((fact, at) => ({ seq: at + 1, at: 0, ...fact }));
const asked = (text: string, who = by): Fact => ({ type: "asked", text, by: who });
const said = (text: string, upTo: number, end: "stop" | "calls" = "stop"): Fact => ({ type: "said", turn: 1, upTo, text, end, usage: noUsage });
const called = (call: string, name = "read", args: unknown = { path: call }): Fact => ({ type: "tool.called", call: call as CallId, name, args, about: call });
const returned = (call: string, text: string, more: Partial<Extract<Fact, { type: "tool.returned" }>> = {}): Fact => ({
  type: "tool.returned",
  call: call as CallId,
  ok: true,
  text,
  ms: 1,
  ...more,
});
const compacted = (upTo: number, more: Partial<Extract<Fact, { type: "compacted" }>> = {}): Fact => ({
  type: "compacted",
  upTo,
  summary: "It was read.",
  by: "model",
  room: 2_000,
  trim: null,
  ...more,
});
const changed = (path: string): Fact => ({ type: "changed", call: null, change: { path, before: null, after: "x", added: 2, removed: 1, hunks: [] } });
const shown = (entries: Entry[]): string[] => messagesOf(entries).map((message) => `${message.role}: ${message.text}`);

describe("a compaction in the fold", () => {
  const before = [
    asked("fix the cart"),
    said("looking", 1, "calls"),
    called("a"),
    returned("a", "long text"),
    changed("cart.ts"),
    { type: "planned", plan: [{ id: "p1" as ItemId, text: "mend it", state: "running" }] } as Fact,
    said("", 4, "calls"),
    called("t", "test", {}),
    returned("t", "1 failed: cart > adds", { detail: { kind: "tested", count: { command: "npm test", ok: false, passed: 0, failed: 1 } } }),
    asked("with tabs"),
    said("now the rest", 10, "calls"),
    called("b"),
    returned("b", "newest text"),
  ];

  it("puts one message with everything pinned before the newest turns", () => {
    const entries = logOf(...before, compacted(10));
    const [first, ...rest] = shown(entries);
    for (const pinned of ["(1) fix the cart", "(2) with tabs", "[>] mend it", "cart.ts +2 -1", "1 failed: cart > adds", "It was read."]) expect(first).toContain(pinned);
    expect(first).not.toContain("long text");
    expect(rest).toEqual(["assistant: now the rest", "tool: newest text"]);
  });

  it("only grows from there, and never sends two user messages in a row", () => {
    const entries = logOf(...before, compacted(13), { type: "ended", why: "failed", turns: 1, ms: 1 }, asked("again"), said("yes", 16));
    expect(messagesOf(entries).map((message) => message.role)).toEqual(["user", "assistant", "user", "assistant"]);
    const sent = JSON.stringify(messagesOf(entries.slice(0, 14))).slice(0, -1);
    expect(JSON.stringify(messagesOf(entries)).startsWith(sent)).toBe(true);
  });

  it("shortens older results only where the fact says so", () => {
    const long = "x".repeat(900);
    const entries = logOf(asked("a"), said("", 1, "calls"), called("a"), returned("a", long), compacted(1, { trim: 300 }), said("", 5, "calls"), called("b"), returned("b", long));
    const results = messagesOf(entries).filter((message) => message.role === "tool");
    expect(results.map((result) => result.text.length <= 310)).toEqual([true, false]);
  });

  it("keeps the first task and the newest words where all together are too long", () => {
    const asks = Array.from({ length: 40 }, (_, at) => asked(`wish ${at} ${"w".repeat(90)}`));
    const first = shown(logOf(...asks, compacted(40, { room: 1_000 })))[0] ?? "";
    expect(first).toMatch(/\(1\) wish 0 [\s\S]*more in between, left out[\s\S]*\(40\) wish 39 /);
    expect(first.length).toBeLessThan(1_400);
  });

  it("leaves out our own nudges and what was undone", () => {
    const entries = logOf(
      asked("task"),
      asked("Your answer was empty.", "aura" as ClientId),
      changed("a.ts"),
      { type: "reverted", upTo: 1, paths: ["a.ts"], kept: [] },
      compacted(4),
    );
    expect(shown(entries)[0]).not.toMatch(/empty|a\.ts/);
  });
});

describe("the summary from the log", () => {
  it("has a line for each thing that happened, repeats counted, within its room", () => {
    const calls = Array.from({ length: 200 }, (_, at) => [called(`c${at}`, "read", { path: "a" }), returned(`c${at}`, "t")]).flat();
    const entries = logOf(asked("x"), said("I look.", 1, "calls"), ...calls);
    const text = fromLog(entries, 1_000);
    expect(text.length).toBeLessThanOrEqual(1_000);
    expect(text).toContain("read c199: t");
    const same = logOf(asked("x"), said("", 1, "calls"), ...["a", "b", "c"].flatMap((id) => [{ ...called(id), about: "x.ts" } as Fact, returned(id, "t")]));
    expect(fromLog(same, 1_000)).toContain("read x.ts: t (3 times)");
  });
});

describe("a model in circles", () => {
  it("is counted by call and result, durations and hints apart, until something changes", () => {
    const run = (id: string, text: string): Fact[] => [called(id, "run", { b: 1, a: 2 }), returned(id, text)];
    const now: Fact = called("n", "run", { a: 2, b: 1 });
    const count = (...facts: Fact[]): number => timesSame(logOf(asked("x"), ...facts, now), now as never, "exit 1 after 0.3 s");
    expect(count(...run("1", "exit 1 after 0.2 s"), ...run("2", `exit 1 after 9 ms${repeatHint(3)}`))).toBe(3);
    expect(count(...run("1", "exit 1 after 0.2 s"), ...run("2", "exit 0"))).toBe(2);
    expect(count(...run("1", "exit 1 after 0.2 s"), changed("a.ts"))).toBe(1);
    expect(count(...run("1", "exit 1 after 0.2 s"), asked("and now"))).toBe(1);
  });
});

describe("an endless answer", () => {
  const sentence = "I should look at the file again to be sure about it. ";
  it("is seen by its chunks, its lines, its thoughts", () => {
    expect(endsInRepeats(`Well. ${sentence.repeat(9)}`)).toBe(true);
    expect(endsInRepeats("no ".repeat(200))).toBe(true);
    expect(endsInRepeats(`${"- check the tests\n".repeat(13)}`)).toBe(true);
    const watch = openEndless(1_000);
    expect(watch("thought", Array.from({ length: 300 }, (_, at) => `idea ${at}`).join(" "), false)).toBe("thoughts");
  });

  it("is not seen in ordinary text, code, tables and rules", () => {
    const ordinary = [
      sentence.repeat(6),
      "=".repeat(400),
      Array.from({ length: 60 }, (_, at) => `| row ${at} | 0 | 0 | 0 |`).join("\n"),
      `${"  }\n".repeat(14)}`,
      Array.from({ length: 40 }, (_, at) => `const value${at} = compute(${at});`).join("\n"),
    ];
    expect(ordinary.map(endsInRepeats)).toEqual(ordinary.map(() => false));
  });

  it("is kept without what it repeats", () => {
    expect(withoutRepeats(`Well. ${sentence.repeat(20)}`).length).toBeLessThan(130);
    expect(withoutRepeats("A short answer.")).toBe("A short answer.");
  });
});

describe("an announcement", () => {
  it("is told from an answer", () => {
    const yes = [
      "I will now read the file.",
      "The cart is wrong. Let me fix it.",
      "Next, I'll run the tests:",
      "First, let\u2019s look at a.ts",
      "I'm going to check this.",
      "Now I'll run the tests",
    ];
    const no = ["Done. Let me know if it works.", "Shall I fix it? I will then run the tests, ok?", "I fixed it; the tests pass.", "I'll leave the rest to you.", "Let x be two."];
    expect(yes.map((text) => announces(text, false))).toEqual(yes.map(() => true));
    expect(no.map((text) => announces(text, false))).toEqual(no.map(() => false));
    expect(announces(`${"I changed the cart. ".repeat(20)}I will now explain it.`, true)).toBe(false);
  });
});
