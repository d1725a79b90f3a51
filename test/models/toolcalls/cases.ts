// What models write, one or more answers per dialect, and what is meant by it. Ours: written from the dialects' definitions.
import type { ToolSpec } from "../../../src/models/model.ts";

const tool = (name: string, properties: Record<string, unknown>, required: string[]): ToolSpec => ({
  name,
  description: "",
  parameters: { type: "object", properties, required },
});
export const tools: ToolSpec[] = [
  tool("read", { path: { type: "string" }, from: { type: "integer" }, lines: { type: ["integer", "null"] } }, ["path"]),
  tool("write", { path: { type: "string" }, text: { type: "string" } }, ["path", "text"]),
  tool("run", { command: { type: "string" }, limit: { type: "number" }, background: { type: "boolean" }, env: { type: "object" }, args: { type: "array" } }, ["command"]),
  tool("list", {}, []),
];

export interface Case {
  name: string;
  text: string;
  said?: string;
  thought?: string;
  calls?: [name: string, args: Record<string, unknown>][];
  /** Names of calls that are told as bad. */
  bad?: string[];
  thinking?: "keep" | "drop";
  json?: true;
  startsInThought?: true;
  /** A value holds what a call's end looks like: an answer cut right there can't be told from a whole one. */
  holdsAnEnd?: true;
}

const a: [string, Record<string, unknown>] = ["read", { path: "src/a.ts", from: 3 }];
const b: [string, Record<string, unknown>] = ["run", { command: "ls -l", background: false }];
const json = (name: string, args: unknown, key = "arguments"): string => JSON.stringify({ name, [key]: args });
const ja = json(...a);
const jb = json(...b);

/** Dialects whose calls are JSON between two marks: [dialect, before, after]. */
const around: [string, string, string][] = [
  ["hermes", "<tool_call>\n", "\n</tool_call>"],
  ["hermes without its end", "<tool_call>\n", ""],
  ["longcat", "<longcat_tool_call>", "</longcat_tool_call>"],
  ["granite 20b", "<function_call> ", ""],
  ["internlm", "<|action_start|><|plugin|>", "<|action_end|>"],
  ["llama 3", "<|python_tag|>", "<|eom_id|>"],
  ["gigachat 3", "<|message_sep|>\n\nfunction call<|role_sep|>\n", ""],
  ["gigachat 3.1", "<|function_call|>", ""],
  ["lfm2 with json", "<|tool_call_start|>", "<|tool_call_end|>"],
  ["json", "", ""],
];
/** Dialects whose calls are a JSON list between two marks. */
const lists: [string, string, string][] = [
  ["jamba", "<tool_calls>", "</tool_calls>"],
  ["granite 3", "<|tool_call|> ", ""],
  ["nemotron", "<TOOLCALL>", "</TOOLCALL>"],
  ["command r7b", "<|START_ACTION|>", "<|END_ACTION|>"],
  ["command r+", "Action:\n```json\n", "\n```"],
  ["mistral", "[TOOL_CALLS] ", ""],
  ["functools", "functools", ""],
  ["xlam in hermes tags", "<tool_call>", "</tool_call>"],
  ["a fence", "```json\n", "\n```"],
  ["a list", "", ""],
];

const qwen = "<function=run>\n<parameter=command>\nls -l\n</parameter>\n<parameter=background>\nfalse\n</parameter>\n</function>";
const invoke = (p: string, open: string, close: string): string =>
  `${open}<${p}invoke name="run"><${p}parameter name="command">ls -l</${p}parameter>\n<${p}parameter name="background">false</${p}parameter></${p}invoke>${close}`;
const glm = "<tool_call>read\n<arg_key>path</arg_key>\n<arg_value>src/a.ts</arg_value>\n<arg_key>from</arg_key>\n<arg_value>3</arg_value>\n</tool_call>";
const m = "]<]minimax[>[";

