// JSON between marks: Hermes, Qwen, Granite, Jamba, Hunyuan, InternLM, Llama, GigaChat, LongCat, Apertus, Command, Nemotron, xLAM, functools and kin.
import { readJsonBody } from "./body.ts";
import { type Dialect, more, not } from "./dialect.ts";
import { parseLoose } from "./loose.ts";
import { isFields } from "./shape.ts";

interface Tag {
  name: string;
  open: string;
  closers?: string[];
  keyed?: boolean;
  where?: Dialect["where"];
  /** Others use these marks too: only offered names count. */
  ambiguous?: true;
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
  ...["", " ", "\n"].map((gap): Tag => ({ name: "internlm", open: `<|action_start|>${gap}<|plugin|>`, closers: ["<|action_end|>"] })),
  { name: "pangu", open: "[unused11]", closers: ["[unused12]"] },
  { name: "dots", open: "<dots_function_call>", closers: ["</dots_function_call>"] },
  { name: "anythingllm", open: "<anythingllm:function_calls>", closers: ["</anythingllm:function_calls>"] },
  { name: "command", open: "<|START_ACTION|>", closers: ["<|END_ACTION|>"] },
  { name: "gigachat", open: "<|function_call|>" },
  { name: "gigachat", open: "<|message_sep|>\n\nfunction call<|role_sep|>" },
  { name: "llama", open: "<|python_tag|>", closers: ["<|eom_id|>", "<|eot_id|>"] },
  { name: "mistral", open: "[TOOL_CALLS]", closers: ["[/TOOL_CALLS]"] },
  { name: "functools", open: "functools", where: "word" },
  ...["tool", "json", "JSON", "xml", "response"].map((tag): Tag => ({ name: `<${tag}>`, open: `<${tag}>`, closers: [`</${tag}>`], ambiguous: true })),
];

const tagged = (tag: Tag): Dialect => ({
  name: tag.name,
  opens: () => [tag.open],
  where: tag.where ?? "any",
  sure: !tag.ambiguous,
  special: /^<\||^\[/.test(tag.open),
  read: (text, context) => readJsonBody(text, tag.open.length, { closers: tag.closers ?? [], keyed: tag.keyed ?? false, ambiguous: tag.ambiguous ?? false }, context),
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

/** Code for the interpreter after Llama's mark, or its arguments: the whole rest, if such a tool is offered. */
export const llamaCode: Dialect = {
  name: "llama-code",
  opens: () => ["<|python_tag|>"],
  where: "any",
  sure: true,
  special: true,
  read(text, context) {
    const tool = context.tools?.find((one) => /^(python|ipython|code_interpreter)$/.test(one.name));
    if (!tool) return not;
    if (!context.ended) return more;
    const parameters = Object.keys(isFields(tool.parameters.properties) ? tool.parameters.properties : {});
    const code = text.slice("<|python_tag|>".length).replace(/<\|eo[mt]_id\|>\s*$/, "");
    const parsed = parseLoose(code.trim())?.value;
    const args = isFields(parsed) && Object.keys(parsed).every((key) => parameters.includes(key)) ? parsed : { [parameters[0] ?? "code"]: code };
    return { is: "calls", length: text.length, calls: [{ name: tool.name, args }] };
  },
};

export const taggedDialects: Dialect[] = [...tags.map(tagged), action];
