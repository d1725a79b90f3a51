// A small real core for the bus's tests: real logs and hubs; `ask` says how many facts to write, or how long to be busy.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DaemonCore } from "../../src/bus/daemon.ts";
import { AuraError } from "../../src/core/error.ts";
import type { Answer, Command, Fact, Question, SessionId } from "../../src/core/events.ts";
import { type Hub, openHub } from "../../src/core/live.ts";
import { createLog, type Log, openLog } from "../../src/core/log.ts";
import { systemClock } from "../../src/core/time.ts";

export const session = "20261122-183045-x7f3" as SessionId;
export const by = "test-1" as Extract<Command, { type: "ask" }>["by"];
export const opening = (root: string): Command => ({ type: "open", session, by, opening: { root, cwd: root, env: {}, policy: "ask", limits: {} } });
export const ask = (text: string): Command => ({ type: "ask", session, text, by });

export interface TestCore extends DaemonCore {
  /** Watches that are going on. */
  watching(): number;
  log(): Log;
}
export function openTestCore(): TestCore {
  let open: { log: Log; hub: Hub } | null = null;
  let busyUntil = 0;
  let watching = 0;
  const get = (id: SessionId): { log: Log; hub: Hub } => {
    if (open && open.log.session === id) return open;
    throw new AuraError("session.unknown", `there is no session ${id}`, { hint: "aura sessions", exit: 2 });
  };
  return {
    busy: () => Date.now() < busyUntil,
    watching: () => watching,
    log: () => get(session).log,
    async close() {
      open?.log.close();
    },
    core: {
      async send(command) {
        if (command.type === "open") {
          if (open) return;
          const dir = join(command.opening.root, ".aura", "log");
          if (existsSync(join(dir, `${command.session}.jsonl`))) {
            const { log } = openLog(dir, command.session, systemClock);
            open = { log, hub: openHub(log) };
            return;
          }
          const log = createLog(dir, command.session, systemClock);
          open = { log, hub: openHub(log) };
          log.append({ type: "opened", v: 1, session: command.session, root: "/", cwd: "/", by, version: "0", policy: "ask", sandbox: "none", limits: {}, headless: false });
          return;
        }
        const { log, hub } = get(command.session);
        if (command.type !== "ask") throw new Error("a bug of the core");
        const [what, number] = command.text.split(" ");
        if (what === "busy") busyUntil = Date.now() + Number(number);
        if (what === "facts") for (let n = 0; n < Number(number); n++) log.append({ type: "asked", text: `${n}`, by } satisfies Fact);
        if (what === "large") for (let n = 0; n < Number(number); n++) log.append({ type: "asked", text: "x".repeat(10_000), by } satisfies Fact);
        if (what === "say") hub.live({ type: "saying", delta: number ?? "", kind: "text" });
      },
      async query<Q extends Question>(question: Q) {
        return (question.type === "debug" ? Array.from({ length: question.lines }, (_, n) => `line ${n}`) : [question.type]) as Answer<Q>;
      },
      async *watch(id, from, signal) {
        const { hub } = get(id);
        watching++;
        try {
          yield* hub.watch(from, signal);
        } finally {
          watching--;
        }
      },
    },
  };
}
/** The next `count` items of a reader. */
export async function pull<T>(reader: AsyncIterator<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  while (items.length < count) {
    const next = await reader.next();
    if (next.done) break;
    items.push(next.value);
  }
  return items;
}
export const seqsOf = (items: { seq?: number }[]): (number | undefined)[] => items.map((item) => item.seq);
export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
/** Waits until it is so; the test's own time limit ends it otherwise. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}
