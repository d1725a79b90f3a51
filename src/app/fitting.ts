// Whether a model fits into this machine's memory, with room for a task beside it. Estimates: sizes of graphics cards aren't known here.
import type { ModelLine } from "../core/events.ts";
import { bytesFor, type Memory } from "../models/memory.ts";

/** The context that is reckoned with: enough for nearly every task. */
export const usualContext = 32_768;
export interface Fit {
  /** Weights, a context of 32,768 tokens (or what it was trained on) and room to work; null = size unknown. */
  needBytes: number | null;
  /** Into all of this machine's memory; null = not known, for want of a size or because a graphics card may hold it. */
  fits: boolean | null;
  /** Into what is free of it now; a loaded model does. */
  fitsNow: boolean | null;
}

export function fitOf(model: ModelLine, memory: Memory): Fit {
  if (!model.sizeBytes) return { needBytes: null, fits: model.loaded ? true : null, fitsNow: model.loaded ? true : null };
  const needBytes = bytesFor({ weights: model.sizeBytes, kvPerToken: null, tokens: Math.min(usualContext, model.trainedContext ?? usualContext) });
  const within = (bytes: number): boolean | null => model.loaded || needBytes <= bytes || (memory.graphics === "card" ? null : false);
  return { needBytes, fits: within(memory.total), fitsNow: within(memory.available) };
}

/** Of a loaded model the part on the processor, where there is a graphics card to be on; else null. 0 to 1. */
export function cpuShare(model: ModelLine, memory: Memory): number | null {
  const share = model.gpuShare ?? null;
  if (!model.loaded || share === null || share >= 1) return null;
  return share > 0 || memory.graphics !== "none" ? 1 - share : null;
}
