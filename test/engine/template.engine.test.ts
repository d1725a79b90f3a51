// A conversation through a model's own template, by the template library that comes with the engine, and what is done where the template can't.
import { expect, it } from "vitest";
import { importEngine } from "../../src/models/engine/llama.ts";
import { openRenderer } from "../../src/models/engine/prompt.ts";
import type { EngineRequest } from "../../src/models/engine/protocol.ts";

const { templates } = await importEngine(process.env.AURA_ENGINE ?? "");
const tools = [{ name: "read", description: "Read.", parameters: { type: "object", properties: { path: { type: "string" } } } }];
const request: EngineRequest = {
  messages: [
    { role: "system", text: "Be brief." },
    { role: "user", text: "fix" },
    { role: "assistant", text: "I look.", thought: "hm", calls: [{ id: "toolu_with_a_long_id", name: "read", args: { path: "a" } }] },
    { role: "tool", call: "toolu_with_a_long_id", name: "read", text: "1\tx" },
  ],
  tools,
};
function render(template: string | null, asked: Partial<EngineRequest> = {}): { text: string; begun: string; stops: string[]; noted: string[] } {
  const noted: string[] = [];
  const renderer = openRenderer(template, templates, { bos: "<bos>", eos: "<eos>" }, (what, why) => void noted.push(`${what}: ${why}`));
  return { ...renderer({ ...request, ...asked }), noted };
}

const plain = "{% for m in messages %}[{{ m.role }}]{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";
const full =
  "{{ bos_token }}{% if tools %}TOOLS {{ tools | tojson }}{{ '\\n' }}{% endif %}{% for m in messages %}[{{ m.role }}]{% if m.reasoning_content %}({{ m.reasoning_content }}){% endif %}{{ m.content }}{% for c in m.tool_calls or [] %}CALL {{ c.id }} {{ c.function.name }} {{ c.function.arguments | tojson }}{% endfor %}{{ '\\n' }}{% endfor %}[assistant]{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}";
const listed =
  'You can call these tools:\n<tools>\n{"type":"function","function":{"name":"read","description":"Read.","parameters":{"type":"object","properties":{"path":{"type":"string"}}}}}\n</tools>\nTo call a tool write:\n<tool_call>\n{"name": <name>, "arguments": <object>}\n</tool_call>';
const textual = 'I look.\n<tool_call>\n{"name": "read", "arguments": {"path": "a"}}\n</tool_call>';

it("gives a template that knows tools everything: tools, thoughts, calls with short ids, results", () => {
  expect(render(full)).toEqual({
    text: '<bos>TOOLS [{"type": "function", "function": {"name": "read", "description": "Read.", "parameters": {"type": "object", "properties": {"path": {"type": "string"}}}}}]\n[system]Be brief.\n[user]fix\n[assistant](hm)I look.CALL call00000 read {"path": "a"}\n[tool]1\tx\n[assistant]',
    begun: "",
    stops: [],
    noted: [],
  });
  expect(render(full, { think: false }).text.endsWith("[assistant]<think></think>")).toBe(true);
});

it("writes the tools into the system text for a template that passes over them", () => {
  const { text, noted } = render(plain);
  expect(text).toBe(`[system]Be brief.\n\n${listed}\n[user]fix\n[assistant]${textual}\n[user]<tool_response>\n1\tx\n</tool_response>\n[assistant]`);
  expect(noted).toEqual([]);
  expect(render(plain, { messages: [{ role: "user", text: "fix" }] }).text).toBe(`[system]${listed}\n[user]fix\n[assistant]`);
  expect(render(plain, { tools: [], messages: [{ role: "user", text: "fix" }] }).text).toBe("[user]fix\n[assistant]");
});

it("puts the system text before the person's first words for a template that has no place for it", () => {
  const strict = `{% if messages[0].role == "system" %}{{ raise_exception("System role not supported") }}{% endif %}${plain}`;
  const { text, noted } = render(strict);
  expect(text).toBe(`[user]Be brief.\n\n${listed}\n\nfix\n[assistant]${textual}\n[user]<tool_response>\n1\tx\n</tool_response>\n[assistant]`);
  expect(noted).toEqual(["the template can't write this conversation: System role not supported"]);
});

it("falls back to ChatML where there is no template or a broken one, and then ends at its marks", () => {
  for (const template of [null, "{% if %}", "{{ raise_exception('never') }}"]) {
    const { text, stops } = render(template);
    expect(text).toBe(
      `<|im_start|>system\nBe brief.\n\n${listed}<|im_end|>\n<|im_start|>user\nfix<|im_end|>\n<|im_start|>assistant\n${textual}<|im_end|>\n<|im_start|>user\n<tool_response>\n1\tx\n</tool_response><|im_end|>\n<|im_start|>assistant\n`,
    );
    expect(stops).toEqual(["<|im_end|>", "<|im_start|>"]);
  }
});

it("counts a thought that the template opens, and a call that is forced, as the answer's beginning", () => {
  expect(render(`${plain}{{ '<think>\\n' }}`)).toMatchObject({ begun: "<think>\n" });
  const forced = '<tool_call>\n{"name": "';
  expect(render(plain, { force: "call" })).toMatchObject({ begun: forced, text: expect.stringMatching(/\[assistant\]<tool_call>\n\{"name": "$/) });
  expect(render(`${plain}{{ '<think>\\n' }}`, { force: "call" }).begun).toBe(`<think>\n\n</think>\n\n${forced}`);
  // a template with calls of another form: nothing is forced that the model was never taught
  expect(render(full, { force: "call" }).begun).toBe("");
});

it("gives a longer conversation the bytes of the shorter one first", () => {
  const shorter = { messages: request.messages.slice(0, 2) };
  for (const template of [full, plain, null]) {
    const [one, two] = [render(template, shorter).text, render(template).text];
    const shared = [...one].findIndex((letter, at) => letter !== two[at]);
    expect(shared === -1 || shared >= one.length - 12, `${one}\n---\n${two}`).toBe(true);
  }
});
