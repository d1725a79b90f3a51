// The built program, as a shell starts it: what it says and how it exits when it is called wrongly or has no model.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn as spawnPty } from "@lydell/node-pty";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compose } from "../../src/app/compose.ts";
import { findPaths } from "../../src/config/paths.ts";
import type { ClientId } from "../../src/core/events.ts";
import { isEntry } from "../../src/core/port.ts";
import { call, openFakeModel, status as refusal, reset } from "../fake/model-server.ts";

const home = mkdtempSync(join(tmpdir(), "aura-program-"));
const distMain = join(import.meta.dirname, "..", "..", "dist", "main.js");
beforeAll(() => {
  if (!existsSync(distMain)) throw new Error("dist/main.js is missing: npm run build first");
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function aura(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [distMain, ...args], { encoding: "utf8", cwd: home, env: { ...process.env, AURA_HOME: home }, input: "" });
  return { status, stdout, stderr };
}

it.each([["modles"], ["--bogus"], ["--yes"], ["attach", "one", "two"], ["--yes", "--url", "http://192.0.2.1:11434", "do it"]])(
  "exits 2 with a sentence for aura %s %s",
  (...args) => {
    const { status, stdout, stderr } = aura(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^aura: \S/);
    expect(stderr).not.toContain("This is a bug");
  },
);

it("exits 2 for an address that isn't this machine's, and 3 where nothing answers or nothing is there", () => {
  const headless = (...args: string[]): ReturnType<typeof aura> => aura("--yes", ...args, "do it");
  expect(headless("--url", "http://192.0.2.1:11434")).toMatchObject({ status: 2, stderr: expect.stringContaining("192.0.2.1:11434 is not on this machine") });
  expect(headless("--model", "ollama/any", "--url", "http://192.0.2.1:11434")).toMatchObject({ status: 2 });
  expect(headless("--model", "ollama/any", "--url", "http://127.0.0.1:1")).toMatchObject({ status: 3, stderr: expect.stringContaining("Nothing answers at 127.0.0.1:1") });
  expect(headless("--model", "openai/any", "--url", "http://127.0.0.1:1")).toMatchObject({ status: 3 });
  expect(headless("--url", "http://127.0.0.1:1")).toMatchObject({ status: 3 });
});

it("says with --json in one line why nothing began", () => {
  const error = (...args: string[]): unknown => JSON.parse(aura("--yes", "--json", ...args, "do it").stdout);
  expect(error("--url", "http://192.0.2.1:11434")).toEqual({ error: { code: "address.refused", message: expect.stringContaining("192.0.2.1"), hint: expect.any(String) } });
  expect(error("--model", "ollama/any", "--url", "http://127.0.0.1:1")).toMatchObject({ error: { code: "server.down" } });
  expect(error("--url", "http://127.0.0.1:1")).toMatchObject({ error: { code: "server.down" } });
});

/** With a model server in this process, which must not be blocked. */
async function headless(url: string, ...args: string[]): Promise<{ status: number | null; stderr: string }> {
  return ended(start(url, ...args));
}
const start = (url: string, ...args: string[]): ReturnType<typeof spawn> =>
  spawn(process.execPath, [distMain, "--yes", "--model", "ollama/fake", "--url", url, ...args], {
    cwd: home,
    env: { ...process.env, AURA_HOME: home },
    stdio: ["ignore", "ignore", "pipe"],
  });
function ended(child: ReturnType<typeof spawn>): Promise<{ status: number | null; stderr: string }> {
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, stderr })));
}

it("tells of a continued session only what is new", async () => {
  await using model = await openFakeModel();
  model.says({ calls: [{ name: "list", args: {} }] }, "One.", { calls: [{ name: "plan", args: { items: ["a"] } }] }, "Two.");
  expect((await headless(model.url, "begin it")).stderr).toMatch(/ list /);
  const { status, stderr } = await headless(model.url, "--continue", "and on");
  expect(status).toBe(0);
  expect(stderr).toMatch(/ plan /);
  expect(stderr).not.toMatch(/ list /);
  expect(stderr.match(/done, /g)).toHaveLength(1);
});

it("says that the model is loading, and what is tried again, in whole sentences", async () => {
  await using model = await openFakeModel();
  model.says(reset(), refusal(503, "loading model"), "There.");
  const { status: exit, stderr } = await headless(model.url, "wait for it");
  expect(exit).toBe(0);
  expect(stderr).toContain("  * the model server is loading the model\n");
  expect(stderr).toMatch(/ \* .*[^.]\. Trying again\.\n/);
});

