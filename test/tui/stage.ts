// A program for a pty: the real screen over a core that only plays. What is asked decides what happens: "stream 50", "edit", "run", "crash".
import { appendFileSync, writeFileSync } from "node:fs";
import { openSplash } from "../../src/app/tui/splash.ts";
import type { CallId, ClientId, Command, Entry, Fact, HunkId, Live, ModelId, Opening, SessionId, Usage } from "../../src/core/events.ts";
import type { Core } from "../../src/core/port.ts";

const splash = openSplash({ stdin: process.stdin, stdout: process.stdout, model: process.env.STAGE_MODEL ?? "ollama/toy", project: "shop", exit: (code) => process.exit(code) });
const commands = process.env.STAGE_COMMANDS ?? "/dev/null";
const session = "20260101-000000-test" as SessionId;
const usage: Usage = { promptTokens: null, cachedTokens: null, outputTokens: null, promptMs: null, outputMs: null, loadMs: null };

const log: Entry[] = [];
let wake: (() => void) | null = null;
let pending: (Entry | Live)[] = [];
function push(item: Entry | Live): void {
  pending.push(item);
  wake?.();
}
function fact(one: Fact): void {
  const entry = { seq: log.length + 1, at: Date.now(), ...one } as Entry;
  log.push(entry);
  push(entry);
}
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
let stopping = false;

async function play(text: string): Promise<void> {
  const [what, count] = text.split(" ");
  stopping = false;
  if (what === "stream") {
    const rate = Number(process.env.STAGE_RATE ?? 50);
    let said = "";
    for (let i = 0; i < Number(count) && !stopping; i++) {
      const delta = i % 17 === 16 ? `word${i}.\n\n` : `word${i} `;
      said += delta;
      push({ type: "saying", delta, kind: "text" });
      await sleep(1000 / rate);
    }
    fact({ type: "said", turn: 1, upTo: log.length, text: said, end: stopping ? "stopped" : "stop", usage });
  }
  if (what === "edit" || what === "run") {
    const call = `c${log.length}` as CallId;
    fact({ type: "said", turn: 1, upTo: log.length, text: "", end: "calls", usage });
    fact({ type: "tool.called", call, name: what, args: {}, about: what === "edit" ? "src/cart.ts" : "npm test" });
    const hunk = (id: string, at: number) => ({ id: id as HunkId, oldStart: at, oldLines: 1, newStart: at, newLines: 1, lines: ["-old", `+\tnew ${id}`] });
    fact({
      type: "approval.wanted",
      call,
      why: what === "edit" ? "changes files" : "runs a command in the sandbox",
      outside: false,
      always: what === "run" ? "npm test" : null,
      ...(what === "edit" ? { preview: [{ path: "src/cart.ts", before: "a", after: "b", added: 2, removed: 2, hunks: [hunk("h1", 3), hunk("h2", 30)] }] } : {}),
    });
    return;
  }
  if (what === "crash")
    setTimeout(() => {
      throw new Error("crashed on purpose");
    }, 10);
  fact({ type: "ended", why: stopping ? "stopped" : "done", turns: 1, ms: 1000 });
}

const core: Core = {
  async send(command: Command) {
    appendFileSync(commands, `${JSON.stringify(command)}\n`);
    if (command.type === "open" && log.length === 0) {
      fact({
        type: "opened",
        v: 1,
        session,
        root: "/home/me/shop",
        cwd: "/home/me/shop",
        by: command.by,
        version: "1",
        policy: "ask",
        sandbox: "bwrap",
        limits: {},
        headless: false,
      });
      fact({ type: "primed", model: "ollama/toy" as ModelId, context: 32768, system: "", tools: [] });
    }
    if (command.type === "set") fact({ type: "set", ...(command.policy ? { policy: command.policy } : {}), ...(command.model ? { model: command.model } : {}) });
    if (command.type === "stop") stopping = true;
    if (command.type === "ask") {
      fact({ type: "asked", text: command.text, by: command.by });
      void play(command.text);
    }
    if (command.type === "approve") {
      fact({ type: "approval.given", call: command.call, answer: command.answer, by: command.by });
      fact({ type: "tool.returned", call: command.call, ok: command.answer !== "no", text: "ok", ms: 5 });
      fact({ type: "ended", why: "done", turns: 1, ms: 1000 });
    }
  },
  async query(question) {
    const answers: Record<string, unknown> = {
      files: ["src/cart.ts", "src/total.ts"],
      models: { models: [], looked: [], chosen: null },
      sessions: [],
      debug: ["a note"],
      undo: { task: "edit", upTo: 3, changes: [] },
    };
    return answers[question.type] as never;
  },
  async *watch(_session, from, signal) {
    pending = [...log.filter(({ seq }) => seq > from)];
    for (;;) {
      while (pending.length > 0) yield pending.shift() as Entry | Live;
      if (signal.aborted) return;
      await new Promise<void>((done) => {
        wake = done;
        signal.addEventListener("abort", () => done(), { once: true });
      });
    }
  },
};

await sleep(Number(process.env.STAGE_SLOW ?? 0));
const { runTui } = await import("../../src/app/tui/tui.ts");
const opening: Opening = { root: "/home/me/shop", cwd: "/home/me/shop", env: {}, policy: "ask", limits: {}, model: (process.env.STAGE_MODEL ?? "ollama/toy") as ModelId };
const why = await runTui({
  splash,
  connect: async () => core,
  session,
  opening,
  by: "tui-test" as ClientId,
  env: process.env,
  noColor: false,
  history: { load: async () => ["first thing", "second thing"], save: async () => {} },
  rememberModel: async () => {},
  writeTranscript: async (path, _session, text) => {
    writeFileSync(path ?? "/dev/null", text);
    return path ?? "nowhere";
  },
  init: async () => ["found nothing"],
  git: async () => null,
  told: [],
  print: (text) => process.stdout.write(text),
});
process.exit(why === "left" ? 0 : 1);
