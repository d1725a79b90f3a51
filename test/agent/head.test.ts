// The head of a prompt: small, the same every time, with the instructions that belong there and nothing a link could smuggle in.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHead } from "../../src/agent/head.ts";
import { instructionsFor, readInstructions } from "../../src/agent/instructions.ts";
import type { EditForm, Profile } from "../../src/core/probed.ts";
import { tools } from "../../src/tools/index.ts";

let root = "";
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "aura-head-")));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const head = (context = 32_768, profile: Profile = "default", form: EditForm = "replace") => makeHead({ root, userConfig: null, tools, context, profile, form });
const forms: EditForm[] = ["replace", "blocks", "patch", "whole"];
/** Tokens at four characters each; in the nano profile the tools stand in the system text. */
function tokensOf(profile: Profile, form: EditForm): number {
  const { system, tools: specs } = head(32_768, profile, form);
  const wire = profile === "nano" ? "" : JSON.stringify(specs.map((spec) => ({ type: "function", function: spec })));
  return (system.length + wire.length) / 4;
}

describe("the head", () => {
  for (const form of forms)
    it(`takes at most 1,000 tokens with all tools, 400 in the nano profile, where edits are asked for as ${form}`, () => {
      for (let at = 0; at < 60; at++) write(`file-with-a-long-name-${at}.ts`, "");
      expect(tokensOf("default", form)).toBeLessThanOrEqual(1_000);
      expect(tokensOf("nano", form)).toBeLessThanOrEqual(400);
    });

  it("tells of the tools that are offered and of no other", () => {
    for (const form of forms) {
      const whole = head(32_768, "default", form);
      const nano = head(32_768, "nano", form);
      expect(whole.tools.map(({ name }) => name)).toEqual(tools.map(({ name }) => name).filter((name) => form !== "whole" || name !== "edit"));
      expect(nano.tools.map(({ name }) => name)).toEqual(["read", form === "whole" ? "write" : "edit", "run"]);
      const told = [...nano.system.matchAll(/^(\w+) (\{".*\}):/gm)].map(([, name, args]) => [name, Object.keys(JSON.parse(args ?? "") as object)]);
      expect(told.map(([name]) => name).sort()).toEqual(nano.tools.map(({ name }) => name).sort());
      for (const [name, fields] of told)
        expect(Object.keys(nano.tools.find((tool) => tool.name === name)?.parameters.properties as object)).toEqual(expect.arrayContaining(fields as string[]));
      expect(`${whole.system}${nano.system}`).not.toMatch(/\{\{\w/);
      expect(whole.system).toMatch(form === "whole" ? /with write:/ : /with edit \(/);
    }
  });

  it("is the same bytes for the same repository", () => {
    write("AGENTS.md", "Use tabs.");
    write("src/a.ts", "");
    expect(JSON.stringify(head())).toBe(JSON.stringify(head()));
    expect(head().system).not.toMatch(/20\d\d-\d\d|\d\d:\d\d/);
  });

  it("holds the repository's AGENTS.md and those of its folders, CLAUDE.md only where there is none", () => {
    write("AGENTS.md", "Root rules.");
    write("CLAUDE.md", "Not these.");
    write("web/CLAUDE.md", "Web rules.");
    write("node_modules/x/AGENTS.md", "Never.");
    const { system } = head();
    expect(system).toMatch(/AGENTS\.md\nRoot rules\.[\s\S]*web\/CLAUDE\.md\nWeb rules\./);
    expect(system).not.toMatch(/Not these|Never/);
  });

  it("leaves out what would take more than a quarter of the window, and says so", () => {
    write("AGENTS.md", "x".repeat(9_000));
    expect(head(8_192).left).toEqual(["AGENTS.md"]);
    expect(head(32_768).left).toEqual([]);
  });

  it("doesn't follow a link out of the repository", () => {
    symlinkSync("/etc/hostname", join(root, "AGENTS.md"));
    expect(readInstructions({ root, userConfig: null })).toEqual([]);
  });

  it("finds instructions deeper than it looked, when a file there is read", () => {
    write("a/b/c/d/e/AGENTS.md", "Deep rules.");
    expect(readInstructions({ root, userConfig: null })).toEqual([]);
    expect(instructionsFor(root, "a/b/c/d/e/f.ts", new Set())).toEqual([{ shown: "a/b/c/d/e/AGENTS.md", text: "Deep rules." }]);
    expect(instructionsFor(root, "a/b/c/d/e/f.ts", new Set(["a/b/c/d/e/AGENTS.md"]))).toEqual([]);
  });
});
