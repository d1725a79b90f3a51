// The daemon as a real process: started by whoever needs it, one at a time, lost and found again, replaced by its successor.
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Connected, connectDaemon, daemonStatus, stopDaemon } from "../../src/app/connect.ts";
import { lockHolder } from "../../src/core/lock.ts";
import { type DaemonPaths, daemonPaths } from "../../src/core/paths.ts";
import { ask, opening, pull, range, seqsOf, session, until } from "./core.ts";

let root = "";
let state = "";
let runtime = "";
let paths: DaemonPaths;
const connected: Connected[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "aura-d-"));
  state = join(root, "state");
  runtime = join(root, "run");
  mkdirSync(state, { mode: 0o700 });
  paths = daemonPaths({ state, runtime });
});
afterEach(async () => {
  for (const client of connected.splice(0)) client.stop();
  chmodSync(runtime, 0o700);
  await stopDaemon(paths, { version: "1", build: "a" });
  rmSync(root, { recursive: true, force: true });
});
async function join_(build = "a", more: { idleMs?: number; onWait?(why: string): void } = {}): Promise<Connected> {
  const { idleMs = 60_000, ...rest } = more;
  const script = join(import.meta.dirname, "daemon.fixture.ts");
  const client = await connectDaemon({
    paths,
    me: { version: "1", build },
    spawn: { execPath: process.execPath, script, args: [state, runtime, build, String(idleMs)] },
    env: process.env,
    ...rest,
  });
  connected.push(client);
  return client;
}
const watch = (client: Connected, from: number) => client.core.watch(session, from, new AbortController().signal)[Symbol.asyncIterator]() as AsyncIterator<{ seq: number }>;
const starts = (): number[] => readFileSync(join(state, "starts"), "utf8").trim().split("\n").map(Number);
const ends = (): string => (existsSync(join(state, "ends")) ? readFileSync(join(state, "ends"), "utf8") : "");

describe("the daemon", () => {
  it("starts with its first client, private and detached, and ends when told", async () => {
    const client = await join_();
    expect(client.daemon.pid).not.toBe(process.pid);
    expect(statSync(runtime).mode & 0o777).toBe(0o700);
    expect(statSync(paths.socket).mode & 0o777).toBe(0o600);
    expect(statSync(paths.daemonLock).mode & 0o777).toBe(0o600);
    process.kill(client.daemon.pid, "SIGHUP");
    expect(await daemonStatus(paths)).toMatchObject({ pid: client.daemon.pid, version: "1", build: "a", busy: false, retiring: false });
    await client.core.send(opening(root));
    expect(await stopDaemon(paths)).toBe(true);
    expect(await client.closed).toBe("stopped");
    expect(existsSync(paths.socket)).toBe(false);
    expect(lockHolder(paths.daemonLock)).toBeNull();
    expect(await stopDaemon(paths)).toBe(false);
    expect(await daemonStatus(paths)).toBeNull();
  });

  it("is one, also when several clients start at once", async () => {
    const clients = await Promise.all([join_(), join_(), join_(), join_()]);
    expect(new Set(clients.map((client) => client.daemon.pid)).size).toBe(1);
  });

  it("ends in order on SIGTERM", async () => {
    const client = await join_();
    process.kill(client.daemon.pid, "SIGTERM");
    expect(await client.closed).toBe("stopped");
    await until(() => ends() === "stopped\n");
  });

  it("leaves when nobody needs it, and not before", async () => {
    const client = await join_("a", { idleMs: 150 });
    await client.core.send(opening(root));
    await client.core.send(ask("busy 1000000"));
    client.stop();
    await client.closed;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(ends()).toBe("");
    const again = await join_("a");
    expect(again.daemon.pid).toBe(client.daemon.pid);
    await again.core.send(ask("busy 0"));
    again.stop();
    await until(() => ends() === "idle\n");
  });

  it("is started anew after it was killed, and the session is all there", async () => {
    const first = await join_();
    await first.core.send(opening(root));
    await first.core.send(ask("facts 10"));
    process.kill(first.daemon.pid, "SIGKILL");
    expect(await first.closed).toBe("lost");
    await expect(first.core.query({ type: "health" })).rejects.toMatchObject({ code: "daemon.lost" });
    const second = await join_();
    expect(second.daemon.pid).not.toBe(first.daemon.pid);
    await second.core.send(opening(root));
    expect(seqsOf(await pull(watch(second, 5), 6))).toEqual(range(6, 11));
  });

  it("is not hindered by what a dead one left behind", async () => {
    mkdirSync(runtime, { mode: 0o700 });
    writeFileSync(
      paths.daemonLock,
      `${JSON.stringify({ pid: 999_999_999, what: "daemon", since: 1, host: "h", boot: "b", space: "", start: "1", token: "abc" }).replace('"h"', JSON.stringify((await import("node:os")).hostname()))}\n`,
    );
    const stale = spawn(process.execPath, ["-e", `require("net").createServer().listen(${JSON.stringify(paths.socket)}, () => process.kill(process.pid, "SIGKILL"))`]);
    await new Promise((resolve) => stale.once("exit", resolve));
    expect(statSync(paths.socket).isSocket()).toBe(true);
    await join_();
  });

  it("is refused where others could come in", async () => {
    mkdirSync(runtime, { mode: 0o700 });
    chmodSync(runtime, 0o755);
    await expect(join_()).rejects.toMatchObject({ code: "folder.unsafe" });
  });

  it("listens again when its socket was swept away", async () => {
    const client = await join_("a", { idleMs: 2_000 });
    unlinkSync(paths.socket);
    const again = await join_("a");
    expect(again.daemon.pid).toBe(client.daemon.pid);
  });

  it("says where to look when it can't even start", async () => {
    mkdirSync(runtime, { mode: 0o700 });
    await expect(join_("broken")).rejects.toMatchObject({ code: "daemon.crashed", message: /TypeError: this build is broken/, hint: expect.stringContaining(paths.daemonLog) });
  });

  it("finds a short place for its socket below a long path", async () => {
    runtime = join(root, "r".repeat(120));
    paths = daemonPaths({ state, runtime });
    expect(Buffer.byteLength(paths.socket)).toBeLessThanOrEqual(103);
    const client = await join_();
    expect(statSync(dirname(paths.socket)).mode & 0o777).toBe(0o700);
    expect(await client.core.query({ type: "health" })).toEqual(["health"]);
    await stopDaemon(paths);
    rmSync(dirname(paths.socket), { recursive: true });
  });
});

