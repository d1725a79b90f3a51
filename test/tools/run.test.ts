// The run tool: real commands, limits, background jobs, and what the model is told. (Confinement is the sandbox's own tests.)
import { describe, expect, it } from "vitest";
import { headTail } from "../../src/tools/limits.ts";
import { run } from "../../src/tools/run.ts";
import { hands, place } from "./hands.ts";

describe("run", () => {
  it("says what a command wrote and how it ended", async () => {
    const { root } = place({ "sub/x": "" });
    const mine = hands(root, { cwd: `${root}/sub` });
    expect(await run.execute({ command: "ls; pwd" }, mine)).toEqual({
      ok: true,
      text: `x\n${root}/sub\n[exit 0]`,
      detail: { kind: "ran", command: "ls; pwd", exit: 0, timedOut: false, where: "none" },
    });
    expect(mine.lives.some((live) => live.type === "tool.output" && live.chunk.includes("x"))).toBe(true);
    expect(await run.execute({ command: "echo no >&2; exit 3" }, mine)).toMatchObject({ ok: false, text: "no\n[exit 3]" });
    expect((await run.execute({ command: "true" }, mine)).text).toBe("[exit 0]");
    expect(mine.sandbox.ran[0]).toMatchObject({ timeoutMs: 120_000 });
    expect(mine.sandbox.ran[0]).not.toHaveProperty("outside");
  });
  it("keeps head and tail in the room", async () => {
    const { root } = place();
    const { text } = await run.execute({ command: "seq 1 100000" }, hands(root, { room: 2000 }));
    expect(text.length).toBeLessThanOrEqual(2000);
    expect(text).toMatch(/^1\n2\n[\s\S]*\n\[\.\.\. \d+ lines, \d+ characters left out \.\.\.\]\n[\s\S]*\n100000\n\[exit 0\]$/);
    expect(headTail("short", 100)).toBe("short");
  });
  it("ends at the time limit, at most half an hour, and on abort", async () => {
    const { root } = place();
    const mine = hands(root);
    expect(await run.execute({ command: "echo begun; sleep 30", timeout_s: 1 }, mine)).toMatchObject({
      ok: false,
      text: expect.stringMatching(/^begun\n\[stopped after 1 s; timeout_s may be up to 1800/),
      detail: { exit: null, timedOut: true },
    });
    await run.execute({ command: "true", timeout_s: 1e6 }, mine);
    expect(mine.sandbox.ran[1]?.timeoutMs).toBe(1_800_000);
    const stop = new AbortController();
    const running = run.execute({ command: "sleep 30" }, hands(root, { signal: stop.signal }));
    stop.abort();
    expect((await running).ok).toBe(false);
  });
  it("leaves a server in the background, reads, lists and stops it", async () => {
    const { root } = place();
    const mine = hands(root);
    const { text, ok, detail } = await run.execute({ command: "echo listening; sleep 60", background: true }, mine);
    expect({ ok, text }).toEqual({ ok: true, text: 'listening\n[runs in the background as job j1: read it with {"job": "j1"}, end it with "stop": true]' });
    expect(detail).toMatchObject({ job: "j1" });
    expect((await run.execute({ job: "j1" }, mine)).text).toBe("listening\n[job j1: still running]");
    expect((await run.execute({ job: "list" }, mine)).text).toBe("j1 running: echo listening; sleep 60");
    await expect(run.execute({ job: "j9" }, mine)).rejects.toThrow("there is no job j9: j1 running: echo listening; sleep 60");
    await expect(run.execute({}, mine)).rejects.toThrow(/run needs "command", or "job" for one of:\nj1/);
    expect((await run.execute({ job: "j1", stop: true }, mine)).text).toBe("listening\n[job j1: stopped]");
  });
  it("declares its risk and never leaves the box without a yes", async () => {
    const { root } = place();
    const mine = hands(root);
    expect(await run.risk({ command: "npm test" }, mine)).toEqual({ kind: "run", command: "npm test", outside: false, key: "npm test" });
    expect(await run.risk({ command: "npm i && x", outside: true }, mine)).toEqual({ kind: "run", command: "npm i && x", outside: true, key: null });
    expect(await run.risk({ job: "j1", stop: true }, mine)).toEqual({ kind: "read", outside: false });
    await expect(run.execute({ command: "true", outside: true }, mine)).rejects.toThrow(/not allowed to leave/);
    expect(mine.sandbox.ran).toEqual([]);
    const yes = hands(root, { outside: true });
    await run.execute({ command: "true", outside: true }, yes);
    await run.execute({ command: "true" }, yes);
    expect(yes.sandbox.ran.map(({ outside }) => outside)).toEqual([true, undefined]);
  });
  it("explains what the box is behind", async () => {
    const { root } = place();
    expect((await run.execute({ command: "echo 'git: .git/index.lock: Read-only file system'; exit 1" }, hands(root))).text).toMatch(/use the git tool\]$/);
    for (const said of ["npm ENOTFOUND", "npm error code ENOTCACHED", "reading file:///go/pkg/mod/cache/download/example.invalid/x/@v/list: no such file or directory"])
      expect((await run.execute({ command: `echo '${said}'; exit 1` }, hands(root))).text).toMatch(/the sandbox has no network\]$/);
    expect((await run.execute({ command: "exit 1; git stash" }, hands(root))).text).toBe("[exit 1; inside the sandbox .git is read-only: use the git tool]");
    expect((await run.execute({ command: "exit 1; git grep x" }, hands(root))).text).toBe("[exit 1]");
    expect((await run.execute({ command: "exit 6; curl -s x" }, hands(root))).text).toBe("[exit 6; the sandbox has no network]");
    expect((await run.execute({ command: "echo npm ENOTFOUND; exit 1" }, hands(root, { policy: "ask" }))).text).toMatch(/"outside": true asks the person\]$/);
  });
});
