// The engine processes of this process: one for each model file, shared by all sessions, started when needed and ended when idle.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { libraryFolder } from "./llama.ts";
import { type Engine, startEngine } from "./process.ts";
import type { Load } from "./protocol.ts";

/** What the engine's processes need of the program; told once at its start. */
export interface EnginePlace {
  /** The folder that has node-llama-cpp in its node_modules, or would have it. */
  folder: string;
  /** The file such a process runs. */
  worker: string;
  /** An engine that nobody asked for so long ends; absent = ten minutes. */
  idleMs?: number;
}
interface Running {
  engine: Engine;
  load: Load;
  idle: NodeJS.Timeout | undefined;
}
interface State {
  place: EnginePlace | null;
  running: Map<string, Running>;
}
// each of the program's files is bundled with a copy of this module; the engines are one set per process
const key = Symbol.for("aura.engines");
const holder = globalThis as unknown as Record<symbol, State | undefined>;
const idleMs = 10 * 60_000;
const state: State = holder[key] ?? { place: null, running: new Map() };
holder[key] = state;

export function setEnginePlace(place: EnginePlace | null): void {
  state.place = place;
}
export const enginePlace = (): EnginePlace | null => state.place;

/** The version of node-llama-cpp below `folder`, null where there is none. Never throws. */
export function installedVersion(folder: string): string | null {
  const file = join(libraryFolder(folder), "package.json");
  if (!existsSync(file)) return null;
  try {
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { version?: unknown };
    return typeof version === "string" ? version : null;
  } catch {
    return null;
  }
}

/** The running engine of this model, or a new one in the place of one that ended or runs otherwise. */
export function engineFor(worker: string, load: Load): Engine {
  const known = state.running.get(load.path);
  if (known?.engine.alive() && JSON.stringify(known.load) === JSON.stringify(load)) {
    clearTimeout(known.idle);
    return known.engine;
  }
  if (known) drop(load.path, known);
  const engine = startEngine(worker, load);
  state.running.set(load.path, { engine, load, idle: undefined });
  return engine;
}

/** The processes that run now. */
export const runningEngines = (): { path: string; pid: number | undefined }[] => [...state.running].map(([path, { engine }]) => ({ path, pid: engine.pid }));

/** Called when a request is over: the memory goes back when no other comes for some minutes. */
export function rest(path: string): void {
  const running = state.running.get(path);
  if (!running || running.engine.asked() > 0) return;
  clearTimeout(running.idle);
  running.idle = setTimeout(() => drop(path, running), state.place?.idleMs ?? idleMs);
  running.idle.unref();
}

function drop(path: string, running: Running): void {
  clearTimeout(running.idle);
  running.engine.kill();
  if (state.running.get(path) === running) state.running.delete(path);
}

/** Ends them all, at once. */
export function closeEngines(): void {
  for (const [path, running] of [...state.running]) drop(path, running);
}
