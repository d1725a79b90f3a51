// Syntax checks of edits, in a thread of their own that is started when one is due, given up when one takes too long, and ended when idle.
import { Worker } from "node:worker_threads";
import { note } from "../core/note.ts";
import { grammarOf } from "./index.ts";
import type { GrammarName } from "./language.ts";
import type { Checked } from "./syntax-check.ts";

/** To the thread; `after` null: only get ready, by parsing `before` once. */
export interface Asked {
  grammar: GrammarName;
  before: Uint8Array | null;
  after: Uint8Array | null;
}
/** From the thread: null when there was nothing to check. */
export type Told = Checked | { failed: string } | null;

export interface SyntaxCheck {
  /** Relative to the root, as people know the file. */
  path: string;
  /** null: not checked, for want of time or of a grammar. Never rejects. */
  done: Promise<Checked | null>;
  /** The thread is up: an answer may take a few milliseconds. */
  soon: boolean;
  /** Somebody waits: start now what would be started in a while. */
  hurry(): void;
  /** Nobody wants to know any more. */
  drop(): void;
}
export interface Syntax {
  /** Checks what turning `before` into `after` breaks; null for what no grammar reads and for files too large. Doesn't block. */
  check(path: string, before: Buffer | null, after: Buffer | null): SyntaxCheck | null;
  /** A file like this is likely to be edited: have its grammar loaded, and compiled by reading the file once, in a while. `read` may reject. */
  warm(path: string, read: () => Promise<Buffer>): void;
  close(): Promise<void>;
}
export interface SyntaxNeeds {
  /** Most ms for one check; the first one of a thread has three seconds more. */
  limitMs?: number;
  /** Without work for so many ms the thread ends, and its 50 MB go back. */
  idleMs?: number;
  /** ms before a thread is started: a start costs 0.1 s of CPU, which a short run would feel. */
  waitMs?: number;
}

const mostBytes = 1024 * 1024;
const mostWarm = 256 * 1024;
/** After so many failures and overruns a grammar is left alone. */
const mostStrikes = 3;
const startMs = 3_000;
/** Plenty for the texts; the grammars' own memory isn't counted here. */
const heapMb = 192;

interface Task {
  asked: Asked;
  settle(told: Checked | null): void;
}

// in a checkout the sources run; in the bundle this file is part of another one, and the thread's lies beside that
const workerUrl = (): URL => new URL(typeof AURA_BUILD === "string" ? "./syntax.mjs" : "./syntax-worker.ts", import.meta.url);

export function openSyntax({ limitMs = 2_000, idleMs = 60_000, waitMs = 500 }: SyntaxNeeds = {}): Syntax {
  const queue: Task[] = [];
  const strikes = new Map<GrammarName, number>();
  const loaded = new Set<GrammarName>();
  const warming = new Set<GrammarName>();
  let isClosed = false;
  let worker: Worker | null = null;
  let current: Task | null = null;
  let limit: NodeJS.Timeout | undefined;
  let idle: NodeJS.Timeout | undefined;
  let waiting: NodeJS.Timeout | undefined;

  const start = (): Worker => {
    // nothing a library prints may end up on our stdout
    const fresh = new Worker(workerUrl(), { stdout: true, stderr: true, execArgv: [], env: {}, resourceLimits: { maxOldGenerationSizeMb: heapMb } });
    fresh.stdout.resume();
    fresh.stderr.resume();
    fresh.on("message", (told: Told) => {
      if (fresh === worker) finish(told);
    });
    const lost = (error: unknown): void => {
      if (fresh !== worker) return;
      stop();
      finish({ failed: String(error) });
    };
    fresh.on("error", lost);
    fresh.on("exit", () => lost("the thread ended"));
    return fresh;
  };
  const stop = (): Promise<number> | null => {
    const old = worker;
    worker = null;
    loaded.clear();
    clearTimeout(idle);
    return old ? old.terminate() : null;
  };
  const finish = (told: Told): void => {
    const task = current;
    current = null;
    clearTimeout(limit);
    if (task && told && "failed" in told) {
      strikes.set(task.asked.grammar, (strikes.get(task.asked.grammar) ?? 0) + 1);
      note("languages", "syntax not checked", { grammar: task.asked.grammar, why: told.failed }, "warn");
    } else if (task) loaded.add(task.asked.grammar);
    task?.settle(told && !("failed" in told) ? told : null);
    next();
  };
  const next = (): void => {
    clearTimeout(waiting);
    waiting = undefined;
    if (current) return;
    const task = queue.shift();
    if (!task) {
      worker?.unref();
      clearTimeout(idle);
      idle = setTimeout(stop, idleMs).unref();
      return;
    }
    current = task;
    clearTimeout(idle);
    const mostMs = worker ? limitMs : limitMs + startMs;
    worker ??= start();
    worker.ref();
    limit = setTimeout(() => {
      void stop();
      finish({ failed: `it took over ${mostMs} ms` });
    }, mostMs);
    const { grammar, before, after } = task.asked;
    worker.postMessage(
      { grammar, before, after } satisfies Asked,
      [before, after].flatMap((bytes) => (bytes ? [bytes.buffer as ArrayBuffer] : [])),
    );
  };
  const later = (): void => {
    if (worker) next();
    else waiting ??= setTimeout(next, waitMs).unref();
  };
  const isOff = (grammar: GrammarName): boolean => (strikes.get(grammar) ?? 0) >= mostStrikes;

  return {
    check(path, before, after) {
      const grammar = grammarOf(path);
      if (!grammar || isOff(grammar) || after === null || after.length > mostBytes || (before?.length ?? 0) > mostBytes || after.includes(0)) return null;
      const { promise, resolve } = Promise.withResolvers<Checked | null>();
      const task: Task = { asked: { grammar, before: before && new Uint8Array(before), after: new Uint8Array(after) }, settle: resolve };
      queue.push(task);
      const soon = loaded.has(grammar);
      later();
      return {
        path,
        done: promise,
        soon,
        hurry: () => {
          if (waiting) next();
        },
        drop: () => {
          const at = queue.indexOf(task);
          if (at !== -1) queue.splice(at, 1);
          resolve(null);
        },
      };
    },
    warm(path, read) {
      const grammar = grammarOf(path);
      if (!grammar || isOff(grammar) || loaded.has(grammar) || warming.has(grammar)) return;
      warming.add(grammar);
      const begin = async (): Promise<void> => {
        const bytes = await read().catch(() => null);
        warming.delete(grammar);
        if (isClosed || loaded.has(grammar)) return;
        queue.push({ asked: { grammar, before: bytes && bytes.length <= mostWarm ? new Uint8Array(bytes) : null, after: null }, settle: () => {} });
        next();
      };
      setTimeout(() => void begin(), waitMs).unref();
    },
    async close() {
      isClosed = true;
      clearTimeout(waiting);
      for (const task of queue.splice(0)) task.settle(null);
      const task = current;
      current = null;
      clearTimeout(limit);
      await stop();
      task?.settle(null);
    },
  };
}
