// `aura models`: the servers and models found on this machine, what may be used, and how to start one where there is none.
import type { ExitCode } from "../core/error.ts";
import type { Answer, ModelLine } from "../core/events.ts";
import { sanitiseLine, widthOf, wrap } from "../core/text.ts";
import { type Memory, memoryAtHand } from "../models/memory.ts";
import { cpuShare, type Fit, fitOf } from "./fitting.ts";
import { type InUse, inUseWords } from "./inUse.ts";
import type { Output } from "./output.ts";

type Found = Answer<{ type: "models" }>;
/** Less than this leaves no room for a task beside the tool descriptions and a few files. */
export const leastContext = 16_000;

/** How to have a server, for people who have none. */
export const startHints: readonly string[] = [
  "Ollama          ollama serve, then: ollama pull qwen3-coder:30b (https://ollama.com)",
  "LM Studio       load a model and start the server in its Developer tab, or: lms server start",
  "llama.cpp       llama-server -m MODEL.gguf --jinja -c 32768 --port 8080",
  "a GGUF file     aura engine install, then: aura --model embedded/FILE.gguf",
  "another server  aura --model openai/NAME --url http://127.0.0.1:PORT",
  "just looking?   aura demo needs none of them",
];

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
const thousands = (tokens: number): string => (tokens >= 1024 ? `${Math.round(tokens / 1024)}k` : String(tokens));
const canCallTools = (model: ModelLine): boolean => model.capabilities.length === 0 || model.capabilities.some((word) => /tool/i.test(word));

/** In short words; a question mark where the server doesn't say. */
function abilitiesOf({ capabilities }: ModelLine): string {
  if (capabilities.length === 0) return "?";
  const has = (pattern: RegExp): boolean => capabilities.some((word) => pattern.test(word));
  return [has(/tool/i) ? "tools" : "", has(/think|reason/i) ? "thinks" : "", has(/vision|image/i) ? "sees" : ""].filter((word) => word !== "").join(", ") || "-";
}
function contextOf(model: ModelLine): string {
  const { runningContext, trainedContext } = model;
  if (runningContext !== null && trainedContext !== null && runningContext !== trainedContext) return `${thousands(runningContext)} of ${thousands(trainedContext)}`;
  const known = runningContext ?? trainedContext;
  return known === null ? "?" : thousands(known);
}
function fitWords({ needBytes, fits, fitsNow }: Fit, memory: Memory): string {
  if (needBytes === null || fits === null) return "";
  if (!fits) return `too big: needs ${gigabytes(needBytes)} of ${gigabytes(memory.total)}`;
  return fitsNow === false ? `needs ${gigabytes(needBytes)}, ${gigabytes(memory.available)} free now` : "fits";
}
function probedWords({ probed }: ModelLine): string {
  if (probed === undefined) return "";
  if (probed === null) return "not probed";
  const speed = (what: string, perS: number | null): string => (perS === null ? "" : `${what} ${Math.round(perS)}/s`);
  const calls = { native: "native calls", text: "calls as text", none: "no calls" }[probed.calls];
  const parts = [calls, `edits as ${probed.form}`, speed("reads", probed.readPerS), speed("writes", probed.writePerS)].filter((part) => part !== "");
  return `probed ${new Date(probed.at).toISOString().slice(0, 10)}: ${parts.join(", ")}`;
}

