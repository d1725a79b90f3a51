// Reading lines of a file of any size: only the wanted ones are kept, and of a long line only its beginning.
import { isUtf8 } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import { textEncoding } from "./bytes.ts";
import { limits } from "./limits.ts";

export interface Line {
  /** From 1. */
  number: number;
  /** Without its end; cut at `limits.lineChars` with a word about it. */
  text: string;
}
export interface LineRange {
  /** First wanted line, from 1. */
  from: number;
  /** Last wanted line. */
  to: number;
  /** Stop keeping lines after this many characters. */
  room: number;
}
export interface LinesRead {
  lines: Line[];
  total: number;
  note: string | null;
}
interface Raw {
  number: number;
  bytes: Buffer;
  /** Bytes of the line that were not kept. */
  dropped: number;
}
const keptBytes = limits.lineChars * 4;
/** A line's number and tab. */
const frame = 8;

/** Streams an open file from its start. `total` counts every line, wanted or not. */
export async function streamLines(handle: FileHandle, range: LineRange, signal: AbortSignal): Promise<LinesRead> {
  const wanted: Raw[] = [];
  let room = range.room;
  let number = 1;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let lineBytes = 0;
  let last = 0x0a;
  const inRange = (): boolean => number >= range.from && number <= range.to && room > 0;
  const keep = (piece: Buffer): void => {
    lineBytes += piece.length;
    if (!inRange() || pendingBytes >= keptBytes) return;
    const part = Buffer.from(piece.subarray(0, keptBytes - pendingBytes)); // a copy: the chunk is reused
    pending.push(part);
    pendingBytes += part.length;
  };
  const close = (): void => {
    if (inRange()) {
      wanted.push({ number, bytes: Buffer.concat(pending), dropped: lineBytes - pendingBytes });
      room -= Math.min(pendingBytes, limits.lineChars) + frame;
    }
    pending = [];
    pendingBytes = lineBytes = 0;
    number++;
  };
  const chunk = Buffer.allocUnsafe(256 * 1024);
  for (let position = 0; ; ) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const view = chunk.subarray(0, bytesRead);
    last = view[bytesRead - 1] ?? 0;
    let start = 0;
    for (let end = view.indexOf(0x0a); end !== -1; end = view.indexOf(0x0a, start)) {
      keep(view.subarray(start, end));
      close();
      start = end + 1;
    }
    keep(view.subarray(start));
  }
  if (last !== 0x0a) close();
  const latin1 = !isUtf8(Buffer.concat(wanted.filter(({ dropped }) => dropped === 0).map(({ bytes }) => bytes)));
  const lines = wanted.map((raw) => ({ number: raw.number, text: cut(raw.bytes.toString(latin1 ? "latin1" : "utf8"), raw.dropped) }));
  return { lines, total: number - 1, note: latin1 ? notUtf8 : null };
}

/** The same for bytes in memory, in whatever encoding they are. */
export function linesOf(bytes: Buffer, range: LineRange): LinesRead {
  const encoding = textEncoding(bytes);
  const latin1 = encoding === "utf-8" && !isUtf8(bytes);
  const text = latin1 ? bytes.toString("latin1") : new TextDecoder(encoding).decode(bytes);
  const all = text.split("\n");
  if (all.at(-1) === "") all.pop();
  const lines: Line[] = [];
  let room = range.room;
  for (let number = Math.max(1, range.from); number <= Math.min(range.to, all.length) && room > 0; number++) {
    const line = cut(all[number - 1] ?? "", 0);
    lines.push({ number, text: line });
    room -= line.length + frame;
  }
  return { lines, total: all.length, note: latin1 ? notUtf8 : encoding === "utf-8" ? null : `the file is ${encoding.toUpperCase()}` };
}

const notUtf8 = "the file is not UTF-8: shown as Latin-1";
function cut(line: string, dropped: number): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  if (text.length <= limits.lineChars && dropped === 0) return text;
  const kept = text.slice(0, limits.lineChars).replace(/[\ud800-\udbff]$/, "");
  return `${kept} [+${text.length - kept.length + dropped} characters in this line]`;
}
