// JSON between marks: Hermes, Qwen, Granite, Jamba, Hunyuan, InternLM, Llama, GigaChat, LongCat, Apertus, Command, Nemotron, xLAM, functools and kin.
import { readJsonBody } from "./body.ts";
import { type Dialect, more, not, skipSpace } from "./dialect.ts";

interface Tag {
  name: string;
  open: string;
  closers?: string[];
  keyed?: boolean;
  where?: Dialect["where"];
}

const tags: Tag[] = [
  { name: "tool_call", open: "<tool_call>", closers: ["</tool_call>", "<|tool_call|>", "<tool_call|>"] },
  { name: "tool_calls", open: "<tool_calls>", closers: ["</tool_calls>"] },
  { name: "function_call", open: "<function_call>", closers: ["</function_call>"] },
  { name: "function_calls", open: "<function_calls>", closers: ["</function_calls>"] },
  { name: "tools", open: "<tools>", closers: ["</tools>"] },
  { name: "longcat", open: "<longcat_tool_call>", closers: ["</longcat_tool_call>"] },
  { name: "nemotron", open: "<TOOLCALL>", closers: ["</TOOLCALL>"] },
  { name: "granite", open: "<|tool_call|>", closers: ["<|/tool_call|>", "<|end_tool_call|>"] },
  { name: "lfm2", open: "<|tool_call_start|>", closers: ["<|tool_call_end|>"] },
  { name: "apertus", open: "<|tools_prefix|>", closers: ["<|tools_suffix|>"], keyed: true },
  { name: "internlm", open: "<|action_start|><|plugin|>", closers: ["<|action_end|>"] },
  { name: "command", open: "<|START_ACTION|>", closers: ["<|END_ACTION|>"] },
  { name: "gigachat", open: "<|function_call|>" },
  { name: "gigachat", open: "<|message_sep|>\n\nfunction call<|role_sep|>" },
  { name: "llama", open: "<|python_tag|>", closers: ["<|eom_id|>", "<|eot_id|>"] },
  { name: "mistral", open: "[TOOL_CALLS]", closers: ["[/TOOL_CALLS]"] },
  { name: "functools", open: "functools", where: "word" },
];

const tagged = (tag: Tag): Dialect => ({
  name: tag.name,
  opens: () => [tag.open],
  where: tag.where ?? "any",
  sure: true,
  special: /^<\||^\[/.test(tag.open),
  read: (text, context) => readJsonBody(text, tag.open.length, { closers: tag.closers ?? [], ...(tag.keyed ? { keyed: true } : {}) }, context),
});

const actionOpen = /^Action:\s*```(?:json)?\s*(?=[[{])/;
/** Command R+: `Action:` and a fenced list, which may hold `directly_answer`. */
const action: Dialect = {
  name: "command-r-plus",
  opens: () => ["Action:"],
  where: "line",
  sure: true,
  read(text, context) {
    const open = actionOpen.exec(text)?.[0];
    if (open !== undefined) return readJsonBody(text, open.length, { closers: ["```"] }, context);
    const partial = /^Action:\s*(`{1,3}(j|js|jso|json)?\s*)?$/.test(text);
    return partial && !context.ended ? more : not;
  },
};

/** Code for the interpreter after Llama's mark: the whole rest is one argument, if such a tool is offered. */
const llamaCode: Dialect = {
  name: "llama-code",
  opens: () => ["<|python_tag|>"],
  where: "any",
  sure: true,
  special: true,
  read(text, context) {
    const from = "<|python_tag|>".length;
    const at = skipSpace(text, from);
    if (at < text.length && "{[".includes(text[at] as string)) return not;
    const tool = context.tools?.find((one) => /^(python|ipython|code_interpreter)$/.test(one.name));
    if (!tool) return at < text.length || context.ended ? not : more;
    if (!context.ended) return more;
    const parameter = Object.keys((tool.parameters.properties as object | undefined) ?? {})[0] ?? "code";
    const code = text.slice(from).replace(/<\|eo[mt]_id\|>\s*$/, "");
    return { is: "calls", length: text.length, calls: [{ name: tool.name, args: { [parameter]: code } }] };
  },
};

export const taggedDialects: Dialect[] = [...tags.map(tagged), action, llamaCode];
