// How much context is asked of Ollama: chosen once for a model, as any other number makes the server load it again.
import { bytesFor, type Memory } from "./memory.ts";

const gib = 1024 ** 3;
/** Below this a session ends after a few files; then one reload with more is the smaller evil. */
const tooLittle = 8192;
/** Whatever the memory, unless the model was trained on less. */
const least = 4096;
/** Reading more than the most of these takes minutes on hardware of this kind; who wants it says so. */
const steps = [65_536, 32_768, 16_384, tooLittle];
/** With a graphics card the room isn't known: more would push layers to the processor. The smaller one where it happens already. */
const mostOnCard = { whole: 32_768, partly: 16_384 };

export interface Known {
  /** The context of the loaded model, its bytes, and those of them on a graphics card; null = not loaded. */
  running: { tokens: number | null; bytes: number | null; onCard: number | null } | null;
  /** What the model's own parameters say. */
  wanted: number | null;
  trained: number | null;
  /** What was chosen earlier on this machine. */
  earlier: number | null;
  weights: number | null;
  kvPerToken: number | null;
}

/** What is known without looking at memory decides already, or null. */
export function settled({ running, wanted, trained, earlier }: Omit<Known, "weights" | "kvPerToken">): { tokens: number; why: string } | null {
  const most = trained ?? Number.POSITIVE_INFINITY;
  const now = running?.tokens ?? null;
  if (now !== null && (now >= tooLittle || now >= most)) return { tokens: now, why: "it runs with this" };
  if (wanted !== null && wanted >= Math.min(least, most)) return { tokens: Math.min(wanted, most), why: "the model's own parameters say so" };
  if (earlier !== null && earlier >= Math.min(least, most)) return { tokens: Math.min(earlier, most), why: "it was chosen before" };
  return null;
}

/** Tokens of context to ask for, and why; pure. What memory allows is chosen in steps, so that small changes of it don't change the choice. */
export function chooseContext(known: Known, memory: Memory): { tokens: number; why: string } {
  const before = settled(known);
  if (before) return before;
  const { running, trained } = known;
  const most = trained ?? Number.POSITIVE_INFINITY;
  const cap = Math.min(most, mostFor(known, memory));
  const fitting = steps.find((step) => step <= cap && fits(known, step, memory)) ?? Math.min(least, most);
  const now = running?.tokens ?? 0;
  if (now >= fitting) return { tokens: now, why: "there is no memory for more than it runs with" };
  return { tokens: fitting, why: limitOf(fitting, most, cap) };
}

function limitOf(tokens: number, most: number, cap: number): string {
  if (tokens === most) return "it was trained on no more";
  if (tokens === steps[0]) return "more would take long to read";
  if (tokens * 2 > most) return "it was trained on less than twice as much";
  return tokens * 2 > cap ? "how much memory the graphics card has isn't known" : "there is no memory for twice as much";
}

function mostFor({ running }: Known, { graphics }: Memory): number {
  if (graphics === "shared") return Number.POSITIVE_INFINITY;
  const share = running?.bytes && running.onCard ? running.onCard / running.bytes : null;
  if (share !== null) return share > 0.99 ? mostOnCard.whole : mostOnCard.partly;
  return graphics === "card" ? mostOnCard.whole : Number.POSITIVE_INFINITY;
}

/** Left to the rest of the machine. */
const headRoom = gib;
function fits({ running, weights, kvPerToken }: Known, tokens: number, { total, available, graphics }: Memory): boolean {
  // a size nobody tells: what machines like this one usually carry
  if (weights === null) return tokens <= (total < 12 * gib ? 8192 : total < 24 * gib ? 16_384 : 32_768);
  // the model as it is loaded now goes before it comes back; its weights in main memory are mapped from the file and count as available
  const onCard = running?.onCard ?? 0;
  const held = graphics === "shared" ? 0 : onCard + Math.max(0, (running?.bytes ?? 0) - onCard - weights);
  const budget = available + held - headRoom;
  // weights that main memory can't hold must be on the card
  const carried = graphics === "card" && weights > budget ? weights : 0;
  return bytesFor({ weights, kvPerToken, tokens }) <= budget + carried;
}
