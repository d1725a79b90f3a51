// The wire over a connection of memory: any chunking, garbage, errors, a reader that sleeps.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRemote, type Remote } from "../../src/bus/remote.ts";
import { serve } from "../../src/bus/serve.ts";
import { type Connection, encodeFrame, openFrameReader, parseClientFrame, parseServerFrame, windowBytes } from "../../src/bus/wire.ts";
import type { SessionId } from "../../src/core/events.ts";
import { ask, opening, openTestCore, pull, range, seqsOf, session, type TestCore, until } from "./core.ts";

/** Two ends of a pipe in memory; every write arrives later and in pieces of `pieceBytes`. */
function pair(pieceBytes = 1_000_000): [Connection, Connection] {
  const closed = Promise.withResolvers<void>();
  let open = true;
  const end = (): Connection & { take(bytes: Buffer): void; other: (bytes: Buffer) => void } => {
    let listener: ((bytes: Buffer) => void) | null = null;
    const early: Buffer[] = [];
    return {
      other: () => {},
      take(bytes) {
        if (!open) return;
        if (listener) listener(bytes);
        else early.push(bytes);
      },
      write(bytes) {
        setImmediate(() => {
          for (let at = 0; at < bytes.length; at += pieceBytes) this.other(bytes.subarray(at, at + pieceBytes));
        });
      },
      drained: () => Promise.resolve(),
      onBytes(next) {
        listener = next;
        for (const bytes of early.splice(0)) next(bytes);
      },
      closed: closed.promise,
      close: () => setImmediate(() => this_.drop()),
      drop: () => this_.drop(),
    };
  };
  const this_ = {
    drop() {
      open = false;
      closed.resolve();
    },
  };
  const [a, b] = [end(), end()];
  a.other = b.take;
  b.other = a.take;
  return [a, b];
}
const me = { version: "1", build: "b" };
let root = "";
let core: TestCore;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "aura-wire-"));
  core = openTestCore();
});
afterEach(async () => {
  await core.close();
  rmSync(root, { recursive: true, force: true });
});
const host = (connection: Connection) => serve(connection, { me, core: async () => core.core, control: async (what) => `did ${what}`, onHello: () => {} });
async function join_(pieceBytes?: number): Promise<Remote> {
  const [client, server] = pair(pieceBytes);
  host(server);
  return openRemote(client, me);
}

describe("frames", () => {
  it("arrive whole however they were cut", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (values, cuts) => {
        const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
        const got: unknown[] = [];
        let length = 0;
        const read = openFrameReader(
          (value, frameBytes) => {
            got.push(value);
            length += frameBytes;
          },
          (why) => expect.unreachable(why),
        );
        for (let at = 0, n = 0; at < bytes.length; n++) {
          const cut = cuts[n % cuts.length] as number;
          read(bytes.subarray(at, at + cut));
          at += cut;
        }
        expect(got).toEqual(values.map((value) => JSON.parse(JSON.stringify(value))));
        expect(length).toBe(bytes.length);
      }),
    );
  });

  it("end with one fault at garbage, and before too much is kept", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
        let faults = 0;
        const read = openFrameReader(
          (value) => {
            parseClientFrame(value);
            parseServerFrame(value);
            expect(faults).toBe(0);
          },
          () => faults++,
          64,
        );
        for (const piece of pieces) read(Buffer.from(piece));
        read(Buffer.alloc(65, 48));
        read(Buffer.from("\n1\n"));
        expect(faults).toBe(1);
      }),
    );
  });

  it("are refused when they are too long to be accepted", () => {
    expect(() => encodeFrame({ t: "query", id: 1, question: { type: "files", root: "x".repeat(17_000_000), words: "", limit: 1 } })).toThrow("too long");
  });
});

