// What is checked behind the model's back, told from the outside: the syntax of its edits, and the project's own linter before it is done.
import { describe, expect } from "vitest";
import type { FakeModel } from "../fake/model-server.ts";
import { call, type Repo, story } from "./story.ts";

const sent = (model: FakeModel, at = -1): string => JSON.stringify(model.requests.at(at)?.messages);
const good = "export function one() {\n  return 1;\n}\n";
const breaking = call("edit", { path: "a.ts", old: "return 1;\n}", new: "return 2;\n" });
const mending = call("edit", { path: "a.ts", old: "return 2;\n", new: "return 2;\n}\n" });
const broken = "Syntax check: your edit broke a.ts";

describe("an edit that breaks a file", () => {
  story("is told to the model before it can be done, with the line, and once", async ({ repo, model, open }) => {
    repo.write("a.ts", good);
    model.says(breaking, "Done.", mending, "Done, really.");
    const aura = await open({ policy: "auto" });
    await aura.types("return two");
    expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 4 });
    expect(sent(model, 2)).toContain(broken);
    expect(sent(model, 2)).toMatch(/a\.ts:1: '\{' is never closed: export function one\(\) \{/);
    expect(sent(model).split(broken)).toHaveLength(2);
  });

  story(
    "is told with a later result where there is one",
    async ({ repo, model, open }) => {
      repo.write("a.ts", good);
      // the thread is up after the first run; how fast it is then is for the machine to say
      model.says(call("edit", { path: "a.ts", old: "1", new: "1 + 0" }), "Done.");
      const aura = await open({ policy: "auto" });
      await aura.types("warm up");
      await aura.sees("ended");
      model.says(call("edit", { path: "a.ts", old: "return 1 + 0;\n}", new: "return 2;\n" }), call("run", { command: "sleep 1" }), mending, "Done.");
      await aura.types("return two");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 4 });
      const results = model.requests.at(-1)?.messages.filter(({ role }) => role === "tool") ?? [];
      expect(results.filter(({ text }) => text.includes(broken))).toHaveLength(1);
      expect(model.requests.at(-1)?.messages.some(({ role, text }) => role === "user" && text.includes(broken))).toBe(false);
    },
    { on: ["memory"] },
  );

  story(
    "is not told when the next edit mends it, nor when the tests have passed since",
    async ({ repo, model, open }) => {
      repo.write("a.ts", good);
      repo.write("package.json", '{"scripts": {"test": "true"}}');
      model.says(breaking, mending, "Done.");
      const aura = await open({ policy: "auto" });
      await aura.types("return two");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 3 });
      repo.write("b.ts", good);
      model.says(call("edit", { path: "b.ts", old: "1", new: "3" }), call("test", {}), "Done.");
      await aura.types("return three");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 3 });
      for (const request of model.requests.slice(3)) expect(JSON.stringify(request.messages)).not.toContain("broke b.ts");
    },
    { on: ["memory"] },
  );

  story(
    "that was broken before, or that the person refused, is no news",
    async ({ repo, model, open }) => {
      repo.write("a.ts", "export function one( {\n  return 1;\n}\n");
      model.says(call("edit", { path: "a.ts", old: "1", new: "2" }), "Done.");
      const aura = await open();
      await aura.types("return two");
      await aura.sees("approval.wanted");
      await aura.answers("yes");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 2 });
      repo.write("b.ts", good);
      model.says(call("edit", { path: "b.ts", old: "}", new: "" }), "As you like.");
      await aura.types("break it");
      await aura.sees("approval.wanted");
      await aura.answers("no");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 2 });
    },
    { on: ["memory"] },
  );

  story(
    "doesn't turn a run into one that reached its limit",
    async ({ repo, model, open }) => {
      repo.write("a.ts", good);
      model.says(breaking, "Done.");
      const aura = await open({ policy: "auto", limits: { maxTurns: 2 } });
      await aura.types("return two");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 2 });
    },
    { on: ["memory"] },
  );
});

/** A linter of a few lines: no tabs, please. */
function withLinter(repo: Repo, more: Record<string, string> = {}): void {
  repo.write("package.json", JSON.stringify({ type: "module", scripts: { lint: "node lint.js", ...more } }));
  repo.write(
    "lint.js",
    `import { appendFileSync, readdirSync, readFileSync } from "node:fs";
appendFileSync("linted", "x");
let bad = 0;
for (const file of readdirSync("src"))
  for (const [at, line] of readFileSync("src/" + file, "utf8").split("\\n").entries())
    if (line.includes("\\t")) console.log("src/" + file + ":" + (at + 1) + ":1: error: tab", bad++ ? "" : "found");
process.exitCode = bad ? 1 : 0;
`,
  );
  repo.write("src/a.js", "export const a = 1;\n");
  repo.write("src/b.js", "export const b = 1;\n");
}
const tabbed = call("edit", { path: "src/a.js", old: "a = 1", new: "a =\t2" });
const asked = /The project's own check `npm run lint` fails in files you changed/;

