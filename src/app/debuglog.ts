// The debug log: notes as JSON lines in two files of bounded size, secrets taken out. Its writer's library is loaded where a process lives long.
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { debugLogFile, type Paths } from "../config/paths.ts";
import { makePrivateFolder } from "../config/private.ts";
import { type Note, setNoteSink } from "../core/note.ts";
import { redactFields } from "../core/redact.ts";
import { sanitiseLine } from "../core/text.ts";

export interface DebugLog {
  file: string;
  /** Notes are dropped from now on. Each was in the file when `note` returned. Never throws. */
  close(): void;
}
/** A file is set aside at this size, so both together take at most twice as much. */
export const ringBytes = 4_000_000;
/** The writer's library takes 10 ms to load: not in the first seconds, when somebody waits, and never in a short run. */
const usualLoadAfterMs = 3000;
const rank: Record<Note["level"], number> = { debug: 20, info: 30, warn: 40, error: 50 };
const olderOf = (file: string): string => file.replace(/\.log$/, ".1.log");

/** Takes the notes of this process. `verbose` keeps debug notes too. Nothing is created before the first note that is kept. */
export function openDebugLog(needs: { paths: Paths; verbose: boolean; maxBytes?: number; loadAfterMs?: number }): DebugLog {
  const file = debugLogFile(needs.paths);
  const ring = openRing(file, needs.maxBytes ?? ringBytes);
  const least = needs.verbose ? rank.debug : rank.info;
  let write = (note: Note): void => ring.write(lineOf(note));
  let loading: NodeJS.Timeout | null = null;

  const load = async (): Promise<void> => {
    const { pino } = await import("pino");
    const logger = pino({ level: needs.verbose ? "debug" : "info", base: { pid: process.pid }, timestamp: false }, { write: ring.write });
    write = (note) => logger[note.level]({ time: note.at, room: note.room, fields: redactFields(note.fields) }, note.what);
  };
  setNoteSink((note) => {
    if (rank[note.level] < least) return;
    write(note);
    loading ??= setTimeout(() => load().catch(() => {}), needs.loadAfterMs ?? usualLoadAfterMs).unref();
  });
  return {
    file,
    close: () => {
      clearTimeout(loading ?? undefined);
      setNoteSink(null);
      ring.close();
    },
  };
}

/** The writer's own form, for notes from before it was loaded. */
const lineOf = (note: Note): string =>
  `${JSON.stringify({ level: rank[note.level], pid: process.pid, time: note.at, room: note.room, fields: redactFields(note.fields), msg: note.what })}\n`;

/** Appends whole lines; several processes share the files, so each looks now and then whether another has set them aside. */
function openRing(file: string, maxBytes: number): { write(line: string): void; close(): void } {
  let fd: number | null = null;
  let size = 0;
  let sinceLook = 0;
  const close = (): void => {
    if (fd !== null) closeSync(fd);
    fd = null;
  };
  const open = (): number => {
    makePrivateFolder(dirname(file));
    fd = openSync(file, "a", 0o600);
    size = fstatSync(fd).size;
    sinceLook = 0;
    return fd;
  };
  const look = (): void => {
    if (fd === null) return;
    const there = statSync(file, { throwIfNoEntry: false });
    const mine = fstatSync(fd);
    if (there?.ino !== mine.ino) close();
    else size = mine.size;
    sinceLook = 0;
  };
  return {
    write(line) {
      try {
        if (++sinceLook > 100) look();
        let at = fd ?? open();
        if (size > maxBytes) {
          look();
          if (fd !== null && size > maxBytes) {
            renameSync(file, olderOf(file));
            close();
          }
          at = fd ?? open();
        }
        size += writeSync(at, line);
      } catch {
        // a full disk or a folder taken away must not end the program because of its debug log
        fd = null;
      }
    },
    close,
  };
}

/** The newest `lines` notes of all Auras of this user, oldest first, as plain lines for the log pane. Never throws. */
export function tailDebugLog(paths: Paths, lines: number): string[] {
  const file = debugLogFile(paths);
  const kept: string[] = [];
  for (const each of [file, olderOf(file)]) {
    if (kept.length >= lines) break;
    const found = readEnd(each, Math.min(1_000_000, lines * 1000))
      .split("\n")
      .filter((line) => line !== "");
    kept.unshift(...found.slice(-(lines - kept.length)));
  }
  return kept.map(shownNote);
}

/** The last `bytes` of a file from the first whole line on; empty when it can't be read. */
function readEnd(file: string, bytes: number): string {
  let fd: number | null = null;
  try {
    fd = openSync(file, "r");
    const from = Math.max(0, fstatSync(fd).size - bytes);
    const buffer = Buffer.alloc(bytes);
    const text = buffer.toString("utf8", 0, readSync(fd, buffer, 0, bytes, from));
    return from === 0 ? text : text.slice(text.indexOf("\n") + 1);
  } catch {
    return "";
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

const names: Record<number, string> = { 20: "debug", 30: "info", 40: "warn", 50: "error" };
/** `18:45:03.120 warn  models  no answer  url=http://127.0.0.1:1234`, in local time. */
function shownNote(line: string): string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return sanitiseLine(line).slice(0, 300);
  }
  if (typeof value !== "object" || value === null) return sanitiseLine(line).slice(0, 300);
  const note = value as { level?: unknown; time?: unknown; room?: unknown; msg?: unknown; fields?: unknown };
  const time = typeof note.time === "number" ? new Date(note.time) : null;
  const pad = (count: number, width = 2): string => String(count).padStart(width, "0");
  const clock = time && !Number.isNaN(time.getTime()) ? `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}.${pad(time.getMilliseconds(), 3)}` : "";
  const fields = typeof note.fields === "object" && note.fields !== null ? Object.entries(note.fields) : [];
  const shown = fields.map(([name, field]) => `${name}=${typeof field === "string" ? field : JSON.stringify(field)}`).join(" ");
  return sanitiseLine(`${clock} ${(names[Number(note.level)] ?? "?").padEnd(5)} ${String(note.room ?? "").padEnd(7)} ${String(note.msg ?? "")}  ${shown}`)
    .trimEnd()
    .slice(0, 1000);
}