describe("a remote core", () => {
  it("sends, asks and watches as if it were here", async () => {
    const remote = await join_(7);
    await remote.core.send(opening(root));
    expect(await remote.core.query({ type: "debug", lines: 2 })).toEqual(["line 0", "line 1"]);
    expect(await remote.control("status")).toBe("did status");
    const stop = new AbortController();
    const reader = remote.core.watch(session, 0, stop.signal)[Symbol.asyncIterator]();
    await remote.core.send(ask("facts 900"));
    expect(seqsOf((await pull(reader, 901)) as { seq: number }[])).toEqual(range(1, 901));
    const live = reader.next();
    await remote.core.send(ask("say hello"));
    expect((await live).value).toEqual({ type: "saying", delta: "hello", kind: "text" });
    const last = reader.next();
    stop.abort();
    expect((await last).done).toBe(true);
    await until(() => core.watching() === 0);
  });

  it("keeps an error's code, hint and exit", async () => {
    const remote = await join_();
    const unknown = { code: "session.unknown", message: `there is no session ${session}`, hint: "aura sessions", exit: 2 };
    await expect(remote.core.send(ask("facts 1"))).rejects.toMatchObject(unknown);
    await expect(pull(remote.core.watch("other" as SessionId, 0, new AbortController().signal)[Symbol.asyncIterator](), 1)).rejects.toMatchObject({ ...unknown, message: /other/ });
    await remote.core.send(opening(root));
    await expect(remote.core.send({ type: "stop", session })).rejects.toMatchObject({ code: "bug", exit: 70 });
  });

  it("lets a reader that sleeps hold up nobody, itself included", async () => {
    const [sleeper, awake] = [await join_(), await join_()];
    await awake.core.send(opening(root));
    const stop = new AbortController();
    const asleep = sleeper.core.watch(session, 0, stop.signal)[Symbol.asyncIterator]();
    expect(seqsOf((await pull(asleep, 1)) as { seq: number }[])).toEqual([1]);
    const other = sleeper.core.watch(session, 0, stop.signal)[Symbol.asyncIterator]();
    await awake.core.send(ask("large 400"));
    const reader = awake.core.watch(session, 0, stop.signal)[Symbol.asyncIterator]();
    expect(seqsOf((await pull(reader, 401)) as { seq: number }[])).toEqual(range(1, 401));
    expect(seqsOf((await pull(other, 401)) as { seq: number }[])).toEqual(range(1, 401));
    for (let n = 0; n < 100; n++) await awake.core.send(ask("say x"));
    const rest = await pull(asleep, 401);
    expect(seqsOf(rest.slice(0, 400) as { seq: number }[])).toEqual(range(2, 401));
    // far more waited than the window lets under way, so the deltas had been merged behind the facts
    expect(400 * 10_000).toBeGreaterThan(windowBytes * 4);
    expect(rest[400]).toEqual({ type: "saying", delta: "x".repeat(100), kind: "text" });
    stop.abort();
  });

  it("says so everywhere when the connection breaks", async () => {
    const [client, server] = pair();
    host(server);
    const remote = await openRemote(client, me);
    await remote.core.send(opening(root));
    const reader = remote.core.watch(session, 0, new AbortController().signal)[Symbol.asyncIterator]();
    await pull(reader, 1);
    const next = reader.next();
    const asked = remote.core.query({ type: "health" });
    server.drop();
    await expect(next).rejects.toMatchObject({ code: "daemon.lost" });
    await expect(asked).rejects.toMatchObject({ code: "daemon.lost" });
    await expect(remote.core.send(ask("facts 1"))).rejects.toMatchObject({ code: "daemon.lost" });
    expect(await remote.closed).toBe("lost");
    await until(() => core.watching() === 0);
  });

  it("hears why the daemon goes", async () => {
    const [client, server] = pair();
    const served = host(server);
    const remote = await openRemote(client, me);
    served.bye("retired");
    expect(await remote.closed).toBe("retired");
  });

  it("drops a client that talks nonsense, and only that one", async () => {
    const good = await join_();
    await good.core.send(opening(root));
    const hello = `${JSON.stringify({ t: "hello", ...me })}\n`;
    const nonsense = [
      "GET / HTTP/1.1\r\n\r\n",
      '{"t":"send","id":1}\n',
      `${hello}${hello}`,
      `${hello}{"t":"send","id":1,"command":{"type":"ask"}}\n`,
      `${hello}{"t":"watch","id":1,"session":7,"from":0}\n`,
      '{"t":"hello","version":"1","build":"other"}\n{"t":"query","id":1,"question":{"type":"health"}}\n',
    ];
    for (const text of nonsense) {
      const [client, server] = pair();
      host(server);
      client.write(Buffer.from(text));
      await client.closed;
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.boolean(), async (bytes, greets) => {
        const [client, server] = pair();
        host(server);
        client.write(Buffer.concat([Buffer.from(greets ? hello : ""), Buffer.from(bytes), Buffer.from("\nx\n")]));
        await client.closed;
      }),
      { numRuns: 40 },
    );
    expect(await good.core.query({ type: "health" })).toEqual(["health"]);
  });

  it("gives up on a daemon that talks nonsense", async () => {
    const [client, server] = pair();
    server.write(Buffer.from("220 ready\n"));
    await expect(openRemote(client, me)).rejects.toMatchObject({ code: "daemon.lost" });
  });
});
