// The one parser of what models write: text, thoughts and tool calls in any dialect, out of deltas cut anywhere.
//
//   deltas -> held text -> marks -> text: a dialect reads a call, a thought opens, noise goes
//                                   thought: its closing mark, or a call that ends the answer
import type { ToolSpec } from "./model.ts";
import { readLoose } from "./toolcalls/loose.ts";
import { isFields } from "./toolcalls/shape.ts";
import { begin, type State, showProgress, worthALook } from "./toolcalls/state.ts";
import { stepText } from "./toolcalls/text.ts";
import { stepThought } from "./toolcalls/thought.ts";

export type ParsedPiece =
  | { type: "text"; delta: string }
  | { type: "thought"; delta: string }
  /** All text so far was a thought, whose opening the server had written; `thought` is how it reads. At most once, and before any call. */
  | { type: "was.thought"; thought: string }
  | { type: "call.delta"; name: string; chars: number }
  /** `bad`: why it can't be run, for the model to read; args is {} then, and `raw` what was written. */
  | { type: "call"; name: string; args: Record<string, unknown>; bad?: string; raw?: string };

export interface CallParserOptions {
  /** Null: not known; then any name is a call's where marks leave no doubt, or at the very beginning. */
  tools: readonly ToolSpec[] | null;
  /** Thoughts come as such (the default), stay in the text, or go. Calls inside them never count. */
  thinking?: "split" | "keep" | "drop";
  /** The server's template has opened a thought: the answer begins inside it. */
  startsInThought?: boolean;
  /** The answer is to be JSON: a code fence around it goes. */
  json?: boolean;
}

export interface CallParser {
  push(delta: string): ParsedPiece[];
  /**
   * What was held back; a call cut by the end comes as a bad one. `cut`: the answer hit a limit or broke off, so that JSON without marks at its end is
   * no call: more might have followed. Nothing may be pushed afterwards.
   */
  end(options?: { cut?: boolean }): ParsedPiece[];
}

/** The same text gives the same pieces however it was cut into deltas, but for where text and thoughts are cut, and `call.delta`, which shows progress. Never throws. */
export function openCallParser(options: CallParserOptions): CallParser {
  const state = begin(options);
  return {
    push: (delta) => take(state, delta),
    end: ({ cut = false } = {}) => {
      state.ended = true;
      state.cut = cut;
      return take(state, "");
    },
  };
}

function take(state: State, delta: string): ParsedPiece[] {
  state.seen += delta.length;
  if (state.waiting) state.waiting.since += delta;
  else state.held += delta;
  if (worthALook(state, delta)) {
    // joined only now: joining costs the length of what is held
    state.held += state.waiting?.since ?? "";
    state.waiting = null;
    while (state.held !== "" && (state.thought ? stepThought(state, state.thought) : stepText(state)));
  } else showProgress(state);
  const pieces: ParsedPiece[] = [];
  for (const piece of state.out) {
    const last = pieces.at(-1);
    if ((piece.type === "text" || piece.type === "thought") && last?.type === piece.type) last.delta += piece.delta;
    else if (piece.type === "call.delta" && last?.type === "call.delta") pieces[pieces.length - 1] = piece;
    else pieces.push(piece);
  }
  state.out = [];
  return pieces;
}

export interface Recovered {
  text: string;
  thought: string;
  calls: Extract<ParsedPiece, { type: "call" }>[];
}

/**
 * The calls in a text that a server couldn't read: what a fault of kind `bad-call` carries, or the server's whole message. Some servers tell only the
 * arguments: then they are a call if they fit exactly one of the tools. Null if there is nothing that can be run.
 */
export function recoverCall(raw: string, tools: readonly ToolSpec[]): Recovered | null {
  const inner = /raw='([\s\S]*)', err=/.exec(raw)?.[1] ?? /Failed to parse input at pos \d+:\s*([\s\S]*)/.exec(raw)?.[1] ?? raw;
  const parser = openCallParser({ tools });
  const found: Recovered = { text: "", thought: "", calls: [] };
  for (const piece of [...parser.push(inner), ...parser.end()]) {
    if (piece.type === "text") found.text += piece.delta;
    else if (piece.type === "thought") found.thought += piece.delta;
    else if (piece.type === "was.thought") Object.assign(found, { text: "", thought: piece.thought });
    else if (piece.type === "call") found.calls.push(piece);
  }
  if (found.calls.some((call) => call.bad === undefined)) return found;
  const call = callOfArguments(inner, tools);
  return call && { text: "", thought: "", calls: [call] };
}

function callOfArguments(raw: string, tools: readonly ToolSpec[]): Recovered["calls"][number] | null {
  const read = readLoose(raw);
  if (read.is !== "value" || !isFields(read.value) || !/^[\s\]}]*$/.test(raw.slice(read.end))) return null;
  const keys = Object.keys(read.value);
  const fitting = tools.filter(({ parameters: { properties, required } }) => {
    const known = isFields(properties) ? Object.keys(properties) : [];
    const needed = Array.isArray(required) ? required : [];
    return keys.length > 0 && keys.every((key) => known.includes(key)) && needed.every((key) => keys.includes(String(key)));
  });
  const [tool, ...others] = fitting;
  return tool && others.length === 0 ? { type: "call", name: tool.name, args: read.value } : null;
}
