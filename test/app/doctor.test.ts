// Doctor and the model list on made-up machines (real files) and on this one.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DoctorNeeds, examine, renderFindings, runDoctor } from "../../src/app/doctor.ts";
import type { Finding } from "../../src/app/finding.ts";
import type { InUse } from "../../src/app/inUse.ts";
import { checkLogout, checkNative, checkTerminal, installCommand, type Machine, sandboxSwitches } from "../../src/app/machine.ts";
import { printModels } from "../../src/app/modelsCommand.ts";
import { openOutput } from "../../src/app/output.ts";
import { findPaths } from "../../src/config/paths.ts";
import { AuraError } from "../../src/core/error.ts";
import type { Answer, ModelId, ModelLine } from "../../src/core/events.ts";
import type { Memory } from "../../src/models/memory.ts";

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
const memory: Memory = { total: 16e9, available: 12e9, graphics: "none" };
const used = (found: Answer<{ type: "models" }>): InUse | null => (found.chosen ? { model: found.chosen, why: "only", there: true } : null);
const needs = (more: Partial<DoctorNeeds> = {}): DoctorNeeds => ({
  machine: machine({ env: { ...process.env, LANG: "C.UTF-8" }, files: "/" }),
  paths: findPaths({ AURA_HOME: join(base, "home") }),
  root: base,
  version: "1.0.0",
  probeSandbox: async () => ({ level: "bwrap", why: [] }),
  findModels: async () => answer([line()]),
  inUse: used,
  toolsRefused: async () => null,
  engine: () => ({ installed: false, version: null, wanted: "3.22.1", folder: "", bytes: null }),
  memory,
  daemonStatus: async () => null,
  checkConfig: async () => [],
  ...more,
});
const about = (findings: Finding[], id: string): string[] =>
  findings.filter((finding) => finding.id === id).map((finding) => `${finding.level}: ${finding.what}${finding.hint ? ` -> ${finding.hint}` : ""}`);

