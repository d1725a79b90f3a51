// Arguments as models really write them, and the price of the schemas.
import { describe, expect, it } from "vitest";
import type { EditForm } from "../../src/core/probed.ts";
import { git } from "../../src/tools/git.ts";
import { parseArgs, toolSpecs, tools } from "../../src/tools/index.ts";
import { list } from "../../src/tools/list.ts";
import { plan } from "../../src/tools/plan.ts";
import { read } from "../../src/tools/read.ts";
import { run } from "../../src/tools/run.ts";
import { search } from "../../src/tools/search.ts";
import { test } from "../../src/tools/test.ts";

describe("the schemas", () => {
  it("cost at most 620 tokens together and are the same each time", () => {
    const text = JSON.stringify(toolSpecs(tools));
    expect(text.length / 4).toBeLessThanOrEqual(620);
    expect(JSON.stringify(toolSpecs([...tools]))).toBe(text);
    expect(text).not.toMatch(/\$schema|additionalProperties|minimum/);
    expect(tools.map(({ name }) => name)).toEqual(["read", "search", "list", "edit", "write", "run", "test", "git", "plan"]);
  });
  it("of each tool is an object with a short description", () => {
    for (const { name, description, parameters } of toolSpecs(tools)) {
      expect(parameters.type, name).toBe("object");
      expect(description.length, name).toBeLessThan(200);
    }
  });
});

