// Workers behind ZeroMQ: real processes, several clients, kill -9, another build, idle end.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openWorkerClient, type WorkerClient } from "../../src/bus/workerclient.ts";
import { lockHolder } from "../../src/core/lock.ts";

let folder: string;
let clients: WorkerClient[];
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aura-worker-"));
  clients = [];
  children = [];
});
afterEach(() => {
  for (const client of clients) client.close();
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const place = () => ({ socket: join(folder, "run", "w.sock"), lock: join(folder, "run", "w.lock") });
function client({ build = "one", idleMs = 60_000, script = "worker.fixture.ts" } = {}): WorkerClient {
  const { socket, lock } = place();
  const made = openWorkerClient({
    place: place(),
    me: { version: "0", build },
    start: () => {
      const child = spawn(process.execPath, [join(import.meta.dirname, script), socket, lock, String(idleMs), build], { stdio: ["ignore", "ignore", "pipe"] });
      let said = "";
      child.stderr?.on("data", (bytes) => {
        said += bytes;
      });
      children.push(child);
      return { exit: () => (child.exitCode === null && child.signalCode === null ? null : { code: child.exitCode, said: said.trim().split("\n").at(-1) ?? "" }) };
    },
  });
  clients.push(made);
  return made;
}

it("starts a worker with the first call and keeps it for the next ones and for other clients", async () => {
  const one = client();
  expect(one.alive()).toBe(false);
  expect(await one.call("add", [1, 2, 3])).toBe(6);
  const pid = await one.call("pid", null);
  expect(one.alive()).toBe(true);
  const other = client();
  expect(await other.call("pid", null)).toBe(pid);
  expect(children).toHaveLength(1);
});

it("answers many clients that come at once with one worker", async () => {
  const pids = await Promise.all(Array.from({ length: 6 }, () => client().call("pid", null)));
  expect(new Set(pids).size).toBe(1);
});

it("loses no progress, in order, 20,000 items from a busy worker to a client that is slow to look", async () => {
  const items: unknown[] = [];
  expect(await client().call("count", 20_000, { onItem: (item) => items.push(item) })).toBe("counted");
  expect(items).toEqual(Array.from({ length: 20_000 }, (_, at) => at + 1));
});

it("carries large values both ways", async () => {
  const text = "é".repeat(2_000_000);
  expect(await client().call("echo", { text })).toEqual({ text });
});

it("hands a skill's error over as what it was", async () => {
  await expect(client().call("refuse", null)).rejects.toMatchObject({ code: "test.refused", message: "not today", hint: "ask tomorrow", exit: 4 });
  await expect(client().call("nothing like that", null)).rejects.toThrow("no such skill");
});

it("stops a call that is given up, and the worker goes on", async () => {
  const one = client();
  const abort = new AbortController();
  const hanging = one.call("hang", null, { signal: abort.signal, onItem: () => abort.abort(new Error("enough")) });
  await expect(hanging).rejects.toThrow("enough");
  expect(await one.call("add", [1])).toBe(1);
});

it("starts a new worker when the old one was killed, and repeats the call once", async () => {
  const one = client();
  const pid = (await one.call("pid", null)) as number;
  process.kill(pid, "SIGKILL");
  const next = await one.call("pid", null);
  expect(next).not.toBe(pid);
  await expect(one.call("die", null)).rejects.toMatchObject({ code: "worker.died" });
  expect(await one.call("add", [2, 2])).toBe(4);
});

it("says what a worker printed that can't even start", async () => {
  await expect(client({ script: "no-such-file.ts" }).call("pid", null)).rejects.toMatchObject({ code: "worker.died" });
});

it("has an older build's worker finish and go", async () => {
  const old = client({ build: "old" });
  const pid = await old.call("pid", null);
  const abort = new AbortController();
  const young = client({ build: "new" });
  expect(await young.call("pid", null)).not.toBe(pid);
  expect(lockHolder(place().lock)?.pid).not.toBe(pid);
  abort.abort();
});

it("ends by itself when nobody asks, and gives its lock back", async () => {
  const one = client({ idleMs: 200 });
  await one.call("add", [1]);
  const child = children[0];
  await new Promise((resolve) => child?.once("exit", resolve));
  expect(child?.exitCode).toBe(0);
  expect(one.alive()).toBe(false);
  expect(await one.call("add", [1, 1])).toBe(2);
});
