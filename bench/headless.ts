// Measures headless runs: one process that gets a task, four requests to a scripted model, and how long lies between them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openScriptedServer } from "../src/app/demo/server.ts";
import { treeOf } from "./proc.ts";
import { fixIt, openPlace, type Place, prompt } from "./task.ts";

export interface Program {
  name: string;
  /** `{url}` and `{prompt}` are filled in. */
  argv: string[];
  versionArgv?: string[];
  /** A folder that is its HOME, with whatever configuration it needs; absent = an empty one. */
  home?: string;
}
/** Of one run. Times in ms. */
export interface Run {
  wallMs: number;
  firstMs: number;
  /** From the end of an answer to the next request: after the read, after the edit, after the tests (which run meanwhile). */
  gapsMs: number[];
  /** From the last answer to the end of the process. */
  exitMs: number;
  solved: boolean;
}
export interface Headless {
  name: string;
  runs: Run[];
  /** Largest sum of the whole tree, tests included; from runs of their own, because looking disturbs the times. */
  peakMb: number[];
  versionMs: number[];
  /** Tokens, as characters over four. */
  prompt: { system: number; tools: number; user: number; first: number; whole: number } | null;
}

export interface Measuring {
  programs: Program[];
  runs: number;
  /** Peers with a fixed address in their configuration need a fixed port. */
  port?: number;
  said(line: string): void;
}

/** The programs in turn, `runs` times each after one that isn't counted, so that all meet the same noise. */
export async function measureHeadless(needs: Measuring): Promise<Headless[]> {
  const places = needs.programs.map((program) => openPlace(program.home));
  const results = needs.programs.map((program): Headless => ({ name: program.name, runs: [], peakMb: [], versionMs: [], prompt: null }));
  try {
    for (let round = 0; round <= needs.runs; round++) {
      for (const [at, program] of needs.programs.entries()) {
        const [place, result] = [places[at] as Place, results[at] as Headless];
        const { run, bodies } = await runOnce(needs, program, place);
        needs.said(`${program.name}: ${round === 0 ? "warm-up" : `run ${round}`}: ${Math.round(run.wallMs)} ms${run.solved ? "" : " (not solved)"}`);
        if (round === 0) result.prompt = promptOf(bodies);
        else result.runs.push(run);
        if (round > 0 && program.versionArgv) result.versionMs.push(await versionMs(program.versionArgv, place));
        if (round > 0 && round <= 3) result.peakMb.push((await runOnce(needs, program, place, true)).peakMb);
      }
    }
  } finally {
    for (const place of places) place.remove();
  }
  return results;
}

async function runOnce(needs: Measuring, program: Program, place: Place, watched = false): Promise<{ run: Run; bodies: string[]; peakMb: number }> {
  place.reset();
  const asks: number[] = [];
  const ends: number[] = [];
  const bodies: string[] = [];
  const server = await openScriptedServer({
    wire: "openai",
    model: "scripted-model",
    context: 131_072,
    ...(needs.port ? { port: needs.port } : {}),
    script: fixIt,
    onRequest: ({ chat, json }) => {
      if (!chat) return;
      asks.push(performance.now());
      bodies.push(json);
    },
    intercept: (method, _path, response) => {
      if (method === "POST") response.once("finish", () => ends.push(performance.now()));
      return false;
    },
  });
  let peakMb = 0;
  const [command = "", ...args] = program.argv.map((word) => word.replace("{url}", server.url).replace("{prompt}", prompt));
  const started = performance.now();
  const child = spawn(command, args, { cwd: place.project, env: place.env, stdio: "ignore" });
  const look = (): void => {
    const sum = [...treeOf(child.pid ?? 0).values()].reduce((total, cost) => total + cost.rssMb, 0);
    peakMb = Math.max(peakMb, sum);
  };
  const timer = watched ? setInterval(look, 15) : undefined;
  await once(child, "exit");
  const ended = performance.now();
  clearInterval(timer);
  await server.close();
  const gapsMs = asks.slice(1).map((ask, at) => ask - (ends[at] ?? ask));
  return { run: { wallMs: ended - started, firstMs: (asks[0] ?? ended) - started, gapsMs, exitMs: ended - (ends.at(-1) ?? ended), solved: place.solved() }, bodies, peakMb };
}

async function versionMs([command = "", ...args]: string[], place: Place): Promise<number> {
  const started = performance.now();
  await once(spawn(command, args, { cwd: place.project, env: place.env, stdio: "ignore" }), "exit");
  return performance.now() - started;
}

function promptOf(bodies: string[]): Headless["prompt"] {
  const tokens = (value: unknown): number => Math.ceil((typeof value === "string" ? value : JSON.stringify(value ?? [])).length / 4);
  const read = (json: string): { messages: { role: string; content: unknown }[]; tools?: unknown } => JSON.parse(json);
  const whole = bodies.map(read);
  const [first] = whole;
  if (!first) return null;
  const of = (role: string): number => first.messages.filter((message) => message.role === role).reduce((sum, message) => sum + tokens(message.content), 0);
  const size = (one: typeof first): number => tokens(one.messages) + tokens(one.tools);
  return { system: of("system"), tools: tokens(first.tools), user: of("user"), first: size(first), whole: whole.reduce((sum, one) => sum + size(one), 0) };
}
