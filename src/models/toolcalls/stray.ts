// Closing tags that may be left over after a call was read; they go, with nothing but white space before them.
const tags = ["tool_call", "tool_calls", "function_call", "function_calls", "function", "invoke", "tools", "longcat_tool_call", "TOOLCALL", "tool_code", "parameter"];
const prefixed = [
  "minimax:tool_call",
  "seed:tool_call",
  "atem:function_calls",
  "｜DSML｜function_calls",
  "｜DSML｜tool_calls",
  "steptml:invoke",
  "dots_function_call",
  "anythingllm:function_calls",
  "antml:function_calls",
];
const marks = ["tool_call_end", "tool_calls_section_end", "tool_call_section_end", "action_end", "END_ACTION", "tools_suffix", "python_end", "/tool_call", "message_sep"];
const wide = ["tool▁call▁end", "tool▁calls▁end", "tool_call_end", "tool_calls_end"];

export const strayClosers: readonly string[] = [
  ...[...tags, ...prefixed].map((tag) => `</${tag}>`),
  ...marks.map((mark) => `<|${mark}|>`),
  ...wide.flatMap((mark) => [`<｜${mark}｜>`, `<|${mark}|>`]),
  "<tool_call|>",
  "<end_function_call>",
  "[/TOOL_CALLS]",
  "[unused12]",
  "]<]minimax[>[</tool_call>",
  "]<]minimax[>[</tool_call",
];
