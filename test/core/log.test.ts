// The log's promises: written before it returns, numbered, repaired at its end, refused where it isn't ours to touch.
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuraError } from "../../src/core/error.ts";
import type { ClientId, Entry, Fact, SessionId } from "../../src/core/events.ts";
import { createLog, logOwner, openLog, readLog } from "../../src/core/log.ts";
import { systemClock } from "../../src/core/time.ts";

const session = "20261122-183045-x7f3" as SessionId;
const by = "test-1" as ClientId;
const clock = { now: () => 1_000 };
const opened: Fact = { type: "opened", v: 1, session, root: "/r", cwd: "/r", by, version: "0", policy: "ask", sandbox: "none", limits: {}, headless: false };
const asked = (text: string): Fact => ({ type: "asked", text, by });

let root = "";
let dir = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "aura-log-"));
  dir = join(root, ".aura", "log");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const file = (): string => join(dir, `${session}.jsonl`);
const modeOf = (path: string): number => statSync(path).mode & 0o777;
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as AuraError).code;
  }
  return "nothing thrown";
};
/** A log with these texts asked, closed again. */
function written(...texts: string[]): Buffer {
  const log = createLog(dir, session, clock);
  log.append(opened, ...texts.map(asked));
  log.close();
  return readFileSync(file());
}

describe("writing", () => {
  it("numbers, stamps and writes facts before it returns, then tells the listeners", () => {
    const log = createLog(dir, session, clock);
    const told: Entry[][] = [];
    const stop = log.onAppend((entries) => {
      expect(readLog(log.path)).toEqual(log.entries);
      told.push(entries);
    });
    expect(log.append(opened)).toEqual([{ seq: 1, at: 1_000, ...opened }]);
    log.append(asked("a\nb\u2028\u0000\ud800"), asked("c"));
    stop();
    log.append(asked("d"));
    expect(told.map((entries) => entries.map((entry) => entry.seq))).toEqual([[1], [2, 3]]);
    expect(log.entries.map((entry) => entry.seq)).toEqual([1, 2, 3, 4]);
    log.sync();
    log.close();
    log.close();
    expect(codeOf(() => log.append(asked("e")))).toBe("log.closed");
    expect(readLog(file())).toHaveLength(4);
  });

  it("tells every listener in order, also when one of them appends or fails", () => {
    const log = createLog(dir, session, clock);
    const told: number[] = [];
    log.onAppend(([entry]) => {
      if (entry?.seq === 1) log.append(asked("again"));
      throw new Error("a listener's own trouble");
    });
    log.onAppend((entries) => told.push(...entries.map((entry) => entry.seq)));
    log.append(opened);
    expect(told).toEqual([1, 2]);
    log.close();
  });

  it("keeps folders 0700, files 0600, and .aura out of git", () => {
    const before = process.umask(0);
    try {
      written();
    } finally {
      process.umask(before);
    }
    expect([modeOf(join(root, ".aura")), modeOf(dir), modeOf(file())]).toEqual([0o700, 0o700, 0o600]);
    expect(readFileSync(join(root, ".aura", ".gitignore"), "utf8")).toBe("*\n");
  });

  it("leaves a .gitignore that exists as it is", () => {
    mkdirSync(join(root, ".aura"));
    writeFileSync(join(root, ".aura", ".gitignore"), "log/\n");
    written();
    expect(readFileSync(join(root, ".aura", ".gitignore"), "utf8")).toBe("log/\n");
  });

  it("keeps bytes for undo, and notices when they were damaged", () => {
    const log = createLog(dir, session, clock);
    const hash = log.keep(Buffer.from([1, 2, 0, 255]));
    expect(log.keep(Buffer.from([1, 2, 0, 255]))).toBe(hash);
    expect(log.kept(hash)).toEqual(Buffer.from([1, 2, 0, 255]));
    const path = join(dir, `${session}.kept`, hash);
    expect(modeOf(path)).toBe(0o600);
    writeFileSync(path, "other");
    expect(log.kept(hash)).toBeNull();
    expect(log.kept("../../etc/passwd")).toBeNull();
    expect(log.kept("0".repeat(64))).toBeNull();
    log.close();
  });

  it("says that the disk is full, and leaves nothing half written", () => {
    const script = `
      import { createLog } from ${JSON.stringify(join(import.meta.dirname, "../../src/core/log.ts"))};
      const log = createLog(${JSON.stringify(dir)}, ${JSON.stringify(session)}, { now: () => 1 });
      log.append(${JSON.stringify(opened)});
      try { log.append({ type: "asked", text: "x".repeat(2_000_000), by: "t" }); } catch (error) { console.log(error.code); }
      console.log(log.append({ type: "asked", text: "small", by: "t" })[0].seq);`;
    // a file size limit fails like a full disk does, without one
    const run = spawnSync("sh", ["-c", `trap '' XFSZ; ulimit -f 1000; exec "$0" --input-type=module -e "$1"`, process.execPath, script], { encoding: "utf8" });
    expect(run.stdout).toBe("log.full\n2\n");
    expect(readLog(file()).map((entry) => entry.type)).toEqual(["opened", "asked"]);
  });
});

