// Following through lost connections: every fact exactly once, in order; and what is kept of what was typed, copied and exported.
import { describe, expect, it } from "vitest";
import { copySequence } from "../../src/app/tui/clipboard.ts";
import { fitness, rank, take, triggerOf } from "../../src/app/tui/completion.ts";
import { follow } from "../../src/app/tui/follow.ts";
import { openHistory } from "../../src/app/tui/history.ts";
import { whyNoScreen } from "../../src/app/tui/terminal.ts";
import { farewell, transcript } from "../../src/app/tui/transcript.ts";
import { AuraError } from "../../src/core/error.ts";
import type { Entry, Live, SessionId } from "../../src/core/events.ts";
import type { Core } from "../../src/core/port.ts";
import { pendingEdit, session, someView } from "./some.ts";

const entry = (seq: number): Entry => ({ seq, at: seq, type: "noted", level: "info", text: `fact ${seq}` });

describe("following", () => {
  it("goes on after the last fact seen, however the connection ends", async () => {
    const abort = new AbortController();
    const got: number[] = [];
    const states: string[] = [];
    let attempt = 0;
    let last = 0;
    const core = (from: number): Core => ({
      send: async () => {},
      query: async () => [] as never,
      async *watch(_session: SessionId, after: number): AsyncGenerator<Entry | Live> {
        expect(after).toBe(last);
        for (let seq = after + 1; seq <= from; seq++) yield entry(seq);
        if (attempt === 1) throw new Error("socket closed");
      },
    });
    await follow(
      {
        session,
        connect: async () => {
          attempt++;
          if (attempt === 2) throw new AuraError("daemon.down", "nobody listens");
          return core(attempt * 2);
        },
        open: async () => {
          if (attempt === 3) throw new AuraError("log.locked", "Another process writes it.", { hint: "aura sessions" });
        },
        from: () => last,
        take(item) {
          if (!("seq" in item)) return;
          got.push(item.seq);
          last = item.seq;
          if (last === 6) abort.abort();
        },
        state: (is, _core, why) => void states.push(why === null ? is : `${is}: ${why}`),
      },
      abort.signal,
    );
    expect(got).toEqual([1, 2, 3, 4, 5, 6]);
    expect(states).toEqual(["yes", "lost: socket closed", "lost: nobody listens", "yes: Another process writes it. aura sessions"]);
  });
});

describe("what was typed", () => {
  it("is kept in order, once, even when typed before the saved lines were read", async () => {
    const saved: string[][] = [];
    const history = openHistory({ load: async () => ["old"], save: async (lines) => void saved.push(lines) });
    history.add("new");
    history.add("new");
    await new Promise((done) => setTimeout(done));
    history.add("  ");
    expect(history.lines()).toEqual(["old", "new"]);
    expect(saved.at(-1)).toEqual(["old", "new"]);
  });
  it("can't be lost by a history that can't be read", async () => {
    const history = openHistory({ load: () => Promise.reject(new Error("no")), save: () => Promise.reject(new Error("no")) });
    history.add("x");
    await new Promise((done) => setTimeout(done));
    expect(history.lines()).toEqual(["x"]);
  });
});

describe("completion", () => {
  const at = (marked: string) => ({ text: marked.replace("|", ""), cursor: marked.indexOf("|") });
  it("finds the word at the cursor", () => {
    expect(triggerOf(at("look @src/c| now"))).toEqual({ kind: "file", words: "src/c", from: 5, to: 11 });
    expect(triggerOf(at("mail a@b|"))).toBeNull();
    expect(triggerOf(at("/mo|"))).toEqual({ kind: "command", words: "mo", from: 0, to: 3 });
    expect(triggerOf(at("/usr/bin|"))).toBeNull();
    expect(triggerOf(at("say /mo|"))).toBeNull();
  });
  it("replaces the word", () => {
    const prompt = at("look @ca| now");
    const trigger = triggerOf(prompt);
    expect(trigger && take(prompt, trigger, "src/cart.ts")).toEqual({ text: "look @src/cart.ts now", cursor: 18 });
    const odd = triggerOf(at("@x|"));
    expect(odd && take(at("@x|"), odd, "my file.ts").text).toBe('@"my file.ts" ');
  });
  it("ranks runs over scattered letters", () => {
    expect(rank("cart", ["scar-tissue", "src/cart.ts", "cart.ts", "other"], (text) => text)).toEqual(["cart.ts", "src/cart.ts", "scar-tissue"]);
    expect(fitness("xyz", "cart")).toBeNull();
  });
});

describe("copying", () => {
  it("says where it is known to work and where not", () => {
    expect(copySequence("hi", "it", { TERM: "xterm-kitty" })).toEqual({ sequence: "\x1b]52;c;aGk=\x07", told: "copied it" });
    expect(copySequence("hi", "it", { TERM_PROGRAM: "Apple_Terminal" }).told).toMatch(/known not to/);
    expect(copySequence("hi", "it", { TMUX: "/s", TERM: "tmux" }).sequence).toContain("\x1bPtmux;\x1b\x1b]52;c;aGk=");
    expect(copySequence("x".repeat(200_000), "it", {}).sequence).toBeNull();
    expect(copySequence("", "it", {}).sequence).toBeNull();
  });
});

describe("a terminal that can't show a screen", () => {
  it("is told so in a sentence", () => {
    expect(whyNoScreen({ TERM: "xterm" }, { isTTY: true }, { isTTY: true })).toBeNull();
    expect(whyNoScreen({ TERM: "dumb" }, { isTTY: true }, { isTTY: true })).toMatch(/TERM=dumb/);
    expect(whyNoScreen({}, {}, { isTTY: true })).toMatch(/standard input/);
    expect(whyNoScreen({}, { isTTY: true }, {})).toMatch(/standard output/);
  });
});

describe("a session as text", () => {
  const change = pendingEdit().changes[0];
  const view = someView({
    rows: [
      { kind: "asked", key: "1", text: "fix it", queued: false },
      { kind: "said", key: "2", text: "Done: the sum was wrong.\nMore.", stopped: false },
      { kind: "shelled", key: "3", command: "ls", ok: true, text: "a ``` b", ms: 3 },
    ],
    changes: change ? [{ seq: 3, call: null, change }] : [],
    tests: { command: "npm test", ok: true, passed: 4, failed: 0 },
  });
  it("leaves five lines", () => {
    expect(farewell(view, 80)).toEqual([
      "aura      Done: the sum was wrong.",
      "files     a.ts +2 -2",
      "tests     passed  4 passed, 0 failed  (npm test)",
      `session   open; go on with: aura resume ${session}`,
      "undo      aura undo",
    ]);
    expect(farewell({ ...view, running: true }, 80)[3]).toBe(`goes on   the run goes on without this screen: aura attach ${session}`);
    expect(farewell(someView(), 80)).toEqual([]);
  });
  it("becomes Markdown whose fences hold", () => {
    expect(transcript(view)).toContain("## fix it");
    expect(transcript(view)).toContain("````\na ``` b\n````");
  });
});
