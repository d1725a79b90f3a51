// What is said while an answer doesn't come: a guess of the reading, the server's own word before it, and that nothing moves, whatever was guessed.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AgentNeeds, Session } from "../../src/agent/session.ts";
import { openSilence, type Silence } from "../../src/agent/silence.ts";
import type { Live } from "../../src/core/events.ts";

type Working = Extract<Live, { type: "working" }>;
let told: Working[] = [];
let silence: Silence;
const watch = (readingMs: number | null, shown = true): void => {
  told = [];
  const session = { live: (live: Live) => told.push(live as Working) } as unknown as Session;
  silence = openSilence({ clock: { now: () => Date.now() } } as AgentNeeds, session, { shown, readingMs });
};
const words = (): string[] => told.map(({ what, part, guess }) => `${what}${part === undefined ? "" : ` ${Math.round(part * 100)}`}${guess ? " ?" : ""}`);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  silence.stop();
  vi.useRealTimers();
});

describe("a server that says nothing", () => {
  it("has its reading guessed from the first second on, twice a second", () => {
    watch(4_000);
    vi.advanceTimersByTime(2_000);
    expect(words()).toEqual(["reading", "reading 25 ?", "reading 38 ?", "reading 50 ?"]);
    expect(told.at(-1)?.leftMs).toBe(2_000);
  });
  it("is guessed nothing of where its speed isn't known, and is said to be silent after half a minute", () => {
    watch(null);
    vi.advanceTimersByTime(29_900);
    expect(words()).toEqual(["reading"]);
    vi.advanceTimersByTime(60_000);
    expect(words()).toEqual(["reading", "stalled"]);
  });
  it("is no longer believed to read when the guess is far overdue, and then said to be silent", () => {
    watch(4_000);
    vi.advanceTimersByTime(8_000);
    expect(words().at(-1)).toBe("reading");
    vi.advanceTimersByTime(24_000);
    expect(words().slice(-2)).toEqual(["reading", "stalled"]);
    vi.advanceTimersByTime(60_000);
    expect(words().at(-1)).toBe("stalled");
  });
  it("is given the time that the reading should take, but not for ever", () => {
    watch(60_000);
    vi.advanceTimersByTime(58_000);
    expect(words().at(-1)).toMatch(/^reading \d\d \?$/);
    expect(words()).not.toContain("stalled");
    vi.advanceTimersByTime(40_000);
    expect(words().at(-1)).toBe("stalled");
  });
  it("is said to be silent in the middle of its words, and again after a sign of life", () => {
    watch(4_000);
    silence.begun();
    silence.heard("writing");
    vi.advanceTimersByTime(31_000);
    silence.heard();
    vi.advanceTimersByTime(31_000);
    expect(words()).toEqual(["reading", "writing", "stalled", "stalled"]);
  });
});

describe("a server that tells what it does", () => {
  it("is taken at its word while it loads; the guess begins with the reading", () => {
    watch(4_000);
    silence.heard("loading");
    vi.advanceTimersByTime(10_000);
    silence.heard("reading");
    vi.advanceTimersByTime(1_000);
    expect(words()).toEqual(["reading", "loading", "reading", "reading 25 ?"]);
  });
  it("is never guessed at once it says how far it is", () => {
    watch(4_000);
    silence.heard("reading", { part: 0.1 });
    vi.advanceTimersByTime(10_000);
    expect(words()).toEqual(["reading", "reading 10"]);
  });
  it("has its first words shown at once, and nothing guessed behind them", () => {
    watch(4_000);
    vi.advanceTimersByTime(1_000);
    silence.begun();
    silence.heard("thinking");
    vi.advanceTimersByTime(5_000);
    expect(words()).toEqual(["reading", "reading 25 ?", "thinking"]);
  });
});

it("says of a sub-step what it is for", () => {
  watch(null, false);
  silence.heard("writing");
  expect(told).toMatchObject([
    { what: "running", name: "the summary" },
    { what: "running", name: "the summary" },
  ]);
});
