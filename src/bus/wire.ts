// The words between a client and the daemon: one JSON line per frame, whatever carries the bytes.
//
//   client  hello ─────────> daemon     then  send, query, watch, more, unwatch, control
//           <───────── hello            then  done, failed, item, ended, bye
//
// `hello`, `control`, `done`, `failed` and `bye` never change: they are how two different builds part.
import { AuraError, type ExitCode, toFailure } from "../core/error.ts";
import type { Command, Entry, Live, Question, Seq, SessionId } from "../core/events.ts";
import { commandFault, isRecord, questionFault } from "../core/shapes.ts";

/** Which Aura somebody is. Two with the same `build` speak the same wire and write the same log. */
export interface Program {
  version: string;
  build: string;
}
export type Control = "status" | "retire" | "stop";
export type ByeWhy = "idle" | "retired" | "stopped";
export type WireFailure = { code: string; message: string; hint?: string; exit: ExitCode };
export type ClientFrame =
  | ({ t: "hello" } & Program)
  | { t: "send"; id: number; command: Command }
  | { t: "query"; id: number; question: Question }
  | { t: "watch"; id: number; session: SessionId; from: Seq }
  | { t: "more"; id: number; bytes: number } // the reader has taken so many bytes of items: as many may follow
  | { t: "unwatch"; id: number }
  | { t: "control"; id: number; what: Control };
export type ServerFrame =
  | ({ t: "hello"; pid: number } & Program)
  | { t: "done"; id: number; answer?: unknown }
  | { t: "failed"; id: number; error: WireFailure }
  | { t: "item"; id: number; item: Entry | Live }
  | { t: "ended"; id: number }
  | { t: "bye"; why: ByeWhy };

/** A way for bytes. Never throws; what is written after it closed is dropped. */
export interface Connection {
  write(bytes: Buffer): void;
  /** Resolves when the other side has taken most of what was written, or is gone. */
  drained(): Promise<void>;
  /** One listener; bytes that came before it are kept for it. */
  onBytes(listener: (bytes: Buffer) => void): void;
  readonly closed: Promise<void>;
  /** Sends what was written, then closes. */
  close(): void;
  /** Closes at once. */
  drop(): void;
}

/** A longer frame is a fault of whoever sends it. */
export const maxFrameBytes = 16 * 1024 * 1024;
/** So many bytes of items may be under way to one reader that takes none; then facts wait and deltas merge. */
export const windowBytes = 512 * 1024;

/** The line of a frame. Throws AuraError `wire.size` when nobody would accept it. */
export function encodeFrame(frame: ClientFrame | ServerFrame): Buffer {
  const bytes = Buffer.from(`${JSON.stringify(frame)}\n`);
  if (bytes.length <= maxFrameBytes) return bytes;
  throw new AuraError("wire.size", `this is too long to hand over (${bytes.length} bytes, at most ${maxFrameBytes})`, { hint: "put it into a file and name that" });
}

/**
 * Takes bytes in any pieces and hands over each line's JSON value with its length in bytes. The first line that is too long
 * or isn't JSON ends it: `onFault` hears why, and nothing is handed over from then on.
 */
export function openFrameReader(onFrame: (value: unknown, bytes: number) => void, onFault: (why: string) => void, maxBytes = maxFrameBytes): (bytes: Buffer) => void {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let broken = false;
  const fail = (why: string): void => {
    broken = true;
    held = [];
    onFault(why);
  };
  return (bytes) => {
    let rest = bytes;
    while (!broken && rest.length > 0) {
      const end = rest.indexOf(10);
      const piece = end === -1 ? rest : rest.subarray(0, end);
      rest = end === -1 ? rest.subarray(rest.length) : rest.subarray(end + 1);
      heldBytes += piece.length;
      if (heldBytes > maxBytes) return fail("a frame is too long");
      held.push(piece);
      if (end === -1) return;
      const line = held.length === 1 ? piece : Buffer.concat(held);
      held = [];
      heldBytes = 0;
      let value: unknown;
      try {
        value = JSON.parse(line.toString("utf8"));
      } catch {
        return fail("a frame is not JSON");
      }
      onFrame(value, line.length + 1);
    }
  };
}

const isId = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value);
const controls: Record<Control, true> = { status: true, retire: true, stop: true };

/** What a client sent, checked; a sentence about what is wrong with it otherwise. */
export function parseClientFrame(value: unknown): ClientFrame | string {
  if (!isRecord(value)) return "a frame is not an object";
  const { t, id } = value;
  if (t === "hello") return typeof value.version === "string" && typeof value.build === "string" ? { t, version: value.version, build: value.build } : "a hello lacks its version";
  if (!isId(id)) return "a frame has no id";
  switch (t) {
    case "send":
      return commandFault(value.command) === null ? { t, id, command: value.command as Command } : `a command ${commandFault(value.command)}`;
    case "query":
      return questionFault(value.question) === null ? { t, id, question: value.question as Question } : `a question ${questionFault(value.question)}`;
    case "watch":
      return typeof value.session === "string" && isId(value.from) ? { t, id, session: value.session as SessionId, from: value.from } : "a watch lacks its session";
    case "more":
      return isId(value.bytes) ? { t, id, bytes: value.bytes } : "a frame lacks its bytes";
    case "unwatch":
      return { t, id };
    case "control":
      return typeof value.what === "string" && Object.hasOwn(controls, value.what) ? { t, id, what: value.what as Control } : "a control is unknown";
    default:
      return "a frame is of an unknown kind";
  }
}

/** What the daemon sent. Facts and answers inside are taken as they are: the same build wrote them. */
export function parseServerFrame(value: unknown): ServerFrame | string {
  if (!isRecord(value)) return "a frame is not an object";
  const { t, id } = value;
  if (t === "hello" && typeof value.version === "string" && typeof value.build === "string" && isId(value.pid))
    return { t, version: value.version, build: value.build, pid: value.pid };
  if (t === "bye") return { t, why: value.why === "idle" || value.why === "retired" ? value.why : "stopped" };
  if (!isId(id)) return "a frame has no id";
  if (t === "done") return { t, id, answer: value.answer };
  if (t === "ended") return { t, id };
  if (t === "item" && isRecord(value.item) && typeof value.item.type === "string") return { t, id, item: value.item as Entry | Live };
  if (t === "failed" && isRecord(value.error)) return { t, id, error: wireFailure(value.error) };
  return "a frame is of an unknown kind";
}
function wireFailure(error: Record<string, unknown>): WireFailure {
  const { code, message, hint, exit } = error;
  return {
    code: typeof code === "string" ? code : "bug",
    message: typeof message === "string" ? message : "the daemon failed and didn't say why",
    ...(typeof hint === "string" ? { hint } : {}),
    exit: exits.has(exit) ? (exit as ExitCode) : 70,
  };
}
const exits = new Set<unknown>([0, 1, 2, 3, 4, 70, 130] satisfies ExitCode[]);

/** Any thrown value for the wire, and back as what it was. */
export const toWire = (error: unknown): WireFailure => ({ ...toFailure(error), exit: error instanceof AuraError ? error.exit : 70 });
export const fromWire = ({ code, message, hint, exit }: WireFailure): AuraError => new AuraError(code, message, { ...(hint === undefined ? {} : { hint }), exit });
