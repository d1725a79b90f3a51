// `npm run bench`: measures this build, and peers beside it, against a scripted model; prints a table, or JSON with --json.
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { measureHeadless, type Program } from "./headless.ts";
import { machine, machineLine } from "./machine.ts";
import { headlessRows, type Row, table } from "./table.ts";

const usage = `npm run bench -- [--runs N] [--only headless|screen|sandbox|sizes|prefix|prewarm|engine|index] [--peer "COMMAND"]... [--port N] [--build FILE] [--json]
  --runs N    counted runs of each program (5)
  --peer CMD  a headless peer, run in turn with Aura; {url} and {prompt} are filled in: --peer "pi -p {prompt}"
  --port N    where the scripted model listens, for peers that have its address in their configuration
  --peer-home DIR  HOME of the peers, with their configuration (absent: an empty one)
  --build FILE     another build's main.js, measured in turn with this one
  --only WHAT      only the headless runs, the screen, the sandbox, the sizes of prompts, or the prompt's prefix over fifty turns; prewarm, what reading ahead brings,
                   is measured only so (two minutes), and so is engine, what runs GGUF files, where it is installed
  --tree DIR       with --only index: a folder with sources to index (a copy of it)
  --gguf FILE      with engine: a model to measure instead of the two small ones of our own
`;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    only: { type: "string" },
    peer: { type: "string", multiple: true, default: [] },
    "peer-home": { type: "string" },
    port: { type: "string" },
    build: { type: "string", multiple: true, default: [] },
    gguf: { type: "string", multiple: true, default: [] },
    tree: { type: "string", multiple: true, default: [] },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

async function main(): Promise<void> {
  if (values.help) return void process.stdout.write(usage);
  const said = (line: string): void => void process.stderr.write(`${line}\n`);
  execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
  const here = machine();
  const runs = Number(values.runs);
  const rows: Row[] = [];
  const whole: Record<string, unknown> = { machine: here };
  const wants = (what: string): boolean => values.only === undefined || values.only === what;
  if (wants("headless")) {
    const programs: Program[] = [resolve("dist/main.js"), ...values.build.map((path) => resolve(path))].map((path, at) => aura(path, at));
    for (const command of values.peer) programs.push(peer(command));
    const headless = await measureHeadless({ programs, runs, said, ...(values.port ? { port: Number(values.port) } : {}) });
    whole.headless = headless;
    rows.push(...headlessRows(headless));
  }
  if (wants("screen")) {
    const { measureScreen, screenRows } = await import("./screen.ts");
    const screens = [];
    for (const path of [resolve("dist/main.js"), ...values.build.map((one) => resolve(one))]) screens.push(await measureScreen({ main: path, runs, said }));
    whole.screen = screens;
    rows.push(...screenRows(screens));
  }
  if (wants("sandbox")) {
    const { measureSandbox, sandboxRows } = await import("./sandbox.ts");
    const confined = await measureSandbox(Math.max(20, runs));
    whole.sandbox = confined;
    rows.push(...sandboxRows(confined));
  }
  if (wants("prefix")) {
    const { measurePrefix, prefixRows } = await import("./prefix.ts");
    const prefix = await measurePrefix({ main: resolve("dist/main.js"), said });
    whole.prefix = prefix;
    rows.push(...prefixRows(prefix));
  }
  // two minutes of waiting: only when asked for
  if (values.only === "prewarm") {
    const { measurePrewarm, prewarmRows } = await import("./prewarm.ts");
    const warmed = await measurePrewarm({ main: resolve("dist/main.js"), said });
    whole.prewarm = warmed;
    rows.push(...prewarmRows(warmed));
  }
  if (values.only === "engine") {
    const { engineRows, measureEngine } = await import("./engine.ts");
    const engine = await measureEngine({ runs, models: values.gguf, said });
    if (engine === null) said("no engine is installed: aura engine install, or npm run test:engine");
    whole.engine = engine;
    rows.push(...engineRows(engine ?? []));
  }
  if (values.only === "index") {
    const { indexRows, measureIndex } = await import("./index.ts");
    if (values.tree.length === 0) said("which tree? --tree DIR, any folder with sources");
    const index = await measureIndex({ trees: values.tree.map((path) => resolve(path)), main: resolve("dist/main.js"), said });
    whole.index = index;
    rows.push(...indexRows(index));
  }
  if (wants("sizes")) {
    const { measureSizes, sizeRows } = await import("./sizes.ts");
    const sizes = await measureSizes();
    whole.sizes = sizes;
    rows.push(...sizeRows(sizes));
  }
  whole.machine = { ...here, loadAfter: machine().load };
  process.stdout.write(values.json ? `${JSON.stringify(whole, null, 1)}\n` : `${machineLine(here)}, afterwards ${machine().load}\n\n${table(rows)}\n`);
}

function aura(path: string, at: number): Program {
  return {
    name: at === 0 ? "aura" : `build ${at}`,
    argv: [process.execPath, path, "--yes", "--model", "openai/scripted-model", "--url", "{url}", "{prompt}"],
    versionArgv: [process.execPath, path, "--version"],
  };
}

/** Words are split at blanks, quotes keep them together. */
function peer(command: string): Program {
  const argv = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? "");
  const name = argv[0]?.split("/").at(-1) ?? "peer";
  return { name, argv, versionArgv: [argv[0] ?? "", "--version"], ...(values["peer-home"] ? { home: resolve(values["peer-home"]) } : {}) };
}

await main();
process.exit(0);
