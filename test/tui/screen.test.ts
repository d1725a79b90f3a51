// The screen in a real pty: the splash hands over without loss, keys and approvals work end to end, the terminal is given back whatever happens.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { buildStage, openStage, type Stage } from "./pty.ts";

let built: Awaited<ReturnType<typeof buildStage>>;
let folder: string;
let stage: Stage | null = null;
beforeAll(async () => {
  built = await buildStage();
  folder = mkdtempSync(join(tmpdir(), "aura-screen-"));
});
afterEach(() => stage?.close());
afterAll(() => {
  built.remove();
  rmSync(folder, { recursive: true, force: true });
});
let count = 0;
const open = (env: Record<string, string> = {}, size: { columns?: number; rows?: number } = {}): { stage: Stage; commands: () => { type: string; [key: string]: unknown }[] } => {
  const file = join(folder, `commands-${++count}`);
  stage = openStage(built.script, { ...size, env: { STAGE_COMMANDS: file, ...env } });
  return {
    stage,
    commands: () =>
      existsSync(file)
        ? readFileSync(file, "utf8")
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line))
        : [],
  };
};
const restored = (one: Stage): void => {
  const last = one.bytes();
  expect(one.alternate()).toBe(false);
  for (const [on, off] of [
    ["\x1b[?1049h", "\x1b[?1049l"],
    ["\x1b[?2004h", "\x1b[?2004l"],
  ] as const)
    expect(last.lastIndexOf(off)).toBeGreaterThan(last.lastIndexOf(on));
  expect(one.cursorShown()).toBe(true);
};
const settle = (ms = 400): Promise<void> => new Promise((done) => setTimeout(done, ms));

describe("the first frame", () => {
  it("shows the model and takes keys before anything is loaded, and hands them over", async () => {
    const { stage: one, commands } = open({ STAGE_SLOW: "700" });
    await one.sees("ollama");
    await one.sees("starting");
    one.keys("helo\x7flo wörld");
    await one.sees("› hello wörld");
    expect(one.screen()).toContain("starting");
    one.keys("\rsecond");
    await one.sees("queued");
    await one.sees("ready");
    await one.sees("› second");
    await one.until((shown) => /› hello wörld/.test(shown), "the first text was sent");
    await one.until(() => commands().some(({ type, text }) => type === "ask" && text === "hello wörld"), "the core was asked");
    expect(one.bytes().split("\x1b[?1049h").length).toBe(2);
    expect(one.bytes()).not.toContain("\x1b[2J");
  });
  it("can be left before the screen is there", async () => {
    const { stage: one } = open({ STAGE_SLOW: "5000" });
    await one.sees("starting");
    one.keys("\x03");
    await one.sees("press Ctrl-C again");
    one.keys("\x03");
    expect((await one.exited).exitCode).toBe(130);
    restored(one);
  });
});

