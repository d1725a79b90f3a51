// How every family writes calls, as functions from calls to text: what the parser must read back, whatever the arguments hold.

export type Args = Record<string, unknown>;
export type Call = [name: string, args: Args];
export interface Family {
  name: string;
  /** The calls as such a model writes them, one after the other. */
  write(calls: Call[]): string;
  /** Nothing may stand before the calls. */
  alone?: true;
  /** Strings it can't carry, or of which it can't say where they end: its own marks. */
  not?: RegExp;
  /** Its text doesn't tell "5" from 5 without the tool's schema, nor carry nested values that look like text. */
  flat?: true;
  /** One call only. */
  single?: true;
}

const json = ([name, args]: Call, key = "arguments"): string => JSON.stringify({ name, [key]: args });
const each =
  (before: string, after: string, between = "\n", key?: string) =>
  (calls: Call[]): string =>
    calls.map((call) => `${before}${json(call, key)}${after}`).join(between);
const list =
  (before: string, after: string, key?: string) =>
  (calls: Call[]): string =>
    `${before}[${calls.map((call) => json(call, key)).join(", ")}]${after}`;
/** A value in a tag: text as it is, anything else as JSON. */
const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function python(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value === null) return "None";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value as Args).map(([key, one]) => `${JSON.stringify(key)}: ${python(one)}`)}}`;
  return JSON.stringify(value);
}
const pythonCall = ([name, args]: Call): string => `${name}(${Object.entries(args).map(([key, value]) => `${key}=${python(value)}`)})`;

const gemma =
  (mark: string) =>
  (value: unknown): string => {
    if (typeof value === "string") return `${mark}${value}${mark}`;
    if (Array.isArray(value)) return `[${value.map(gemma(mark))}]`;
    if (typeof value === "object" && value !== null) return `{${Object.entries(value as Args).map(([key, one]) => `${key}:${gemma(mark)(one)}`)}}`;
    return String(value);
  };

const functions = ([name, args]: Call): string =>
  `<function=${name}>\n${Object.entries(args)
    .map(([key, value]) => `<parameter=${key}>\n${plain(value)}\n</parameter>\n`)
    .join("")}</function>`;
const invokes =
  (prefix: string, attribute: (value: unknown) => string = () => "") =>
  ([name, args]: Call): string =>
    `<${prefix}invoke name="${name}">\n${Object.entries(args)
      .map(([key, value]) => `<${prefix}parameter name="${key}"${attribute(value)}>${plain(value)}</${prefix}parameter>\n`)
      .join("")}</${prefix}invoke>`;
const within =
  (before: string, one: (call: Call) => string, after: string, between = "\n") =>
  (calls: Call[]) =>
    `${before}${calls.map(one).join(between)}${after}`;

const m3 = "]<]minimax[>[";
function m3Value(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => `${m3}<item>${m3Value(one)}${m3}</item>`).join("");
  if (typeof value === "object" && value !== null)
    return Object.entries(value as Args)
      .map(([key, one]) => `${m3}<${key}>${m3Value(one)}${m3}</${key}>`)
      .join("");
  return plain(value);
}

const xmlNot = /<\/?(param|function|tool_call|seed|invoke|minimax|dots|antml|atem|steptml)|\n<|｜|^\s|\s$|<!\[CDATA/;
const k2 = ([name, args]: Call, nth: number): string => `<|tool_call_begin|>functions.${name}:${nth}<|tool_call_argument_begin|>${JSON.stringify(args)}<|tool_call_end|>`;
const k3Value = (value: unknown): string => (typeof value === "string" ? "string" : Array.isArray(value) ? "array" : value === null ? "null" : typeof value);

export const families: Family[] = [
  { name: "hermes", write: each("<tool_call>\n", "\n</tool_call>") },
  { name: "hermes without end", write: each("<tool_call>", "") },
  { name: "granite 4, parameters", write: each("<tool_call>", "</tool_call>", "", "parameters") },
  { name: "longcat", write: each("<longcat_tool_call>", "</longcat_tool_call>") },
  { name: "granite 20b", write: each("<function_call> ", "", " ") },
  { name: "granite 3", write: list("<|tool_call|> ", "") },
  { name: "phi 4", write: list("<|tool_call|>", "<|/tool_call|>") },
  { name: "phi 4 mini, functools", write: list("functools", "") },
  { name: "jamba", write: list("<tool_calls>", "</tool_calls>") },
  { name: "hunyuan", write: list("<tool_calls>\n", "\n</tool_calls>") },
  { name: "apriel", write: list("<tool_calls>", "</tool_calls>\n<|end|>") },
  { name: "nemotron", write: list("<TOOLCALL>", "</TOOLCALL>") },
  { name: "internlm 2", write: each("<|action_start|><|plugin|>\n", "<|action_end|>\n", "", "parameters") },
  { name: "internlm 2, a space between its marks", write: each("<|action_start|> <|plugin|>\n", "<|action_end|>\n", "", "parameters") },
  { name: "gigachat 3", write: each("<|message_sep|>\n\nfunction call<|role_sep|>\n", "") },
  { name: "gigachat 3.1", write: each("<|function_call|>", "") },
  { name: "pangu", write: list("[unused11]", "[unused12]") },
  { name: "apertus", write: (calls) => `<|tools_prefix|>[${calls.map(([name, args]) => JSON.stringify({ [name]: args })).join(", ")}]<|tools_suffix|>` },
  {
    name: "command r7b",
    write: (calls) =>
      `<|START_ACTION|>[\n${calls.map(([name, args], nth) => `    ${JSON.stringify({ tool_call_id: String(nth), tool_name: name, parameters: args })}`).join(",\n")}\n]<|END_ACTION|>`,
  },
  {
    name: "command r+",
    write: (calls) =>
      `Action:\n\`\`\`json\n${JSON.stringify(
        calls.map(([tool_name, parameters]) => ({ tool_name, parameters })),
        null,
        4,
      )}\n\`\`\``,
  },
  { name: "llama 3", write: each("<|python_tag|>", "<|eom_id|>", "; ", "parameters"), single: true },
  { name: "llama 3, several", write: each("", "", "; ", "parameters"), alone: true },
  { name: "llama 3.1, functions", write: (calls) => calls.map(([name, args]) => `<function=${name}>${JSON.stringify(args)}</function>`).join("") },
  { name: "functionary 3.2", write: (calls) => calls.map(([name, args]) => `>>>${name}\n${JSON.stringify(args)}`).join("\n") },
  { name: "mistral", write: list("[TOOL_CALLS] ", "") },
  { name: "mistral 11", write: (calls) => calls.map(([name, args]) => `[TOOL_CALLS]${name}[ARGS]${JSON.stringify(args)}`).join("") },
  { name: "mistral with ids", write: (calls) => calls.map(([name, args], nth) => `[TOOL_CALLS]${name}[CALL_ID]a${nth}[ARGS]${JSON.stringify(args)}`).join("") },
  { name: "kimi k2", write: (calls) => `<|tool_calls_section_begin|>${calls.map(k2).join("")}<|tool_calls_section_end|>` },
  {
    name: "kimi k3",
    write: within(
      "<|open|>tools<|sep|>",
      ([name, args]) =>
        `<|open|>call tool="${name}" index="1"<|sep|>${Object.entries(args)
          .map(([key, value]) => `<|open|>argument key="${key}" type="${k3Value(value)}"<|sep|>${plain(value)}<|close|>argument<|sep|>`)
          .join("")}<|close|>call<|sep|>`,
      "<|close|>tools<|sep|>",
      "",
    ),
    not: /<\|(open|close|sep)/,
  },
  {
    name: "deepseek 3",
    write: within(
      "<｜tool▁calls▁begin｜>",
      ([name, args]) => `<｜tool▁call▁begin｜>function<｜tool▁sep｜>${name}\n\`\`\`json\n${JSON.stringify(args)}\n\`\`\`<｜tool▁call▁end｜>`,
      "<｜tool▁calls▁end｜><｜end▁of▁sentence｜>",
    ),
  },
  {
    name: "deepseek 3.1",
    write: within("<｜tool▁calls▁begin｜>", ([name, args]) => `<｜tool▁call▁begin｜>${name}<｜tool▁sep｜>${JSON.stringify(args)}<｜tool▁call▁end｜>`, "<｜tool▁calls▁end｜>", ""),
  },
  {
    name: "deepseek 3.2",
    write: within(
      "<｜DSML｜function_calls>\n",
      invokes("｜DSML｜", (value) => ` string="${typeof value === "string"}"`),
      "\n</｜DSML｜function_calls>",
    ),
    not: xmlNot,
  },
  {
    name: "deepseek 4",
    write: within(
      "<｜DSML｜tool_calls>\n",
      invokes("｜DSML｜", (value) => ` string="${typeof value === "string"}"`),
      "\n</｜DSML｜tool_calls>",
    ),
    not: xmlNot,
  },
  {
    name: "gpt-oss",
    write: (calls) =>
      calls.map(([name, args]) => `<|channel|>commentary to=functions.${name} <|constrain|>json<|message|>${JSON.stringify(args)}<|call|>`).join("<|start|>assistant"),
  },
  {
    name: "gpt-oss, recipient first",
    write: (calls) => calls.map(([name, args]) => `<|start|>assistant to=functions.${name}<|channel|>commentary json<|message|>${JSON.stringify(args)}<|call|>`).join(""),
  },
  { name: "qwen3-coder", write: (calls) => calls.map((call) => `<tool_call>\n${functions(call)}\n</tool_call>`).join("\n"), not: xmlNot, flat: true },
  { name: "qwen3-coder, opening tag missing", write: (calls) => calls.map((call) => `${functions(call)}\n</tool_call>`).join("\n"), not: xmlNot, flat: true },
  { name: "seed-oss", write: (calls) => calls.map((call) => `<seed:tool_call>\n${functions(call)}\n</seed:tool_call>`).join("\n"), not: xmlNot, flat: true },
  {
    name: "minicpm 5",
    write: (calls) =>
      calls
        .map(
          ([name, args]) =>
            `<function name="${name}">${Object.entries(args)
              .map(([key, value]) => `<param name="${key}">${plain(value)}</param>`)
              .join("")}</function>`,
        )
        .join("\n"),
    not: xmlNot,
    flat: true,
  },
  { name: "minimax m2", write: within("<minimax:tool_call>\n", invokes(""), "\n</minimax:tool_call>"), not: xmlNot, flat: true },
  { name: "dots", write: within("<dots_function_call>\n", invokes(""), "\n</dots_function_call>"), not: xmlNot, flat: true },
  { name: "anthropic", write: within("<function_calls>\n", invokes(""), "\n</function_calls>"), not: xmlNot, flat: true },
  { name: "muse", write: within("<atem:function_calls>\n", invokes("atem:"), "\n</atem:function_calls>"), not: xmlNot, flat: true },
  {
    name: "muse with headers",
    write: (calls) => calls.map((call) => `<|start|>assistant to=${call[0]}<|message|><atem:function_calls>\n${invokes("atem:")(call)}\n</atem:function_calls><|eom|>`).join(""),
    not: xmlNot,
    flat: true,
  },
  {
    name: "step 3",
    write: within("<｜tool_calls_begin｜>", (call) => `<｜tool_call_begin｜>function<｜tool_sep｜>${invokes("steptml:")(call)}<｜tool_call_end｜>`, "<｜tool_calls_end｜>"),
    not: xmlNot,
    flat: true,
  },
  {
    name: "minimax m3",
    write: within(`${m3}<tool_call>`, ([name, args]) => `${m3}<invoke name="${name}">${m3Value(args)}${m3}</invoke>`, `${m3}</tool_call>`, ""),
    not: /minimax|^$/,
    flat: true,
  },
  {
    name: "glm",
    write: (calls) =>
      calls
        .map(
          ([name, args]) =>
            `<tool_call>${name}\n${Object.entries(args)
              .map(([key, value]) => `<arg_key>${key}</arg_key>\n<arg_value>${plain(value)}</arg_value>\n`)
              .join("")}</tool_call>`,
        )
        .join("\n"),
    not: /<\/?(arg|tool_call)|\n</,
    flat: true,
  },
  {
    name: "hunyuan 3",
    write: within(
      "<tool_calls>\n",
      ([name, args]) =>
        `<tool_call>${name}<tool_sep>\n${Object.entries(args)
          .map(([key, value]) => `<arg_key>${key}</arg_key>\n<arg_value>${plain(value)}</arg_value>\n`)
          .join("")}</tool_call>`,
      "\n</tool_calls>",
    ),
    not: /<\/?(arg|tool_call)|\n</,
    flat: true,
  },
  { name: "gemma 4", write: (calls) => calls.map(([name, args]) => `<|tool_call>call:${name}${gemma('<|"|>')(args)}<tool_call|>`).join(""), not: /<\|"/ },
  {
    name: "functiongemma",
    write: (calls) => calls.map(([name, args]) => `<start_function_call>call:${name}${gemma("<escape>")(args)}<end_function_call>`).join(""),
    not: /<escape/,
  },
  { name: "lfm 2", write: within("<|tool_call_start|>[", pythonCall, "]<|tool_call_end|>", ", ") },
  { name: "lfm 2, json", write: list("<|tool_call_start|>", "<|tool_call_end|>") },
  { name: "llama 4", write: within("<|python_start|>[", pythonCall, "]<|python_end|>", ", ") },
  { name: "olmo 3", write: within("<function_calls>", pythonCall, "</function_calls>") },
  { name: "toolace", write: within("[", pythonCall, "]", ", "), alone: true },
  { name: "gemma 3, tool code", write: within("```tool_code\n", pythonCall, "\n```") },
  { name: "json in a fence", write: list("```json\n", "\n```") },
  { name: "json objects in a fence", write: each("```json\n", "\n```") },
  { name: "xlam", write: list("", ""), alone: true },
  { name: "json", write: each("", ""), alone: true },
];
