// The prompt is append-only: whatever happens in a session, request N+1 begins with the bytes of request N.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headOf, lastSpoken, lostResult, messagesOf, openCalls, requestWith } from "../../src/agent/prompt.ts";
import type { CallId, ClientId, Entry, Fact, ModelId } from "../../src/core/events.ts";
import { type Message, noUsage } from "../../src/models/model.ts";
import { asText } from "../../src/models/textcalls.ts";

const by = "test" as ClientId;
function logOf(...facts: Fact[]): Entry[] {
  return facts.map((fact, at) => ({ seq: at + 1, at: 0, ...fact }));
}
const asked = (text: string): Fact => ({ type: "asked", text, by });
const said = (text: string, upTo: number, end: "stop" | "calls" | "stopped" = "stop"): Fact => ({ type: "said", turn: 1, upTo, text, end, usage: noUsage });
const called = (call: string): Fact => ({ type: "tool.called", call: call as CallId, name: "read", args: { path: call }, about: "" });
const returned = (call: string, text: string): Fact => ({ type: "tool.returned", call: call as CallId, ok: true, text, ms: 1 });
const roles = (entries: Entry[]): string[] => messagesOf(entries).map((message) => `${message.role}: ${message.text}`);

describe("the prompt as a fold", () => {
  it("puts what was typed while the model wrote behind its answer and the results", () => {
    const entries = logOf(asked("fix it"), said("reading", 1, "calls"), called("a"), asked("use tabs"), returned("a", "text"));
    expect(roles(entries)).toEqual(["user: fix it", "assistant: reading", "tool: text", "user: use tabs"]);
    // the steering came after the request of the second answer had been sent
    const later = logOf(asked("fix it"), said("reading", 1, "calls"), called("a"), returned("a", "text"), asked("use tabs"), said("done", 4));
    expect(roles(later)).toEqual(["user: fix it", "assistant: reading", "tool: text", "assistant: done", "user: use tabs"]);
  });

  it("gives a call without a result a text, and lists it as open", () => {
    const entries = logOf(asked("x"), said("", 1, "calls"), called("a"), called("b"), returned("b", "B"));
    expect(roles(entries).slice(2)).toEqual([`tool: ${lostResult}`, "tool: B"]);
    expect(openCalls(entries).map((call) => call.call)).toEqual(["a"]);
  });

  it("never sends two user messages in a row after a run that failed", () => {
    const entries = logOf(asked("one"), { type: "ended", why: "failed", turns: 0, ms: 1 }, asked("two"));
    expect(messagesOf(entries).map((message) => message.role)).toEqual(["user", "assistant", "user"]);
  });

  it("takes the format of a request from the newest head", () => {
    const primed = (profile?: "nano"): Fact => ({ type: "primed", model: "ollama/a" as ModelId, context: 1, system: "s", tools: [], ...(profile ? { profile } : {}) });
    const formats = [[primed()], [primed("nano")], [primed("nano"), primed()], [primed(), primed("nano")]].map((facts) => headOf(logOf(...facts))?.format);
    expect(formats).toEqual([undefined, "text", undefined, "text"]);
    const head = headOf(logOf(primed("nano")));
    expect(head && requestWith(head, [{ role: "user", text: "x" }])).toEqual({
      tools: [],
      format: "text",
      messages: [
        { role: "system", text: "s" },
        { role: "user", text: "x" },
      ],
    });
  });

  it("keeps every request a prefix of the next over random sessions, but for those right behind a compaction", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("steer" as const), text: fc.string({ maxLength: 8 }) }),
      fc.record({ do: fc.constant("answer" as const), text: fc.string({ maxLength: 8 }), calls: fc.nat(3), late: fc.boolean(), drop: fc.boolean() }),
      fc.record({ do: fc.constant("fail" as const), stopped: fc.boolean() }),
      fc.record({ do: fc.constant("shell" as const), text: fc.string({ maxLength: 8 }) }),
      fc.record({ do: fc.constant("undo" as const) }),
      fc.record({ do: fc.constant("compact" as const), back: fc.nat(4), trim: fc.option(fc.nat(50)) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const entries: Entry[] = [];
        const add = (fact: Fact): number => entries.push({ seq: entries.length + 1, at: 0, ...fact });
        let calls = 0;
        let sent = { whole: "", text: "" };
        /** A request is made here: its bytes must begin with those of the one before, in the server's form and in text, and neither has two user messages in a row. */
        const send = (): void => {
          const whole = messagesOf(entries);
          const text = asText({ messages: whole, tools: [], format: "text" }).messages;
          const now = { whole: JSON.stringify(whole).slice(0, -1), text: JSON.stringify(text).slice(0, -1) };
          expect([now.whole.startsWith(sent.whole), now.text.startsWith(sent.text)]).toEqual([true, true]);
          sent = now;
          const twice = (messages: Message[]): boolean => messages.some((message, n) => message.role === "user" && messages[n + 1]?.role === "user");
          expect([twice(whole), twice(text), text.some((message) => message.role === "tool")]).toEqual([false, false, false]);
        };
        add(asked("start"));
        for (const one of steps) {
          if (one.do === "steer") add(asked(one.text));
          else if (one.do === "shell") add({ type: "shelled", command: "ls", ok: true, text: one.text, ms: 1, by });
          else if (one.do === "compact") {
            // as the agent cuts: before one of the newest answers, or behind everything that was said
            const answers = entries.filter((entry) => entry.type === "said").toReversed();
            const at = one.back === 0 ? lastSpoken(entries) : (answers[one.back - 1]?.seq ?? 1) - 1;
            if (at <= (entries.findLast((entry) => entry.type === "compacted")?.upTo ?? 0)) continue;
            add({ type: "compacted", upTo: at, summary: "s", by: "log", room: 1_000_000, trim: one.trim });
            sent = { whole: "", text: "" };
            const words = JSON.stringify(messagesOf(entries));
            for (const entry of entries) if (entry.type === "asked") expect(words).toContain(JSON.stringify(entry.text).slice(1, -1));
          } else if (one.do === "undo") add({ type: "reverted", upTo: 1, paths: ["a.ts"], kept: [] });
          else {
            send();
            const upTo = entries.length;
            if (one.do === "fail") {
              if (one.stopped) add(said("half", upTo, "stopped"));
              add({ type: "ended", why: one.stopped ? "stopped" : "failed", turns: 1, ms: 1 });
              add(asked("again"));
              continue;
            }
            if (one.late) add(asked("late"));
            add(said(one.text, upTo, one.calls > 0 ? "calls" : "stop"));
            const ids = Array.from({ length: one.calls }, () => `c${calls++}`);
            for (const id of ids) add(called(id));
            for (const id of one.drop ? ids.slice(1) : ids) add(returned(id, `result ${id}`));
            if (one.drop && ids[0]) add(returned(ids[0], lostResult));
            if (one.calls === 0) {
              add({ type: "ended", why: "done", turns: 1, ms: 1 });
              add(asked("next"));
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
