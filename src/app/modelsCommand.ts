// `aura models`: the servers and models found on this machine, what may be used, and how to start one where there is none.
import { totalmem } from "node:os";
import type { ExitCode } from "../core/error.ts";
import type { Answer, ModelLine } from "../core/events.ts";
import { sanitiseLine, widthOf } from "../core/text.ts";
import type { Output } from "./output.ts";

type Found = Answer<{ type: "models" }>;
/** Less than this leaves no room for a task beside the tool descriptions and a few files. */
export const leastContext = 16_000;

/** How to have a server, for people who have none. */
export const startHints: readonly string[] = [
  "Ollama          ollama serve, then: ollama pull qwen3-coder:30b (https://ollama.com)",
  "LM Studio       load a model and start the server in its Developer tab, or: lms server start",
  "llama.cpp       llama-server -m MODEL.gguf --jinja -c 32768 --port 8080",
  "another server  aura --model openai/NAME --url http://127.0.0.1:PORT",
  "just looking?   aura demo needs none of them",
];

/** Bytes a model takes with a modest context beside it, against this machine's memory; null = size unknown. Graphics memory isn't known here. */
function fits(model: ModelLine, memory: number): boolean | null {
  return model.sizeBytes === null ? null : model.sizeBytes * 1.15 < memory;
}
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
const thousands = (tokens: number): string => (tokens >= 1024 ? `${Math.round(tokens / 1024)}k` : String(tokens));
const canCallTools = (model: ModelLine): boolean => model.capabilities.length === 0 || model.capabilities.some((word) => /tool/i.test(word));

function remarkOf(model: ModelLine, memory: number): string {
  if (model.refused) return `refused: ${model.refused}`;
  const remarks: string[] = [];
  if (model.loaded) remarks.push("loaded");
  if (!canCallTools(model)) remarks.push("can't call tools");
  if (fits(model, memory) === false) remarks.push(`too big for ${gigabytes(memory)} of memory`);
  return remarks.join(", ");
}
function contextOf(model: ModelLine): string {
  const { runningContext, trainedContext } = model;
  if (runningContext !== null && trainedContext !== null && runningContext !== trainedContext) return `${thousands(runningContext)} of ${thousands(trainedContext)}`;
  const known = runningContext ?? trainedContext;
  return known === null ? "?" : thousands(known);
}

/** How to give the server more context; the way differs by server. */
export function contextHint(model: ModelLine): string {
  const [server] = model.id.split("/", 1);
  const much = Math.min(32_768, model.trainedContext ?? 32_768);
  if (server === "ollama") return `aura config set contextTokens ${much}`;
  if (server === "lmstudio") return `lms load ${model.name} --context-length ${much}`;
  if (server === "llama-server") return `start llama-server with -c ${much}`;
  return `start the server with a context of ${much} tokens`;
}

/** Lines of a table, columns aligned, outside text made harmless. */
export function alignColumns(rows: readonly string[][]): string[] {
  const clean = rows.map((row) => row.map((text) => sanitiseLine(text)));
  const widths: number[] = [];
  for (const row of clean) for (const [at, text] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(text));
  return clean.map((row) =>
    row
      .map((text, at) => text + " ".repeat((widths[at] ?? 0) - widthOf(text)))
      .join("  ")
      .trimEnd(),
  );
}

/** Exit 0 with a usable model, 3 without. `memory` in bytes, this machine's when absent. */
export function printModels(needs: { found: Found; json: boolean; output: Pick<Output, "out" | "err" | "json">; memory?: number }): ExitCode {
  const { found, output } = needs;
  const memory = needs.memory ?? totalmem();
  const usable = found.models.filter((model) => model.refused === null);
  const exit = usable.length > 0 ? 0 : 3;
  if (needs.json) {
    output.json({ ...found, models: found.models.map((model) => ({ ...model, fits: fits(model, memory) })) });
    return exit;
  }
  if (found.models.length > 0) {
    const rows = found.models.map((model) => [
      model.id === found.chosen ? "*" : " ",
      model.id,
      model.sizeBytes === null ? "?" : gigabytes(model.sizeBytes),
      contextOf(model),
      remarkOf(model, memory),
    ]);
    for (const line of alignColumns([[" ", "MODEL", "SIZE", "CONTEXT", ""], ...rows])) output.out(line);
    output.out("");
  }
  for (const line of lookedLines(found)) output.out(line);
  const small = usable.find((model) => model.runningContext !== null && model.runningContext < leastContext);
  if (small) output.out(`\n${small.id} runs with a context of ${small.runningContext} tokens, too little for most tasks. More: ${contextHint(small)}`);
  if (usable.length === 0) {
    output.out(found.models.length > 0 ? "\nNone of these may be used. To get one that runs on this machine:" : noServers(found));
    for (const hint of startHints) output.out(`  ${hint}`);
  } else if (found.chosen === null) output.out(`\nChoose one: aura config set model ${usable[0]?.id}`);
  return exit;
}

const noServers = (found: Found): string =>
  found.looked.some((place) => place.found !== null) ? "\nA server answers, but it has no model. To get one:" : "\nNo model server answers on this machine. To start one:";

/** Where was looked, and what was there. */
export const lookedLines = (found: Found): string[] => alignColumns(found.looked.map((place) => [place.url, place.found ?? "-", place.why ?? ""]));
