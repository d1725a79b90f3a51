// `aura doctor`: what is installed, reachable and confined here, each with the command that mends it. Looks, changes nothing.
import { totalmem } from "node:os";
import type { Paths } from "../config/paths.ts";
import { AuraError, type ExitCode } from "../core/error.ts";
import type { Answer, ModelLine, SandboxLevel } from "../core/events.ts";
import { sanitiseLine, wrap } from "../core/text.ts";
import { type Memory, memoryAtHand } from "../models/memory.ts";
import type { EngineState } from "./engine.ts";
import { bad, type Finding, ok, warn } from "./finding.ts";
import type { InUse } from "./inUse.ts";
import { checkDisk, checkLogout, checkNative, checkTerminal, commandOutput, found as foundProgram, installCommand, type Machine, sandboxSwitches } from "./machine.ts";
import { gigabytes, startHints } from "./modelsCommand.ts";
import type { Output } from "./output.ts";
import { trapsOf } from "./traps.ts";

export interface DoctorNeeds {
  machine: Machine;
  paths: Paths;
  root: string;
  version: string;
  /** Really tries each level. */
  probeSandbox(): Promise<{ level: SandboxLevel; why: readonly string[] }>;
  findModels(): Promise<Answer<{ type: "models" }>>;
  /** Which of them a session here would take; null = the person would be asked. */
  inUse(found: Answer<{ type: "models" }>): InUse | null;
  /** Asks a server of the plain API whether it takes tools; null = it does, or it can't be told. Never throws. */
  toolsRefused(model: ModelLine): Promise<Finding | null>;
  engine(): EngineState;
  /** Absent = this machine's. */
  memory?: Memory;
  /** null = none runs. */
  daemonStatus(): Promise<{ pid: number; version: string; clients: number } | null>;
  /** Throws AuraError for broken configuration files; returns lines about what was left out. */
  checkConfig(): Promise<string[]>;
}

/** Every finding, in reading order. A check that fails by itself becomes a finding; never throws. */
export async function examine(needs: DoctorNeeds): Promise<Finding[]> {
  const checks: [id: string, check: () => Promise<Finding[]> | Finding[]][] = [
    ["node", () => [checkNode(needs)]],
    ["git", () => checkGit(needs)],
    ["sandbox", () => checkSandbox(needs)],
    ["models", () => checkModels(needs)],
    ["engine", () => [checkEngine(needs.engine())]],
    ["terminal", () => checkTerminal(needs.machine)],
    ["config", () => checkConfiguration(needs)],
    ["disk", () => checkDisk({ state: needs.paths.state, root: needs.root })],
    ["native", () => checkNative()],
    ["daemon", () => checkDaemon(needs)],
    ["logout", () => checkLogout(needs.machine)],
  ];
  const groups = await Promise.all(
    checks.map(async ([id, check]) => {
      try {
        return await check();
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return [bad(id, message, error instanceof AuraError ? (error.hint ?? null) : null)];
      }
    }),
  );
  return groups.flat();
}

/** Prints the findings; exit 0 whatever they are: the report succeeded. */
export async function runDoctor(needs: DoctorNeeds & { json: boolean; output: Output }): Promise<ExitCode> {
  const findings = await examine(needs);
  if (needs.json) needs.output.json({ version: needs.version, findings });
  else for (const line of renderFindings(findings, needs.output.paint, needs.output.columns)) needs.output.out(line);
  return 0;
}

/** Aligned lines: a sign, the name, the sentence, wrapped below itself; the mending commands below, each on one line so that it can be copied. */
export function renderFindings(findings: readonly Finding[], paint: Output["paint"], columns = Number.POSITIVE_INFINITY): string[] {
  const signs = { ok: paint("ok  ", "green"), warn: paint("warn", "yellow"), bad: paint("BAD ", "red") };
  const longest = Math.max(...findings.map((finding) => finding.id.length));
  const indent = " ".repeat(6 + longest + 2);
  const lines = findings.flatMap((finding) => {
    const what = sanitiseLine(finding.what);
    const [first = "", ...rest] = columns - indent.length < 30 ? [what] : wrap(what, columns - indent.length);
    return [
      `${signs[finding.level]}  ${finding.id.padEnd(longest)}  ${first}`,
      ...rest.map((text) => indent + text),
      ...(finding.hint && finding.level !== "ok" ? finding.hint.split("\n").map((line) => `${indent}${paint(`-> ${line}`, "dim")}`) : []),
    ];
  });
  const count = (level: Finding["level"]): number => findings.filter((finding) => finding.level === level).length;
  return [...lines, "", count("bad") + count("warn") === 0 ? "Everything is in order." : `${count("bad")} bad, ${count("warn")} to look at.`];
}

function checkNode(needs: DoctorNeeds): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const what = `Node ${process.versions.node} (${process.execPath}), ${process.platform} ${process.arch}, ${Math.round(totalmem() / 1e9)} GB of memory; aura ${needs.version}`;
  if (process.platform === "win32") return bad("node", what, "Aura runs on Linux and macOS; on Windows use it inside WSL 2");
  return major > 22 || (major === 22 && minor >= 12) ? ok("node", what) : bad("node", what, "Aura needs Node 22.12 or newer");
}

