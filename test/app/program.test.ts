// The built program, as a shell starts it: what it says and how it exits when it is called wrongly or has no model.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

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