describe("opening again", () => {
  it("goes on where it ended", () => {
    written("one");
    const { log, repaired } = openLog(dir, session, clock);
    expect(repaired).toBeNull();
    expect(log.append(asked("two")).map((entry) => entry.seq)).toEqual([3]);
    log.close();
    expect(readLog(file())).toHaveLength(3);
  });

  it("makes a prefix of any truncated log, and goes on with the right number", () => {
    const whole = written("eins", "zwei äöü 🦉", "drei");
    const entries = readLog(file());
    fc.assert(
      fc.property(fc.nat(whole.length), (length) => {
        writeFileSync(file(), whole.subarray(0, length));
        expect(entries).toEqual([...readLog(file()), ...entries.slice(readLog(file()).length)]);
        const { log, repaired } = openLog(dir, session, clock);
        const had = log.entries.length;
        expect(log.entries).toEqual(entries.slice(0, had));
        const atBorder = length === 0 || whole[length - 1] === 10;
        expect(repaired === null).toBe(atBorder);
        log.append(had === 0 ? opened : asked("on"));
        log.close();
        expect(readLog(file()).map((entry) => entry.seq)).toEqual(Array.from({ length: had + 1 }, (_, index) => index + 1));
      }),
      { numRuns: 60 },
    );
  });

  it("cuts NUL bytes off the end and keeps what it cut", () => {
    const whole = written("one");
    appendFileSync(file(), Buffer.concat([Buffer.from('{"seq":3,"at'), Buffer.alloc(4096), Buffer.from("\n")]));
    const { log, repaired } = openLog(dir, session, clock);
    expect(repaired).toMatch(/torn \(4109 bytes/);
    log.close();
    expect(readFileSync(file())).toEqual(whole);
    const side = readdirSync(dir).find((name) => name.includes(".torn-")) as string;
    expect(readFileSync(join(dir, side)).length).toBe(4109);
    expect(modeOf(join(dir, side))).toBe(0o600);
  });

  it("refuses a newer log and doesn't touch it", () => {
    written();
    const foreign = `${JSON.stringify({ seq: 1, at: 1, ...opened, v: 2 })}\n{"half`;
    writeFileSync(file(), foreign);
    expect(codeOf(() => openLog(dir, session, clock))).toBe("log.newer");
    expect(codeOf(() => readLog(file()))).toBe("log.newer");
    writeFileSync(file(), `${JSON.stringify({ seq: 1, at: 1, ...opened })}\n{"seq":2,"at":1,"type":"dreamt"}\n`);
    expect(codeOf(() => openLog(dir, session, clock))).toBe("log.newer");
    expect(existsSync(join(dir, `${session}.lock`))).toBe(false);
  });

  it("names file and line of a corrupt line, and doesn't touch it", () => {
    const lines = written("one", "two").toString().split("\n");
    for (const bad of ["garbage", "{}", "null", lines[0], '{"seq":2,"at":1,"type":"asked","text":7}', `a\0b`]) {
      const bytes = [lines[0], bad, lines[2], ""].join("\n");
      writeFileSync(file(), bytes);
      expect(() => openLog(dir, session, clock)).toThrow(`${file()}:2: `);
      expect(readFileSync(file(), "utf8")).toBe(bytes);
    }
    writeFileSync(file(), "hello\nworld\n");
    expect(codeOf(() => openLog(dir, session, clock))).toBe("log.corrupt");
  });

  it("never crashes on anything else", () => {
    written();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        writeFileSync(file(), bytes);
        expect(["log.corrupt", "log.newer", "nothing thrown"]).toContain(codeOf(() => readLog(file())));
      }),
    );
  });

  it("refuses links planted in its place, and names that are paths", () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "aura-log-else-"));
    symlinkSync(elsewhere, join(root, ".aura"));
    expect(codeOf(() => createLog(dir, session, clock))).toBe("log.link");
    rmSync(join(root, ".aura"));
    mkdirSync(join(root, ".aura"));
    symlinkSync(elsewhere, dir);
    expect(codeOf(() => createLog(dir, session, clock))).toBe("log.link");
    expect(readdirSync(elsewhere)).toEqual([]);
    writeFileSync(join(elsewhere, `${session}.jsonl`), `${JSON.stringify({ seq: 1, at: 1, ...opened })}\n`);
    expect(codeOf(() => readLog(file()))).toBe("log.link");
    expect(codeOf(() => openLog(dir, session, clock))).toBe("log.link");
    rmSync(dir);
    mkdirSync(dir);
    writeFileSync(join(elsewhere, "secret"), "secret");
    symlinkSync(join(elsewhere, "secret"), file());
    expect(codeOf(() => openLog(dir, session, clock))).toBe("log.link");
    expect(codeOf(() => readLog(file()))).toBe("log.link");
    expect(codeOf(() => createLog(dir, "../x" as SessionId, clock))).toBe("session.name");
    expect(codeOf(() => openLog(dir, "none" as SessionId, clock))).toBe("session.unknown");
    rmSync(elsewhere, { recursive: true });
  });
});

