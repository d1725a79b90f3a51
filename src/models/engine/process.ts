// One engine process as its parent sees it: started, asked, and noticed when it dies.
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { note } from "../../core/note.ts";
import { type EngineRequest, type FromEngine, fromEngine, type Load, splitLines, type ToEngine } from "./protocol.ts";

/** What comes for one request; `died`: the process is gone, `text` says how as far as that is known; `unfit`: it can't load the model. */
export type News = Exclude<FromEngine, { type: "note" | "failed" }> | { type: "died"; text: string } | { type: "unfit"; text: string };
export interface Engine {
  pid: number | undefined;
  /** False once the process has ended or said that it can't load the model. */
  alive(): boolean;
  /** Requests under way, those that wait included. */
  asked(): number;
  /** Tokens, once it has loaded: less than was asked for where memory is short. */
  context(): number | null;
  /** Ends after `ended`, `counted`, `wrong`, `died` or `unfit`; leaving earlier tells the engine to stop. */
  ask(what: "answer" | "warm" | "count", request: EngineRequest, signal: AbortSignal): AsyncGenerator<News>;
  /** At once; what it holds is only memory. */
  kill(): void;
}

const last: ReadonlySet<string> = new Set(["ended", "counted", "wrong", "died", "unfit"]);
const keptErrors = 2000;

/** `worker` is the file that the process runs, with the Node that runs us. The process neither keeps ours alive nor outlives it. */
export function startEngine(worker: string, load: Load): Engine {
  const child = spawn(process.execPath, [worker], {
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    cwd: "/",
    env: { ...process.env, NODE_LLAMA_CPP_SKIP_DOWNLOAD: "true", NODE_OPTIONS: "" },
  });
  const listeners = new Map<number, (news: News) => void>();
  let errors = "";
  let alive = true;
  let loadingNews: News | null = null;
  let next = 1;

  const tell = (news: News): void => {
    for (const listener of [...listeners.values()]) listener(news);
  };
  const end = (news: News): void => {
    if (!alive) return;
    alive = false;
    tell(news);
  };
  const hear = (line: string): void => {
    let message: FromEngine;
    try {
      message = fromEngine.parse(JSON.parse(line));
    } catch (error) {
      note("models", "the engine said what it should not", { line: line.slice(0, 500), error: String(error).slice(0, 500) }, "error");
      end({ type: "died", text: "it sent what is no answer" });
      child.kill("SIGKILL");
      return;
    }
    switch (message.type) {
      case "note":
        note("models", message.what, message.fields, "info");
        break;
      case "failed":
        end({ type: "unfit", text: message.message });
        child.kill("SIGKILL");
        break;
      case "loading":
      case "ready":
        loadingNews = message;
        if (message.type === "ready") note("models", "the engine has loaded its model", { ...message, path: load.path }, "info");
        tell(message);
        break;
      default:
        listeners.get(message.id)?.(message);
    }
  };
  const send = (message: ToEngine): void => {
    if (alive) child.stdin?.write(`${JSON.stringify(message)}\n`);
  };

  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-keptErrors);
    });
  }
  (child.stdio[3] as Readable).setEncoding("utf8").on("data", splitLines(hear));
  for (const stream of child.stdio) stream?.on("error", (error: Error) => note("models", "a pipe of the engine broke", { error: error.message }));
  child.on("error", (error) => end({ type: "died", text: error.message }));
  child.on("close", (code, signal) => {
    note("models", "the engine has ended", { code, signal, path: load.path, said: errors.slice(-500) }, alive ? "warn" : "info");
    const how = signal ? `it was ended by ${signal}` : `it ended with code ${code}`;
    end({ type: "died", text: [how, lastLine(errors)].filter((part) => part !== "").join(": ") });
  });
  send(load);
  hold(child, false);

  return {
    pid: child.pid,
    alive: () => alive,
    asked: () => listeners.size,
    context: () => (loadingNews?.type === "ready" ? loadingNews.context : null),
    kill: () => void child.kill("SIGKILL"),
    async *ask(what, request, signal) {
      const id = next++;
      const waiting: News[] = [];
      let wake = (): void => {};
      if (!alive) {
        yield { type: "died", text: "it has ended" };
        return;
      }
      listeners.set(id, (news) => {
        waiting.push(news);
        wake();
      });
      const stop = (): void => wake();
      signal.addEventListener("abort", stop, { once: true });
      hold(child, true);
      send({ type: "ask", id, what, request });
      if (loadingNews?.type !== "ready") waiting.push(loadingNews ?? { type: "loading", part: 0 });
      let over = false;
      try {
        while (!over && !signal.aborted) {
          const news = waiting.shift();
          if (news) {
            over = last.has(news.type);
            yield news;
          } else
            await new Promise<void>((resolve) => {
              wake = resolve;
              if (waiting.length > 0 || signal.aborted) resolve();
            });
        }
      } finally {
        signal.removeEventListener("abort", stop);
        listeners.delete(id);
        if (!over) send({ type: "stop", id });
        if (listeners.size === 0) hold(child, false);
      }
    },
  };
}

/** Only a request that waits for its answer keeps this process from ending. */
function hold(child: ReturnType<typeof spawn>, held: boolean): void {
  const handles: unknown[] = [child, ...child.stdio];
  for (const handle of handles) {
    const { ref, unref } = handle as { ref?: () => void; unref?: () => void };
    (held ? ref : unref)?.call(handle);
  }
}

const lastLine = (text: string): string =>
  text
    .trim()
    .split("\n")
    .filter((line) => !/^\s+at |^Node\.js v/.test(line))
    .at(-1)
    ?.trim()
    .slice(0, 300) ?? "";
