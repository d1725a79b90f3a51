// Measures the engine that runs GGUF files: how long it loads, what it takes, and the time to the first word cold and with the head read ahead.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { engineFolder, engineState } from "../src/app/engine.ts";
import { findPaths } from "../src/config/paths.ts";
import { closeEngines, runningEngines, setEnginePlace } from "../src/models/engine/pool.ts";
import { openModel } from "../src/models/index.ts";
import type { Model, Piece, Request } from "../src/models/model.ts";
import { tools as allTools, toolSpecs } from "../src/tools/index.ts";
import { costOf } from "./proc.ts";
import { randomModelName, writeRandomModel } from "./randomModel.ts";
import { type Row, row } from "./table.ts";

export interface EngineFigures {
  model: string;
  fileMb: number;
  /** ms: process started, llama.cpp and the weights loaded. */
  loadMs: number[];
  /** Of the process, idle after it answered. */
  rssMb: number[];
  heads: {
    tokens: number;
    /** ms to the first word: with nothing running; with the model loaded; with the head read ahead, too. */
    coldMs: number[];
    loadedMs: number[];
    warmMs: number[];
    /** ms that reading ahead took. */
    warmingMs: number[];
    readPerS: number[];
    writtenPerS: number[];
  }[];
}

const never = new AbortController().signal;
const specs = toolSpecs(allTools);
const words = "Read a file before you edit it, keep to the style around it and run the tests after each change. ";

/** Null where no engine is installed. */
export async function measureEngine(needs: { runs: number; models: string[]; said(line: string): void }): Promise<EngineFigures[] | null> {
  const project = resolve("node_modules/.cache/aura-engine");
  const folder = [engineFolder(findPaths(process.env), process.env), project].find((one) => engineState(one).installed);
  if (folder === undefined) return null;
  setEnginePlace({ folder, worker: resolve("dist/engine.mjs") });
  const place = mkdtempSync(join(tmpdir(), "aura-bench-engine-"));
  try {
    const files = needs.models.map((path) => ({ path: resolve(path), name: basename(path), most: needs.runs, tools: specs }));
    if (files.length === 0) {
      const random = join(place, "random.gguf");
      writeRandomModel(random);
      files.push({ path: resolve("test/engine/tool-loop.gguf"), name: "tool-loop.gguf, 0.8 M parameters", most: needs.runs, tools: specs });
      // its tokens are bytes: the tools alone would fill the prompt
      files.push({ path: random, name: randomModelName, most: Math.min(needs.runs, 3), tools: [] });
    }
    const all: EngineFigures[] = [];
    for (const { path, name, most, tools } of files) all.push(await measureModel(path, name, tools, most, needs.said));
    return all;
  } finally {
    closeEngines();
    rmSync(place, { recursive: true, force: true });
  }
}

async function measureModel(path: string, name: string, tools: Request["tools"], runs: number, said: (line: string) => void): Promise<EngineFigures> {
  const figures: EngineFigures = { model: name, fileMb: statSync(path).size / 1e6, loadMs: [], rssMb: [], heads: [] };
  for (const wanted of [1000, 4000]) {
    const head = await headOf(path, tools, wanted);
    const hello: Request = { messages: [{ role: "user", text: "Hello" }], tools };
    const of: EngineFigures["heads"][number] = { tokens: 0, coldMs: [], loadedMs: [], warmMs: [], warmingMs: [], readPerS: [], writtenPerS: [] };
    for (let run = 0; run < runs; run++) {
      said(`engine: ${name}, ${wanted} tokens, ${run + 1} of ${runs}`);
      closeEngines();
      const cold = await ask(await open(path), head);
      of.tokens = cold.usage.promptTokens ?? 0;
      of.coldMs.push(cold.firstMs);
      figures.loadMs.push(cold.usage.loadMs ?? 0);
      of.readPerS.push((1000 * of.tokens) / Math.max(1, cold.usage.promptMs ?? 1));
      of.writtenPerS.push((1000 * (cold.usage.outputTokens ?? 0)) / Math.max(1, cold.usage.outputMs ?? 1));
      figures.rssMb.push(costOf(runningEngines()[0]?.pid ?? 0)?.rssMb ?? 0);
      // loaded, its cache full of something else
      const model = await open(path);
      await ask(model, hello);
      of.loadedMs.push((await ask(model, head)).firstMs);
      await ask(model, hello);
      const started = performance.now();
      await model.warm?.({ ...head, messages: head.messages.slice(0, 1) }, never);
      of.warmingMs.push(performance.now() - started);
      of.warmMs.push((await ask(model, head)).firstMs);
    }
    figures.heads.push(of);
  }
  closeEngines();
  return figures;
}

const open = (path: string): Promise<Model> => openModel({ id: `embedded/${path}`, context: 8192 }, never);

/** A request whose prompt has about so many of this model's tokens: a system text, tools and a short task. */
async function headOf(path: string, tools: Request["tools"], wanted: number): Promise<Request> {
  const request = (text: string): Request => ({
    messages: [
      { role: "system", text },
      { role: "user", text: "Fix the failing test in src/calc.js." },
    ],
    tools,
  });
  const model = await open(path);
  const count = async (text: string): Promise<number> => (await model.count?.(request(text), never)) ?? 0;
  const [bare, ten] = [await count("You are Aura."), await count(`You are Aura. ${words.repeat(10)}`)];
  return request(`You are Aura. ${words.repeat(Math.max(0, Math.round(((wanted - bare) * 10) / (ten - bare))))}`);
}

async function ask(model: Model, request: Request): Promise<{ firstMs: number; usage: Extract<Piece, { type: "end" }>["usage"] }> {
  const started = performance.now();
  let firstMs: number | null = null;
  for await (const piece of model.stream({ ...request, maxTokens: 24, temperature: 0 }, never)) {
    if (piece.type === "fault") throw new Error(piece.fault.message);
    if (piece.type !== "progress") firstMs ??= performance.now() - started;
    if (piece.type === "end") return { firstMs: firstMs ?? 0, usage: piece.usage };
  }
  throw new Error("an answer without an end");
}

export function engineRows(all: readonly EngineFigures[]): Row[] {
  return all.flatMap((one) => [
    { figure: `engine: ${one.model}`, target: "", values: [`${one.fileMb.toFixed(1)} MB`], reached: null },
    row("load (process, llama.cpp, weights)", [one.loadMs], " ms", null),
    row("memory of its process", [one.rssMb], " MB", null),
    ...one.heads.flatMap((head) => [
      { figure: `prompt of ${head.tokens} tokens`, target: "", values: [""], reached: null },
      row("  first word, nothing running", [head.coldMs], " ms", null),
      row("  first word, loaded", [head.loadedMs], " ms", null),
      row("  first word, head read ahead", [head.warmMs], " ms", null),
      row("  reading ahead", [head.warmingMs], " ms", null),
      row("  reads", [head.readPerS], " tokens/s", null),
      row("  writes", [head.writtenPerS], " tokens/s", null),
    ]),
  ]);
}
