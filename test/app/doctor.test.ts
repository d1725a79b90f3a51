// Doctor and the model list on made-up machines (real files) and on this one.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DoctorNeeds, examine, renderFindings, runDoctor } from "../../src/app/doctor.ts";
import type { Finding } from "../../src/app/finding.ts";
import { checkLogout, checkNative, checkTerminal, installCommand, type Machine, sandboxSwitches } from "../../src/app/machine.ts";
import { printModels } from "../../src/app/modelsCommand.ts";
import { openOutput } from "../../src/app/output.ts";
import { findPaths } from "../../src/config/paths.ts";
import { AuraError } from "../../src/core/error.ts";
import type { Answer, ModelId, ModelLine } from "../../src/core/events.ts";

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "aura-doctor-"));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));
const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), text);
};
const machine = (more: Partial<Machine> = {}): Machine => ({
  env: { LANG: "C.UTF-8", TERM: "xterm-256color", PATH: "" },
  platform: "linux",
  files: base,
  isTerminal: true,
  ...more,
});
const line = (more: Partial<ModelLine> = {}): ModelLine => ({
  id: "ollama/qwen3:8b" as ModelId,
  url: "http://127.0.0.1:11434",
  name: "qwen3:8b",
  sizeBytes: 5.2e9,
  trainedContext: 40_960,
  runningContext: null,
  capabilities: ["tools"],
  loaded: false,
  refused: null,
  ...more,
});
const looked = [
  { url: "http://127.0.0.1:11434", found: "Ollama 0.12", why: null },
  { url: "http://127.0.0.1:1234", found: null, why: "nothing listens" },
];
const answer = (models: ModelLine[], more: Partial<Answer<{ type: "models" }>> = {}): Answer<{ type: "models" }> => ({ models, looked, chosen: models[0]?.id ?? null, ...more });
const needs = (more: Partial<DoctorNeeds> = {}): DoctorNeeds => ({
  machine: machine({ env: { ...process.env, LANG: "C.UTF-8" }, files: "/" }),
  paths: findPaths({ AURA_HOME: join(base, "home") }),
  root: base,
  version: "1.0.0",
  probeSandbox: async () => ({ level: "bwrap", why: [] }),
  findModels: async () => answer([line()]),
  daemonStatus: async () => null,
  checkConfig: async () => [],
  ...more,
});
const about = (findings: Finding[], id: string): string[] =>
  findings.filter((finding) => finding.id === id).map((finding) => `${finding.level}: ${finding.what}${finding.hint ? ` -> ${finding.hint}` : ""}`);

