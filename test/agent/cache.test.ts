// Where two requests part, and whose bytes that was; and how far a server that says nothing has probably read.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commonStart } from "../../src/agent/cache.ts";
import { guessReading, learnReading } from "../../src/agent/reading.ts";
import type { Session } from "../../src/agent/session.ts";
import { type Message, noUsage, type Request } from "../../src/models/model.ts";

const tool = (name: string, description = "does it") => ({ name, description, parameters: { type: "object" } });
const system: Message = { role: "system", text: "You are a test." };
const user = (text: string): Message => ({ role: "user", text });
const assistant = (text: string, ...paths: string[]): Message => ({
  role: "assistant",
  text,
  calls: paths.map((path, at) => ({ id: `c${at}`, name: "read", args: { path } })),
});
const result = (text: string): Message => ({ role: "tool", call: "c0", name: "read", text });
const request = (messages: Message[], tools = [tool("read"), tool("edit")]): Request => ({ messages: [system, ...messages], tools });

describe("what two requests have in common", () => {
  const before = request([user("look"), assistant("", "a.ts"), result("let x = 1")]);

  it("is all of the first where the second only goes on, and what the server wrote is not new to it", () => {
    const after = request([...before.messages.slice(1), assistant("x is one"), user("thanks")]);
    expect(commonStart(before, after)).toEqual({ share: 1, departs: null, fresh: "thanks".length + 16 });
  });
  it("is all, too, where the last message only grew", () => {
    expect(commonStart(request([user("look")]), request([user("look here")]))).toEqual({ share: 1, departs: null, fresh: " here".length });
  });
  it("ends in the system text", () => {
    const after = { ...before, messages: [{ role: "system" as const, text: "You are a guest." }, ...before.messages.slice(1)] };
    expect(commonStart(before, after).departs).toMatchObject({
      whose: "the system text",
      byte: "system You are a ".length,
      was: expect.stringContaining("test"),
      is: expect.stringContaining("guest"),
    });
  });
  it("ends in a tool's schema, which stands before the messages", () => {
    const after = { ...before, tools: [tool("read"), tool("edit", "does it otherwise")] };
    const { departs, share } = commonStart(before, after);
    expect(departs).toMatchObject({ whose: "the schema of edit", message: null });
    expect(share).toBeLessThan(0.8);
  });
  it("ends in a message, with all behind it new", () => {
    const after = request([user("look"), assistant("", "a.ts"), result("let y = 1, and much more of it"), user("and?")]);
    const { departs, fresh } = commonStart(before, after);
    expect(departs).toMatchObject({ whose: "message 3", message: { role: "tool", name: "read" }, byte: "tool let ".length });
    expect(fresh).toBe("let y = 1, and much more of it".length + 16 + "and?".length + 16);
  });
  it("counts bytes, not characters", () => {
    expect(commonStart(request([user("äöü!")]), request([user("äöü?")])).departs).toMatchObject({ byte: "user ".length + 6 });
  });
  it("ends where a message is gone", () => {
    expect(commonStart(before, request([user("look")])).departs).toMatchObject({ whose: "message 2", is: "(gone)" });
  });
});

describe("the guess of how far a reading is", () => {
  it("only ever grows, never says that all is read, and speaks of no time left when it is overdue", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600_000 }), fc.array(fc.nat(2_000_000), { minLength: 2, maxLength: 20 }), (whole, times) => {
        const parts = times.toSorted((one, other) => one - other).map((spent) => guessReading(spent, whole));
        for (const [at, { part, leftMs }] of parts.entries()) {
          expect(part).toBeGreaterThanOrEqual(parts[at - 1]?.part ?? 0);
          expect(part).toBeLessThan(1);
          if (leftMs !== undefined) expect(leftMs).toBeGreaterThan(0);
        }
        expect(guessReading(whole, whole).leftMs).toBe(undefined);
        expect(guessReading(whole / 2, whole).part).toBeCloseTo(0.5);
      }),
    );
  });

  const learned = (...all: Parameters<typeof learnReading>[1][]): number | null => {
    const session = { readPerS: null } as Session;
    for (const usage of all) learnReading(session, usage, 1_000, 4_000);
    return session.readPerS;
  };
  it("goes by the server's own figures, the newest counting most", () => {
    expect(learned({ ...noUsage, promptTokens: 3_000, cachedTokens: 1_000, promptMs: 4_000 })).toBe(500);
    expect(learned({ ...noUsage, promptTokens: 3_000, cachedTokens: 1_000, promptMs: 4_000 }, { ...noUsage, promptTokens: 3_000, cachedTokens: 2_000, promptMs: 4_000 })).toBe(375);
  });
  it("goes by our count and the wait where the server says nothing, less the loading", () => {
    expect(learned({ ...noUsage, promptTokens: 3_000, loadMs: 2_000 })).toBe(500);
  });
  it("learns nothing from what is too small to tell", () => {
    expect(learned({ ...noUsage, promptTokens: 3_000, cachedTokens: 2_900, promptMs: 4_000 }, { ...noUsage, promptTokens: 3_000, cachedTokens: 0, promptMs: 20 })).toBe(null);
  });
});
