// The daemon's side of one connection: frames in, the core asked, frames out at the reader's pace.
import { AuraError, unreachable } from "../core/error.ts";
import type { Seq, SessionId } from "../core/events.ts";
import { note } from "../core/note.ts";
import type { Core } from "../core/port.ts";
import {
  type ByeWhy,
  type ClientFrame,
  type Connection,
  type Control,
  encodeFrame,
  openFrameReader,
  type Program,
  parseClientFrame,
  type ServerFrame,
  toWire,
  windowBytes,
} from "./wire.ts";

export interface ServeNeeds {
  me: Program;
  /** Asked for with the first frame that needs it. */
  core(): Promise<Core>;
  control(what: Control): Promise<unknown>;
  /** The client has said who it is. */
  onHello(client: Program): void;
}
export interface Served {
  /** Says why, then closes. */
  bye(why: ByeWhy): void;
}
/** Who connects and doesn't say hello is nobody. */
const helloMs = 10_000;

/** Serves one client until it goes. Frames that make no sense close this connection and nothing else. */
export function serve(connection: Connection, needs: ServeNeeds): Served {
  let client: Program | null = null;
  let dropped = false;
  const streams = new Map<number, { abort: AbortController; grant(bytes: number): void }>();
  const timer = setTimeout(() => connection.drop(), helloMs);
  timer.unref();

  const post = (frame: ServerFrame): number => {
    const bytes = encodeFrame(frame);
    connection.write(bytes);
    return bytes.length;
  };
  const refuse = (why: string): void => {
    note("bus", "a client was dropped", { why }, "warn");
    dropped = true;
    connection.drop();
  };
  const onCore = async <T>(work: (core: Core) => Promise<T>): Promise<T> => work(await needs.core());
  const answer = (id: number, work: Promise<unknown>): void => {
    work
      .then((value) => post({ t: "done", id, ...(value === undefined ? {} : { answer: value }) }))
      .catch((error) => {
        if (!(error instanceof AuraError)) note("bus", "a request failed", { error: error instanceof Error ? error.stack : String(error) }, "error");
        post({ t: "failed", id, error: toWire(error) });
      });
  };

  async function stream(id: number, session: SessionId, from: Seq): Promise<void> {
    const abort = new AbortController();
    let credit = windowBytes;
    let wake = (): void => {};
    streams.set(id, {
      abort,
      grant(bytes) {
        credit += bytes;
        wake();
      },
    });
    abort.signal.addEventListener("abort", () => wake());
    try {
      const core = await needs.core();
      for await (const item of core.watch(session, from, abort.signal)) {
        credit -= post({ t: "item", id, item });
        await connection.drained();
        while (credit <= 0 && !abort.signal.aborted) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        if (abort.signal.aborted) break;
      }
      post({ t: "ended", id });
    } catch (error) {
      post({ t: "failed", id, error: toWire(error) });
    } finally {
      streams.delete(id);
    }
  }

  function greet(hello: Program): void {
    client = hello;
    clearTimeout(timer);
    post({ t: "hello", pid: process.pid, ...needs.me });
    needs.onHello(hello);
  }
  function take(frame: Exclude<ClientFrame, { t: "hello" }>): void {
    switch (frame.t) {
      case "control":
        answer(frame.id, needs.control(frame.what));
        return;
      case "send":
        answer(
          frame.id,
          onCore((core) => core.send(frame.command)),
        );
        return;
      case "query":
        answer(
          frame.id,
          onCore((core) => core.query(frame.question)),
        );
        return;
      case "watch":
        void stream(frame.id, frame.session, frame.from);
        return;
      case "more":
        streams.get(frame.id)?.grant(Math.max(0, frame.bytes));
        return;
      case "unwatch":
        streams.get(frame.id)?.abort.abort();
        return;
      default:
        unreachable(frame);
    }
  }
  function sort(value: unknown): void {
    const frame = parseClientFrame(value);
    if (dropped) return;
    if (typeof frame === "string") refuse(frame);
    else if (frame.t === "hello") client ? refuse("it said hello twice") : greet({ version: frame.version, build: frame.build });
    else if (!client) refuse("it didn't say hello");
    else if (frame.t !== "control" && client.build !== needs.me.build) refuse("it is another build");
    else if (frame.t === "watch" && streams.has(frame.id)) refuse("it used a watch's id twice");
    else take(frame);
  }

  connection.onBytes(openFrameReader(sort, refuse));
  void connection.closed.then(() => {
    clearTimeout(timer);
    for (const { abort } of streams.values()) abort.abort();
  });
  return {
    bye(why) {
      if (client) post({ t: "bye", why });
      connection.close();
    },
  };
}