describe("the project's own linter", () => {
  story("asks the model once more when it fails in a changed file, and never twice", async ({ repo, model, open }) => {
    withLinter(repo);
    model.says(tabbed, "Done.", "A tab is right there.");
    const aura = await open({ policy: "auto" });
    await aura.types("make a two");
    expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 3 });
    expect(await aura.sees("noted", ({ level }) => level === "warn")).toMatchObject({ text: expect.stringMatching(/^npm run lint: fails in files that were changed here/) });
    const last = model.requests.at(-1)?.messages.at(-1);
    expect(last?.role).toBe("user");
    expect(last?.text).toMatch(asked);
    expect(last?.text).toContain("src/a.js:1:1: error: tab found");
    expect(repo.read("linted")).toBe("x");
  });

  story(
    "lets a run be done when it passes, and shows that it ran",
    async ({ repo, model, open }) => {
      withLinter(repo);
      model.says(call("edit", { path: "src/a.js", old: "a = 1", new: "a = 2" }), "Done.");
      const aura = await open({ policy: "auto" });
      await aura.types("make a two");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 2 });
      expect(aura.facts.find((fact) => fact.type === "noted")).toMatchObject({ level: "info", text: "npm run lint: passed." });
      expect(aura.lives.some((live) => live.type === "working" && live.what === "running" && live.name === "npm run lint")).toBe(true);
    },
    { on: ["memory"] },
  );

  story(
    "says nothing to the model of files it didn't change",
    async ({ repo, model, open }) => {
      withLinter(repo);
      repo.write("src/b.js", "export const b =\t1;\n");
      model.says(call("edit", { path: "src/a.js", old: "a = 1", new: "a = 2" }), "Done.");
      const aura = await open({ policy: "auto" });
      await aura.types("make a two");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 2 });
      expect(aura.facts.find((fact) => fact.type === "noted")).toMatchObject({ text: expect.stringContaining("not in files that were changed here") });
    },
    { on: ["memory"] },
  );

  story(
    "is left out where nothing was changed, where the model has run it, and where it isn't installed",
    async ({ repo, model, open }) => {
      withLinter(repo);
      const aura = await open({ policy: "auto" });
      model.says("Nothing to do.");
      await aura.types("look");
      await aura.sees("ended");
      model.says(call("write", { path: "notes.md", content: "x\n" }), "Noted.");
      await aura.types("note it");
      await aura.sees("ended");
      expect(repo.has("linted")).toBe(false);
      model.says(tabbed, call("run", { command: "npm run lint" }), "Done.");
      await aura.types("make a two");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      expect(repo.read("linted")).toBe("x");
      repo.write("package.json", JSON.stringify({ scripts: { lint: "no-such-linter src/a.js:1 src/a.js" } }));
      model.says(call("edit", { path: "src/b.js", old: "b = 1", new: "b = 3" }), "Done.");
      await aura.types("make b three");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 2 });
    },
    { on: ["memory"] },
  );

  story(
    "never puts a question to the person: under policy ask it runs only where they once said always",
    async ({ repo, model, open }) => {
      withLinter(repo);
      const aura = await open();
      model.says(tabbed, "Done.");
      await aura.types("make a two");
      await aura.sees("approval.wanted");
      await aura.answers("yes");
      await aura.sees("ended");
      expect(repo.has("linted")).toBe(false);
      model.says(call("run", { command: "npm run lint" }), "It fails.");
      await aura.types("lint it");
      await aura.sees("approval.wanted");
      await aura.answers("always");
      await aura.sees("ended");
      expect(repo.read("linted")).toBe("x");
      model.says(call("edit", { path: "src/a.js", old: "\t2", new: "\t3" }), "Done.", "A tab it is.");
      await aura.types("make it three");
      await aura.sees("approval.wanted");
      await aura.answers("yes");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 3 });
      expect(model.requests.at(-1)?.messages.at(-1)?.text).toMatch(asked);
    },
    { on: ["memory"] },
  );

  story(
    "runs when the person says something meanwhile, who is then heard",
    async ({ repo, model, open }) => {
      withLinter(repo, { lint: "node wait.js" });
      repo.write("wait.js", 'import { existsSync } from "node:fs";\nwhile (!existsSync("go")) await new Promise((resolve) => setTimeout(resolve, 20));\n');
      model.says(call("edit", { path: "src/a.js", old: "a = 1", new: "a = 2" }), "Done.", "And four it is.");
      const aura = await open({ policy: "auto" });
      await aura.types("make a two");
      await expect.poll(() => aura.lives.some((live) => live.type === "working" && live.name === "npm run lint"), { timeout: 20_000 }).toBe(true);
      await aura.types("no, four");
      repo.write("go", "");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 3 });
      expect(model.requests.at(-1)?.messages.at(-1)?.text).toBe("no, four");
    },
    { on: ["memory"] },
  );

  story(
    "is ended by a stop",
    async ({ repo, model, open }) => {
      withLinter(repo, { lint: "sleep 600" });
      model.says(call("edit", { path: "src/a.js", old: "a = 1", new: "a = 2" }), "Done.");
      const aura = await open({ policy: "auto" });
      await aura.types("make a two");
      await expect.poll(() => aura.lives.some((live) => live.type === "working" && live.name === "npm run lint"), { timeout: 20_000 }).toBe(true);
      await aura.send({ type: "stop" });
      expect(await aura.sees("ended")).toMatchObject({ why: "stopped" });
    },
    { on: ["memory"] },
  );
});