export const cases: Case[] = [
  { name: "plain text", text: "Nothing to do: a < b, x[0] = {y: 1}.", said: "Nothing to do: a < b, x[0] = {y: 1}." },
  ...around.map(([name, before, after]): Case => ({ name, text: `${before}${ja}${after}`, calls: [a] })),
  ...around.slice(0, -1).map(
    ([name, before, after]): Case => ({
      name: `${name}, text before, two calls`,
      text: `I look.\n${before}${ja}${after}\n${before}${jb}${after}`,
      said: "I look.",
      calls: [a, b],
    }),
  ),
  ...lists.map(([name, before, after]): Case => ({ name, text: `${before}[${ja}, ${jb}]${after}`, calls: [a, b] })),
  ...lists.slice(0, -2).map(([name, before, after]): Case => ({ name: `${name}, text before`, text: `I look.\n${before}[${ja}]${after}`, said: "I look.", calls: [a] })),
  { name: "several objects in one tag", text: `<tool_calls>\n${ja}\n${jb}\n</tool_calls>`, calls: [a, b] },
  { name: "llama 3 list by semicolons", text: `${json(a[0], a[1], "parameters")}; ${json(b[0], b[1], "parameters")}`, calls: [a, b] },
  { name: "apertus", text: '<|tools_prefix|>[{"read": {"path": "src/a.ts", "from": 3}}, {"list": {}}]<|tools_suffix|>', calls: [a, ["list", {}]] },
  {
    name: "openai shape",
    text: '<tool_call>{"type": "function", "function": {"name": "read", "arguments": "{\\"path\\": \\"x\\"}"}}</tool_call>',
    calls: [["read", { path: "x" }]],
  },
  { name: "cohere's keys", text: '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "list", "parameters": {}}]<|END_ACTION|>', calls: [["list", {}]] },
  { name: "qwen3-coder", text: `<tool_call>\n${qwen}\n</tool_call>`, calls: [b] },
  { name: "qwen3-coder, opening tag missing", text: `I run it.\n${qwen}\n</tool_call>`, said: "I run it.", calls: [b] },
  { name: "qwen3-coder, two functions in one tag", text: `<tool_call>\n${qwen}\n${qwen}\n</tool_call>`, calls: [b, b] },
  {
    name: "qwen3-coder, code that holds tags",
    text: "<tool_call>\n<function=write>\n<parameter=path>\na.md\n</parameter>\n<parameter=text>\n  Write <parameter=x> or\n</parameter> here, </tool_call> too\n\n</parameter>\n</function>\n</tool_call>",
    calls: [["write", { path: "a.md", text: "  Write <parameter=x> or\n</parameter> here, </tool_call> too\n" }]],
  },
  {
    name: "qwen3-coder, types",
    text: "<function=run><parameter=command>5</parameter><parameter=limit>2.5</parameter><parameter=env>{'A': 'b'}</parameter><parameter=args>[1, 2]</parameter></function>",
    calls: [["run", { command: "5", limit: 2.5, env: { A: "b" }, args: [1, 2] }]],
  },
  { name: "seed-oss", text: `<seed:think>Hm.</seed:think>\n<seed:tool_call>\n${qwen}\n</seed:tool_call>`, thought: "Hm.", calls: [b] },
  { name: "functionary 3.1", text: '<function=read>{"path": "src/a.ts", "from": 3}</function>', calls: [a] },
  { name: "functionary 3.2", text: 'read\n{"path": "src/a.ts", "from": 3}', calls: [a] },
  { name: "functionary 3.2, text first, no mark", text: 'all\nI look.>>>read\n{"path": "src/a.ts", "from": 3}', said: "I look.", calls: [a] },
  { name: "functionary 3.2, text first", text: '>>>all\nI look.\n>>>read\n{"path": "src/a.ts", "from": 3}', said: "I look.", calls: [a] },
  { name: "minimax m2", text: invoke("", "<minimax:tool_call>\n", "\n</minimax:tool_call>"), calls: [b] },
  { name: "anthropic's tags", text: invoke("", "<function_calls>\n", "\n</function_calls>"), calls: [b] },
  { name: "muse glimmer", text: invoke("atem:", "<atem:function_calls>\n", "\n</atem:function_calls>"), calls: [b] },
  { name: "step 3", text: invoke("steptml:", "<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜>", "<｜tool_call_end｜><｜tool_calls_end｜>"), calls: [b] },
  {
    name: "deepseek 3.2",
    text: 'I run it.\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="run">\n<｜DSML｜parameter name="command" string="true">5</｜DSML｜parameter>\n<｜DSML｜parameter name="background" string="false">true</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
    said: "I run it.",
    calls: [["run", { command: "5", background: true }]],
  },
  {
    name: "minimax m3",
    text: `${m}<tool_call>${m}<invoke name="run">${m}<command>a <b> c${m}</command>${m}<args>${m}<item>x${m}</item>${m}<item>y${m}</item>${m}</args>${m}</invoke>${m}</tool_call>`,
    calls: [["run", { command: "a <b> c", args: ["x", "y"] }]],
  },
  { name: "glm", text: `I look.${glm}`, said: "I look.", calls: [a] },
  { name: "glm without line breaks, without arguments", text: `<tool_call>list</tool_call>${glm.replaceAll("\n", "")}`, calls: [["list", {}], a] },
  {
    name: "hunyuan 3",
    text: "<tool_calls>\n<tool_call>list<tool_sep></tool_call>\n<tool_call>read<tool_sep>\n<arg_key>path</arg_key>\n<arg_value>x</arg_value>\n</tool_call>\n</tool_calls>",
    calls: [
      ["list", {}],
      ["read", { path: "x" }],
    ],
  },
  {
    name: "gemma 4",
    text: '<|channel>thought\nHm.<channel|><|tool_call>call:run{command:<|"|>echo "a, {b}"<|"|>,args:[1,<|"|>x<|"|>],background:true}<tool_call|>',
    thought: "Hm.",
    calls: [["run", { command: 'echo "a, {b}"', args: [1, "x"], background: true }]],
  },
  { name: "functiongemma", text: "<start_function_call>call:read{path:<escape>src/a.ts<escape>,from:3}<end_function_call>", calls: [a] },
  { name: "devstral", text: 'I look.[TOOL_CALLS]read[ARGS]{"path": "src/a.ts", "from": 3}[TOOL_CALLS]list[ARGS]{}', said: "I look.", calls: [a, ["list", {}]] },
  { name: "magistral", text: '[THINK]Hm.[/THINK]I look.[TOOL_CALLS]read[CALL_ID]abc123[ARGS]{"path": "src/a.ts", "from": 3}', thought: "Hm.", said: "I look.", calls: [a] },
  {
    name: "kimi k2, stray words in the section",
    text: "<|tool_calls_section_begin|> now <|tool_call_begin|>functions.list:0<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>",
    calls: [["list", {}]],
  },
  {
    name: "deepseek 3, a mark missing",
    text: '<｜tool▁calls▁begin｜>function<｜tool▁sep｜>read\n```json\n{"path": "src/a.ts", "from": 3}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    calls: [a],
  },
  { name: "granite 3, response tags", text: "<think>Hm.</think><response>Done.</response>", thought: "Hm.", said: "Done." },
  { name: "gpt-oss, tokens stripped, a call", text: 'analysisHm.assistantcommentary to=functions.read json{"path": "src/a.ts", "from": 3}', thought: "Hm.", calls: [a] },
  { name: "mistral, arguments first", text: '[TOOL_CALLS] [{"arguments": {"path": "src/a.ts", "from": 3}, "name": "read"}]', calls: [a] },
  { name: "json, arguments first", text: '{"arguments": {"command": "x", "env": {"name": "y"}}, "name": "run"}', calls: [["run", { command: "x", env: { name: "y" } }]] },
  { name: "a tool tag", text: `<tool>${ja}</tool>`, calls: [a] },
  { name: "devstral without its second mark", text: '[TOOL_CALLS]read{"path": "src/a.ts", "from": 3}[TOOL_CALLS]list{}', calls: [a, ["list", {}]] },
  {
    name: "hermes, talk and call in one answer",
    text: `I could use <tool_call> tags. Let me.\n<tool_call>\n${ja}\n</tool_call>\nThat reads it.`,
    said: "I could use <tool_call> tags. Let me.\n\nThat reads it.",
    calls: [a],
  },
  { name: "a call after a fence that was closed", text: `\`\`\`ts\nx\n\`\`\`\n<tool_call>${ja}</tool_call>`, said: "```ts\nx\n```", calls: [a] },
  {
    name: "talk: an example's tags in a fence that goes on",
    text: `\`\`\`\n<tool_call>${ja}</tool_call>\nmore\n\`\`\`\nSo it looks.`,
    said: `\`\`\`\n<tool_call>${ja}</tool_call>\nmore\n\`\`\`\nSo it looks.`,
  },
  { name: "json at the end, before a special token", text: `I look:\n${ja}<|im_end|>`, said: "I look:", calls: [a] },
  { name: "a name with its module", text: '<tool_call>{"name": "default_api.list", "arguments": {}}</tool_call>', calls: [["list", {}]] },
  {
    name: "kimi k2",
    text: '<|tool_calls_section_begin|><|tool_call_begin|>functions.read:0<|tool_call_argument_begin|>{"path": "src/a.ts", "from": 3}<|tool_call_end|><|tool_call_begin|>functions.list:1 <|tool_call_argument_begin|> {} <|tool_call_end|><|tool_calls_section_end|>',
    calls: [a, ["list", {}]],
  },
  {
    name: "deepseek 3",
    text: '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>read\n```json\n{"path": "src/a.ts", "from": 3}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>list\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    calls: [a, ["list", {}]],
  },
  {
    name: "deepseek 3.1",
    text: 'Hm.</think>I look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>read<｜tool▁sep｜>{"path": "src/a.ts", "from": 3}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    thought: "Hm.",
    said: "I look.",
    calls: [a],
  },
  {
    name: "gpt-oss",
    text: '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|><|start|>assistant<|channel|>commentary to=functions.read <|constrain|>json<|message|>{"path": "src/a.ts", "from": 3}<|call|>',
    thought: "Hm.",
    said: "I look.",
    calls: [a],
  },
  { name: "gpt-oss, recipient first", text: ' to=functions.read<|channel|>commentary json<|message|>{"path": "src/a.ts", "from": 3}', calls: [a] },
  { name: "gpt-oss, final", text: "<|channel|>final<|message|>Done.<|return|>", said: "Done." },
  { name: "gpt-oss, tokens stripped", text: "analysisHm, well.assistantfinalDone.", thought: "Hm, well.", said: "Done." },
  {
    name: "lfm2",
    text: "<think>Hm.</think>I look.<|tool_call_start|>[read(path=\"src/a.ts\", from=3), run(command='ls -l', background=False)]<|tool_call_end|>",
    thought: "Hm.",
    said: "I look.",
    calls: [a, b],
  },
  { name: "llama 4", text: "<|python_start|>[list(), run(command='ls -l', background=False)]<|python_end|>", calls: [["list", {}], b] },
  { name: "olmo 3", text: '<function_calls>read(path="src/a.ts", from=3)\nlist()</function_calls>', calls: [a, ["list", {}]] },
  {
    name: "pythonic list",
    text: "[run(command='it\\'s', env={'A': None, 'B': [1, 2.5]}, args=())]",
    calls: [["run", { command: "it's", env: { A: null, B: [1, 2.5] }, args: [] }]],
  },
  { name: "pythonic list at the end of a sentence", text: "I call [list()]", said: "I call", calls: [["list", {}]] },
  { name: "pythonic, by position", text: '[read("src/a.ts", 3)]', calls: [a] },
  { name: "gemma 3's fence", text: '```tool_code\nread(path="src/a.ts", from=3)\n```', calls: [a] },
  { name: "a tag in a fence", text: `I look:\n\n\`\`\`xml\n<tool_call>${ja}</tool_call>\n\`\`\`\n`, said: "I look:", calls: [a] },
  { name: "json on a line of its own at the end", text: `I look:\n${ja}\n`, said: "I look:", calls: [a] },

  { name: "thoughts: a tag", text: "<think>\nHm.\n</think>\n\nDone.", thought: "Hm.", said: "Done." },
  { name: "thoughts: more words", text: "<thought>Hm.</thought>Done.", thought: "Hm.", said: "Done." },
  { name: "thoughts: kimi", text: "◁think▷Hm.◁/think▷Done.", thought: "Hm.", said: "Done." },
  { name: "thoughts: command r7b", text: "<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>Done.<|END_RESPONSE|>", thought: "Hm.", said: "Done." },
  { name: "thoughts: apertus", text: "<|inner_prefix|>Hm.<|inner_suffix|>Done.", thought: "Hm.", said: "Done." },
  { name: "thoughts: granite", text: "Here is my thought process: Hm. Here is my response: Done.", thought: "Hm.", said: "Done." },
  { name: "thoughts: hunyuan", text: "<think>\nHm.\n</think>\n<answer>\nDone.\n</answer>", thought: "Hm.", said: "Done." },
  { name: "thoughts: opened by the template, closed", text: "Hm.\n</think>\n\nDone.", thought: "Hm.", said: "Done." },
  { name: "thoughts: opened by the template, never closed", text: "Hm, hm.", startsInThought: true, thought: "Hm, hm." },
  { name: "thoughts: opened twice", text: "<think>\nHm.</think>Done.", startsInThought: true, thought: "Hm.", said: "Done." },
  { name: "thoughts: kept", text: "<think>Hm.</think>Done.", thinking: "keep", said: "<think>Hm.</think>Done." },
  { name: "thoughts: dropped", text: "<think>Hm.</think>Done.", thinking: "drop", said: "Done." },
  {
    name: "thoughts: a call inside is none",
    text: `<think>I could write <tool_call>${ja}</tool_call> and so on</think>Done.`,
    thought: `I could write <tool_call>${ja}</tool_call> and so on`,
    said: "Done.",
  },
  {
    name: "thoughts: a call right before their end is none",
    text: `<think>Say\n<tool_call>\n${ja}\n</tool_call>\n</think>Done.`,
    thought: `Say\n<tool_call>\n${ja}\n</tool_call>`,
    said: "Done.",
  },
  { name: "thoughts: never closed, ended by a call", text: `<think>Hm.\n<tool_call>\n${ja}\n</tool_call>`, thought: "Hm.", calls: [a] },
  {
    name: "thoughts: ended by a special token",
    text: "<think>Hm.<|tool_calls_section_begin|><|tool_call_begin|>functions.list:0<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>",
    thought: "Hm.",
    calls: [["list", {}]],
  },

  {
    name: "react",
    text: 'Thought: I read it.\nAction: read\nAction Input: {"path": "src/a.ts", "from": 3}\nObservation: it says',
    said: "Thought: I read it.\n it says",
    calls: [a],
  },
  { name: "talk: an action that is no tool", text: "Action: nothing\nAction Input: {}", said: "Action: nothing\nAction Input: {}" },
  { name: "qwen-agent", text: "✿FUNCTION✿: list\n✿ARGS✿: {}\n✿RESULT✿", calls: [["list", {}]] },
  {
    name: "a tool's name as a tag",
    text: "I write.\n<write>\n<path>a.html</path>\n<text>\n<p>x</p>\n</text>\n</write>",
    said: "I write.",
    calls: [["write", { path: "a.html", text: "<p>x</p>" }]],
  },
  { name: "talk: a tag that is a tool's name", text: "<read>this</read> and <list> are tags.\n<read>\n<b>x</b>", said: "<read>this</read> and <list> are tags.\n<read>\n<b>x</b>" },
  { name: "talk: a tool's tag without all that it needs", text: "<write><path>a</path></write>", said: "<write><path>a</path></write>" },
  { name: "gemma 4, an object that is no call", text: '{a:<|"|>say "x"<|"|>,b: [<|"|>y<|"|>], c:1}', said: '{"a":"say \\"x\\"","b": ["y"], "c":1}' },
  { name: "talk: an object of code", text: "It is {a: 1, b: [c]} then.", said: "It is {a: 1, b: [c]} then." },
  {
    name: "kimi k3",
    text: '<|open|>think<|sep|>Hm.<|close|>think<|sep|><|open|>response<|sep|>I look.<|close|>response<|sep|><|open|>tools<|sep|><|open|>call tool="list" index="1"<|sep|><|close|>call<|sep|><|close|>tools<|sep|>',
    thought: "Hm.",
    said: "I look.",
    calls: [["list", {}]],
  },
  {
    name: "muse glimmer, a thought and a call with headers",
    text: ' to=self<|message|>Hm.<|eom|><|start|>assistant to=list<|message|><atem:function_calls>\n<atem:invoke name="list">\n</atem:invoke>\n</atem:function_calls><|eot|>',
    thought: "Hm.",
    calls: [["list", {}]],
  },
  { name: "json asked for, in a fence", text: '<think>Hm.</think>```json\n{"a": "```"}\n```\n', json: true, thought: "Hm.", said: '{"a": "```"}' },
  { name: "json asked for, none in the fence", text: "```ts\nx\n```\nDone.", json: true, said: "```ts\nx\n```\nDone." },

  {
    name: "thoughts: apriel, whose template begins them",
    text: `First, I look.\n[BEGIN FINAL RESPONSE]\n<tool_calls>[${ja}]</tool_calls>\n[END FINAL RESPONSE]\n<|end|>`,
    thought: "First, I look.",
    calls: [a],
  },
  { name: "talk: a tag in inline code", text: `Write \`<tool_call>${ja}</tool_call>\` to call.`, said: `Write \`<tool_call>${ja}</tool_call>\` to call.` },
  {
    name: "talk: a tag in a sentence",
    text: "The <tool_call> tag opens a call, <think> a thought, </think> closes it.",
    said: "The <tool_call> tag opens a call, <think> a thought, </think> closes it.",
  },
  { name: "talk: a pair of tags in inline code", text: "It writes `<think>why</think>` first.", said: "It writes `<think>why</think>` first." },
  {
    name: "talk: a template",
    text: '<tool_call>{"name": <function-name>, "arguments": <args>}</tool_call>',
    said: '<tool_call>{"name": <function-name>, "arguments": <args>}</tool_call>',
  },
  { name: "talk: an example in a fence", text: `Like this:\n\`\`\`json\n${ja}\n\`\`\`\nIt reads a file.`, said: `Like this:\n\`\`\`json\n${ja}\n\`\`\`\nIt reads a file.` },
  { name: "talk: an example inside a line", text: `With ${ja} it reads.`, said: `With ${ja} it reads.` },
  { name: "talk: JSON that is an answer", text: '{"name": "Anna", "arguments": {"pro": 1}}', said: '{"name": "Anna", "arguments": {"pro": 1}}' },
  { name: "talk: code", text: "```ts\nconst x = [read(1)]; // {\n```\n", said: "```ts\nconst x = [read(1)]; // {\n```" },
  { name: "talk: a list that is no call", text: "[see(this)] and [list of things]", said: "[see(this)] and [list of things]" },
  { name: "talk: functions called in a sentence", text: "Call list() or read(path) first.", said: "Call list() or read(path) first." },
  { name: "talk: links and brackets", text: 'See [a](b), `[TOOL_CALLS]`, {"a": 1} and <function> or <b>.', said: 'See [a](b), `[TOOL_CALLS]`, {"a": 1} and <function> or <b>.' },

  {
    name: "repair: trailing commas, single quotes, Python words",
    text: "<tool_call>{'name': 'run', 'arguments': {'command': 'ls -l', 'background': False,},}</tool_call>",
    calls: [b],
  },
  { name: "repair: closing braces missing", text: '<tool_call>{"name": "read", "arguments": {"path": "src/a.ts", "from": 3</tool_call>', calls: [a] },
  { name: "repair: one brace too many", text: `<tool_call>${ja}}</tool_call>`, calls: [a] },
  {
    name: "repair: a line break in a string",
    text: '<tool_call>{"name": "write", "arguments": {"path": "a", "text": "x\ny\t"}}</tool_call>',
    calls: [["write", { path: "a", text: "x\ny\t" }]],
  },
  { name: "repair: a pattern's backslash", text: '<tool_call>{"name": "run", "arguments": {"command": "grep \\d+ a"}}</tool_call>', calls: [["run", { command: "grep \\d+ a" }]] },
  {
    name: "repair: quotes in quotes",
    text: '<tool_call>{"name": "run", "arguments": {"command": "echo "hi" there"}}</tool_call>',
    calls: [["run", { command: 'echo "hi" there' }]],
  },
  { name: "repair: a list's end missing", text: `[${ja}, ${jb}`, calls: [a, b] },
  {
    name: "repair: arguments wrapped once more",
    text: '<tool_call>{"name": "list", "arguments": {"input": {}}}</tool_call><tool_call>{"name": "read", "arguments": {"arguments": {"path": "x"}}}</tool_call>',
    calls: [
      ["list", { input: {} }],
      ["read", { path: "x" }],
    ],
  },
  { name: "bad: no repair is certain", text: '<tool_call>{"name": "run", "arguments": {"command": "echo "a}}</tool_call>', bad: ["run"] },
  { name: "bad: JSON that is no call", text: '<tool_call>{"name": 5, "arguments": {}}</tool_call>', bad: [""] },
  { name: "bad: cut in JSON", text: '<tool_call>{"name": "run", "arguments": {"command": "rm -rf bui', bad: ["run"] },
  { name: "bad: cut in tags", text: "<tool_call>\n<function=run>\n<parameter=command>\nrm -rf bui", bad: ["run"] },
  { name: "repair: ended before the function's end", text: "<function=run>\n<parameter=command>\nls\n</parameter>\n", calls: [["run", { command: "ls" }]] },
  { name: "bad: ended before all that the tool needs", text: "<function=write>\n<parameter=path>\nls\n</parameter>\n", bad: ["write"] },
  { name: "repair: ended before the last brackets", text: '<tool_call>{"name": "read", "arguments": {"path": "x"', calls: [["read", { path: "x" }]] },
  { name: "bad: ended in a number", text: '<tool_call>{"name": "read", "arguments": {"path": "x", "from": 1', bad: ["read"] },
  { name: "repair: glm, ended before the last mark", text: "<tool_call>read\n<arg_key>path</arg_key>\n<arg_value>x</arg_value>\n", calls: [["read", { path: "x" }]] },
  { name: "bad: glm, ended before all that the tool needs", text: "<tool_call>write\n<arg_key>path</arg_key>\n<arg_value>x</arg_value>\n", bad: ["write"] },
  {
    name: "repair: glm, tags missing",
    text: "<tool_call>write\npath</arg_key>\n<arg_value>x</arg_value>\n<arg_key>text<arg_value>y\n</tool_call>",
    calls: [["write", { path: "x", text: "y" }]],
  },
  {
    name: "glm, a value that holds the tags",
    holdsAnEnd: true,
    text: "<tool_call>write\n<arg_key>path</arg_key>\n<arg_value>x</arg_value>\n<arg_key>text</arg_key>\n<arg_value><arg_value>1</arg_value>\n</tool_call>\n</arg_value>\n</tool_call>",
    calls: [["write", { path: "x", text: "<arg_value>1</arg_value>\n</tool_call>\n" }]],
  },
  {
    name: "qwen3-coder, a value that holds a whole call",
    holdsAnEnd: true,
    text: `<tool_call>\n<function=write>\n<parameter=path>\nx\n</parameter>\n<parameter=text>\n<tool_call>\n${qwen}\n</tool_call>\n</parameter>\n</function>\n</tool_call>`,
    calls: [["write", { path: "x", text: `<tool_call>\n${qwen}\n</tool_call>` }]],
  },
  { name: "bad: cut in the second", text: `<tool_call>${ja}</tool_call><tool_call>{"name": "run", "arg`, calls: [a], bad: ["run"] },
  { name: "cut in a mark", text: "Done.<tool_cal", said: "Done.<tool_cal" },
  { name: "cut after a mark", text: "Done.<tool_call>", said: "Done." },
];
