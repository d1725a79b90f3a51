// A model for stories: a real server on loopback whose answers are written beforehand, and which can fail in every way a real one does.

import { type Asked, readAsked, type ScriptedCall, type Step, type Trouble } from "../../src/app/demo/script.ts";
import { openScriptedServer, type ScriptedServer, type ScriptedServerNeeds, type Wire } from "../../src/app/demo/server.ts";
import type { ModelId } from "../../src/core/events.ts";

type Part = { call: ScriptedCall } | { think: string };
/** One answer of the model: a text, a call, a thought, several of these in order, or a whole step. */
export type Answer = string | Part | (string | Part)[] | Step;

/** A tool call, as one part of an answer. */
export const call = (name: string, args: Record<string, unknown>, id?: string): { call: ScriptedCall } => ({ call: { name, args, ...(id === undefined ? {} : { id }) } });
/** A call whose arguments are `raw`, JSON or not. */
export const badCall = (name: string, raw: string): { call: ScriptedCall } => ({ call: { name, args: {}, rawArgs: raw } });
export const thought = (text: string): { think: string } => ({ think: text });

const asStep = (answer: Answer): Step => {
  if (typeof answer === "string") return { say: answer };
  if (!Array.isArray(answer)) return "call" in answer ? { parts: [answer as { call: ScriptedCall }] } : answer;
  return { parts: answer.map((part) => (typeof part === "string" ? { say: part } : part)) };
};
const withTrouble = (answer: Answer, trouble: Trouble): Step => ({ ...asStep(answer), trouble });

/** An HTTP error instead of an answer: `status(503, "Loading model")`. A text that is JSON is sent as it is. */
export const status = (code: number, text = "the script says no"): Step => ({ trouble: { is: "status", status: code, text } });
/** The connection breaks before the first byte. */
export const reset = (): Step => ({ trouble: { is: "reset" } });
/** Nothing ever comes. */
export const hang = (): Step => ({ trouble: { is: "hang" } });
/** The answer breaks off after `after` pieces: the socket is torn (`socket`), or the stream ends politely without its end. */
export const cut = (answer: Answer, after = 1, how: "socket" | "end" = "socket"): Step => withTrouble(answer, { is: "cut", after, how });
/** An error object inside the stream after `after` pieces. */
export const errorInside = (answer: Answer, text: string, after = 1): Step => withTrouble(answer, { is: "error", after, text });
/** Chunks of `size` bytes, which split characters and lines. */
export const inBytes = (answer: Answer, size = 1): Step => withTrouble(answer, { is: "bytes", size });
/** The first byte comes late. */
export const slow = (answer: Answer, delayMs: number): Step => ({ ...asStep(answer), delayMs });
/** Streams at `rate` pieces per second. */
export const paced = (answer: Answer, rate: number): Step => ({ ...asStep(answer), rate });
/** Ends because the token limit was reached. */
export const tooLong = (answer: Answer): Step => ({ ...asStep(answer), end: "length" });

