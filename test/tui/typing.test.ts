// What keys do: answers that can't be given by accident, Esc and Ctrl-C, history, lists, slash commands. Over a deck that records.
import { describe, expect, it } from "vitest";
import { comeForward, notice } from "../../src/app/tui/approval.ts";
import { openCompleter, openModelList, openSessionList } from "../../src/app/tui/choosing.ts";
import { createInputParser } from "../../src/app/tui/input.ts";
import { carriedText, slashItems, slashOf, slashRows } from "../../src/app/tui/slash.ts";
import type { ViewState } from "../../src/app/tui/state.ts";
import { takeEvents } from "../../src/app/tui/typing.ts";
import { by, desk, pendingCommand, pendingEdit, type Recorded, recorder, session, someView } from "./some.ts";

const press = (deck: Recorded, text: string): void => {
  const parser = createInputParser();
  takeEvents(deck, [...parser.push(new TextEncoder().encode(text)), ...parser.flush()]);
};
/** As the app does after a fact. */
const arrives = (deck: Recorded, view: ViewState, now: number): boolean => {
  const told = notice(deck.desk(), view, now);
  deck.set({ view, desk: told.desk, now });
  return told.ring;
};
const waits = (begin: Parameters<typeof recorder>[0] = {}, pending = pendingEdit({ shownAt: 10_000 })): Recorded => {
  const deck = recorder(begin);
  arrives(deck, someView({ running: true, pending: [pending] }), 10_000);
  return deck;
};
const approve = { type: "approve", session, by, call: "c1" };

describe("an approval", () => {
  it("takes the focus of an empty prompt, rings once, and gives it back", () => {
    const deck = recorder({ desk: desk({ focus: "plan", front: "plan" }) });
    const view = someView({ pending: [pendingEdit()] });
    expect(arrives(deck, view, 10_000)).toBe(true);
    expect(arrives(deck, view, 10_100)).toBe(false);
    expect([deck.desk().focus, deck.desk().front]).toEqual(["diff", "diff"]);
    arrives(deck, someView(), 10_200);
    expect([deck.desk().focus, deck.desk().front]).toEqual(["plan", "plan"]);
  });
  it("rings but leaves a prompt that holds text alone, and then answers to nothing", () => {
    const deck = waits({ desk: desk({ prompt: "pleas" }) });
    deck.set({ now: 11_000 });
    press(deck, "yny");
    expect([deck.desk().focus, deck.desk().prompt.text, deck.sent]).toEqual(["conversation", "pleasyny", []]);
  });
  it("takes keys of its first 300 ms for text", () => {
    const deck = waits();
    deck.set({ now: 10_299 });
    press(deck, "yes, go");
    expect([deck.sent, deck.desk().decisions, deck.desk().prompt.text]).toEqual([[], {}, "yes, go"]);
  });
  it("is answered part by part, and sent when every part is decided", () => {
    const deck = waits();
    deck.set({ now: 10_301 });
    press(deck, "y");
    expect([deck.desk().hunk, deck.desk().decisions, deck.sent]).toEqual([1, { h1: "kept" }, []]);
    press(deck, "jkn]k");
    expect(deck.desk().decisions).toEqual({ h1: "kept", h2: "dropped" });
    deck.set({ desk: { ...deck.desk(), hunk: 2 } });
    press(deck, "y");
    expect(deck.sent).toEqual([
      {
        ...approve,
        answer: "yes",
        hunks: [
          { id: "h1", is: "kept" },
          { id: "h2", is: "dropped" },
          { id: "h3", is: "kept" },
        ],
      },
    ]);
  });
  it("keeps all of the call with a, and is a no when all is dropped", () => {
    const deck = waits();
    deck.set({ now: 11_000 });
    press(deck, "a");
    expect(deck.sent).toEqual([{ ...approve, answer: "yes" }]);
    const other = waits();
    other.set({ now: 11_000 });
    press(other, "nnn");
    expect(other.sent).toMatchObject([{ answer: "no" }]);
  });
  it("is answered once, however often the key is pressed", () => {
    const deck = waits();
    deck.set({ now: 11_000 });
    press(deck, "aaay");
    expect([deck.sent.length, deck.desk().prompt.text]).toEqual([1, ""]);
  });
  it("jumps from file to file", () => {
    const deck = waits();
    deck.set({ now: 11_000 });
    press(deck, "]");
    expect(deck.desk().hunk).toBe(2);
    press(deck, "[");
    expect(deck.desk().hunk).toBe(0);
  });
  it("takes an edited part from the editor", async () => {
    const deck = waits();
    deck.set({ now: 11_000 });
    press(deck, "e");
    await new Promise((done) => setTimeout(done));
    expect([deck.desk().decisions, deck.desk().edits]).toEqual([{ h1: "edited" }, { h1: "same\nnew h1\nedited\n" }]);
    press(deck, "yy");
    expect(deck.sent).toMatchObject([{ answer: "yes", hunks: [{ id: "h1", is: "edited", text: "same\nnew h1\nedited\n" }, { is: "kept" }, { is: "kept" }] }]);
  });
  it("is refused with a reason", () => {
    const deck = waits();
    deck.set({ now: 11_000 });
    press(deck, "ruse yarn\r");
    expect(deck.sent).toEqual([{ ...approve, answer: "no", note: "use yarn" }]);
    expect([deck.desk().rejecting, deck.desk().prompt.text]).toEqual([false, ""]);
    const other = waits();
    other.set({ now: 11_000 });
    press(other, "rhm");
    expect(other.desk().rejecting).toBe(true);
    press(other, "\x1b");
    expect([other.sent, other.desk().rejecting, other.desk().prompt.text]).toEqual([[], false, ""]);
  });
  it("of a command takes y, n and A, and says why not", () => {
    for (const [key, answer] of [
      ["y", "yes"],
      ["n", "no"],
      ["A", "always"],
    ] as const) {
      const deck = waits({}, { ...pendingCommand(), shownAt: 10_000 });
      deck.set({ now: 11_000 });
      press(deck, key);
      expect(deck.sent).toEqual([{ ...approve, answer }]);
    }
    const once = waits({}, { ...pendingCommand(null), shownAt: 10_000 });
    once.set({ now: 11_000 });
    press(once, "Aa");
    expect([once.sent, once.desk().prompt.text, once.desk().flash]).toEqual([[], "", "nothing here has parts"]);
  });
  it("comes forward when what was typed is sent", () => {
    expect(comeForward(desk({ prompt: "x" })).focus).toBe("conversation");
    expect(comeForward(desk()).focus).toBe("diff");
  });
});

