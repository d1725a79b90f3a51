// A client of a worker: starts one when there is none, calls it, and notices when it dies, which ZeroMQ doesn't.
import { setTimeout as sleep } from "node:timers/promises";
import { AuraError } from "../core/error.ts";
import { lockHolder } from "../core/lock.ts";
import { isRecord } from "../core/shapes.ts";
import { fromWire, type Program, type WireFailure } from "./wire.ts";
import type { FromWorker, ToWorker, WorkerPlace } from "./worker.ts";
import { dialMailbox, type Line } from "./zmq.ts";

export interface WorkerClientNeeds {
  place: WorkerPlace;
  me: Program;
  /** Starts the worker's process, detached or not; says how it ended: null while it runs. */
  start(): { exit(): { code: number | null; said: string } | null };
  /** How long a started worker may take to say hello, in ms. */
  patienceMs?: number;
}
export interface CallOptions {
  signal?: AbortSignal;
  /** Hears the call's progress. */
  onItem?(item: unknown): void;
}
export interface WorkerClient {
  /** Asks the worker, starting it when need be. A worker that dies in the middle is started once more and asked again: calls must bear that. Throws what the skill threw, or AuraError `worker.died`, `worker.silent`. */
  call(what: string, args: unknown, options?: CallOptions): Promise<unknown>;
  /** Is a worker there now? Starts none. */
  alive(): boolean;
  close(): void;
}

interface Pending {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
  onItem: ((item: unknown) => void) | undefined;
}
/** So often a waiting call looks whether its worker still lives. */
const lookMs = 250;
const helloAgainMs = 100;

export function openWorkerClient(needs: WorkerClientNeeds): WorkerClient {
  const { place, me, patienceMs = 15_000 } = needs;
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let line: Promise<Line> | null = null;
  /** The process that said hello last. */
  let worker: { pid: number; build: string } | null = null;
  let heardHello = (): void => {};
  let connecting: Promise<void> | null = null;
  let closed = false;

  const onFrame = (value: unknown): void => {
    const frame = parseFromWorker(value);
    if (frame === null) return;
    if (frame.t === "hello") {
      worker = { pid: frame.pid, build: frame.build };
      heardHello();
      return;
    }
    const call = pending.get(frame.id);
    if (frame.t === "item") call?.onItem?.(frame.item);
    else {
      pending.delete(frame.id);
      if (frame.t === "done") call?.resolve(frame.answer);
      else call?.reject(fromWire(frame.error));
    }
  };
  const send = async (frame: ToWorker): Promise<void> => {
    line ??= dialMailbox(place.socket, onFrame);
    (await line).send(frame);
  };
  const holder = (): number | null => lockHolder(place.lock)?.pid ?? null;

  /** Resolves when the living worker of our build has said hello. */
  async function connect(): Promise<void> {
    let started: ReturnType<WorkerClientNeeds["start"]> | null = null;
    let crashes = 0;
    for (let until = Date.now() + patienceMs; ; ) {
      const pid = holder();
      if (pid !== null && worker?.pid === pid && worker.build === me.build) return;
      if (worker && worker.pid === pid && worker.build !== me.build) {
        // an older build's worker holds the data: it finishes what it does and goes
        await send({ t: "retire" });
        worker = null;
        until = Date.now() + patienceMs;
      }
      const exit = started?.exit() ?? null;
      if (exit !== null) {
        if (exit.code !== 0 && ++crashes >= 2)
          throw new AuraError("worker.died", `the index worker ends as soon as it starts${exit.said ? `: ${exit.said}` : ` (exit ${exit.code})`}`, {
            hint: "aura doctor looks at what it needs",
          });
        started = null;
      }
      if (pid === null) started ??= needs.start();
      if (Date.now() > until)
        throw new AuraError("worker.silent", "the index worker doesn't answer", { hint: pid === null ? "aura doctor" : `it is process ${pid}: kill ${pid}, then try again` });
      await send({ t: "hello", build: me.build });
      await Promise.race([
        new Promise<void>((resolve) => {
          heardHello = resolve;
        }),
        sleep(helloAgainMs, undefined, { ref: true }),
      ]);
    }
  }

  async function callOnce(what: string, args: unknown, { signal, onItem }: CallOptions): Promise<unknown> {
    connecting ??= connect().finally(() => {
      connecting = null;
    });
    await connecting;
    signal?.throwIfAborted();
    const asked = worker?.pid ?? null;
    const id = nextId++;
    const answer = new Promise<unknown>((resolve, reject) => pending.set(id, { resolve, reject, onItem }));
    const onAbort = (): void => {
      void send({ t: "cancel", id });
      pending.get(id)?.reject(signal?.reason);
      pending.delete(id);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    const look = setInterval(() => {
      if (holder() === asked && asked !== null) return;
      // its last words may still be under way
      setTimeout(() => {
        pending.get(id)?.reject(new WorkerDied());
        pending.delete(id);
      }, lookMs).unref();
    }, lookMs);
    try {
      await send({ t: "call", id, what, args });
      return await answer;
    } finally {
      clearInterval(look);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  return {
    async call(what, args, options = {}) {
      if (closed) throw new AuraError("worker.closed", "the index is closed");
      try {
        return await callOnce(what, args, options);
      } catch (error) {
        if (!(error instanceof WorkerDied) || closed) throw error;
        worker = null;
      }
      try {
        return await callOnce(what, args, options);
      } catch (error) {
        if (error instanceof WorkerDied)
          throw new AuraError("worker.died", "the index worker died twice over this", { hint: "aura index --fresh builds the index anew; the debug log says more" });
        throw error;
      }
    },
    alive: () => holder() !== null,
    close() {
      closed = true;
      void line?.then((open) => open.close()).catch(() => {});
      for (const call of pending.values()) call.reject(new AuraError("worker.closed", "the index is closed"));
      pending.clear();
    },
  };
}

class WorkerDied extends Error {}

/** What a worker sent; the same build wrote what lies inside. Null when it makes no sense. */
function parseFromWorker(value: unknown): FromWorker | null {
  if (!isRecord(value)) return null;
  const { t, id } = value;
  if (t === "hello") {
    const { pid, version, build } = value;
    return typeof pid === "number" && typeof version === "string" && typeof build === "string" ? { t, pid, version, build } : null;
  }
  if (typeof id !== "number") return null;
  if (t === "item") return { t, id, item: value.item };
  if (t === "done") return { t, id, answer: value.answer };
  return t === "failed" && isRecord(value.error) ? { t, id, error: value.error as unknown as WireFailure } : null;
}
