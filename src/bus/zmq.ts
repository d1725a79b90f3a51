// ZeroMQ under the wire between a worker and its clients: one message is one frame, over a Unix socket in a private folder (ipc://), never TCP.
//
//   client DEALER ──> worker ROUTER        a ROUTER tells its clients apart by an identity, and drops what it sends to one that left
//
// ZeroMQ never says that a peer is gone: who waits for an answer looks at the worker's lock (bus/workerclient.ts).
import type { Dealer, Router } from "zeromq";
import { privateFolderOf } from "../core/paths.ts";
import { maxFrameBytes } from "./wire.ts";

/** What both sides send: JSON values. Whoever gets one checks it. */
export interface Mailbox {
  send(to: string, value: unknown): void;
  close(): void;
}
export interface Line {
  send(value: unknown): void;
  close(): void;
}

/** No limit on messages that wait: the default of 1,000 drops silently. What waits is bounded by who sends: one answer per call, items by progress. */
const boundless = 0;
/** How soon a client tries again while the worker's socket isn't there yet, in ms. */
const againMs = 5;
/** Messages that nobody takes are dropped at close after so many ms. */
const lingerMs = 200;

/** Binds the worker's end at the socket file `path`, whose folder becomes private. `onFrame` gets the client's identity and the value; text that isn't JSON is dropped. */
export async function bindMailbox(path: string, onFrame: (from: string, value: unknown) => void): Promise<Mailbox> {
  privateFolderOf(path);
  const { Router } = await import("zeromq");
  const router: Router = new Router({ sendHighWaterMark: boundless, receiveHighWaterMark: boundless, maxMessageSize: maxFrameBytes, linger: lingerMs, mandatory: false });
  await router.bind(`ipc://${path}`);
  const outgoing = queueOf<[string, Buffer]>(async ([to, bytes]) => router.send([Buffer.from(to, "hex"), bytes]));
  void (async () => {
    for await (const [identity, bytes] of router) {
      const value = identity && bytes ? parsed(bytes) : undefined;
      if (identity && value !== undefined) onFrame(identity.toString("hex"), value);
    }
  })().catch(() => {});
  return {
    send: (to, value) => outgoing.push([to, encoded(value)]),
    close() {
      void outgoing.empty().then(() => router.close());
    },
  };
}

/** A client's end. Connecting never fails: what is sent before the worker is there waits. */
export async function dialMailbox(path: string, onFrame: (value: unknown) => void): Promise<Line> {
  privateFolderOf(path);
  const { Dealer } = await import("zeromq");
  const dealer: Dealer = new Dealer({
    sendHighWaterMark: boundless,
    receiveHighWaterMark: boundless,
    reconnectInterval: againMs,
    reconnectMaxInterval: againMs * 20,
    maxMessageSize: maxFrameBytes,
    linger: 0,
  });
  dealer.connect(`ipc://${path}`);
  const outgoing = queueOf<Buffer>((bytes) => dealer.send(bytes));
  void (async () => {
    for await (const [bytes] of dealer) {
      const value = bytes ? parsed(bytes) : undefined;
      if (value !== undefined) onFrame(value);
    }
  })().catch(() => {});
  return {
    send: (value) => outgoing.push(encoded(value)),
    close: () => dealer.close(),
  };
}

const encoded = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** A ZeroMQ socket takes one message at a time; the rest waits here in order. What can't be sent any more (closed) is dropped. */
function queueOf<T>(send: (item: T) => Promise<void>): { push(item: T): void; empty(): Promise<void> } {
  const waiting: T[] = [];
  let pumping: Promise<void> | null = null;
  const pump = async (): Promise<void> => {
    try {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await send(item);
    } catch {
      waiting.length = 0;
    } finally {
      pumping = null;
    }
  };
  return {
    push(item) {
      waiting.push(item);
      pumping ??= pump();
    },
    empty: async () => pumping ?? undefined,
  };
}