async function checkGit(needs: DoctorNeeds): Promise<Finding[]> {
  const { machine, root } = needs;
  const version = await commandOutput(machine, "git", ["--version"]);
  if (version === null) return [bad("git", "git is not installed", installCommand(machine, "git"))];
  const findings = [ok("git", version)];
  const inside = await commandOutput(machine, "git", ["-C", root, "rev-parse", "--is-inside-work-tree"]);
  if (inside !== "true") findings.push(warn("git", `${root} is not a git repository: nothing can be committed there`, "git init"));
  const name = await commandOutput(machine, "git", ["-C", root, "config", "user.name"]);
  const email = await commandOutput(machine, "git", ["-C", root, "config", "user.email"]);
  if (name && email) findings.push(ok("git", `commits are made as ${name} <${email}>`));
  else findings.push(warn("git", "git doesn't know who you are: commits will fail", 'git config --global user.name "Your Name"; git config --global user.email you@your.host'));
  return findings;
}

async function checkSandbox(needs: DoctorNeeds): Promise<Finding[]> {
  const { machine } = needs;
  const { level, why } = await needs.probeSandbox();
  const said: Record<SandboxLevel, string> = {
    bwrap: "commands are confined by bubblewrap, without network",
    userns: "commands are confined by user namespaces, without network",
    seatbelt: "commands are confined by Seatbelt, without network",
    none: "commands can't be confined here: each one is asked for, and --yes refuses to run",
  };
  const findings = [level === "none" ? bad("sandbox", said[level], "Without any sandbox: --sandbox off, at your own risk") : ok("sandbox", said[level])];
  for (const reason of why) findings.push(warn("sandbox", reason));
  if (level === "bwrap" || level === "seatbelt" || machine.platform !== "linux") return findings;
  if (!foundProgram(machine, "bwrap")) findings.push(warn("sandbox", "bubblewrap (bwrap) is not installed; it is the best sandbox here", installCommand(machine, "bubblewrap")));
  if (level === "none") {
    for (const [program, parcel] of [
      ["unshare", "util-linux"],
      ["setpriv", "util-linux"],
      ["ip", "iproute2"],
    ] as const) {
      if (!foundProgram(machine, program)) findings.push(warn("sandbox", `${program} is not installed; the second-best sandbox needs it`, installCommand(machine, parcel)));
    }
  }
  for (const { what, hint } of sandboxSwitches(machine)) findings.push(warn("sandbox", what, hint));
  return findings;
}

async function checkModels(needs: DoctorNeeds): Promise<Finding[]> {
  const answer = await needs.findModels();
  const servers = answer.looked.filter((place) => place.found !== null);
  const usable = answer.models.filter((model) => model.refused === null);
  const refused = answer.models.length - usable.length;
  const inUse = needs.inUse(answer);
  if (servers.length === 0 && inUse?.there) return [ok("models", `no model server answers; in use: ${inUse.model}, which needs none`)];
  if (servers.length === 0) return [bad("models", `no model server answers (looked at ${answer.looked.map((place) => place.url).join(", ")})`, startHints.join("\n"))];
  const memory = needs.memory ?? memoryAtHand();
  const refusals = await Promise.all(firstOfEach(usable).map((model) => needs.toolsRefused(model)));
  return [
    ...servers.map((place) => ok("models", `${place.found} answers at ${place.url}`)),
    usable.length === 0
      ? bad("models", "none of the servers has a model that runs on this machine", startHints.join("\n"))
      : ok("models", `${usable.length} to choose from${inUse?.there ? `; in use: ${inUse.model}` : ""}`),
    ...(refused > 0 ? [ok("models", `${refused} refused (aura models says why)`)] : []),
    ok("models", `${gigabytes(memory.total)} of memory, ${gigabytes(memory.available)} of it free`),
    ...trapsOf(answer, { memory, inUse }),
    ...refusals.filter((finding) => finding !== null),
  ];
}
/** One model of each server. */
const firstOfEach = (models: readonly ModelLine[]): ModelLine[] => models.filter((model, at) => models.findIndex((other) => other.url === model.url) === at);

function checkEngine({ installed, version, wanted, bytes }: EngineState): Finding {
  if (installed) return ok("engine", `the engine for GGUF files is installed (${version}${bytes ? `, ${Math.round(bytes / 1e6)} MB` : ""})`);
  if (version !== null) return warn("engine", `the engine for GGUF files is of another version (${version}, this Aura needs ${wanted})`, "aura engine install");
  return { ...ok("engine", "the engine for GGUF files is not installed; only --model embedded/FILE.gguf needs it"), hint: "aura engine install" };
}

async function checkConfiguration(needs: DoctorNeeds): Promise<Finding[]> {
  const lines = await needs.checkConfig();
  return lines.length === 0 ? [ok("config", `read from ${needs.paths.config}`)] : lines.map((line) => warn("config", line));
}

async function checkDaemon(needs: DoctorNeeds): Promise<Finding[]> {
  const status = await needs.daemonStatus();
  if (status === null) return [ok("daemon", "not running; it starts when it is needed")];
  const what = `runs as process ${status.pid} with ${status.clients} ${status.clients === 1 ? "client" : "clients"}`;
  return [status.version === needs.version ? ok("daemon", what) : warn("daemon", `${what}, but is version ${status.version}; it makes way after its turn`, "aura daemon stop")];
}
