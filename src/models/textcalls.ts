// Tools without the server's help: calls and results go as text both ways, in the tags that most small models were taught (Hermes, Qwen).
import type { CallOut, Message, Piece, Request, ToolSpec } from "./model.ts";
import { noUsage } from "./model.ts";

/**
 * A request of format `text` as the server gets it: no tools, calls written into the answers they stood in, results as the person's words. Neighbours of the
 * person's side become one message, as some templates refuse two in a row; an answer always closes such a group, so a longer conversation still begins with
 * the shorter one. Any other request comes back as it is. Pure: equal requests give equal bytes.
 */
export function asText(request: Request): Request {
  if (request.format !== "text") return request;
  const { format: _, force, tools, messages, ...rest } = request;
  // tool choice needs tools: the form of the whole answer does it instead, and the parser reads a call without its tags
  const schema = rest.schema ?? (force === "call" && tools.length > 0 ? callSchema(tools) : undefined);
  return { ...rest, ...(schema ? { schema } : {}), tools: [], messages: textMessages(messages) };
}

function textMessages(messages: readonly Message[]): Message[] {
  const out: Message[] = [];
  let result = false;
  for (const message of messages) {
    if (message.role === "system") out.push(message);
    else if (message.role === "assistant")
      out.push({ role: "assistant", text: [message.text, ...message.calls.map(callText)].filter((part) => part !== "").join("\n"), calls: [] });
    else {
      const text = message.role === "tool" ? resultText(message.text) : message.text;
      const last = out.at(-1);
      if (last?.role === "user") last.text += (result && message.role === "tool" ? "\n" : "\n\n") + text;
      else out.push({ role: "user", text });
    }
    result = message.role === "tool";
  }
  return out;
}

/** A call as the system text teaches it, and as the models' own templates write it. */
export const callText = ({ name, args }: Pick<CallOut, "name" | "args">): string =>
  `<tool_call>\n{"name": ${JSON.stringify(name)}, "arguments": ${spaced(args ?? {})}}\n</tool_call>`;

/** What a tool gave. A closing tag in it is bent: text of a file must not end the result and speak as the person. */
const resultText = (text: string): string => `<tool_response>\n${text.replaceAll("</tool_response>", "<\\/tool_response>")}\n</tool_response>`;

/** JSON with spaces behind colons and commas, which is how models have seen it. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}: ${spaced(field)}`).join(", ")}}`;
}

/** One call of one of the tools, as a schema for the whole answer. */
export function callSchema(tools: readonly ToolSpec[]): Record<string, unknown> {
  const calls = tools.map(({ name, parameters }) => ({
    type: "object",
    properties: { name: { type: "string", enum: [name] }, arguments: parameters },
    required: ["name", "arguments"],
    additionalProperties: false,
  }));
  return calls.length === 1 && calls[0] ? calls[0] : { anyOf: calls };
}

const mark = "<tool_response>";
/**
 * Ends an answer where the model begins to make up the result of its own call: what it goes on to write rests on nothing. The stream is closed there, so
 * its usage isn't known. `read` finds the calls in the pieces.
 */
export async function* withoutInventions(pieces: AsyncIterable<Piece>, read: (pieces: AsyncIterable<Piece>) => AsyncIterable<Piece>): AsyncGenerator<Piece> {
  let over = false;
  async function* upToThere(): AsyncGenerator<Piece> {
    for await (const piece of pieces) {
      yield piece;
      if (!over) continue;
      yield { type: "end", end: "stop", usage: noUsage };
      return;
    }
  }
  let held = "";
  let lineStart = true;
  /** What may be shown; with `ended` nothing is held back for what might follow. */
  const take = (delta: string, ended: boolean): string => {
    const text = held + delta;
    const { at, length } = over ? { at: 0, length: 0 } : findMark(text, lineStart, ended);
    if (at < 0) {
      held = text.slice(length);
      lineStart = /(^|\n)[ \t]*$/.test(text.slice(0, length)) && (lineStart || text.slice(0, length).includes("\n"));
      return text.slice(0, length);
    }
    over = true;
    held = "";
    return text.slice(0, at);
  };
  for await (const piece of read(upToThere())) {
    if (piece.type === "was.thought") held = "";
    const shown = piece.type === "text" ? take(piece.delta, false) : piece.type === "end" || piece.type === "fault" ? take("", true) : "";
    if (shown !== "") yield { type: "text", delta: shown };
    if (piece.type !== "text") yield piece;
  }
}

/** Where a made-up result begins: at a line's beginning, or anywhere with a line break behind it. Else `length` characters are surely no part of one. */
function findMark(text: string, lineStart: boolean, ended: boolean): { at: number; length: number } {
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
    const before = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
    const begins = /^[ \t]*$/.test(before) && (lineStart || text.slice(0, at).includes("\n"));
    const next = text[at + mark.length];
    if (begins || next === "\n" || next === "\r" || (next === undefined && ended)) return { at, length: 0 };
    if (next === undefined) return { at: -1, length: at };
  }
  let length = text.length;
  for (let size = Math.min(mark.length - 1, text.length); size > 0 && !ended; size--) {
    if (!text.endsWith(mark.slice(0, size))) continue;
    length -= size;
    break;
  }
  return { at: -1, length };
}