export interface Hold {
  /** Resolves when the answer has come to its pause. */
  reached: Promise<void>;
  release(): void;
}
export interface FakeModelNeeds extends Pick<ScriptedServerNeeds, "wire" | "model" | "context" | "rate" | "readPerS" | "calls" | "capabilities" | "intercept"> {
  /** Answers requests that the queue has nothing for; absent = a sentence that says so. */
  otherwise?(asked: Asked): Answer;
}
export interface FakeModel {
  readonly url: string;
  readonly port: number;
  readonly wire: Wire;
  /** For `--model`: `ollama/fake`. */
  readonly id: ModelId;
  /** Puts answers at the end of the queue: each chat request takes the next one, a repeated request too. */
  says(...answers: Answer[]): FakeModel;
  /** The next answer not yet queued, `answer`, pauses after `after` pieces until released. */
  hold(answer: Answer, after?: number): Hold;
  /** Answers not yet given. */
  readonly left: number;
  /** Chat requests so far, oldest first; not those that want no answer. */
  readonly requests: Asked[];
  /** Requests that only want the prompt read. They take no answer from the queue. */
  readonly warms: Asked[];
  /** Requests that only want the model loaded (Ollama). */
  readonly loads: Asked[];
  /** Those of them that the client walked away from. */
  readonly warmsAborted: number;
  /** Resolves when `n` of them have come (in all). */
  warmed(n: number): Promise<void>;
  /** Those that come from now on get no answer until released. */
  holdWarms(): { release(): void };
  /** The same for those that want the model loaded. */
  holdLoads(): { release(): void };
  /** Every request's method and path, questions about models included. */
  readonly paths: string[];
  /** Answers the client walked away from. */
  readonly aborted: number;
  /** Requests the queue had nothing for: a story that is right has none. */
  readonly surplus: number;
  /** Resolves when `n` chat requests have come (in all). */
  asked(n: number): Promise<void>;
  /** Resolves when the client has walked away from `n` answers (in all). */
  abortedTimes(n: number): Promise<void>;
  /** As if the server were killed: nothing listens, every connection breaks. */
  close(): Promise<void>;
  /** Listens again, on the same port. */
  reopen(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens a fake model; `await using model = await openFakeModel()` closes it. */
export async function openFakeModel(needs: FakeModelNeeds = {}): Promise<FakeModel> {
  const wire = needs.wire ?? "ollama";
  const queue: Step[] = [];
  const requests: Asked[] = [];
  const paths: string[] = [];
  const warms: Asked[] = [];
  const loads: Asked[] = [];
  const counts = { aborted: 0, surplus: 0, warmsAborted: 0 };
  let warmGate = Promise.resolve();
  let loadGate = Promise.resolve();
  const watchers = new Set<() => void>();
  const stir = (): void => {
    for (const watch of watchers) watch();
  };
  const until = (reached: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const watch = (): void => {
        if (!reached()) return;
        watchers.delete(watch);
        resolve();
      };
      watchers.add(watch);
      watch();
    });
  const open = (port: number): Promise<ScriptedServer> =>
    openScriptedServer({
      model: "fake",
      ...needs,
      wire,
      port,
      script: (asked) => {
        const step = queue.shift();
        if (step) return step;
        counts.surplus++;
        return asStep(needs.otherwise?.(asked) ?? "Nothing more is scripted.");
      },
      onRequest: ({ method, path, json, chat }) => {
        paths.push(`${method} ${path}`);
        const asked = chat ? readAsked(path.startsWith("/v1") ? "openai" : "ollama", json) : null;
        if (asked) (asked.messages.length === 0 ? loads : asked.warm ? warms : requests).push(asked);
        stir();
      },
      onAborted: (asked) => {
        counts[asked.warm ? "warmsAborted" : "aborted"]++;
        stir();
      },
      onWarm: (asked, gone) =>
        Promise.race([asked.messages.length === 0 ? loadGate : warmGate, new Promise<void>((resolve) => gone.addEventListener("abort", () => resolve(), { once: true }))]),
    });
  let server: ScriptedServer | null = await open(0);
  const { url, port, model } = server;
  const close = async (): Promise<void> => {
    const old = server;
    server = null;
    await old?.close();
  };
  const fake: FakeModel = {
    url,
    port,
    wire,
    id: `${wire}/${model}` as ModelId,
    says: (...answers) => {
      queue.push(...answers.map(asStep));
      return fake;
    },
    hold: (answer, after = 1) => {
      const reached = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      queue.push(withTrouble(answer, { is: "hold", after, reached: reached.resolve, gate: gate.promise }));
      return { reached: reached.promise, release: gate.resolve };
    },
    get left() {
      return queue.length;
    },
    requests,
    warms,
    loads,
    get warmsAborted() {
      return counts.warmsAborted;
    },
    warmed: (n) => until(() => warms.length >= n),
    holdWarms: () => {
      const gate = Promise.withResolvers<void>();
      warmGate = gate.promise;
      return { release: gate.resolve };
    },
    holdLoads: () => {
      const gate = Promise.withResolvers<void>();
      loadGate = gate.promise;
      return { release: gate.resolve };
    },
    paths,
    get aborted() {
      return counts.aborted;
    },
    get surplus() {
      return counts.surplus;
    },
    asked: (n) => until(() => requests.length >= n),
    abortedTimes: (n) => until(() => counts.aborted >= n),
    close,
    reopen: async () => {
      if (!server) server = await open(port);
    },
    [Symbol.asyncDispose]: close,
  };
  return fake;
}

/**
 * Where a request's tools and messages stop being a prefix of the next one's, as a sentence for a failing test; null when the history only grew.
 * `from` skips requests of an earlier session.
 */
export function prefixBreak(requests: readonly Asked[], from = 0): string | null {
  for (let n = from + 1; n < requests.length; n++) {
    const [before, after] = [requests[n - 1], requests[n]];
    if (!before || !after) continue;
    const one = spoken(before);
    const other = spoken(after);
    if (other.startsWith(one)) continue;
    let at = 0;
    while (one[at] === other[at]) at++;
    return `request ${n + 1} departs from request ${n} at character ${at}: ...${JSON.stringify(one.slice(Math.max(0, at - 60), at + 60))} became ...${JSON.stringify(other.slice(Math.max(0, at - 60), at + 60))}`;
  }
  return null;
}
const spoken = ({ body }: Asked): string => JSON.stringify(body.tools ?? []) + JSON.stringify(body.messages ?? []).slice(0, -1);
