// One answer of a model, from request to last piece: the part that every server shares. Never throws; ends in exactly one `end` or `fault`.
import { note } from "../core/note.ts";
import { aborted, cut, faultOfError, faultOfText, type Place } from "./faults.ts";
import { type LoopbackResponse, request as send } from "./loopback.ts";
import type { CallOut, Message, Piece } from "./model.ts";
import { readLines } from "./ndjson.ts";

export interface Exchange {
  place: Place;
  url: string;
  path: string;
  json: string;
  key?: string;
  /** Pieces out of the answer's lines; returns after `end` or `fault`, or when the lines run out, which means the answer was cut. */
  read(lines: AsyncIterable<string>): AsyncIterable<Piece>;
  /** What the server is busy with before its first piece, null = it doesn't tell; asked after a second of silence, then every two until it says "reading". */
  silent?(signal: AbortSignal): Promise<Busy | null>;
}
export type Busy = "loading" | "queued" | "reading";

/** Runs the exchange. Aborting `signal`, or leaving the loop early, closes the socket at once. */
export async function* converse(exchange: Exchange, signal: AbortSignal): AsyncGenerator<Piece> {
  const own = new AbortController();
  const stop = (): void => own.abort();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) own.abort();
  const coming = answer(exchange, own.signal);
  const first = coming.next();
  let waiting = true;
  try {
    yield* whileSilent(exchange, first, own.signal);
    const one = await first;
    waiting = false;
    if (one.done) return;
    yield one.value;
    yield* coming;
  } finally {
    signal.removeEventListener("abort", stop);
    if (waiting) own.abort();
    await coming.return(undefined);
  }
}

async function* answer(exchange: Exchange, signal: AbortSignal): AsyncGenerator<Piece, undefined> {
  let response: LoopbackResponse | null = null;
  let complete = false;
  try {
    response = await send({ url: exchange.url, method: "POST", path: exchange.path, json: exchange.json, headers: headersOf(exchange.key), signal });
    if (response.status !== 200) {
      const body = await response.text(200_000);
      complete = true;
      note("models", "model server refused", { status: response.status, body: body.slice(0, 2000) }, "warn");
      yield { type: "fault", fault: faultOfText(exchange.place, response.status, body) };
      return;
    }
    for await (const piece of exchange.read(readLines(response.body))) {
      if (piece.type === "end") complete = true;
      yield piece;
      if (piece.type === "end" || piece.type === "fault") return;
    }
    yield { type: "fault", fault: signal.aborted ? aborted : cut(exchange.place) };
  } catch (error) {
    if (!signal.aborted) note("models", "exchange failed", { error: String(error) }, "warn");
    yield { type: "fault", fault: signal.aborted ? aborted : faultOfError(exchange.place, error, response !== null) };
  } finally {
    response?.close(complete);
  }
}

export const headersOf = (key: string | undefined): Record<string, string> => (key === undefined ? {} : { authorization: `Bearer ${key}` });

/** After so many questions without an answer the server is asked no more. */
const mostUnknown = 3;
/** What the server does until its first piece is there, each only once in a row. */
async function* whileSilent(exchange: Exchange, first: Promise<unknown>, signal: AbortSignal): AsyncGenerator<Piece> {
  if (!exchange.silent) return;
  const come = first.then(
    () => "come" as const,
    () => "come" as const,
  );
  let last: Busy | null = null;
  for (let waitMs = 1000, unknown = 0; last !== "reading" && unknown < mostUnknown; waitMs = 2000) {
    if ((await Promise.race([come, later(waitMs, come)])) === "come") return;
    const what = await Promise.race([come, exchange.silent(signal).catch(() => null)]);
    if (what === "come") return;
    unknown = what === null ? unknown + 1 : 0;
    if (what === null || what === last) continue;
    yield { type: "progress", what };
    last = what;
  }
}

/** Resolves after `ms`; its timer goes as soon as `sooner` settles. */
function later(ms: number, sooner: Promise<unknown>): Promise<"later"> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms, "later");
    void sooner.then(() => clearTimeout(timer));
  });
}

/** JSON whose strings any server can read: half a surrogate pair, which is no character, becomes the replacement character. */
export function toJson(value: unknown): string {
  const json = JSON.stringify(value);
  return json.includes("\\ud") ? json.replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, "$1\ufffd") : json;
}

/** A call as it stood in the answer, before its arguments were read. */
export interface RawCall {
  id: string;
  name: string;
  /** JSON text, or what a server already parsed. */
  args: unknown;
}

/** Calls as pieces. Ids the conversation already knows, and missing ones, are replaced by `call_<n>`: equal answers give equal ids. */
export function callPieces(calls: RawCall[], messages: Message[]): Piece[] {
  const taken = new Set<string>();
  for (const message of messages) if (message.role === "assistant") for (const call of message.calls) taken.add(call.id);
  let next = taken.size;
  return calls.map((call): Piece => {
    let id = call.id;
    while (id === "" || taken.has(id)) id = `call_${++next}`;
    taken.add(id);
    const { args, bad } = readArgs(call.args);
    const wrong = call.name === "" ? "the call names no tool" : bad;
    return { type: "call", id, name: call.name, args, ...(wrong === undefined ? {} : { bad: wrong }) };
  });
}

/** Arguments as an object; none at all is `{}`, JSON inside a JSON string is unpacked once. */
export function readArgs(raw: unknown): { args: CallOut["args"]; bad?: string } {
  if (raw === undefined || raw === null) return { args: {} };
  let value = raw;
  for (let depth = 0; depth < 2 && typeof value === "string"; depth++) {
    if (value.trim() === "") return { args: {} };
    try {
      value = JSON.parse(value);
    } catch (error) {
      return { args: {}, bad: `its arguments are not valid JSON (${plainReason(error)}): ${String(raw).slice(0, 300)}` };
    }
  }
  if (value === null) return { args: {} };
  if (typeof value === "object" && !Array.isArray(value)) return { args: value };
  return { args: {}, bad: `its arguments must be a JSON object, got: ${toJson(value).slice(0, 300)}` };
}
const plainReason = (error: unknown): string => (error instanceof Error ? error.message.split(/, "|\n/)[0] : undefined) ?? "unreadable";