describe("doctor", () => {
  it("looks at this machine without changing it", async () => {
    const findings = await examine(needs());
    expect(new Set(findings.map((finding) => finding.id))).toEqual(new Set(["node", "git", "sandbox", "models", "terminal", "config", "disk", "native", "daemon", "logout"]));
    expect(about(findings, "git")[1]).toContain("is not a git repository");
    expect(about(findings, "sandbox")).toEqual(["ok: commands are confined by bubblewrap, without network"]);
    expect(about(findings, "models")).toEqual(["ok: Ollama 0.12 answers at http://127.0.0.1:11434", "ok: 1 to choose from; in use: ollama/qwen3:8b"]);
    expect(about(findings, "native")).toEqual(["ok: ripgrep is there", "ok: pseudo terminals work"]);
  });
  it("turns a failing check into a finding", async () => {
    const findings = await examine(
      needs({
        checkConfig: () => Promise.reject(new AuraError("config-corrupt", "/x/config.json:1:2: not valid JSON", { hint: "Mend it" })),
        findModels: () => Promise.reject(new Error("boom")),
      }),
    );
    expect(about(findings, "config")).toEqual(["bad: /x/config.json:1:2: not valid JSON -> Mend it"]);
    expect(about(findings, "models")).toEqual(["bad: boom"]);
  });
  it("names what keeps the sandbox away, with this system's commands", async () => {
    put("etc/os-release", 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n');
    put("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
    const findings = await examine(needs({ machine: machine(), probeSandbox: async () => ({ level: "none", why: ["bwrap: not found"] }) }));
    expect(about(findings, "sandbox")).toEqual([
      "bad: commands can't be confined here: each one is asked for, and --yes refuses to run -> Without any sandbox: --sandbox off, at your own risk",
      "warn: bwrap: not found",
      "warn: bubblewrap (bwrap) is not installed; it is the best sandbox here -> sudo apt install bubblewrap",
      "warn: unshare is not installed; the second-best sandbox needs it -> sudo apt install util-linux",
      "warn: setpriv is not installed; the second-best sandbox needs it -> sudo apt install util-linux",
      "warn: ip is not installed; the second-best sandbox needs it -> sudo apt install iproute2",
      "warn: AppArmor keeps user namespaces from programs without a profile -> sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0   (or give bwrap an AppArmor profile)",
    ]);
    expect(about(findings, "git")).toEqual(["bad: git is not installed -> sudo apt install git"]);
  });
  it("knows the package managers", () => {
    const commandOn = (release: string): string => {
      put("etc/os-release", release);
      return installCommand(machine(), "iproute2");
    };
    expect(commandOn("ID=debian")).toBe("sudo apt install iproute2");
    expect(commandOn('ID="rocky"\nID_LIKE="rhel centos fedora"')).toBe("sudo dnf install iproute");
    expect(commandOn("ID=manjaro\nID_LIKE=arch")).toBe("sudo pacman -S iproute2");
    expect(commandOn("ID=alpine")).toBe("sudo apk add iproute2");
    expect(commandOn("ID=plan9")).toContain("package manager");
    expect(installCommand(machine({ platform: "darwin" }), "git")).toBe("brew install git");
    expect(sandboxSwitches(machine())).toEqual([]);
  });
  it("says whether a run survives the logout", () => {
    expect(checkLogout(machine())).toMatchObject([{ level: "ok" }]);
    put("etc/systemd/logind.conf", "[Login]\n#KillUserProcesses=yes\n");
    expect(checkLogout(machine())).toMatchObject([{ level: "ok" }]);
    put("etc/systemd/logind.conf.d/10.conf", "[Login]\nKillUserProcesses=yes\n");
    expect(checkLogout(machine())).toMatchObject([{ level: "warn", hint: "loginctl enable-linger; systemd-run --user --scope aura daemon start" }]);
    expect(checkLogout(machine({ platform: "darwin" }))).toEqual([]);
  });
  it("looks at the terminal", async () => {
    const told = async (env: Record<string, string>): Promise<string[]> =>
      (await checkTerminal(machine({ env: { LANG: "C.UTF-8", ...env } }))).map((finding) => `${finding.level}: ${finding.what}`);
    expect(await told({ TERM: "xterm-kitty", COLORTERM: "truecolor" })).toEqual([
      "ok: xterm-kitty, 16 million colours",
      "ok: characters: C.UTF-8",
      "ok: copying with c reaches the clipboard (OSC 52)",
    ]);
    expect(await told({ TERM: "dumb", LANG: "POSIX" })).toMatchObject({
      0: "warn: TERM is dumb: no full screen",
      1: "warn: the locale POSIX is not UTF-8: lines and signs may look broken",
    });
    put("bin/tmux", '#!/bin/sh\n[ "$3" = set-clipboard ] && echo external || echo 500\n');
    chmodSync(join(base, "bin/tmux"), 0o755);
    expect(await told({ TERM: "tmux-256color", TMUX: "/x,1,0", PATH: `${join(base, "bin")}` })).toEqual([
      "ok: tmux-256color, 256 colours",
      "ok: characters: C.UTF-8",
      "ok: inside tmux",
      "warn: tmux doesn't pass the clipboard on (set-clipboard external)",
      "warn: tmux holds the Esc key back for 500 ms",
    ]);
  });
  it("warns of a small context and another version's daemon", async () => {
    const findings = await examine(
      needs({ findModels: async () => answer([line({ runningContext: 4096 })]), daemonStatus: async () => ({ pid: 7, version: "0.9.0", clients: 1 }) }),
    );
    expect(about(findings, "models")[2]).toBe("warn: ollama/qwen3:8b runs with a context of 4096 tokens, too little for most tasks -> aura config set contextTokens 32768");
    expect(about(findings, "daemon")).toEqual(["warn: runs as process 7 with 1 client, but is version 0.9.0; it makes way after its turn -> aura daemon stop"]);
  });
  it("prints aligned lines, or JSON", async () => {
    const findings: Finding[] = [
      { id: "node", level: "ok", what: "fine", hint: null },
      { id: "sandbox", level: "bad", what: "none", hint: "do this" },
    ];
    expect(renderFindings(findings, (text) => text)).toEqual(["ok    node     fine", "BAD   sandbox  none", "               -> do this", "", "1 bad, 0 to look at."]);
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) > 0, on: () => stream, isTTY: false, columns: 80 } as unknown as NodeJS.WriteStream;
    const output = openOutput({ stdout: stream, stderr: stream, env: {}, color: true });
    expect(await runDoctor({ ...needs(), json: true, output })).toBe(0);
    expect(JSON.parse(written.join(""))).toMatchObject({ version: "1.0.0", findings: expect.arrayContaining([expect.objectContaining({ id: "git" })]) });
  });
  it("finds this checkout's own native parts", async () => {
    expect((await checkNative()).every((finding) => finding.level === "ok")).toBe(true);
  });
});