/** What isn't a figure: one remark for each thing to know. */
function remarksOf(model: ModelLine, memory: Memory, inUse: InUse | null): string[] {
  if (model.refused) return [`refused: ${model.refused}`];
  const onCpu = cpuShare(model, memory);
  return [
    inUse?.model === model.id ? `in use (${inUseWords[inUse.why]})` : "",
    model.loaded ? "loaded" : fitWords(fitOf(model, memory), memory),
    onCpu === null ? "" : onCpu === 1 ? "on the CPU alone" : `${Math.round(onCpu * 100)} % on the CPU`,
    (model.slots ?? 1) > 1 && model.loaded ? `${model.slots} requests at once` : "",
    canCallTools(model) ? "" : "can't call tools",
    probedWords(model),
  ].filter((remark) => remark !== "");
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

/** A line for each model where all of it fits into `columns`; else the remarks go below, and the figures too where a name is very long. Nothing is cut off. */
export function modelTable(models: readonly ModelLine[], look: { memory: Memory; inUse: InUse | null; columns: number }): string[] {
  const rows = models.map((model) => ({
    mark: model.id === look.inUse?.model ? "*" : " ",
    figures: [model.id, model.sizeBytes ? gigabytes(model.sizeBytes) : "?", model.quantization ?? "", contextOf(model), abilitiesOf(model)],
    remarks: remarksOf(model, look.memory, look.inUse).join(", "),
  }));
  const head = [" ", "MODEL", "SIZE", "QUANT", "CONTEXT", "CAN"];
  const wide = (lines: readonly string[]): boolean => lines.some((line) => widthOf(line) > look.columns);
  const whole = alignColumns([[...head, ""], ...rows.map(({ mark, figures, remarks }) => [mark, ...figures, remarks])]);
  if (!wide(whole)) return whole;
  const below = (text: string): string[] => (text === "" ? [] : wrap(sanitiseLine(text), Math.max(20, look.columns - 5)).map((line) => `     ${line}`));
  const figures = alignColumns([head, ...rows.map((row) => [row.mark, ...row.figures])]);
  if (!wide(figures)) return [figures[0] ?? "", ...rows.flatMap((row, at) => [figures[at + 1] ?? "", ...below(row.remarks)])];
  return rows.flatMap(({ mark, figures: [name = "", size, quantization, context, can], remarks }) => [
    ...wrap(sanitiseLine(`${mark}  ${name}`), look.columns),
    ...below([size, quantization, `context ${context}`, can].filter((part) => part).join(", ")),
    ...below(remarks),
  ]);
}

/** Exit 0 with a usable model, 3 without. A GGUF file in use is one, whatever servers there are. */
export function printModels(needs: { found: Found; inUse: InUse | null; json: boolean; output: Pick<Output, "out" | "err" | "json" | "columns">; memory?: Memory }): ExitCode {
  const { found, output, inUse } = needs;
  const memory = needs.memory ?? memoryAtHand();
  const usable = found.models.filter((model) => model.refused === null);
  const file = inUse?.there && inUse.model.startsWith("embedded/") ? inUse.model : null;
  const exit = usable.length > 0 || file !== null ? 0 : 3;
  if (needs.json) {
    const models = found.models.map((model) => ({ ...model, ...fitOf(model, memory), cpuShare: cpuShare(model, memory), inUse: model.id === inUse?.model }));
    output.json({ ...found, models, inUse, memory: { totalBytes: memory.total, availableBytes: memory.available, graphics: memory.graphics } });
    return exit;
  }
  if (found.models.length > 0) {
    for (const line of modelTable(found.models, { memory, inUse, columns: output.columns })) output.out(line);
    output.out("");
  }
  for (const line of lookedLines(found)) output.out(line);
  output.out(`memory: ${gigabytes(memory.total)}, ${gigabytes(memory.available)} of it free${memory.graphics === "card" ? "; that of the graphics card isn't known" : ""}`);
  const small = usable.find((model) => model.runningContext !== null && model.runningContext < leastContext);
  if (small) output.out(`\n${small.id} runs with a context of ${small.runningContext} tokens, too little for most tasks. More: ${contextHint(small)}`);
  if (inUse && !inUse.there)
    output.out(`\n${inUse.model} (${inUseWords[inUse.why]}) is on none of these servers. Another one: aura config set model ${usable[0]?.id ?? "SERVER/NAME"}`);
  if (inUse && file !== null) output.out(`\nIn use (${inUseWords[inUse.why]}): ${file}, without any server`);
  else if (usable.length === 0) {
    output.out(found.models.length > 0 ? "\nNone of these may be used. To get one that runs on this machine:" : noServers(found));
    for (const hint of startHints) output.out(`  ${hint}`);
  } else if (inUse === null) output.out(`\nChoose one: aura config set model ${usable[0]?.id}`);
  return exit;
}

const noServers = (found: Found): string =>
  found.looked.some((place) => place.found !== null) ? "\nA server answers, but it has no model. To get one:" : "\nNo model server answers on this machine. To start one:";

/** Where was looked, and what was there. */
export const lookedLines = (found: Found): string[] => alignColumns(found.looked.map((place) => [place.url, place.found ?? "-", place.why ?? ""]));
