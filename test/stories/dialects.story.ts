// Models whose server leaves their calls in the text: they work all the same, and no markup shows.
import { describe, expect } from "vitest";
import { story } from "./story.ts";

const dialects: [name: string, text: string][] = [
  ["Qwen and Hermes", '<tool_call>\n{"name": "read", "arguments": {"path": "a.ts"}}\n</tool_call>'],
  ["Qwen3-Coder", "<tool_call>\n<function=read>\n<parameter=path>\na.ts\n</parameter>\n</function>\n</tool_call>"],
  ["Qwen3-Coder without its opening tag", "<function=read>\n<parameter=path>\na.ts\n</parameter>\n</function>\n</tool_call>"],
  ["GLM", "<tool_call>read\n<arg_key>path</arg_key>\n<arg_value>a.ts</arg_value>\n</tool_call>"],
  ["Devstral", '[TOOL_CALLS]read[ARGS]{"path": "a.ts"}'],
  ["fenced JSON", '```json\n{"name": "read", "arguments": {"path": "a.ts"}}\n```'],
];

describe("a call in the text", () => {
  for (const [name, text] of dialects)
    story(
      `of ${name} is heard`,
      async ({ repo, model, open }) => {
        repo.write("a.ts", "let x = 1;\n");
        model.says(`I'll read it.\n${text}`, "It is one.");
        const aura = await open({ policy: "auto" });
        await aura.types("what is x");
        expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 2 });
        expect(aura.facts.flatMap((fact) => (fact.type === "tool.called" ? [[fact.name, fact.args]] : []))).toEqual([["read", { path: "a.ts" }]]);
        const shown = aura.lives.map((live) => (live.type === "saying" ? live.delta : "")).join("");
        expect(shown).not.toMatch(/tool_call|function=|TOOL_CALLS|arg_key|arguments/);
      },
      { on: ["memory"], model: { wire: "openai" } },
    );

  story(
    "that the text only talks about stays text",
    async ({ model, open }) => {
      model.says("The `<tool_call>` tag is how Hermes models call tools.");
      const aura = await open({ policy: "auto" });
      await aura.types("what is a tool_call tag");
      expect(await aura.sees("ended")).toMatchObject({ why: "done", turns: 1 });
      expect(aura.facts.findLast((fact) => fact.type === "said")).toMatchObject({ text: "The `<tool_call>` tag is how Hermes models call tools." });
    },
    { on: ["memory"] },
  );

  story(
    "is recovered where the server gave up on it",
    async ({ repo, model, open }) => {
      repo.write("a.ts", "let x = 1;\n");
      model.says({ calls: [{ name: "read", args: {}, rawArgs: '{"name": "read", "arguments": {"path": "a.ts",}}' }] }, "It is one.");
      const aura = await open({ policy: "auto" });
      await aura.types("what is x");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      expect(aura.facts.findLast((fact) => fact.type === "tool.returned")).toMatchObject({ ok: true });
    },
    { on: ["memory"] },
  );
});
