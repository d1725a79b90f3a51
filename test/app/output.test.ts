// What reaches stdout and stderr outside the full screen, in real processes.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openOutput } from "../../src/app/output.ts";

const home = mkdtempSync(join(tmpdir(), "aura-output-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const path = (file: string): string => JSON.stringify(join(import.meta.dirname, "../../src", file));
const run = (body: string, tail = ""): { stdout: string; stderr: string; status: number | null } => {
  const script = `const { reportFailure, openOutput } = await import(${path("app/output.ts")}); const { AuraError } = await import(${path("core/error.ts")}); ${body}`;
  return spawnSync("/bin/sh", ["-c", `"$0" --input-type=module -e "$1" ${tail}`, process.execPath, script], { encoding: "utf8", env: { ...process.env, AURA_HOME: home } });
};

it("says a known trouble as a sentence, on stdout too with --json", () => {
  const fail = (json: boolean): string =>
    `process.exit(await reportFailure(new AuraError("usage", "No \\u001b[2J such thing", { hint: "Try that", exit: 2 }), { json: ${json} }));`;
  expect(run(fail(false))).toMatchObject({ stdout: "", stderr: "aura: No  such thing\n      Try that\n", status: 2 });
  const { stdout, status } = run(fail(true));
  expect(status).toBe(2);
  expect(stdout.split("\n")).toHaveLength(2);
  expect(JSON.parse(stdout)).toEqual({ error: { code: "usage", message: "No \u001b[2J such thing", hint: "Try that" } });
});

it("knows a trouble thrown by another of the program's files, which carries its own copy of the class", () => {
  const body = `const { AuraError: Other } = await import(${path("core/error.ts?copy")}); if (Other === AuraError) process.exit(9); process.exit(await reportFailure(new Other("usage", "No", { exit: 2 }), { json: false }));`;
  expect(run(body)).toMatchObject({ stderr: "aura: No\n", status: 2 });
});

it("calls the rest a bug and says where the log is, and an interruption by its code", () => {
  expect(run(`process.exit(await reportFailure(new TypeError("x is not a function"), { json: false }));`)).toMatchObject({
    stderr: `aura: x is not a function\n      This is a bug in Aura; its log: ${join(home, "state", "debug.log")}\n`,
    status: 70,
  });
  expect(run(`process.exit(await reportFailure(new DOMException("", "AbortError"), { json: true }));`)).toMatchObject({ stdout: "", stderr: "", status: 130 });
});

it("goes on silently when its reader went away", () => {
  const body = `const o = openOutput({ stdout: process.stdout, stderr: process.stderr, env: {}, color: true }); for (let at = 0; at < 20000; at++) { o.out("line " + at); if (at % 1000 === 0) await new Promise(setImmediate); } o.err("reached the end");`;
  const { stdout, stderr } = run(body, "| head -1");
  expect(stdout).toBe("line 0\n");
  expect(stderr).toBe("reached the end\n");
});

it("paints only a terminal that wants it, and lets nothing else through", () => {
  const written: string[] = [];
  const stream = (isTTY: boolean) => ({ write: (text: string) => written.push(text) > 0, on: () => process.stdout, isTTY, columns: 100 }) as unknown as NodeJS.WriteStream;
  const open = (isTTY: boolean, env = {}, color = true) => openOutput({ stdout: stream(isTTY), stderr: stream(isTTY), env, color });
  const on = open(true);
  on.out(`${on.paint("red", "red")} \u001b[5mblink\u001b[0m \u001b]0;title\u0007`);
  expect(written.pop()).toBe("\u001b[31mred\u001b[39m blink \n");
  for (const off of [open(false), open(true, { TERM: "dumb" }), open(true, {}, false)]) expect(off.paint("x", "bold")).toBe("x");
  expect([on.columns, open(false).columns]).toEqual([100, 80]);
});