describe("the prompt", () => {
  it("sends, breaks lines and walks the history", () => {
    const deck = recorder({ history: ["one", "two"] });
    press(deck, "abc\nd");
    expect(deck.desk().prompt.text).toBe("abc\nd");
    press(deck, "\x1b[A\x1b[A\x1b[A");
    expect(deck.desk().prompt.text).toBe("one");
    press(deck, "\x1b[B\x1b[B");
    expect(deck.desk().prompt.text).toBe("abc\nd");
    press(deck, "\r");
    expect(deck.did).toEqual(["submit"]);
  });
  it("takes coalesced keys in order", () => {
    const deck = recorder();
    press(deck, "ab\x1b[Dc\x7f\x7f\x7fxyz\r");
    expect([deck.desk().prompt.text, deck.did]).toEqual(["xyzb", ["submit"]]);
  });
  it("stops with Esc, and clears with the second", () => {
    const deck = recorder({ view: someView({ running: true }), desk: desk({ prompt: "draft" }) });
    press(deck, "\x1b");
    expect([deck.sent, deck.desk().prompt.text]).toEqual([[{ type: "stop", session }], "draft"]);
    press(deck, "\x1b");
    expect(deck.desk().prompt.text).toBe("");
  });
  it("stops a command of one's own with Esc, and forgets that it said so", () => {
    const own = someView({ work: { what: "running", since: 0, part: null, leftMs: null, guess: false, name: "sleep 60" } });
    const deck = recorder({ view: own });
    press(deck, "\x1b");
    expect([deck.sent, deck.desk().flash]).toEqual([[{ type: "stop", session }], "stopping"]);
    arrives(deck, someView(), 10_000);
    expect(deck.desk().flash).toBeNull();
  });
  it("doesn't clear when something else came between, or too late", () => {
    const deck = recorder({ desk: desk({ prompt: "draft" }) });
    press(deck, "\x1b");
    press(deck, "x");
    press(deck, "\x1b");
    expect(deck.desk().prompt.text).toBe("draftx");
    deck.set({ now: 20_000 });
    press(deck, "\x1b");
    expect(deck.desk().prompt.text).toBe("draftx");
  });
  it("leaves with the second Ctrl-C only", () => {
    const deck = recorder({ view: someView({ running: true }) });
    press(deck, "\x03");
    expect([deck.did, deck.desk().flash]).toEqual([[], "press Ctrl-C again to leave (the run goes on)"]);
    press(deck, "a\x03");
    expect(deck.did).toEqual([]);
    press(deck, "\x03");
    expect(deck.did).toEqual(["leave"]);
  });
  it("opens the help with ? only when it is empty", () => {
    const deck = recorder();
    press(deck, "why?");
    expect([deck.desk().help, deck.desk().prompt.text]).toEqual([false, "why?"]);
    press(deck, "\x15?");
    expect(deck.desk().help).toBe(true);
    press(deck, "\x1b");
    expect(deck.desk().help).toBe(false);
  });
  it("copies a pane only from a pane", () => {
    const deck = recorder();
    press(deck, "c\x7f\x1b2c");
    expect([deck.did, deck.desk().prompt.text]).toEqual([["copy the diff"], ""]);
  });
});

