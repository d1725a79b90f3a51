// What the screen knows: folded from facts, deltas on top, the same whether it was watched or replayed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keptLines, withOutput } from "../../src/app/tui/parts/output.ts";
import type { ViewState } from "../../src/app/tui/state.ts";
import { live, rejoined, start, step } from "../../src/app/tui/view.ts";
import type { Entry, Fact, Live } from "../../src/core/events.ts";
import { approval, at, call, change, entries, finished, opened, saying, session, usage, viewOf, work } from "../frames/worlds.ts";

const deltas: Live[] = [
  saying("hm", "thought"),
  saying("so"),
  { type: "calling", name: "edit", chars: 10 },
  { type: "tool.output", call: call("2"), chunk: "\x1b[31m✗ one\x1b[0m\r\n" },
  { type: "tool.screen", call: call("2"), lines: ["a", "b"] },
  { type: "working", what: "reading", since: at, part: 0.5, leftMs: 100 },
  { type: "meter", context: 32_768, used: 1, tokensPerS: 2 },
];
const comparable = ({ terminal, ...rest }: ViewState): unknown => ({ ...rest, terminal: { ...terminal, carry: undefined } });

describe("the view", () => {
  it("is the same replayed as watched, once the run has ended", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 14 }), fc.constantFrom(...deltas)), { maxLength: 30 }), (between) => {
        let watched = start(session, { root: "/home/me/shop" });
        for (const [index, entry] of entries(finished).entries()) {
          watched = step(watched, entry);
          for (const [where, delta] of between) if (where === index && index < finished.length - 2) watched = live(watched, delta, entry.at);
        }
        expect(comparable(watched)).toEqual(comparable(viewOf(finished)));
      }),
    );
  });
  it("takes a fact once", () => {
    const state = viewOf(work);
    for (const entry of entries(work)) expect(step(state, entry)).toBe(state);
  });
  it("marks steering as queued until an answer has seen it", () => {
    const steered = viewOf([...work, { type: "asked", text: "and never below zero", by: "x" as never }]);
    const queued = (state: ViewState): boolean[] => state.rows.flatMap((row) => (row.kind === "asked" ? [row.queued] : []));
    expect(queued(steered)).toEqual([false, true]);
    const said = (seq: number, upTo: number): Entry => ({ seq, at, type: "said", turn: 2, upTo, text: "ok", end: "stop", usage: usage() });
    const before = step(steered, said(12, 10));
    expect(queued(before)).toEqual([false, true]);
    expect(queued(step(before, said(13, 11)))).toEqual([false, false]);
  });
  it("holds an approval from wanted to given, counted from when it reached the screen", () => {
    const wanted = entries(approval).at(-1) as Entry;
    const state = step(viewOf(work), wanted, at + 99_000);
    expect(state.pending).toEqual([
      { call: "3", name: "edit", about: "src/cart.ts", command: null, why: "changes files", outside: false, always: null, changes: [change], shownAt: at + 99_000 },
    ]);
    expect(state.work.what).toBe("waiting");
    const given = step(state, { seq: wanted.seq + 1, at, type: "approval.given", call: call("3"), answer: "no", by: "x" as never });
    expect(given.pending).toEqual([]);
    expect(given.rows.at(-1)).toMatchObject({ kind: "call", state: "refused" });
  });
  it("shows a command's own words, also when it isn't in the arguments", () => {
    const facts: Fact[] = [
      opened,
      { type: "tool.called", call: call("1"), name: "run", args: { command: "rm -rf\x1b[2J x" }, about: "rm" },
      { type: "approval.wanted", call: call("1"), why: "runs", outside: false, always: "rm" },
    ];
    expect(viewOf(facts).pending[0]).toMatchObject({ command: "rm -rf x", always: "rm" });
  });
  it("replaces what was streamed by what was said", () => {
    const state = viewOf(work.slice(0, 4), [saying("hm", "thought"), saying("I'll lo"), saying("ok")]);
    expect(state.saying).toEqual({ text: "I'll look", thought: "hm", call: null });
    expect(state.work.what).toBe("writing");
    const said = step(state, entries(work)[4] as Entry);
    expect(said.saying).toEqual({ text: "", thought: "", call: null });
    expect(said.rows.slice(-2).map(({ kind }) => kind)).toEqual(["thought", "said"]);
  });
  it("takes back changes that were reverted", () => {
    const state = step(viewOf(finished), { seq: 99, at, type: "reverted", upTo: 1, paths: ["src/cart.ts"], kept: [{ path: "b.ts", why: "changed since" }] });
    expect(state.changes).toEqual([]);
    expect(state.rows.at(-1)).toMatchObject({ kind: "noted", level: "warn", text: "undone: src/cart.ts\nkept b.ts: changed since" });
  });
  it("asks once for a call that asks again after a restart", () => {
    const wants: Fact = { type: "approval.wanted", call: call("1"), why: "runs", outside: false, always: null, command: "npm test" };
    const again = viewOf([opened, { type: "tool.called", call: call("1"), name: "test", args: {}, about: "" }, wants, wants]);
    expect(again.pending).toHaveLength(1);
  });
  it("lets calls of one answer wait for each other, and counts only a call's own time", () => {
    const wants = (id: string): Fact => ({ type: "approval.wanted", call: call(id), why: "runs", outside: false, always: null, command: "npm test" });
    const facts: Fact[] = [
      opened,
      { type: "shelled", command: "ls", ok: true, text: "a.ts", ms: 1, by: "x" as never },
      { type: "tool.called", call: call("1"), name: "test", args: {}, about: "all" },
      { type: "tool.called", call: call("2"), name: "run", args: {}, about: "make" },
    ];
    const calls = (state: ViewState): unknown[] => state.rows.flatMap((row) => (row.kind === "call" ? [[row.about, row.state]] : []));
    const both = viewOf(facts);
    expect(calls(both)).toEqual([
      ["the project's tests", "running"],
      ["make", "queued"],
    ]);
    const asking = viewOf([...facts, wants("1")]);
    expect(asking.terminal).toMatchObject({ title: "ls", lines: ["a.ts"] });
    const yes: Fact = { type: "approval.given", call: call("1"), answer: "yes", by: "x" as never };
    const runs = viewOf([...facts, wants("1"), yes]);
    expect(runs.terminal).toMatchObject({ title: "npm test", lines: [], running: true });
    const over = viewOf([...facts, wants("1"), yes, { type: "tool.returned", call: call("1"), ok: true, text: "ok", ms: 60_000 }]);
    expect(over.rows.find((row) => row.kind === "call")).toMatchObject({ about: "npm test", ms: 1000 });
    expect(over.terminal).toMatchObject({ title: "make", running: true });
    const no = viewOf([...facts, wants("1"), { type: "approval.given", call: call("1"), answer: "no", note: "not now", by: "x" as never }]);
    expect(no.rows.find((row) => row.kind === "call")).toMatchObject({ state: "refused", note: "not now", ms: null });
  });
  it("forgets what a new connection or a retry says again", () => {
    const streamed = viewOf(work.slice(0, 4), [saying("half a sen")]);
    expect(rejoined(streamed).saying.text).toBe("");
    expect(live(streamed, { type: "working", what: "retrying", since: at }, at).saying.text).toBe("");
  });
  it("keeps steering behind what is written before the model reads it", () => {
    const steered: Fact[] = [...work, { type: "asked", text: "and more", by: "x" as never }];
    const answer = (upTo: number, text: string): Fact => ({ type: "said", turn: 2, upTo, text, end: "calls", usage: usage() });
    const last = (facts: Fact[]): unknown[] =>
      viewOf(facts)
        .rows.flatMap((row) => ("text" in row && row.kind !== "call" ? [row.text] : []))
        .slice(-3);
    const unread = [...steered, answer(work.length, "not for it")];
    expect(last(unread).slice(-2)).toEqual(["not for it", "and more"]);
    expect(last([...unread, answer(unread.length, "for it")])).toEqual(["not for it", "and more", "for it"]);
  });
  it("says which steering a stopped run never read", () => {
    const stopped: Fact[] = [...work, { type: "asked", text: "and more", by: "x" as never }, { type: "ended", why: "stopped", turns: 1, ms: 1 }];
    const asks = (facts: Fact[]): unknown[] => viewOf(facts).rows.flatMap((row) => (row.kind === "asked" ? [[row.queued, row.unread ?? false]] : []));
    expect(asks(stopped)).toEqual([
      [false, false],
      [false, true],
    ]);
    const read: Fact = { type: "said", turn: 2, upTo: stopped.length, text: "ok", end: "stop", usage: usage() };
    expect(asks([...stopped, read])[1]).toEqual([false, false]);
  });
  it("stays small however long the session", () => {
    let state = viewOf([opened]);
    const long = "x".repeat(300_000);
    for (let seq = 2; seq < 1500; seq++) state = step(state, { seq, at, type: "noted", level: "info", text: seq % 100 === 0 ? long : "a" });
    expect(state.rows.length).toBeLessThanOrEqual(500);
    expect(state.earlier + state.rows.length).toBe(1498);
    expect(JSON.stringify(state.rows).length).toBeLessThan(500_000);
    for (let index = 0; index < 300; index++) state = live(state, saying("y".repeat(1000)), at);
    expect(state.saying.text.length).toBeLessThanOrEqual(200_000);
    for (let index = 0; index < 300; index++) state = live(state, { type: "tool.output", call: call("1"), chunk: "z\n".repeat(100) }, at);
    expect(state.terminal.lines.length).toBeLessThanOrEqual(keptLines);
  });
});

describe("a command's output", () => {
  const after = (...chunks: string[]): string[] => chunks.reduce(withOutput, { call: null, title: "", lines: [], running: true }).lines;
  it.each([
    [["a\nb"], ["a", "b"]],
    [
      ["a\r\nb\r", "\nc"],
      ["a", "b", "c"],
    ],
    [["10 %\r20 %\r30 %"], ["30 %"]],
    [["\x1b[3", "1mred\x1b", "[0m"], ["red"]],
    [["\x1b]0;ti", "tle\x07x"], ["x"]],
    [["ab\bc"], ["ac"]],
  ])("%j", (chunks, lines) => expect(after(...chunks)).toEqual(lines));
});
