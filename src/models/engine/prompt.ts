// A conversation as the model's own template writes it; where the template can't, as plain ChatML with the tools in the system text.
import { asText } from "../textcalls.ts";
import type { Templates } from "./llama.ts";
import type { EngineRequest } from "./protocol.ts";

export interface Rendered {
  text: string;
  /** The answer begins in the middle of this: the template or a forced call has opened it. */
  begun: string;
  /** Text that ends the answer, where the model's own end token isn't the template's. */
  stops: string[];
}
type Said = Record<string, unknown> & { role: string; content: string };
type Apply = (values: Record<string, unknown>) => string;
interface Way {
  /** The template writes tools, calls and results; else they go as text. */
  tools: boolean;
  /** The template has a place for the system text. */
  system: boolean;
}
const ways: readonly Way[] = [
  { tools: true, system: true },
  { tools: true, system: false },
  { tools: false, system: true },
  { tools: false, system: false },
];
const callOpen = '<tool_call>\n{"name": "';

/**
 * Renders requests; the function never throws, and equal requests give equal text. The ways are tried in order: the template with everything, with the
 * system text in the person's first message, with the tools in the system text. `noted` is told once of each thing that the template could not do.
 */
export function openRenderer(
  template: string | null,
  library: Templates,
  special: { bos: string; eos: string },
  noted: (what: string, why: string) => void,
): (request: EngineRequest) => Rendered {
  const told = new Set<string>();
  const once = (what: string, error: unknown): void => {
    const why = error instanceof Error ? error.message : String(error);
    if (told.has(what + why)) return;
    told.add(what + why);
    noted(what, why);
  };
  const apply = template === null ? null : templateOf(template, library, special, once);
  const takesTools = apply !== null && showsTools(apply, once);
  return (request) => {
    const values = request.think === false ? { enable_thinking: false } : {};
    const tools = request.tools.map(toolOut);
    for (const way of apply === null ? [] : ways) {
      if (way.tools && !takesTools && tools.length > 0) continue;
      try {
        const listed = way.tools && tools.length > 0 ? { tools } : {};
        const text = apply?.({ messages: messagesOut(request, way.tools, way.system), ...listed, ...values, add_generation_prompt: true }) ?? "";
        return begin(text, [], request);
      } catch (error) {
        once("the template can't write this conversation", error);
      }
    }
    return begin(chatml(messagesOut(request, false, true)), ["<|im_end|>", "<|im_start|>"], request);
  };
}

function templateOf(template: string, { Template }: Templates, { bos, eos }: { bos: string; eos: string }, once: (what: string, error: unknown) => void): Apply | null {
  try {
    const parsed = new Template(template);
    return (values) => parsed.render({ bos_token: bos, eos_token: eos, ...values });
  } catch (error) {
    once("the template can't be read", error);
    return null;
  }
}

/** Many templates pass over tools, calls or results without a word. */
function showsTools(apply: Apply, once: (what: string, error: unknown) => void): boolean {
  const tool = toolOut({ name: "probe_tool", description: "", parameters: { type: "object", properties: {} } });
  const call = { id: idOf(0), type: "function", function: { name: "probe_tool", arguments: { probe_argument: 1 } } };
  const messages = [
    { role: "user", content: "x" },
    { role: "assistant", content: "", tool_calls: [call] },
    { role: "tool", content: "probe_result", name: "probe_tool", tool_call_id: idOf(0) },
  ];
  try {
    const text = apply({ messages, tools: [tool], add_generation_prompt: true });
    const bare = apply({ messages: messages.slice(0, 1), tools: [tool], add_generation_prompt: true });
    return bare.includes("probe_tool") && text.includes("probe_argument") && text.includes("probe_result");
  } catch (error) {
    once("the template can't write tool calls", error);
    return false;
  }
}

/** A thought that the template opened, or the beginning of a call that is forced, belongs to the answer. */
function begin(text: string, stops: string[], { force, tools }: EngineRequest): Rendered {
  const opened = /<think>\s*$/.exec(text)?.[0] ?? "";
  if (force !== "call" || tools.length === 0 || !text.includes("<tool_call>")) return { text, begun: opened, stops };
  const closed = opened === "" ? "" : "\n</think>\n\n";
  return { text: text + closed + callOpen, begun: opened + closed + callOpen, stops };
}

const toolOut = (tool: EngineRequest["tools"][number]): unknown => ({ type: "function", function: tool });
/** Nine letters and figures: some templates insist. */
const idOf = (at: number): string => `call${String(at).padStart(5, "0")}`;

function messagesOut(request: EngineRequest, withTools: boolean, withSystem: boolean): Said[] {
  const out: Said[] = [];
  const ids = new Map<string, string>();
  for (const message of withTools ? request.messages : asText({ ...request, format: "text" }).messages) {
    switch (message.role) {
      case "system":
      case "user":
        out.push({ role: message.role, content: message.text });
        break;
      case "assistant": {
        const thought = message.thought ? { reasoning_content: message.thought } : {};
        for (const { id } of message.calls) if (!ids.has(id)) ids.set(id, idOf(ids.size));
        const calls = message.calls.map(({ id, name, args }) => ({ id: ids.get(id), type: "function", function: { name, arguments: args ?? {} } }));
        out.push({ role: "assistant", content: message.text, ...thought, ...(calls.length > 0 ? { tool_calls: calls } : {}) });
        break;
      }
      case "tool":
        out.push({ role: "tool", content: message.text, name: message.name, tool_call_id: ids.get(message.call) ?? idOf(ids.size) });
        break;
    }
  }
  const listed = withTools ? "" : toolsAsText(request.tools);
  const [first] = out;
  if (first?.role === "system") first.content += listed;
  else if (listed !== "") out.unshift({ role: "system", content: listed.trim() });
  return withSystem ? out : withoutSystem(out);
}

function withoutSystem(messages: Said[]): Said[] {
  const [first, ...rest] = messages;
  if (first?.role !== "system") return messages;
  const at = rest.findIndex((message) => message.role === "user");
  if (at < 0) return [{ role: "user", content: first.content }, ...rest];
  return rest.map((message, index) => (index === at ? { ...message, content: `${first.content}\n\n${message.content}` } : message));
}

const toolsAsText = (tools: EngineRequest["tools"]): string =>
  tools.length === 0
    ? ""
    : `\n\nYou can call these tools:\n<tools>\n${tools.map((tool) => JSON.stringify(toolOut(tool))).join("\n")}\n</tools>\nTo call a tool write:\n<tool_call>\n{"name": <name>, "arguments": <object>}\n</tool_call>`;

const chatml = (messages: Said[]): string => `${messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join("")}<|im_start|>assistant\n`;
