// The lock: one holder, dead ones replaced by exactly one of those who try, what isn't ours left alone.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockHolder, takeLock } from "../../src/core/lock.ts";

let dir = "";
let path = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "aura-lock-"));
  path = join(dir, "lock");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
/** A lock as somebody of that name left it. */
function leave(change: Record<string, unknown>): void {
  takeLock(path, "daemon");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), token: "abc", ...change }));
}
/** Who of `count` processes that try at once gets the lock; they all live until every one has tried. */
async function race(count: number): Promise<string[]> {
  const script = `
    import { takeLock } from ${JSON.stringify(join(import.meta.dirname, "../../src/core/lock.ts"))};
    process.stdin.once("data", () => console.log(takeLock(${JSON.stringify(path)}, "racer").lock ? "mine" : "theirs"));
    process.stdin.once("end", () => process.exit());
    console.log("ready");`;
  const racers = Array.from({ length: count }, () => spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "inherit"] }));
  const line = (index: number): Promise<string> => new Promise((resolve) => racers[index]?.stdout.once("data", (chunk) => resolve(String(chunk).trim())));
  await Promise.all(racers.map((_, index) => line(index)));
  const said = racers.map((_, index) => line(index));
  for (const racer of racers) racer.stdin.write("go\n");
  const results = await Promise.all(said);
  for (const racer of racers) racer.stdin.end();
  await Promise.all(racers.map((racer) => new Promise((resolve) => racer.once("exit", resolve))));
  return results;
}

describe("a lock", () => {
  it("has one holder, and is free after it", () => {
    const { lock } = takeLock(path, "daemon");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(takeLock(path, "other")).toMatchObject({ lock: null, owner: { pid: process.pid, what: "daemon", host: hostname() } });
    lock?.release();
    expect(lockHolder(path)).toBeNull();
    const again = takeLock(path, "other").lock;
    lock?.release();
    expect(lockHolder(path)?.what).toBe("other");
    again?.release();
    expect(readdirSync(dir)).toEqual([]);
  });

  it("is taken from the dead, from a process id that went to somebody else, and from ruins", () => {
    const ruins: (() => void)[] = [
      () => leave({ pid: 999_999_999 }),
      () => leave({ start: "1" }),
      () => leave({ boot: "an earlier one" }),
      () => writeFileSync(path, ""),
      () => writeFileSync(path, "\0\0\0"),
      () => writeFileSync(path, '{"pid":-1}'),
    ];
    for (const ruin of process.platform === "linux" ? ruins : ruins.filter((_, index) => index !== 1)) {
      ruin();
      expect(lockHolder(path)).toBeNull();
      const { lock } = takeLock(path, "daemon");
      expect(lock).not.toBeNull();
      lock?.release();
    }
    expect(readdirSync(dir)).toEqual([]);
  });

  it("is not taken from one that can't be looked at", () => {
    leave({ boot: "another machine's", host: "elsewhere" });
    expect(takeLock(path, "daemon").owner?.host).toBe("elsewhere");
    rmSync(path);
    leave({ space: "pid:[1]" });
    expect(takeLock(path, "daemon").lock).toBeNull();
  });

  it("says so when it can't be taken at all", () => {
    mkdirSync(path);
    expect(() => takeLock(path, "daemon")).toThrow(`${path} can't be taken nor read`);
    expect(readdirSync(dir)).toEqual(["lock"]);
  });

  it("goes to exactly one of many, fresh or from a dead one", async () => {
    expect((await race(4)).filter((result) => result === "mine")).toHaveLength(1);
    // the racers are dead now, so the next ones find a stale lock
    expect((await race(4)).filter((result) => result === "mine")).toHaveLength(1);
  });
});
