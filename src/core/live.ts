// Hands a log to its readers: facts from each one's own cursor, live deltas in between for those who keep up.
//
//   log.append ──> every reader's cursor falls behind ──> it pulls the facts, in order, exactly once
//   hub.live   ──> every reader's pending deltas, merged ──> what a fact supersedes is dropped unseen
import type { Entry, Live, Seq } from "./events.ts";
import type { Log } from "./log.ts";

export interface Hub {
  /** Every fact after `from`, then the tail with live deltas in between; one who joins in mid-stream gets what was said so far as one delta. Ends only by `signal`. */
  watch(from: Seq, signal: AbortSignal): AsyncIterable<Entry | Live>;
  /** Tells all readers; costs nothing when there are none and little when they are slow. */
  live(live: Live): void;
}

/** Most characters kept for a reader that doesn't pull: the newest ones win, the next fact brings the whole. */
const maxSaidChars = 256 * 1024;
const maxOutputChars = 64 * 1024;

/** Deltas not delivered yet, merged so that they stay few: text grows, everything else is replaced by its successor. */
export interface Pending {
  add(live: Live): void;
  /** Drops what the fact says better. */
  supersede(entry: Entry): void;
  take(): Live | undefined;
  copy(): Pending;
}

/** Two deltas with the same key can't both be worth showing. */
function keyOf(live: Live): string {
  return live.type === "tool.output" || live.type === "tool.screen" ? `${live.type} ${live.call}` : live.type;
}

export function openPending(start: readonly Live[] = []): Pending {
  let items: Live[] = [...start];
  let saidChars = items.reduce((sum, item) => sum + (item.type === "saying" ? item.delta.length : 0), 0);
  const drop = (unwanted: (live: Live) => boolean): void => {
    items = items.filter((item) => !unwanted(item));
  };
  const forgetSaid = (): void => {
    drop((live) => live.type === "saying" || live.type === "calling");
    saidChars = 0;
  };
  const isSaying = (live: Live): boolean => live.type === "saying";

  function say(live: Extract<Live, { type: "saying" }>): void {
    saidChars += live.delta.length;
    const at = items.findLastIndex(isSaying);
    const last = items[at];
    if (last?.type === "saying" && last.kind === live.kind) items[at] = { ...last, delta: last.delta + live.delta };
    else items.push(live);
    while (saidChars > maxSaidChars) {
      const oldest = items.findIndex(isSaying);
      const first = items[oldest];
      if (first?.type !== "saying") return;
      const rest = first.delta.slice(saidChars - maxSaidChars);
      saidChars -= first.delta.length - rest.length;
      if (rest === "") items.splice(oldest, 1);
      else items[oldest] = { ...first, delta: rest };
    }
  }

  return {
    add(live) {
      if (live.type === "saying") return say(live);
      // a retry says it all again
      if (live.type === "working" && live.what === "retrying") forgetSaid();
      const key = keyOf(live);
      const at = items.findIndex((item) => keyOf(item) === key);
      const old = items[at];
      if (live.type === "tool.output" && old?.type === "tool.output") {
        const chunk = old.chunk + live.chunk;
        items[at] = { ...live, chunk: chunk.length > 2 * maxOutputChars ? chunk.slice(-maxOutputChars) : chunk };
        return;
      }
      if (old) items.splice(at, 1);
      items.push(live);
    },
    supersede(entry) {
      if (items.length === 0) return;
      switch (entry.type) {
        case "said":
          forgetSaid();
          return;
        case "tool.called":
          drop((live) => live.type === "calling");
          return;
        case "tool.returned":
          drop((live) => (live.type === "tool.output" || live.type === "tool.screen") && live.call === entry.call);
          return;
        case "shelled":
          drop((live) => live.type === "tool.output" || live.type === "tool.screen");
          return;
        case "ended":
          drop((live) => live.type !== "meter");
          saidChars = 0;
          return;
        default:
      }
    },
    take() {
      const item = items.shift();
      if (item?.type === "saying") saidChars -= item.delta.length;
      return item;
    },
    copy: () => openPending(items),
  };
}

/** The hub of one open log. */
export function openHub(log: Pick<Log, "entries" | "onAppend">): Hub {
  const readers = new Set<{ pending: Pending; wake: () => void }>();
  /** What somebody who joins now has missed. */
  const current = openPending();
  log.onAppend((entries) => {
    for (const entry of entries) {
      current.supersede(entry);
      for (const reader of readers) reader.pending.supersede(entry);
    }
    for (const reader of readers) reader.wake();
  });

  async function* watch(from: Seq, signal: AbortSignal): AsyncGenerator<Entry | Live> {
    let cursor = Math.max(0, Math.floor(from) || 0);
    let wake = (): void => {};
    const reader = { pending: current.copy(), wake: () => wake() };
    const onAbort = (): void => wake();
    readers.add(reader);
    signal.addEventListener("abort", onAbort);
    try {
      while (!signal.aborted) {
        const entry = log.entries[cursor];
        if (entry) cursor++;
        const item = entry ?? reader.pending.take();
        if (item) yield item;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      readers.delete(reader);
    }
  }

  return {
    watch,
    live(live) {
      current.add(live);
      for (const reader of readers) {
        reader.pending.add(live);
        reader.wake();
      }
    },
  };
}