it("takes back what a killed run left, and ends that run instead of going on with it", async () => {
  await using model = await openFakeModel();
  model.says({ calls: [{ name: "write", args: { path: "left.txt", content: "left\n" } }] });
  const hold = model.hold("never said", 1);
  const child = start(model.url, "write it");
  await expect.poll(() => existsSync(join(home, "left.txt"))).toBe(true);
  const gone = ended(child);
  child.kill("SIGKILL");
  await gone;
  const asked = model.requests.length;
  expect(aura("undo", "--yes", "--json")).toMatchObject({ status: 0, stdout: '{"reverted":["left.txt"],"kept":[]}\n' });
  expect(existsSync(join(home, "left.txt"))).toBe(false);
  expect(JSON.parse(aura("sessions", "--json").stdout)[0]).toMatchObject({ state: "stopped", owner: null });
  expect(model.requests.length).toBe(asked);
  hold.release();
});

it("lets another process watch a headless run, and says that it can't be steered", async () => {
  await using model = await openFakeModel();
  const hold = model.hold("slowly said", 1);
  const child = start(model.url, "take your time");
  const over = ended(child);
  await hold.reached;
  const paths = findPaths({ AURA_HOME: home });
  const other = compose({ paths, user: {} });
  const root = realpathSync(home);
  const [line] = await other.core.query({ type: "sessions", root });
  if (!line) throw new Error("no session");
  expect(line).toMatchObject({ owner: "headless", state: "working" });
  await expect(other.core.send({ type: "ask", session: line.session, text: "and this", by: "test" as ClientId })).rejects.toThrow("it can be watched here, not steered");
  hold.release();
  for await (const item of other.core.watch(line.session, 0, AbortSignal.timeout(10_000))) if (isEntry(item) && item.type === "ended") break;
  expect((await over).status).toBe(0);
  await other.close();
});

it("names the session's log that it can't read, and touches nothing in it", () => {
  const repo = join(home, "damaged");
  mkdirSync(join(repo, ".aura", "log"), { recursive: true, mode: 0o700 });
  const log = join(repo, ".aura", "log", "20260101-000000-abcd.jsonl");
  writeFileSync(log, "not a fact\n");
  expect(aura("sessions", "--cwd", repo).stderr).toContain(`${log}:1: `);
  expect(aura("undo", "--cwd", repo).stderr).toContain(`${log}:1: `);
  expect(JSON.parse(aura("--yes", "--continue", "--json", "--cwd", repo, "and on").stdout)).toMatchObject({
    error: { code: "log.corrupt", message: expect.stringContaining(`${log}:1: `) },
  });
  expect(readFileSync(log, "utf8")).toBe("not a fact\n");
});

const mounts = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", home]).status === 0;
if (!mounts) console.warn("no small disk can be mounted here: what a full one does is not tested");
it.skipIf(!mounts).each([4, 8, 20, 28])("is no success when the disk is full, %i kB later", async (free) => {
  const disk = join(home, `disk-${free}`);
  mkdirSync(disk);
  await using model = await openFakeModel({ otherwise: (asked) => call("plan", { items: [`${asked.turn} ${"long ".repeat(60)}`] }) });
  const fill = `mount -t tmpfs -o size=128k none "$0" && head -c ${(128 - free) * 1024} /dev/zero > "$0/filler" && exec "$@"`;
  const command = [process.execPath, distMain, "--yes", "--model", "ollama/fake", "--url", model.url, "--cwd", disk, "fill it"];
  const { status, stderr } = await ended(
    spawn("unshare", ["-rm", "sh", "-c", fill, disk, ...command], { cwd: home, env: { ...process.env, AURA_HOME: home }, stdio: ["ignore", "ignore", "pipe"] }),
  );
  expect(stderr).toContain("the disk is full (ENOSPC)");
  expect(status).toBe(1);
});

it("opens no new session under a name that nobody has", async () => {
  const repo = mkdtempSync(join(home, "empty-"));
  let shown = "";
  const exit = await new Promise<number>((resolve) => {
    const pty = spawnPty(process.execPath, [distMain, "attach", "nobody-1"], { cwd: repo, env: { ...process.env, AURA_HOME: home, TERM: "xterm-256color" } });
    pty.onData((text) => {
      shown += text;
    });
    pty.onExit(({ exitCode }) => resolve(exitCode));
  });
  expect(shown).toContain("There is no session nobody-1 in ");
  expect(exit).toBe(2);
  expect(existsSync(join(repo, ".aura"))).toBe(false);
});
