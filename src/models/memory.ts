// What models take of this machine's memory: weights, the context beside them, and what is there to hold both.
import { existsSync, readFileSync } from "node:fs";
import { freemem, totalmem } from "node:os";

/** Bytes. `available`: what programs can still have without swapping. */
export interface Memory {
  total: number;
  available: number;
  /** card: one with memory of its own, whose size nobody here can read; shared: it takes of the same memory; none: the processor computes. */
  graphics: "card" | "shared" | "none";
}

/** Never throws. Linux tells what is available; macOS counts only unused pages as free: there two thirds of everything are reckoned with, running models included. */
export function memoryAtHand(): Memory {
  const total = totalmem();
  if (process.platform === "darwin") return { total, available: Math.round((total * 2) / 3), graphics: "shared" };
  return { total, available: available() ?? freemem(), graphics: existsSync("/proc/driver/nvidia/version") || existsSync("/dev/kfd") ? "card" : "none" };
}
function available(): number | null {
  try {
    const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  } catch {
    return null;
  }
}

/** One layer in so many holds the whole context, the others a window of at most a few thousand tokens or a fixed state, where the file doesn't say (as llama.cpp has it). */
const windowed: Record<string, number> = {
  ...{ gemma2: 2, gemma3: 6, gemma3n: 5, gemma4: 6, gptoss: 2, "gpt-oss": 2 },
  ...{ cohere2: 4, llama4: 4, exaone4: 4, olmo2: 4, laguna: 4, "muse-glimmer": 4 },
};
const recurrent: Record<string, number> = { qwen3next: 4, qwen35: 4, qwen35moe: 4 };
const bytesPerValue = 2;

/**
 * Bytes that each token of context takes beside the weights, out of `model_info` as /api/show gives it: keys and values of 16 bits in every layer that
 * holds the whole context. An upper bound where the architecture isn't known; null where the figures are missing.
 */
export function kvBytesPerToken(modelInfo: Record<string, unknown>): number | null {
  const arch = String(modelInfo["general.architecture"] ?? "");
  const figure = (name: string): number | null => {
    const value = modelInfo[`${arch}.${name}`];
    return typeof value === "number" && value > 0 ? value : null;
  };
  const blocks = figure("block_count");
  if (blocks === null) return null;
  const window = figure("attention.sliding_window") === null ? null : (figure("attention.sliding_window_pattern") ?? windowed[arch]);
  const every = figure("full_attention_interval") ?? recurrent[arch] ?? window ?? 1;
  const layers = Math.ceil(blocks / every);
  const compressed = figure("attention.kv_lora_rank");
  if (compressed !== null) return layers * (compressed + (figure("rope.dimension_count") ?? 0)) * bytesPerValue;
  const heads = figure("attention.head_count");
  // a list with one count for each layer comes empty: then all heads are reckoned with
  const kvHeads = figure("attention.head_count_kv") ?? heads;
  const embedding = figure("embedding_length");
  const each = heads !== null && embedding !== null ? embedding / heads : null;
  const keys = figure("attention.key_length") ?? each;
  const values = figure("attention.value_length") ?? each;
  if (kvHeads === null || keys === null || values === null) return null;
  return Math.ceil(layers * kvHeads * (keys + values) * bytesPerValue);
}

/** What a model of 7 to 9 billion parameters takes for a token of context: for models that don't tell. */
export const usualKvPerToken = 147_456;
/** What an engine needs to work with, beside weights and context. */
const workspace = 768 * 1024 ** 2;

/** Bytes that a model takes with a context of so many tokens. */
export const bytesFor = ({ weights, kvPerToken, tokens }: { weights: number; kvPerToken: number | null; tokens: number }): number =>
  Math.round(weights + (kvPerToken ?? usualKvPerToken) * tokens + workspace);
