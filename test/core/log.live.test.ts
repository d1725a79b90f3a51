// Readers of a log, in this process and of another one's file: facts exactly once and in order, deltas only as far as they help.
import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CallId, ClientId, Entry, Fact, Live, SessionId } from "../../src/core/events.ts";
import { openHub } from "../../src/core/live.ts";
import { createLog, type Log } from "../../src/core/log.ts";
import { isEntry } from "../../src/core/port.ts";
import { tailLog } from "../../src/core/tail.ts";

const session = "20261122-183045-x7f3" as SessionId;
const by = "test-1" as ClientId;
const call = "c1" as CallId;
const opened: Fact = { type: "opened", v: 1, session, root: "/r", cwd: "/r", by, version: "0", policy: "ask", sandbox: "none", limits: {}, headless: false };
const asked = (text: string): Fact => ({ type: "asked", text, by });
const usage = { promptTokens: null, cachedTokens: null, outputTokens: null, promptMs: null, outputMs: null, loadMs: null };
const said = (text: string): Fact => ({ type: "said", turn: 1, upTo: 2, text, end: "stop", usage });
const saying = (delta: string, kind: "text" | "thought" = "text"): Live => ({ type: "saying", delta, kind });

let root = "";
let log: Log;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "aura-live-"));
  log = createLog(join(root, ".aura", "log"), session, { now: () => 1 });
});
afterEach(() => {
  log.close();
  rmSync(root, { recursive: true, force: true });
});
/** The next `count` items of a reader. */
async function pull<T>(reader: AsyncIterator<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  while (items.length < count) {
    const next = await reader.next();
    if (next.done) break;
    items.push(next.value);
  }
  return items;
}
const brief = (item: Entry | Live): string | number => (isEntry(item) ? item.seq : item.type === "saying" ? `${item.kind} ${item.delta}` : item.type);

describe("the hub", () => {
  it("gives a reader that keeps up every delta, and facts in order", async () => {
    const hub = openHub(log);
    const stop = new AbortController();
    const reader = hub.watch(0, stop.signal)[Symbol.asyncIterator]();
    log.append(opened);
    expect((await pull(reader, 1)).map(brief)).toEqual([1]);
    for (const letter of "abc") {
      hub.live(saying(letter));
      expect((await pull(reader, 1)).map(brief)).toEqual([`text ${letter}`]);
    }
    const waiting = reader.next();
    log.append(said("abc"));
    expect(brief((await waiting).value as Entry)).toBe(2);
    const last = reader.next();
    stop.abort();
    expect((await last).done).toBe(true);
  });

  it("gives one who joins in mid-stream the facts, then one picture of the present", async () => {
    const hub = openHub(log);
    log.append(opened, asked("x"));
    hub.live({ type: "working", what: "reading", since: 1 });
    hub.live({ type: "working", what: "thinking", since: 2 });
    for (const letter of "why") hub.live(saying(letter, "thought"));
    for (const letter of "because") hub.live(saying(letter));
    hub.live({ type: "tool.screen", call, lines: ["1"] });
    hub.live({ type: "tool.screen", call, lines: ["2"] });
    hub.live({ type: "meter", context: 10, used: 5, tokensPerS: null });
    const stop = new AbortController();
    const items = await pull(hub.watch(1, stop.signal)[Symbol.asyncIterator](), 6);
    expect(items).toEqual([
      log.entries[1],
      { type: "working", what: "thinking", since: 2 },
      saying("why", "thought"),
      saying("because"),
      { type: "tool.screen", call, lines: ["2"] },
      { type: "meter", context: 10, used: 5, tokensPerS: null },
    ]);
    log.append(said("because"), { type: "ended", why: "done", turns: 1, ms: 1 });
    expect(await pull(hub.watch(4, AbortSignal.timeout(20))[Symbol.asyncIterator](), 9)).toEqual([{ type: "meter", context: 10, used: 5, tokensPerS: null }]);
    stop.abort();
  });

  it("keeps all facts but few deltas for a reader that sleeps", async () => {
    const hub = openHub(log);
    const stop = new AbortController();
    log.append(opened);
    const reader = hub.watch(0, stop.signal)[Symbol.asyncIterator]();
    await pull(reader, 1);
    for (let n = 0; n < 1_000; n++) hub.live(saying("x".repeat(1_000)));
    for (let n = 0; n < 1_000; n++) hub.live({ type: "tool.output", call, chunk: "y".repeat(1_000) });
    const [text, output] = await pull(reader, 2);
    expect(text?.type === "saying" ? text.delta.length : 0).toBe(256 * 1024);
    expect(output?.type === "tool.output" ? output.chunk.length : 0).toBeLessThanOrEqual(128 * 1024);
    for (let n = 0; n < 900; n++) {
      hub.live(saying("z"));
      log.append(said("z"));
    }
    expect((await pull(reader, 900)).map(brief)).toEqual(Array.from({ length: 900 }, (_, index) => index + 2));
    stop.abort();
  });

  it("forgets what a failed try had said", async () => {
    const hub = openHub(log);
    hub.live(saying("half an ans"));
    hub.live({ type: "working", what: "retrying", since: 1 });
    hub.live(saying("an"));
    const items = await pull(hub.watch(0, AbortSignal.timeout(20))[Symbol.asyncIterator](), 9);
    expect(items.map(brief)).toEqual(["working", "text an"]);
  });

  it("delivers facts exactly once and texts whole, whatever the readers' pace", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.constant("fact"), fc.constant("read"), fc.string({ minLength: 1, maxLength: 3 })), { maxLength: 60 }), async (steps) => {
        const entries: Entry[] = [];
        const listeners: ((entries: Entry[]) => void)[] = [];
        const hub = openHub({
          entries,
          onAppend(listener) {
            listeners.push(listener);
            return () => {};
          },
        });
        const reader = hub.watch(0, AbortSignal.timeout(1_000))[Symbol.asyncIterator]();
        const got: (Entry | Live)[] = [];
        let since = "";
        let unread = 0;
        for (const step of steps) {
          if (step === "fact") {
            const entry = { seq: entries.length + 1, at: 1, ...said("") } as Entry;
            entries.push(entry);
            for (const listener of listeners) listener([entry]);
            since = "";
            unread = 1;
          } else if (step === "read") {
            if (unread > 0) got.push(...(await pull(reader, 1)));
            unread = 0;
          } else {
            hub.live(saying(step));
            since += step;
            unread = 1;
          }
        }
        hub.live({ type: "meter", context: 1, used: 1, tokensPerS: null });
        while (got.at(-1)?.type !== "meter") got.push(...(await pull(reader, 1)));
        expect(got.filter(isEntry)).toEqual(entries);
        const tail = got.slice(got.findLastIndex(isEntry) + 1);
        expect(tail.map((item) => (item.type === "saying" ? item.delta : "")).join("")).toBe(since);
      }),
      { numRuns: 50 },
    );
  });
});

