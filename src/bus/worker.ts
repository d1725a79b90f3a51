// A worker's side of the bus: takes its lock, answers calls from any number of clients, and ends when nobody has asked for a while.
//
//   client  hello ──>  call ──> ... cancel     worker
//           <── hello    <── item* done|failed
import { toFailure } from "../core/error.ts";
import { type Lock, takeLock } from "../core/lock.ts";
import { note } from "../core/note.ts";
import { privateFolderOf } from "../core/paths.ts";
import { isRecord } from "../core/shapes.ts";
import { type Program, toWire, type WireFailure } from "./wire.ts";
import { bindMailbox } from "./zmq.ts";

/** Where a worker is found: its socket, and the lock that says which process it is. */
export interface WorkerPlace {
  socket: string;
  lock: string;
}
export type ToWorker = { t: "hello"; build: string } | { t: "call"; id: number; what: string; args: unknown } | { t: "cancel"; id: number } | { t: "retire" }; // another build takes over: finish and go
export type FromWorker =
  | ({ t: "hello"; pid: number } & Program)
  | { t: "item"; id: number; item: unknown }
  | { t: "done"; id: number; answer: unknown }
  | { t: "failed"; id: number; error: WireFailure };

/** One thing the worker can do. `tell` sends progress; a call that its client gave up gets `signal`. Throws AuraError for what the caller should know. */
export type Skill = (args: unknown, tell: (item: unknown) => void, signal: AbortSignal) => Promise<unknown>;

export interface WorkerNeeds {
  place: WorkerPlace;
  /** For the lock's holder, in the person's words: `index worker`. */
  name: string;
  me: Program;
  skills: Record<string, Skill>;
  /** Ends after so long without a call, in ms. */
  idleMs: number;
  /** Work of its own that goes on without a call (a build): then it doesn't end. */
  busy?(): boolean;
}
export interface Worker {
  readonly ended: Promise<"idle" | "retired" | "stopped">;
  stop(): void;
}

const checkMs = 1_000;

/** Becomes the worker of this place; null when another process is. Throws for the file system's own trouble. */
export async function openWorker(needs: WorkerNeeds): Promise<Worker | null> {
  privateFolderOf(needs.place.lock);
  const { lock } = takeLock(needs.place.lock, needs.name);
  return lock ? serve(needs, lock) : null;
}

async function serve(needs: WorkerNeeds, lock: Lock): Promise<Worker> {
  const { me, skills, idleMs } = needs;
  const ended = Promise.withResolvers<"idle" | "retired" | "stopped">();
  const running = new Map<string, AbortController>();
  let lastUse = Date.now();
  let retiring = false;

  const mailbox = await bindMailbox(needs.place.socket, (from, value) => {
    const frame = parseToWorker(value);
    if (frame === null) {
      note("bus", "a worker got a frame that makes no sense", {}, "warn");
      return;
    }
    lastUse = Date.now();
    take(from, frame);
  }).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  const post = (to: string, frame: FromWorker): void => mailbox.send(to, frame);

  function take(from: string, frame: ToWorker): void {
    switch (frame.t) {
      case "hello":
        post(from, { t: "hello", pid: process.pid, ...me });
        return;
      case "cancel":
        running.get(`${from} ${frame.id}`)?.abort();
        return;
      case "retire":
        retiring = true;
        return;
      case "call":
        void answer(from, frame);
    }
  }
  async function answer(from: string, { id, what, args }: Extract<ToWorker, { t: "call" }>): Promise<void> {
    const key = `${from} ${id}`;
    const abort = new AbortController();
    running.set(key, abort);
    try {
      const skill = Object.hasOwn(skills, what) ? skills[what] : undefined;
      if (!skill) throw new Error(`no such skill: ${what}`);
      const value = await skill(args, (item) => post(from, { t: "item", id, item }), abort.signal);
      post(from, { t: "done", id, answer: value ?? null });
    } catch (error) {
      if (!abort.signal.aborted) note("bus", "a worker's call failed", { what, error: toFailure(error).message }, "warn");
      post(from, { t: "failed", id, error: toWire(error) });
    } finally {
      running.delete(key);
      lastUse = Date.now();
    }
  }

  const end = (why: "idle" | "retired" | "stopped"): void => {
    clearInterval(timer);
    for (const abort of running.values()) abort.abort();
    lock.release();
    mailbox.close();
    ended.resolve(why);
  };
  const timer = setInterval(() => {
    if (!lock.held()) return end("stopped");
    if (running.size > 0) return;
    if (retiring) return end("retired");
    if (Date.now() - lastUse > idleMs && !needs.busy?.()) end("idle");
  }, checkMs);
  return { ended: ended.promise, stop: () => end("stopped") };
}

/** What a client sent, or null when it makes no sense. */
function parseToWorker(value: unknown): ToWorker | null {
  if (!isRecord(value)) return null;
  const { t, id, what, args, build } = value;
  if (t === "retire") return { t };
  if (t === "hello") return typeof build === "string" ? { t, build } : null;
  if (typeof id !== "number" || !Number.isSafeInteger(id)) return null;
  if (t === "cancel") return { t, id };
  return t === "call" && typeof what === "string" ? { t, id, what, args } : null;
}
