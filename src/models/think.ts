// Thoughts inside an answer's text: the marks around them, and the special tokens that are never shown.

export interface ThoughtMarks {
  open: string;
  close: string[];
  /** Where the opening mark counts: `any` for special tokens, `line` at the beginning of a line, `start` at that of the answer. */
  where: "any" | "line" | "start";
  /** Dropped if the thought begins with it. */
  lead?: string;
  /** A channel, not a pair of tags: split off even where thoughts are to stay in the text. */
  channel?: boolean;
}

const tag = (name: string): ThoughtMarks => ({ open: `<${name}>`, close: [`</${name}>`], where: "line" });
export const thoughtMarks: readonly ThoughtMarks[] = [
  ...["think", "thinking", "thought", "thoughts", "reasoning", "longcat_think", "mm:think"].map(tag),
  { ...tag("seed:think"), where: "any" },
  { open: "[THINK]", close: ["[/THINK]"], where: "any" },
  { open: "◁think▷", close: ["◁/think▷"], where: "any" },
  { open: "<|START_THINKING|>", close: ["<|END_THINKING|>"], where: "any" },
  { open: "<|inner_prefix|>", close: ["<|inner_suffix|>"], where: "any" },
  { open: "<|channel>", close: ["<channel|>"], where: "any", lead: "thought\n", channel: true },
  { open: "Here are my reasoning steps:", close: ["[BEGIN FINAL RESPONSE]"], where: "start" },
  ...["Here is", "Here's"].map((open): ThoughtMarks => ({ open: `${open} my thought process:`, close: ["Here is my response:", "Here's my response:"], where: "start" })),
];

/** Closing marks that tell, coming first, that all before them was a thought: the server's template had opened it. */
export const lateClosers: readonly string[] = [...thoughtMarks.filter(({ where }) => where !== "start").flatMap(({ close }) => close), "[BEGIN FINAL RESPONSE]"];

/** Special tokens that servers let through: marks of turns, answers and tool results. */
export const noise: readonly string[] = [
  ...["im_end", "im_start", "eot_id", "eom_id", "endoftext", "end_of_text", "end_of_turn", "end", "return", "call", "message", "eot", "eom"].map((name) => `<|${name}|>`),
  ...["START_RESPONSE", "END_RESPONSE", "START_TEXT", "END_TEXT", "START_OF_TURN_TOKEN", "END_OF_TURN_TOKEN", "CHATBOT_TOKEN"].map((name) => `<|${name}|>`),
  ...["tool▁output▁begin", "tool▁output▁end", "tool▁outputs▁begin", "tool▁outputs▁end", "end▁of▁sentence", "Assistant"].map((name) => `<｜${name}｜>`),
  ...["[END FINAL RESPONSE]", "<|tool_response>", "<tool_response|>", "<turn|>", "<end_of_turn>", "<start_function_response>", "<end_function_response>"],
];

/**
 * Does a model of this name begin in its thought, its template having written the opening mark? `thinks`: thoughts were asked for, which some templates
 * need. Matters only where the server doesn't split thoughts off, and there only for answers that never close the thought: one that does tells by itself.
 */
export const beginsInThought = (model: string, thinks: boolean | undefined): boolean => thinks !== false && (always.test(model) || (thinks === true && asked.test(model)));
const always = /apriel|deepseek[-_.]?r1|qwq|qwen[-_.]?3.*(?<!non[-_.]?)(?:thinking|reasoning)|ernie.*(?:thinking|reasoning)|minimax[-_.]?m[23]|step[-_.]?3/i;
const asked = /deepseek[-_.]?v3[-_.][1-9]|qwen[-_.]?3[-_.][5-9]|glm[-_.]?4[-_.][6-9]|nemotron.*3/i;
