// A GGUF file as a model: no server, llama.cpp in a process of Aura's own, for people who have a file and nothing that serves it.
import { homedir } from "node:os";
import { basename, isAbsolute, resolve } from "node:path";
import { AuraError } from "../core/error.ts";
import type { ModelId, Usage } from "../core/events.ts";
import { type Gguf, readGguf } from "./engine/gguf.ts";
import { type EnginePlace, engineFor, enginePlace, installedVersion, rest } from "./engine/pool.ts";
import type { News } from "./engine/process.ts";
import type { Load } from "./engine/protocol.ts";
import { aborted, fault, plain } from "./faults.ts";
import { kvBytesPerToken, memoryAtHand } from "./memory.ts";
import { type Model, noUsage, type Piece, type Request, type Server } from "./model.ts";
import { chooseContext, type Known } from "./ollama-context.ts";
import { toWarm } from "./warm.ts";

/** What stands for an address where there is none. */
export const embeddedUrl = "embedded:";

/** `~` and what is relative to `folder` as a whole path. */
export const modelFile = (name: string, folder: string): string =>
  name === "~" || name.startsWith("~/") ? homedir() + name.slice(1) : isAbsolute(name) ? name : resolve(folder, name);

/**
 * Models by the path of their file. Opening reads the file's head and chooses the context; the process starts with the first request.
 * Throws AuraError, exit 3: `engine.none`, `model.none`, `model.file`.
 */
export const embedded: Server = {
  name: "embedded",
  ports: [],
  probe: async () => null,
  async open({ name, context, chosen }) {
    const path = modelFile(name, process.cwd());
    const gguf = readGguf(path);
    const place = installedPlace();
    const memory = memoryAtHand();
    const gigabytes = Math.round(memory.total / 1024 ** 3);
    const earlier = context === null ? (chosen?.get(embeddedUrl, path, gigabytes) ?? null) : null;
    const held = holding(gguf, context, earlier);
    if (context === null && held.tokens !== earlier) chosen?.set(embeddedUrl, path, gigabytes, held.tokens);
    return modelOf(place, { type: "load", path, engine: place.folder, context: held.tokens, wholeCache: held.whole });
  },
};

function installedPlace(): EnginePlace {
  const place = enginePlace();
  if (place && installedVersion(place.folder) !== null) return place;
  throw new AuraError("engine.none", "The engine that runs GGUF files is not installed", { hint: "install it with: aura engine install", exit: 3 });
}

/** A window smaller than this isn't worth having any prefix again. */
const enoughWhole = 16_384;
/** Tokens of context, and whether every layer keeps all of them: where memory is scarce, layers that look at a window only keep that. */
function holding({ info, bytes }: Gguf, wanted: number | null, earlier: number | null): { tokens: number; whole: boolean } {
  const arch = String(info["general.architecture"]);
  const trained = info[`${arch}.context_length`];
  const most = typeof trained === "number" ? trained : Number.POSITIVE_INFINITY;
  const asked = wanted === null ? earlier : Math.min(wanted, most);
  const known: Known = { running: null, wanted: null, trained: typeof trained === "number" ? trained : null, earlier: null, weights: bytes, kvPerToken: null };
  // on the processor alone: what card there is does not matter
  const memory = { ...memoryAtHand(), graphics: "none" as const };
  const window = `${arch}.attention.sliding_window`;
  const unwindowed = Object.fromEntries(Object.entries(info).filter(([key]) => key !== window));
  const whole = chooseContext({ ...known, kvPerToken: kvBytesPerToken(unwindowed) }, memory).tokens;
  if (info[window] === undefined) return { tokens: asked ?? whole, whole: true };
  const windowed = asked ?? chooseContext({ ...known, kvPerToken: kvBytesPerToken(info) }, memory).tokens;
  return whole >= Math.min(windowed, enoughWhole) ? { tokens: Math.min(windowed, whole), whole: true } : { tokens: windowed, whole: false };
}

