// What the screen tells a session while a prompt is written, and when a thought has lasted long enough.
import { describe, expect, it } from "vitest";
import { createInputParser } from "../../src/app/tui/input.ts";
import { slashOf } from "../../src/app/tui/slash.ts";
import { takeEvents } from "../../src/app/tui/typing.ts";
import { openTypist } from "../../src/app/tui/typist.ts";
import { live, step } from "../../src/app/tui/view.ts";
import type { ClientId } from "../../src/core/events.ts";
import { desk, type Recorded, recorder, session, someView } from "./some.ts";

const press = (deck: Recorded, text: string): void => {
  const parser = createInputParser();
  takeEvents(deck, [...parser.push(new TextEncoder().encode(text)), ...parser.flush()]);
};
const typing = { type: "typing", session };

describe("a prompt that is being written", () => {
  const writes = (deck: Recorded): ((text: string, now: number) => void) => {
    const typist = openTypist(deck);
    return (text, now) => {
      deck.set({ now });
      press(deck, text);
      typist.look();
    };
  };
  const connected = desk({ connected: "yes" });

  it("is told with its first key, and every twenty seconds", () => {
    const deck = recorder({ desk: connected });
    const write = writes(deck);
    write("m", 100_000);
    write("ake", 105_000);
    expect(deck.sent).toEqual([typing]);
    write(" x", 120_000);
    write(" two", 121_000);
    expect(deck.sent).toEqual([typing, typing]);
  });
  it("is told again when it begins anew", () => {
    const deck = recorder({ desk: connected });
    const write = writes(deck);
    write("m", 100_000);
    write("\x15", 101_000);
    write("x", 102_000);
    expect(deck.sent).toEqual([typing, typing]);
  });
  it("is no news as a command, without a line, or while a run works", () => {
    for (const deck of [recorder({ desk: desk() }), recorder({ desk: connected, view: someView({ running: true }) })]) {
      writes(deck)("make", 100_000);
      expect(deck.sent).toEqual([]);
    }
    const deck = recorder({ desk: connected });
    writes(deck)("/model", 100_000);
    expect(deck.sent).toEqual([]);
  });
});

describe("a thought", () => {
  const asked = step(someView(), { seq: 1, at: 0, type: "asked", text: "x", by: "tui-1" as ClientId });
  const thinking = live(asked, { type: "saying", kind: "thought", delta: "Hm." }, 10);
  const words = live(thinking, { type: "saying", kind: "text", delta: "So" }, 20);

  it("is ended by Ctrl-T, with a prompt half written too, and by /answer", () => {
    const deck = recorder({ desk: desk({ prompt: "and" }), view: thinking });
    press(deck, "\x14");
    slashOf("/answer", thinking, deck.desk())?.row?.run(deck, "");
    expect(deck.sent).toEqual([
      { type: "hasten", session },
      { type: "hasten", session },
    ]);
    expect(deck.desk().prompt.text).toBe("and");
  });
  it("can't be ended where none is", () => {
    for (const view of [someView(), asked, words]) {
      const deck = recorder({ view });
      press(deck, "\x14");
      expect([deck.sent, deck.desk().flash]).toEqual([[], "it isn't thinking"]);
      expect(slashOf("/answer", view, deck.desk())).toMatchObject({ why: "it isn't thinking" });
    }
  });
  it("that Aura asks the model to end is no task of the person's", () => {
    const told = step(thinking, { seq: 2, at: 0, type: "asked", text: "Answer now.", by: "aura" as ClientId });
    expect(told.rows.at(-1)).toMatchObject({ kind: "noted", text: "told the model: Answer now." });
    expect(told.rows.filter(({ kind }) => kind === "asked")).toHaveLength(1);
  });
});
