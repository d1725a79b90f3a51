// The clock and random ids, in one place so that tests can hold them still.
import { randomBytes } from "node:crypto";
import type { SessionId } from "./events.ts";

export interface Clock {
  /** ms since the epoch. */
  now(): number;
}
export const systemClock: Clock = { now: () => Date.now() };

const letters = "abcdefghijkmnpqrstuvwxyz23456789";
/** `length` random letters and digits without look-alikes. */
export function randomId(length: number): string {
  let id = "";
  for (const byte of randomBytes(length)) id += letters[byte % letters.length];
  return id;
}

/** Sorts by time: `20261122-183045-x7f3`, in UTC. */
export function newSessionId(clock: Clock = systemClock): SessionId {
  const digits = new Date(clock.now()).toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${digits}-${randomId(4)}` as SessionId;
}

/** `850 ms`, `2.1 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