describe("another process's log", () => {
  it("is read as it grows, exactly once, across repairs", async () => {
    log.append(opened, asked("one"));
    const stop = new AbortController();
    const reader = tailLog(log.path, 1, stop.signal);
    expect((await pull(reader, 1)).map(brief)).toEqual([2]);
    const third = pull(reader, 1);
    log.append(asked("three"));
    expect((await third).map(brief)).toEqual([3]);
    const next = pull(reader, 2);
    appendFileSync(log.path, '{"seq":4,"at":1,"type":"as\0\0\0\n');
    await new Promise((resolve) => setTimeout(resolve, 30));
    truncateSync(
      log.path,
      log.entries.reduce((sum, entry) => sum + JSON.stringify(entry).length + 1, 0),
    );
    log.append(asked("four"), asked("five"));
    expect((await next).map(brief)).toEqual([4, 5]);
    const end = reader.next();
    stop.abort();
    expect((await end).done).toBe(true);
  });

  it("comes from a real writer without a gap", async () => {
    log.append(opened);
    log.close();
    const script = `
      import { openLog } from ${JSON.stringify(join(import.meta.dirname, "../../src/core/log.ts"))};
      const { log } = openLog(${JSON.stringify(join(root, ".aura", "log"))}, ${JSON.stringify(session)}, { now: Date.now });
      for (let n = 0; n < 300; n++) { log.append({ type: "asked", text: "ü".repeat(n), by: "t" }); if (n % 50 === 0) await new Promise((r) => setTimeout(r, 2)); }`;
    const writer = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "ignore", "inherit"] });
    const stop = new AbortController();
    const seqs = (await pull(tailLog(log.path, 0, stop.signal), 301)).map(brief);
    expect(seqs).toEqual(Array.from({ length: 301 }, (_, index) => index + 1));
    stop.abort();
    await new Promise((resolve) => (writer.exitCode === null ? writer.once("exit", resolve) : resolve(null)));
  });

  it("is refused when it is corrupt or missing", async () => {
    log.append(opened);
    writeFileSync(log.path, `${JSON.stringify(log.entries[0])}\nnonsense\n`);
    await expect(pull(tailLog(log.path, 0, AbortSignal.timeout(5_000)), 9)).rejects.toThrow(`${log.path}:2: `);
    await expect(pull(tailLog(`${log.path}.none`, 0, AbortSignal.timeout(5_000)), 1)).rejects.toMatchObject({ code: "session.unknown" });
  });
});
