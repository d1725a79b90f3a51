// node-llama-cpp as far as the engine's process uses it, and how it is loaded from where it was installed: no build, no download, no network.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export type Token = number & { readonly __token?: never };
export interface Grammar {
  readonly grammar: string;
}
export interface Sampling {
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  grammarEvaluationState?: unknown;
}
export interface Sequence {
  readonly contextTokens: Token[];
  readonly nextTokenIndex: number;
  adaptStateToTokens(tokens: Token[], allowShift: boolean): Promise<void>;
  clearHistory(): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: Token[]): Promise<void>;
  evaluate(tokens: Token[], options: Sampling): AsyncGenerator<Token, void>;
}
export interface LlamaContext {
  readonly contextSize: number;
  getSequence(): Sequence;
}
export interface LlamaModel {
  readonly tokens: { bos: Token | null; bosString: string | null; eosString: string | null; shouldPrependBosToken: boolean };
  tokenize(text: string, specialTokens: boolean): Token[];
  detokenize(tokens: readonly Token[], specialTokens: boolean, lastTokens?: readonly Token[]): string;
  createContext(options: { contextSize: number; sequences: number; swaFullCache: boolean; batchSize: number; threads: number; failedCreationRemedy: false }): Promise<LlamaContext>;
}
export interface Llama {
  readonly gpu: string | false;
  readonly cpuMathCores: number;
  loadModel(options: { modelPath: string; onLoadProgress(part: number): void }): Promise<LlamaModel>;
  createGrammarForJsonSchema(schema: Record<string, unknown>): Promise<Grammar>;
}
interface Library {
  getLlama(options: Record<string, unknown>): Promise<Llama>;
  LlamaGrammarEvaluationState: new (options: { model: LlamaModel; grammar: Grammar }) => unknown;
}
export interface Templates {
  Template: new (text: string) => { render(values: Record<string, unknown>): string };
}
export interface Installed {
  library: Library;
  templates: Templates;
}

/** Where node-llama-cpp stands below an engine's folder. */
export const libraryFolder = (engine: string): string => join(engine, "node_modules", "node-llama-cpp");

/** Takes about a second of a busy processor. Throws what node throws for a package that is missing or broken. */
export async function importEngine(engine: string): Promise<Installed> {
  const own = (path: string): Promise<unknown> => import(pathToFileURL(join(engine, "node_modules", path)).href);
  const [library, templates] = await Promise.all([own("node-llama-cpp/dist/index.js"), own("@huggingface/jinja/dist/index.js")]);
  return { library: library as Library, templates: templates as Templates };
}

/** Below this a second thread waits longer for the first than it helps, bytes of weights. */
const smallModel = 64 * 1024 ** 2;

/**
 * Threads that may work at once: one processor is left to everything else, as llama.cpp's threads wait for each other at every step. Measured with two on a
 * busy machine of two processors: a third of the speed of one thread when reading, a seventh when writing.
 */
const mostThreads = (weights: number): number => (weights < smallModel ? 1 : Math.max(1, availableParallelism() - 1));

/** `said`: llama.cpp's own warnings and errors. Only a Mac's usual build has a graphics card in it; the others are for the processor alone. */
export const startLlama = ({ library }: Installed, weights: number, said: (level: string, text: string) => void): Promise<Llama> =>
  library.getLlama({
    build: "never",
    skipDownload: true,
    progressLogs: false,
    gpu: process.platform === "darwin" && process.arch === "arm64" ? "auto" : false,
    logLevel: "warn",
    logger: said,
    maxThreads: mostThreads(weights),
  });

/** Processors that share their arithmetic with another are of no use here. */
export const threadsFor = (llama: Llama, weights: number): number => Math.min(mostThreads(weights), Math.max(1, llama.cpuMathCores));