describe("lists", () => {
  it("search the history", () => {
    const deck = recorder({ history: ["fix the cart", "write docs", "fix the test"] });
    press(deck, "\x12fix c");
    expect(deck.desk().popup?.items.map(({ value }) => value)).toEqual(["fix the cart"]);
    press(deck, "\x7f\x7f\x1b[B\r");
    expect([deck.desk().prompt.text, deck.desk().popup]).toEqual(["fix the cart", null]);
  });
  it("complete commands, by Tab into the prompt and by Enter at once", () => {
    const deck = recorder();
    const completer = openCompleter(deck);
    press(deck, "/pol");
    completer.look();
    expect(deck.desk().popup?.items).toEqual([{ value: "/policy", note: "[ask|auto|read-only]  what Aura may do without asking" }]);
    press(deck, "\t");
    expect([deck.desk().prompt.text, deck.did]).toEqual(["/policy ", []]);
    press(deck, "\x15");
    completer.look();
    press(deck, "/he");
    completer.look();
    press(deck, "\r");
    expect([deck.desk().prompt.text, deck.did]).toEqual(["/help", ["submit"]]);
    completer.stop();
  });
  it("complete files after @, and stay away once closed", async () => {
    const deck = recorder({ answers: { files: ["src/cart.ts"] } });
    const completer = openCompleter(deck);
    press(deck, "look at @ca");
    completer.look();
    await new Promise((done) => setTimeout(done, 80));
    expect(deck.desk().popup?.items).toEqual([{ value: "src/cart.ts", note: "" }]);
    press(deck, "\r");
    expect(deck.desk().prompt.text).toBe("look at @src/cart.ts ");
    completer.stop();
  });
  it("pick a model, and say when there is none", async () => {
    const model = {
      id: "ollama/a",
      url: "http://127.0.0.1:11434",
      name: "a",
      sizeBytes: 4e9,
      trainedContext: 32768,
      runningContext: null,
      capabilities: [],
      loaded: true,
      refused: null,
    };
    const deck = recorder({ answers: { models: { models: [model, { ...model, id: "ollama/b" }], looked: [], chosen: null } } });
    await openModelList(deck);
    expect(deck.desk().popup?.items.map(({ note }) => note)).toEqual(["loaded  4.0 GB  32k context", "loaded  4.0 GB  32k context"]);
    press(deck, "b\r");
    expect(deck.did).toEqual(["model ollama/b"]);
    const none = recorder({ answers: { models: { models: [], looked: [], chosen: null } } });
    await openModelList(none);
    expect(none.desk().flash).toMatch(/no model server answers/);
  });
  it("pick another session", async () => {
    const line = { session: "s2", root: "/w", startedAt: 0, changedAt: 0, task: "older", state: "done", turns: 1, owner: null };
    const deck = recorder({ answers: { sessions: [line] } });
    await openSessionList(deck);
    press(deck, "\r");
    expect(deck.did).toEqual(["goTo s2"]);
  });
});

describe("slash commands", () => {
  const view = someView({
    rows: [{ kind: "asked", key: "1", text: "fix it", queued: false }],
    plan: [
      { id: "p" as never, text: "find it", state: "done" },
      { id: "q" as never, text: "mend it", state: "open" },
    ],
  });
  it("are told from paths", () => {
    expect(slashOf("/usr/bin/x crashes", view, desk())).toBeNull();
    expect(slashOf("/nope", view, desk())).toEqual({ row: null, why: "there is no command /nope; / lists them all" });
    expect(slashOf("/policy auto", view, desk())).toMatchObject({ rest: "auto", why: null });
    expect(slashOf("/stop", view, desk())).toMatchObject({ why: "nothing is running" });
  });
  it("offer the policies", () => expect(slashItems("policy a", view, desk()).map(({ value }) => value)).toEqual(["/policy ask", "/policy auto"]));
  it("carry task and plan over", () => {
    expect(carriedText(view)).toBe("Go on with this task: fix it\n\nThe plan so far (x = done):\n- [x] find it\n- [ ] mend it");
    const deck = recorder({ view });
    slashRows.find(({ name }) => name === "new")?.run(deck, "");
    expect(deck.did).toEqual([`goTo fresh: ${carriedText(view)}`]);
  });
  it("show an undo before they do it", async () => {
    const changes = pendingEdit().changes;
    const deck = recorder({ answers: { undo: { task: "fix it", upTo: 7, changes } } });
    slashRows.find(({ name }) => name === "undo")?.run(deck, "");
    await new Promise((done) => setTimeout(done));
    expect([deck.desk().focus, deck.desk().flash]).toEqual(["diff", "take back what was done to 2 files?  y yes  n no"]);
    press(deck, "y");
    expect(deck.sent).toEqual([]); // too early to be an answer
    deck.set({ now: 11_000 });
    press(deck, "y");
    expect(deck.sent).toEqual([{ type: "revert", session, to: 7 }]);
    expect([deck.desk().asking, deck.desk().focus]).toEqual([null, "conversation"]);
  });
});