describe("another build", () => {
  it("has the older daemon finish what runs, then takes over its sessions", async () => {
    const old = await join_("a");
    await old.core.send(opening(root));
    await old.core.send(ask("facts 20"));
    await old.core.send(ask("busy 1000000"));
    const waits: string[] = [];
    const fresh = join_("b", { onWait: (why) => waits.push(why) });
    await until(() => waits.length === 1);
    await old.core.send(ask("facts 1"));
    expect(await daemonStatus(paths)).toMatchObject({ busy: true, retiring: true, build: "a" });
    await old.core.send(ask("busy 0"));
    const next = await fresh;
    expect(waits).toHaveLength(1);
    expect(await old.closed).toBe("retired");
    expect(next.daemon).toMatchObject({ build: "b" });
    await next.core.send(opening(root));
    expect(seqsOf(await pull(watch(next, 0), 22))).toEqual(range(1, 22));
    expect(starts()).toHaveLength(2);
  });
});

describe("clients", () => {
  const start = (from: number): ChildProcess =>
    spawn(process.execPath, [join(import.meta.dirname, "client.fixture.ts"), state, runtime, String(from)], { stdio: ["ignore", "pipe", "inherit"] });
  const printed = (client: ChildProcess): { seqs(): number[] } => {
    let text = "";
    client.stdout?.on("data", (chunk) => {
      text += chunk;
    });
    return {
      seqs: () =>
        text
          .slice(0, text.lastIndexOf("\n") + 1)
          .split("\n")
          .slice(0, -1)
          .map(Number),
    };
  };

  it("come back after being killed and get the rest exactly once", async () => {
    const driver = await join_();
    await driver.core.send(opening(root));
    const first = start(0);
    const seen = printed(first);
    await driver.core.send(ask("facts 99"));
    await until(() => seen.seqs().length === 100);
    first.kill("SIGKILL");
    await new Promise((resolve) => first.once("exit", resolve));
    await driver.core.send(ask("facts 801"));
    const second = start(100);
    const rest = printed(second);
    await until(() => rest.seqs().length >= 801);
    expect([...seen.seqs(), ...rest.seqs()]).toEqual(range(1, 901));
    second.kill();
    await new Promise((resolve) => second.once("exit", resolve));
    expect(await driver.core.query({ type: "health" })).toEqual(["health"]);
  });

  it("see the same, whatever a third one does", async () => {
    const [a, b] = [await join_(), await join_()];
    await a.core.send(opening(root));
    // one that asks for everything and reads nothing, one that talks nonsense
    const deaf = connect(paths.socket);
    deaf.pause();
    deaf.write(
      `${JSON.stringify({ t: "hello", version: "1", build: "a" })}\n${JSON.stringify({ t: "watch", id: 1, session, from: 0 })}\n${JSON.stringify({ t: "more", id: 1, bytes: 1e12 })}\n`,
    );
    const mad = connect(paths.socket);
    mad.write("\0\0{]\n");
    await new Promise((resolve) => mad.once("close", resolve));
    const readers = [watch(a, 0), watch(b, 0)];
    await b.core.send(ask("large 600"));
    const [left, right] = await Promise.all(readers.map((reader) => pull(reader, 601)));
    expect(left).toEqual(right);
    expect(seqsOf(left ?? [])).toEqual(range(1, 601));
    // the deaf one held up nobody, and misses nothing when it listens at last
    let heard = "";
    deaf.on("data", (chunk) => {
      heard += chunk;
    });
    deaf.resume();
    await until(() => heard.includes('"seq":601,'));
    expect([...heard.matchAll(/"seq":(\d+),/g)].map(([, seq]) => Number(seq))).toEqual(range(1, 601));
    deaf.destroy();
  });
});