describe("doctor", () => {
  it("looks at this machine without changing it", async () => {
    const findings = await examine(needs());
    expect(new Set(findings.map((finding) => finding.id))).toEqual(
      new Set(["node", "git", "sandbox", "models", "engine", "terminal", "config", "disk", "native", "daemon", "logout"]),
    );
    expect(about(findings, "git")[1]).toContain("is not a git repository");
    expect(about(findings, "sandbox")).toEqual(["ok: commands are confined by bubblewrap, without network"]);
    expect(about(findings, "models")).toEqual([
      "ok: Ollama 0.12 answers at http://127.0.0.1:11434",
      "ok: 1 to choose from; in use: ollama/qwen3:8b",
      "ok: 16.0 GB of memory, 12.0 GB of it free",
    ]);
    expect(about(findings, "engine")).toEqual(["ok: the engine for GGUF files is not installed; only --model embedded/FILE.gguf needs it -> aura engine install"]);
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
    expect(about(findings, "models")[3]).toMatch(
      /^warn: ollama\/qwen3:8b is loaded with 4096 tokens of context, Ollama's default here.* -> OLLAMA_CONTEXT_LENGTH=32768 ollama serve/,
    );
    expect(about(findings, "daemon")).toEqual(["warn: runs as process 7 with 1 client, but is version 0.9.0; it makes way after its turn -> aura daemon stop"]);
  });
  it("prints aligned lines, or JSON", async () => {
    const findings: Finding[] = [
      { id: "node", level: "ok", what: "fine", hint: null },
      { id: "sandbox", level: "bad", what: "none", hint: "do this" },
    ];
    expect(renderFindings(findings, (text) => text)).toEqual(["ok    node     fine", "BAD   sandbox  none", "               -> do this", "", "1 bad, 0 to look at."]);
    const long: Finding[] = [{ id: "models", level: "warn", what: "a sentence that is a good deal longer than a line", hint: "a command that stays on one line, however long" }];
    expect(renderFindings(long, (text) => text, 50).slice(0, 3)).toEqual([
      "warn  models  a sentence that is a good deal",
      "              longer than a line",
      "              -> a command that stays on one line, however long",
    ]);
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
  const print = (found: Answer<{ type: "models" }>, more: { json?: boolean; columns?: number; inUse?: InUse | null; memory?: Memory } = {}): { exit: number; out: string } => {
    const lines: string[] = [];
    const say = (text: string): void => void lines.push(text);
    const output = { out: say, err: say, json: (value: unknown) => say(JSON.stringify(value)), columns: more.columns ?? 100 };
    const exit = printModels({ found, inUse: more.inUse === undefined ? used(found) : more.inUse, json: more.json ?? false, output, memory: more.memory ?? memory });
    return { exit, out: lines.join("\n") };
  };
  const places = ["", "http://127.0.0.1:11434  Ollama 0.12", "http://127.0.0.1:1234   -            nothing listens", "memory: 16.0 GB, 12.0 GB of it free"];
  const some = [
    line({ loaded: true, runningContext: 32_768, quantization: "Q4_K_M", capabilities: ["completion", "tools", "thinking"], gpuShare: 0 }),
    line({ id: "ollama/big" as ModelId, name: "big", sizeBytes: 40e9, capabilities: ["completion", "vision"] }),
    line({ id: "ollama/x:cloud" as ModelId, name: "x:cloud", sizeBytes: null, trainedContext: null, refused: "runs in the cloud" }),
  ];
  it("prints a table", () => {
    expect(print(answer(some), { columns: 120 })).toEqual({
      exit: 0,
      out: [
        "   MODEL            SIZE     QUANT   CONTEXT     CAN",
        "*  ollama/qwen3:8b  5.2 GB   Q4_K_M  32k of 40k  tools, thinks  in use (the only one), loaded",
        "   ollama/big       40.0 GB          40k         sees           too big: needs 45.6 GB of 16.0 GB, can't call tools",
        "   ollama/x:cloud   ?                ?           tools          refused: runs in the cloud",
        ...places,
      ].join("\n"),
    });
  });
  it("is readable in 80 columns, and in 40", () => {
    const probed = {
      v: 1,
      model: some[0]?.id as ModelId,
      url: "",
      at: Date.UTC(2026, 10, 21),
      context: 32_768,
      calls: "native",
      parallel: true,
      schema: true,
      forced: true,
    } as const;
    const models = [
      line({ ...some[0], probed: { ...probed, thinks: true, edits: {}, form: "blocks", profile: "default", readPerS: 850.4, writePerS: null } }),
      line({ ...some[1], sizeBytes: 6e9, capabilities: [] }),
    ];
    const small: Memory = { total: 16e9, available: 8e9, graphics: "none" };
    expect(print(answer(models), { columns: 80, memory: small }).out.split("\n").slice(0, 6)).toEqual([
      "   MODEL            SIZE    QUANT   CONTEXT     CAN",
      "*  ollama/qwen3:8b  5.2 GB  Q4_K_M  32k of 40k  tools, thinks",
      "     in use (the only one), loaded, probed 2026-11-21: native calls, edits as",
      "     blocks, reads 850/s",
      "   ollama/big       6.0 GB          40k         ?",
      "     needs 11.6 GB, 8.0 GB free now",
    ]);
    const narrow = print(answer(models), { columns: 40 }).out.split("\n");
    expect(narrow.slice(0, 3)).toEqual(["*  ollama/qwen3:8b", "     5.2 GB, Q4_K_M, context 32k of 40k,", "     tools, thinks"]);
    for (const text of narrow.slice(0, narrow.indexOf(""))) expect(text.length, text).toBeLessThanOrEqual(40);
  });
  it("tells of the processor only where there is a graphics card", () => {
    const card: Memory = { ...memory, graphics: "card" };
    const on = (gpuShare: number, memory?: Memory): string => print(answer([line({ loaded: true, gpuShare })]), memory ? { memory } : {}).out;
    expect(on(0.62)).toContain("loaded, 38 % on the CPU");
    expect(on(0, card)).toContain("loaded, on the CPU alone");
    expect(on(0)).not.toContain("CPU");
    expect(on(1, card)).not.toContain("on the CPU");
  });
  it("says how to start one, exit 3", () => {
    const none = print(answer([], { looked: looked.slice(1) }));
    expect(none.exit).toBe(3);
    expect(none.out).toContain("No model server answers on this machine");
    for (const name of ["ollama serve", "lms server start", "llama-server -m", "aura engine install", "aura demo"]) expect(none.out).toContain(name);
    expect(print(answer([])).out).toContain("A server answers, but it has no model");
    expect(print(answer([line({ refused: "runs in the cloud" })])).exit).toBe(3);
    expect(print(answer([]), { inUse: { model: "embedded//x.gguf" as ModelId, why: "config", there: true } })).toMatchObject({
      exit: 0,
      out: expect.stringContaining("In use (by your configuration): embedded//x.gguf, without any server"),
    });
  });
  it("tells of small contexts, open choices and a choice that is gone", () => {
    expect(print(answer([line({ runningContext: 4096 })], { chosen: null })).out).toMatch(
      /context of 4096 tokens.*contextTokens 32768[\s\S]*Choose one: aura config set model ollama\/qwen3:8b/,
    );
    const gone = print(answer([line()]), { inUse: { model: "ollama/old" as ModelId, why: "repository", there: false } }).out;
    expect(gone).toContain("ollama/old (chosen in this repository) is on none of these servers. Another one: aura config set model ollama/qwen3:8b");
  });
  it("speaks JSON and keeps terminals safe", () => {
    expect(JSON.parse(print(answer([line()]), { json: true }).out)).toMatchObject({
      chosen: "ollama/qwen3:8b",
      inUse: { model: "ollama/qwen3:8b", why: "only", there: true },
      memory: { totalBytes: 16e9, availableBytes: 12e9, graphics: "none" },
      models: [{ id: "ollama/qwen3:8b", needBytes: 10_837_144_576, fits: true, fitsNow: true, cpuShare: null, inUse: true }],
      looked,
    });
    const big = JSON.parse(print(answer([line({ sizeBytes: 40e9 })]), { json: true, memory: { ...memory, graphics: "card" } }).out);
    expect(big.models[0]).toMatchObject({ fits: null, fitsNow: null });
    expect(print(answer([line({ refused: "evil \u001b[2J" })])).out).not.toContain("\u001b");
  });
});