describe("models", () => {
  const print = (found: Answer<{ type: "models" }>, json = false): { exit: number; out: string } => {
    const lines: string[] = [];
    const output = { out: (text: string) => void lines.push(text), err: (text: string) => void lines.push(text), json: (value: unknown) => void lines.push(JSON.stringify(value)) };
    const exit = printModels({ found, json, output, memory: 16e9 });
    return { exit, out: lines.join("\n") };
  };
  it("prints a table", () => {
    const models = [
      line({ loaded: true, runningContext: 32_768 }),
      line({ id: "ollama/big" as ModelId, name: "big", sizeBytes: 40e9, capabilities: ["completion"] }),
      line({ id: "ollama/x:cloud" as ModelId, name: "x:cloud", sizeBytes: null, trainedContext: null, refused: "runs in the cloud" }),
    ];
    expect(print(answer(models))).toEqual({
      exit: 0,
      out: [
        "   MODEL            SIZE     CONTEXT",
        "*  ollama/qwen3:8b  5.2 GB   32k of 40k  loaded",
        "   ollama/big       40.0 GB  40k         can't call tools, too big for 16.0 GB of memory",
        "   ollama/x:cloud   ?        ?           refused: runs in the cloud",
        "",
        "http://127.0.0.1:11434  Ollama 0.12",
        "http://127.0.0.1:1234   -            nothing listens",
      ].join("\n"),
    });
  });
  it("says how to start one, exit 3", () => {
    const none = print(answer([], { looked: looked.slice(1) }));
    expect(none.exit).toBe(3);
    expect(none.out).toContain("No model server answers on this machine");
    for (const name of ["ollama serve", "lms server start", "llama-server -m", "aura demo"]) expect(none.out).toContain(name);
    expect(print(answer([])).out).toContain("A server answers, but it has no model");
    expect(print(answer([line({ refused: "runs in the cloud" })])).exit).toBe(3);
  });
  it("tells of small contexts and open choices", () => {
    expect(print(answer([line({ runningContext: 4096 })], { chosen: null })).out).toMatch(
      /context of 4096 tokens.*contextTokens 32768[\s\S]*Choose one: aura config set model ollama\/qwen3:8b/,
    );
  });
  it("speaks JSON and keeps terminals safe", () => {
    expect(JSON.parse(print(answer([line()]), true).out)).toMatchObject({ chosen: "ollama/qwen3:8b", models: [{ id: "ollama/qwen3:8b", fits: true }], looked });
    expect(print(answer([line({ refused: "evil \u001b[2J" })])).out).not.toContain("\u001b");
  });
});
