// How a scripted server reads prompts: one slot that keeps the last prompt, and reads a new one from where it departs. A real server's cache in miniature.
import { type Asked, type Read, tokens } from "./script.ts";

export interface Slot {
  /** Reads the prompt, at the slot's rate, telling tokens as it goes; what a client that goes away had read is kept. Null: it went away. */
  read(asked: Asked, gone: AbortSignal, tell?: (so: { total: number; cache: number; processed: number; time_ms: number }) => void): Promise<Read | null>;
  /** One request at a time where reading takes time: resolves when it is this one's turn, to what ends its turn. */
  turn(gone: AbortSignal): Promise<() => void>;
}
const stepMs = 50;

/** `perS`: tokens per second, 0 = at once, and any number of requests at a time. */
export function openSlot(perS: number): Slot {
  let held = "";
  let last: Promise<unknown> = Promise.resolve();
  return {
    async read(asked, gone, tell) {
      const prompt = rendered(asked.body);
      const common = commonLength(held, prompt);
      const total = tokens(asked.json);
      const fresh = common === 0 ? total : Math.min(total, tokens(prompt.slice(common)));
      const start = performance.now();
      const needs = perS > 0 ? (fresh * 1000) / perS : 0;
      for (let spent = 0; spent < needs; spent = performance.now() - start) {
        const part = spent / needs;
        held = prompt.slice(0, common + Math.floor((prompt.length - common) * part));
        tell?.({ total, cache: total - fresh, processed: total - fresh + Math.floor(fresh * part), time_ms: Math.round(spent) });
        await pause(Math.min(stepMs, needs - spent), gone);
        if (gone.aborted) return null;
      }
      held = prompt;
      return { cached: total - fresh, fresh, ms: perS > 0 ? performance.now() - start : null };
    },
    async turn(gone) {
      if (perS === 0) return () => {};
      const before = last;
      const mine = Promise.withResolvers<void>();
      last = Promise.all([before, mine.promise]);
      const leave = (): void => mine.resolve();
      gone.addEventListener("abort", leave, { once: true });
      await Promise.race([before, mine.promise]);
      return leave;
    },
  };
}

/** What a template makes of a request begins with the system text and the tools, then come the messages; the rest of the body is no part of it. */
function rendered(body: Record<string, unknown>): string {
  return JSON.stringify(body.tools ?? []) + JSON.stringify(body.messages ?? []).slice(0, -1);
}
function commonLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one[length] === other[length]) length++;
  return length;
}

/** At most `ms`; returns at once when the client goes. */
export async function pause(ms: number, gone: AbortSignal): Promise<void> {
  if (ms < 1 || gone.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      gone.removeEventListener("abort", leave);
      resolve();
    }, ms);
    const leave = (): void => {
      clearTimeout(timer);
      resolve();
    };
    gone.addEventListener("abort", leave, { once: true });
  });
}