describe("parseArgs", () => {
  const args = (tool: Parameters<typeof parseArgs>[0], raw: unknown): unknown => {
    const parsed = parseArgs(tool, raw);
    return "args" in parsed ? parsed.args : parsed.error;
  };
  it("understands read in many spellings", () => {
    const wanted = { path: "a.ts", from: 10, to: 20 };
    for (const raw of [
      wanted,
      { path: "a.ts", from: "10", to: "20" },
      { file_path: "a.ts", offset: 10, limit: 11 },
      { filePath: "a.ts", startLine: 10, endLine: 20.0 },
      { filename: "a.ts", start_line: "10", end_line: "20", other: 1 },
      { Path: "a.ts", lines: "10-20" },
      { path: ["a.ts"], lines: [10, 20] },
      '{"path":"a.ts","from":10,"to":20}',
      { arguments: { path: "a.ts", from: 10, to: 20 } },
      { arguments: '{"path":"a.ts","from":10,"to":20}' },
      [{ path: "a.ts", from: 10, to: 20 }],
    ])
      expect(args(read, raw), JSON.stringify(raw)).toEqual(wanted);
    expect(args(read, "a.ts")).toEqual({ path: "a.ts" });
    expect(args(read, { path: "a.ts", from: null, to: "" })).toEqual({ path: "a.ts" });
    expect(args(read, { path: "a.ts", limit: 50 })).toEqual({ path: "a.ts", to: 50 });
    expect(args(list, {})).toEqual({});
    expect(args(list, null)).toEqual({});
    expect(args(list, { directory: "src" })).toEqual({ path: "src" });
  });
  it("understands commands in many spellings", () => {
    for (const raw of [
      { command: "npm test" },
      { cmd: "npm test" },
      { command: ["bash", "-lc", "npm test"] },
      { command: ["npm", "test"] },
      { command: "$ npm test" },
      { command: "```sh\nnpm test\n```" },
      "npm test",
    ])
      expect(args(run, raw), JSON.stringify(raw)).toEqual({ command: "npm test" });
    expect(args(run, { command: "x", timeout: 60000 })).toEqual({ command: "x", timeout_s: 60 });
    expect(args(run, { command: "x", timeout: 60 })).toEqual({ command: "x", timeout_s: 60 });
    expect(args(run, { command: "x", timeout_ms: 500, run_in_background: "true" })).toEqual({ command: "x", timeout_s: 0.5, background: true });
    expect(args(run, { command: "x", timeout_s: "90s", outside: "false" })).toEqual({ command: "x", timeout_s: 90, outside: false });
    expect(args(run, { job: 2345, action: "stop" })).toEqual({ job: "2345", stop: true });
    expect(args(run, { action: "list" })).toEqual({ job: "list" });
    expect(args(run, { command: "" })).toEqual({});
  });
  it("understands search, test, git and plan", () => {
    expect(args(search, { query: "foo", include: "*.ts" })).toEqual({ text: "foo", glob: "*.ts" });
    expect(args(search, { pattern: 42, path: "" })).toEqual({ text: "42" });
    expect(args(test, { path: "a.test.ts" })).toEqual({ filter: "a.test.ts" });
    expect(args(test, { command: "", filter: " " })).toEqual({});
    expect(args(git, { action: "git commit", msg: "x", files: "a.ts, b.ts" })).toEqual({ action: "commit", message: "x", paths: ["a.ts", "b.ts"] });
    expect(args(git, { command: "git diff", path: '["a.ts"]' })).toEqual({ action: "diff", paths: ["a.ts"] });
    const items = [{ text: "one", state: "done" }, { text: "two", state: "running" }, { text: "three" }];
    expect(args(plan, { items })).toEqual({ items });
    expect(args(plan, { todos: [{ content: "one", status: "completed" }, { content: "two", status: "in_progress" }, "three"] })).toEqual({ items });
    expect(args(plan, "- [x] one\n- [>] two\n3. three")).toEqual({ items });
    expect(args(plan, { items: '[{"text":"one","state":"done"}]' })).toEqual({ items: [{ text: "one", state: "done" }] });
  });
  it("says what is wrong, what it got, and what it takes", () => {
    expect(args(read, {})).toBe('read: "path" is missing. read takes {"path": string, "from"?: integer, "to"?: integer}.');
    expect(args(read, { path: "a", from: "soon" })).toBe('read: "from" must be a whole number, got "soon". read takes {"path": string, "from"?: integer, "to"?: integer}.');
    expect(args(read, { path: { a: 1 } })).toMatch(/^read: "path" must be a text, got {"a":1}/);
    expect(args(git, { action: "push" })).toMatch(/^git: "action" must be one of status, diff, log, commit, got "push"/);
    expect(args(plan, { items: [{ text: "x", state: "maybe" }] })).toMatch(/^plan: "items.0.state" must be one of open, running, done, failed, got "maybe"/);
    expect(args(read, 7)).toMatch(/must be an object, got 7/);
    expect(args(read, [1, 2])).toMatch(/must be an object/);
  });
  it("speaks of the form that was advertised", () => {
    const edit = tools.find((tool) => tool.name === "edit");
    if (!edit) throw new Error("edit is missing");
    const told = (form: EditForm) => toolSpecs(tools, form).find((spec) => spec.name === "edit");
    const said = (form: EditForm, raw: unknown): unknown => parseArgs(edit, raw, told(form));
    expect(said("blocks", { path: "a", text: "x" })).toEqual({ error: 'edit: "blocks" is missing. edit takes {"path": string, "blocks": string}.' });
    expect(said("patch", {})).toEqual({ error: 'edit: "patch" is missing. edit takes {"patch": string}.' });
    expect(said("replace", { path: "a", old: "x" })).toEqual({ error: 'edit: "new" is missing. edit takes {"path": string, "old": string, "new": string, "all"?: boolean}.' });
    // and takes every form, whatever was
    for (const form of ["replace", "blocks", "patch"] as const) {
      expect(said(form, { path: "a", old: "1", new: "2" })).toMatchObject({ args: { old: "1" } });
      expect(said(form, { path: "a", blocks: "<<<<<<< SEARCH\n1\n=======\n2\n>>>>>>> REPLACE" })).toMatchObject({ args: { patch: true } });
    }
  });
  it("leaves edit and write to their own schemas", () => {
    const [edit, write] = ["edit", "write"].map((name) => tools.find((tool) => tool.name === name));
    if (!edit || !write) throw new Error("edit and write are missing");
    expect(args(edit, { file_path: "a", old_string: "1", new_string: "2" })).toMatchObject({ path: "a", old: "1", new: "2" });
    expect(args(write, { path: "a", content: "1" })).toMatchObject({ path: "a", content: "1" });
    expect(args(write, { path: "a" })).toMatch(/^write: "content" is missing/);
  });
});