describe("one writer", () => {
  it("refuses a second one and says who the first is", () => {
    const log = createLog(dir, session, clock, "headless");
    expect(() => openLog(dir, session, clock)).toThrow(`run by headless (process ${process.pid})`);
    expect(logOwner(dir, session)).toBe("headless");
    expect(codeOf(() => createLog(dir, session, clock))).toBe("session.owned");
    log.close();
    expect(logOwner(dir, session)).toBeNull();
    expect(codeOf(() => createLog(dir, session, clock))).toBe("session.exists");
    openLog(dir, session, clock).log.close();
  });

  it("stays readable however often its writer is killed", async () => {
    written();
    const script = `
      import { openLog } from ${JSON.stringify(join(import.meta.dirname, "../../src/core/log.ts"))};
      const { log } = openLog(${JSON.stringify(dir)}, ${JSON.stringify(session)}, { now: Date.now });
      console.log("open");
      for (;;) log.append({ type: "asked", text: "x".repeat(log.entries.length % 5000), by: "t" }, { type: "asked", text: "y", by: "t" });`;
    let had = 1;
    for (let round = 0; round < 4; round++) {
      const writer = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
      await new Promise((resolve) => writer.stdout.once("data", resolve));
      await new Promise((resolve) => setTimeout(resolve, 5 + round * 7));
      writer.kill("SIGKILL");
      await new Promise((resolve) => writer.once("exit", resolve));
      const entries = readLog(file());
      expect(entries.length).toBeGreaterThanOrEqual(had);
      had = entries.length;
    }
    truncateSync(file(), statSync(file()).size - 1);
    const { log, repaired } = openLog(dir, session, systemClock);
    expect(repaired).not.toBeNull();
    expect(log.append(asked("end"))[0]?.seq).toBe(had);
    log.close();
  });
});
