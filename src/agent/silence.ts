// What the person is told while an answer doesn't come: what the server is at, how far it has probably read, and when nothing moves at all.
import type { Work } from "../core/events.ts";
import { note } from "../core/note.ts";
import { guessReading } from "./reading.ts";
import type { AgentNeeds, Session } from "./session.ts";

/** No piece for this long and the screen says so; nothing is ever given up because of it. */
const stalledAfterMs = 30_000;
/** While a guess says that it still reads, silence is what was expected: up to so many times that long, and a little. */
const patience = { times: 1.5, ms: 2_000 };
const tickMs = 500;
/** A server that tells how far it is does so within this time. */
const guessAfterMs = 1_000;

export interface Silence {
  /** A piece came: `what` is new, or only a sign of life. `own`: the server itself tells how far it is. */
  heard(what?: Work, how?: { part?: number; leftMs?: number }): void;
  /** The first words came: nothing is guessed any more. */
  begun(): void;
  stop(): void;
}
export interface Watched {
  /** Does the person see the words? A sub-step's aren't shown: what it is for is. */
  shown: boolean;
  /** ms that reading should take, null = nobody knows. */
  readingMs: number | null;
}

/** Watches from now on. */
export function openSilence(needs: AgentNeeds, session: Session, { shown, readingMs }: Watched): Silence {
  const started = needs.clock.now();
  let newsAt = started;
  /** Since when it is taken to read; null while it does something else, tells by itself, or has read. */
  let readingSince: number | null = readingMs === null ? null : started;
  let stalled = false;
  let guessing = false;
  const working = (what: Work, how: { part?: number; leftMs?: number; guess?: boolean } = {}): void =>
    session.live(
      shown || what === "stalled" ? { type: "working", what, since: started, ...how } : { type: "working", what: "running", since: started, name: "the summary", ...how },
    );

  function look(): void {
    const now = needs.clock.now();
    const spent = readingSince === null ? null : now - readingSince;
    const credible = spent !== null && readingMs !== null && spent < readingMs * patience.times + patience.ms;
    if (credible && spent >= guessAfterMs) working("reading", { ...guessReading(spent, readingMs), guess: true });
    // a guess that was wrong says so by its silence
    else if (guessing && spent !== null && !stalled) working("reading");
    guessing = credible && spent >= guessAfterMs;
    if (stalled || credible || now - newsAt < stalledAfterMs) return;
    stalled = true;
    note("agent", "nothing from the model server", { forMs: now - newsAt }, "warn");
    working("stalled");
  }
  const timer = setInterval(look, tickMs);
  timer.unref();
  working("reading");
  return {
    heard(what, how = {}) {
      newsAt = needs.clock.now();
      stalled = false;
      if (what === undefined) return;
      // only a server that is silent about it has its reading guessed
      readingSince = readingMs !== null && what === "reading" && how.part === undefined ? newsAt : null;
      working(what, how);
    },
    begun() {
      readingSince = null;
    },
    stop: () => clearInterval(timer),
  };
}
