// One request on the engine's one sequence: what it shares with the last one is kept, the rest is read in batches, then tokens are drawn.
import type { LlamaModel, Sampling, Sequence, Token } from "./llama.ts";

export interface Written {
  why: "stop" | "length" | "stopped";
  promptTokens: number;
  cachedTokens: number;
  outputTokens: number;
  /** Reading, to the first token drawn. */
  promptMs: number;
  outputMs: number;
}
export interface Writing {
  prompt: Token[];
  /** Read the prompt and draw nothing. */
  warm: boolean;
  maxTokens: number;
  sampling: Sampling;
  stops: string[];
  stopped(): boolean;
  read(part: number, leftMs: number | null): void;
  wrote(delta: string): void;
}

/** Tokens in a batch: as many as llama.cpp takes at once, as few as leave it deaf to a stop for about so long, ms. */
const batch = { most: 512, least: 16, first: 64, deafMs: 300 };

/** Throws what llama.cpp throws; then the sequence is cleared. */
export async function write(model: LlamaModel, sequence: Sequence, writing: Writing): Promise<Written> {
  try {
    return await readAndDraw(model, sequence, writing);
  } catch (error) {
    await sequence.clearHistory().catch(() => {});
    throw error;
  }
}

async function readAndDraw(model: LlamaModel, sequence: Sequence, writing: Writing): Promise<Written> {
  const { prompt } = writing;
  const started = performance.now();
  // the last token is always read anew: what follows it is drawn from its reading
  await sequence.adaptStateToTokens(prompt.slice(0, -1), false);
  const cachedTokens = sequence.nextTokenIndex;
  const counts = { promptTokens: prompt.length, cachedTokens, outputTokens: 0 };
  const whole = await read(sequence, writing, cachedTokens);
  const promptMs = (): number => performance.now() - started;
  if (!whole) return { why: "stopped", ...counts, promptMs: promptMs(), outputMs: 0 };
  if (writing.warm) return { why: "stop", ...counts, promptMs: promptMs(), outputMs: 0 };

  const text = openText(model, prompt, writing);
  let why: Written["why"] = "stop";
  let firstMs: number | null = null;
  for await (const token of sequence.evaluate(prompt.slice(-1), writing.sampling)) {
    firstMs ??= promptMs();
    counts.outputTokens++;
    if (writing.stopped()) {
      why = "stopped";
      break;
    }
    if (text.add(token)) break;
    if (counts.outputTokens >= writing.maxTokens) {
      why = "length";
      break;
    }
  }
  text.flush();
  firstMs ??= promptMs();
  return { why, ...counts, promptMs: firstMs, outputMs: promptMs() - firstMs };
}

/** All of the prompt but its last token. False when it was stopped. */
async function read(sequence: Sequence, { prompt, stopped, read: told }: Writing, cached: number): Promise<boolean> {
  const last = prompt.length - 1;
  const started = performance.now();
  let at = cached;
  let size = batch.first;
  while (at < last) {
    if (stopped()) return false;
    const from = performance.now();
    const part = prompt.slice(at, Math.min(at + size, last));
    await sequence.evaluateWithoutGeneratingNewTokens(part);
    at += part.length;
    const now = performance.now();
    size = Math.round(Math.min(batch.most, Math.max(batch.least, (part.length * batch.deafMs) / Math.max(1, now - from))));
    told(at / prompt.length, Math.round(((last - at) * (now - started)) / (at - cached)));
  }
  return !stopped();
}

/** Tokens as text, a character only when it is whole; what may become a stop text waits. */
function openText(model: LlamaModel, prompt: Token[], { stops, wrote }: Writing): { add(token: Token): boolean; flush(): void } {
  const before = prompt.slice(-8);
  let pending: Token[] = [];
  let held = "";
  const longest = Math.max(0, ...stops.map((stop) => stop.length));
  const say = (text: string): void => {
    if (text !== "") wrote(text);
  };
  /** True when a stop text came. */
  const pass = (text: string): boolean => {
    held += text;
    const at = stops.map((stop) => held.indexOf(stop)).filter((index) => index >= 0);
    if (at.length > 0) {
      say(held.slice(0, Math.min(...at)));
      held = "";
      return true;
    }
    let keep = Math.min(longest - 1, held.length);
    while (keep > 0 && !stops.some((stop) => stop.startsWith(held.slice(-keep)))) keep--;
    keep = Math.max(0, keep);
    say(held.slice(0, held.length - keep));
    held = held.slice(held.length - keep);
    return false;
  };
  const settle = (): string => {
    const text = model.detokenize(pending, true, before);
    before.push(...pending);
    before.splice(0, before.length - 8);
    pending = [];
    return text;
  };
  return {
    add(token) {
      pending.push(token);
      // bytes of a character that isn't whole yet read as U+FFFD; five of them will never be one
      if (pending.length < 5 && model.detokenize(pending, true, before).endsWith("\ufffd")) return false;
      return pass(settle());
    },
    flush() {
      if (pending.length > 0 && pass(settle())) return;
      say(held);
      held = "";
    },
  };
}
