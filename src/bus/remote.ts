// The client's side of a connection: the three verbs as if the core were here.
import { AuraError } from "../core/error.ts";
import type { Answer, Command, Entry, Live, Question, Seq, SessionId } from "../core/events.ts";
import { type Core, isEntry } from "../core/port.ts";
import {
  type ByeWhy,
  type ClientFrame,
  type Connection,
  type Control,
  encodeFrame,
  fromWire,
  openFrameReader,
  type Program,
  parseServerFrame,
  type ServerFrame,
  windowBytes,
} from "./wire.ts";

/** Why a connection ended: the daemon said so, or it just did. */
export type Closed = ByeWhy | "lost";
export interface Remote {
  core: Core;
  daemon: Program & { pid: number };
  control(what: Control): Promise<unknown>;
  readonly closed: Promise<Closed>;
  /** Leaves; what runs goes on running. */
  stop(): void;
}
type Stream = { inbox: { item: Entry | Live; bytes: number }[]; over: boolean; fault: AuraError | null; wake(): void };

/**
 * Says hello and waits for the daemon's. Throws AuraError `daemon.lost` when it goes before that. Requests and watches under
 * way when the connection ends throw the same.
 */
export async function openRemote(connection: Connection, me: Program): Promise<Remote> {
  let nextId = 1;
  let bye: Closed = "lost";
  let fault = "the connection to the daemon broke";
  let gone = false;
  const requests = new Map<number, { resolve(answer: unknown): void; reject(error: AuraError): void }>();
  const streams = new Map<number, Stream>();
  const hello = Promise.withResolvers<Program & { pid: number }>();
  const post = (frame: ClientFrame): void => connection.write(encodeFrame(frame));
  const lost = (): AuraError =>
    new AuraError("daemon.lost", bye === "lost" ? fault : `the daemon has ended (${bye})`, { hint: "start aura again: the session is in its log and goes on from there" });

  function take(frame: ServerFrame, bytes: number): void {
    switch (frame.t) {
      case "hello":
        hello.resolve({ version: frame.version, build: frame.build, pid: frame.pid });
        return;
      case "bye":
        bye = frame.why;
        return;
      case "done":
        requests.get(frame.id)?.resolve(frame.answer);
        requests.delete(frame.id);
        return;
      case "failed":
        requests.get(frame.id)?.reject(fromWire(frame.error));
        requests.delete(frame.id);
        end(streams.get(frame.id), fromWire(frame.error));
        return;
      case "ended":
        end(streams.get(frame.id), null);
        return;
      case "item": {
        const stream = streams.get(frame.id);
        stream?.inbox.push({ item: frame.item, bytes });
        stream?.wake();
      }
    }
  }
  function end(stream: Stream | undefined, why: AuraError | null): void {
    if (!stream) return;
    stream.over = true;
    stream.fault = why;
    stream.wake();
  }
  function giveUp(why: string): void {
    fault = `the daemon can't be understood: ${why}`;
    connection.drop();
  }
  const closed = connection.closed.then((): Closed => {
    gone = true;
    hello.reject(lost());
    for (const { reject } of requests.values()) reject(lost());
    requests.clear();
    for (const stream of streams.values()) end(stream, lost());
    return bye;
  });
  function request(make: (id: number) => ClientFrame): Promise<unknown> {
    if (gone) return Promise.reject(lost());
    return new Promise((resolve, reject) => {
      const id = nextId++;
      post(make(id));
      requests.set(id, { resolve, reject });
    });
  }

  async function* watch(session: SessionId, from: Seq, signal: AbortSignal): AsyncGenerator<Entry | Live> {
    if (signal.aborted) return;
    if (gone) throw lost();
    const id = nextId++;
    const stream: Stream = { inbox: [], over: false, fault: null, wake() {} };
    const onAbort = (): void => stream.wake();
    streams.set(id, stream);
    signal.addEventListener("abort", onAbort);
    post({ t: "watch", id, session, from });
    let seen = from;
    let taken = 0;
    try {
      while (!signal.aborted) {
        const next = stream.inbox.shift();
        if (next) {
          taken += next.bytes;
          if (taken >= windowBytes / 4) {
            post({ t: "more", id, bytes: taken });
            taken = 0;
          }
          if (isEntry(next.item)) {
            if (next.item.seq <= seen) continue;
            seen = next.item.seq;
          }
          yield next.item;
          continue;
        }
        if (stream.fault) throw stream.fault;
        if (stream.over) return;
        await new Promise<void>((resolve) => {
          stream.wake = resolve;
        });
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      streams.delete(id);
      if (!stream.over && !gone) post({ t: "unwatch", id });
    }
  }

  connection.onBytes(
    openFrameReader((value, bytes) => {
      const frame = parseServerFrame(value);
      if (typeof frame === "string") giveUp(frame);
      else take(frame, bytes);
    }, giveUp),
  );
  post({ t: "hello", ...me });
  const daemon = await hello.promise;
  return {
    daemon,
    closed,
    core: {
      async send(command: Command) {
        await request((id) => ({ t: "send", id, command }));
      },
      async query<Q extends Question>(question: Q) {
        return (await request((id) => ({ t: "query", id, question }))) as Answer<Q>;
      },
      watch,
    },
    control: (what) => request((id) => ({ t: "control", id, what })),
    stop: () => connection.close(),
  };
}