function modelOf(place: EnginePlace, load: Load): Model {
  const { path } = load;
  let deaths = 0;
  async function* news(what: "answer" | "warm" | "count", request: Request, signal: AbortSignal): AsyncGenerator<News> {
    const engine = engineFor(place.worker, load);
    try {
      yield* engine.ask(what, request, signal);
    } finally {
      model.context = Math.min(load.context, engine.context() ?? load.context);
      rest(path);
    }
  }
  async function* stream(request: Request, signal: AbortSignal): AsyncGenerator<Piece> {
    const started = performance.now();
    let loadMs: number | null = null;
    if (!signal.aborted && engineFor(place.worker, load).asked() > 0) yield { type: "progress", what: "queued" };
    for await (const one of signal.aborted ? [] : news("answer", request, signal)) {
      switch (one.type) {
        case "loading":
          yield { type: "progress", what: "loading", part: one.part };
          break;
        case "ready":
          loadMs = Math.round(performance.now() - started);
          break;
        case "reading":
          yield { type: "progress", what: "reading", part: one.part, ...(one.leftMs === null ? {} : { leftMs: one.leftMs }) };
          break;
        case "text":
          yield { type: "text", delta: one.delta };
          break;
        case "ended":
          deaths = 0;
          yield one.why === "stopped" ? { type: "fault", fault: aborted } : { type: "end", end: one.why, usage: usageOf(one, loadMs) };
          return;
        case "died":
          deaths++;
          yield { type: "fault", fault: died(path, one.text, deaths) };
          return;
        case "unfit":
          yield { type: "fault", fault: unfit(path, one.text) };
          return;
        case "wrong":
          yield { type: "fault", fault: wrong(path, one) };
          return;
        default:
          break;
      }
    }
    yield { type: "fault", fault: aborted };
  }
  const model: Model = {
    id: `embedded/${path}` as ModelId,
    context: load.context,
    stream,
    async warm(request, signal) {
      if (signal.aborted) return false;
      for await (const one of news("warm", toWarm(request), signal)) if (one.type === "ended") return one.why === "stop";
      return false;
    },
    async count(request, signal) {
      if (signal.aborted || engineFor(place.worker, load).asked() > 0) return null;
      for await (const one of news("count", request, signal)) if (one.type === "counted") return one.tokens;
      return null;
    },
  };
  return model;
}

function usageOf(ended: Extract<News, { type: "ended" }>, loadMs: number | null): Usage {
  const { promptTokens, cachedTokens, outputTokens, promptMs, outputMs } = ended;
  return { ...noUsage, promptTokens, cachedTokens, outputTokens, promptMs: Math.round(promptMs), outputMs: Math.round(outputMs), loadMs };
}

/** A process is started anew once; one that dies twice with no answer between would do so again. */
function died(path: string, text: string, deaths: number): ReturnType<typeof fault> {
  return fault("broken", `The engine's process that ran ${basename(path)} is gone: ${plain(text)}`, {
    retry: deaths < 2,
    hint: "the machine may have been short of memory; a smaller model or context needs less (aura config set contextTokens NUMBER)",
  });
}
function unfit(path: string, text: string): ReturnType<typeof fault> {
  const memory = /memory|too large for|failed to (?:create context|allocate)/i.test(text);
  return fault("broken", `The engine can't load ${basename(path)}: ${plain(text)}`, {
    hint: memory
      ? "choose a smaller model, or a smaller context: aura config set contextTokens NUMBER"
      : "the file may be damaged or of a kind this engine doesn't know; aura engine status shows its version",
  });
}
function wrong(path: string, { why, message }: Extract<News, { type: "wrong" }>): ReturnType<typeof fault> {
  if (why === "overflow")
    return fault("overflow", `The conversation no longer fits into the context of ${basename(path)}: ${plain(message)}`, {
      hint: "start afresh with /new, or raise contextTokens in your configuration",
    });
  return fault(why, `The engine failed with ${basename(path)}: ${plain(message)}`, { retry: why === "broken" });
}