describe("the screen", () => {
  it("draws an approval, takes its keys, and leaves with five lines", async () => {
    const { stage: one, commands } = open();
    await one.sees("ready");
    one.keys("edit\r");
    await one.sees("hunk 1 of 2");
    expect(one.bytes()).toContain("\x07");
    await settle();
    one.keys("y");
    await one.sees("hunk 2 of 2");
    one.keys("n");
    await one.until(() => commands().some(({ type }) => type === "approve"), "the answer was sent");
    expect(commands().find(({ type }) => type === "approve")).toMatchObject({
      answer: "yes",
      hunks: [
        { id: "h1", is: "kept" },
        { id: "h2", is: "dropped" },
      ],
    });
    one.keys("\x03\x03");
    expect((await one.exited).exitCode).toBe(0);
    await settle(50);
    restored(one);
    for (const word of ["aura ", "files ", "tests ", "session ", "undo "]) expect(one.screen()).toContain(word);
  });
  it("edits the prompt and a part in $EDITOR, tabs kept", async () => {
    const editor = join(folder, "editor.sh");
    writeFileSync(editor, '#!/bin/sh\nprintf "from the editor\\n" >> "$1"\n', { mode: 0o755 });
    const { stage: one, commands } = open({ EDITOR: editor });
    await one.sees("ready");
    one.keys("a\x07");
    await one.sees("› afrom the editor");
    one.keys("\x15edit\r");
    await one.sees("hunk 1 of 2");
    await settle();
    one.keys("e");
    await one.sees("edited");
    one.keys("y");
    await one.until(() => commands().some(({ type }) => type === "approve"), "the answer was sent");
    expect(commands().find(({ type }) => type === "approve")).toMatchObject({ hunks: [{ is: "edited", text: "\tnew h1\nfrom the editor\n" }, { is: "kept" }] });
  });
  it("follows a resize in the middle of a stream, and stops with Esc", async () => {
    const { stage: one } = open({ STAGE_RATE: "200" });
    await one.sees("ready");
    one.keys("stream 5000\r");
    await one.sees("word30");
    one.resize(80, 24);
    await one.sees("1 Conversation");
    one.keys("steer me");
    await one.sees("› steer me");
    one.keys("\x1b");
    await one.sees("stopped");
    await one.sees("› steer me");
  });
  it("takes a paste of 5,000 lines whole", async () => {
    const { stage: one, commands } = open();
    await one.sees("ready");
    const text = Array.from({ length: 5000 }, (_, i) => `line ${i}`).join("\n");
    one.keys(`\x1b[200~${text}\x1b[201~`);
    await one.sees("line 4999");
    one.keys("\r");
    await one.until(() => commands().some((command) => command.type === "ask" && command.text === text), "all of it was sent");
  });
  it("goes to a fresh session and back to work, and keeps what is typed meanwhile", async () => {
    const { stage: one, commands } = open({ STAGE_RATE: "500" });
    await one.sees("ready");
    one.keys("stream 5\r");
    await one.sees("word4");
    one.keys("/new\r");
    await one.sees("a fresh session");
    one.keys("\x15still here\r");
    await one.until(
      () => commands().some(({ type, text, session }) => type === "ask" && text === "still here" && session !== commands()[0]?.session),
      "it was asked of the new session",
    );
  });
});

describe("the terminal is given back", () => {
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ] as const)
    it(`after ${signal}`, async () => {
      const { stage: one } = open();
      await one.sees("ready");
      one.signal(signal);
      expect((await one.exited).exitCode).toBe(code);
      await settle(50);
      restored(one);
    });
  it("after a crash, with the error below", async () => {
    const { stage: one } = open();
    await one.sees("ready");
    one.keys("crash\r");
    expect((await one.exited).exitCode).not.toBe(0);
    await settle(50);
    restored(one);
    expect(one.screen()).toContain("crashed on purpose");
  });
  it("but taken again at once where no shell could resume it", async () => {
    const { stage: one } = open();
    await one.sees("ready");
    one.keys("\x1a");
    await one.until(() => one.bytes().split("\x1b[?1049h").length === 3, "the screen came back");
    one.keys("alive");
    await one.sees("› alive");
  });
  it("while it is suspended, and taken again", async () => {
    const shell = join(folder, "job.sh");
    // an interactive shell gives the screen a job of its own, as a person's shell does
    writeFileSync(shell, `set -m\n${process.execPath} ${built.script}\necho "back in the shell"\nread line\nfg\n`);
    stage = openStage(shell, { shell: true, env: { STAGE_COMMANDS: join(folder, "suspended") } });
    const one = stage;
    await one.sees("ready");
    one.keys("kept text");
    await one.sees("› kept text");
    one.keys("\x1a");
    await one.sees("back in the shell");
    restored(one);
    one.keys("\r");
    await one.sees("› kept text");
    expect(one.alternate()).toBe(true);
    one.keys(" and more");
    await one.sees("› kept text and more");
  });
});
