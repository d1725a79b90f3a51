// What the parser holds between deltas, and the small moves that both of its modes make.
import type { ToolSpec } from "../model.ts";
import { lateClosers, noise, thoughtMarks } from "../think.ts";
import type { CallParserOptions, ParsedPiece } from "../toolcalls.ts";
import type { Dialect, ReadCall, ReadContext, Reading, Where } from "./dialect.ts";
import { dialects } from "./index.ts";
import { advance, beginning, counts, type Place } from "./place.ts";
import { strayClosers } from "./stray.ts";

/** An open thought. */
export interface Thought {
  /** Marks that end it and go. */
  closers: readonly string[];
  /** Marks that end it and belong to what follows. */
  kept: readonly string[];
  /** Dropped at its beginning, with the white space around: what some models write there. */
  lead: readonly string[];
  /** A channel: split off even where thoughts are to stay in the text. */
  channel: boolean;
  /** Nothing of it has come yet. */
  fresh: boolean;
  /** All at which it must be looked at. */
  marks: readonly string[];
  pattern: RegExp;
}

export interface Opening {
  literal: string;
  where: Where;
}

export interface State {
  tools: readonly ToolSpec[] | null;
  thinking: "split" | "keep" | "drop";
  /** Marks at which text is looked at; and those of calls that leave no doubt. */
  openings: readonly Opening[];
  pattern: RegExp;
  /** The first characters of all marks. */
  firsts: ReadonlySet<string>;
  callMarks: readonly string[];
  out: ParsedPiece[];
  held: string;
  ended: boolean;
  /** The end isn't the model's own: what only counts at an answer's end doesn't. */
  cut: boolean;
  /** Length of `held` when a dialect last wanted more of it; 0: not looked at. */
  looked: number;
  place: Place;
  thought: Thought | null;
  /** A thought or a call has come: a late closing mark is text from now on. */
  settled: boolean;
  /** Nothing but white space since the last thought; that space is dropped. */
  afterThought: boolean;
  inAnswer: boolean;
  /** White space that is shown only if something visible follows. */
  space: string;
  /** Text so far, until `settled`. */
  said: string;
}

/** No mark is longer, but for names of tools. */
export const longestMark = 80;

/** gpt-oss whose special tokens were stripped on the way. */
export const plainChannels = ["assistantfinal", "assistantcommentary", "assistantanalysis"];
/** Tags around the answer proper, after a thought. */
export const answerTags = ["answer", "response"];
const stops: readonly Opening[] = [
  ...thoughtMarks.map(({ open, where }) => ({ literal: open, where })),
  ...[...lateClosers, ...noise, ...strayClosers, ...plainChannels, ...answerTags.flatMap((tag) => [`<${tag}>`, `</${tag}>`])].map((literal) => ({
    literal,
    where: "any" as const,
  })),
];

export function begin(options: CallParserOptions): State {
  const { tools, thinking = "split", startsInThought = false } = options;
  const openings = [...dialects.flatMap((dialect) => dialect.opens(tools).map((literal) => ({ literal, where: dialect.where }))), ...stops];
  const callMarks = dialects.flatMap((dialect) => (dialect.sure && dialect.where !== "start" ? dialect.opens(tools) : []));
  return {
    tools,
    thinking,
    openings,
    pattern: patternOf(openings.map(({ literal }) => literal)),
    firsts: new Set(openings.map(({ literal }) => literal[0] as string)),
    callMarks,
    out: [],
    held: "",
    ended: false,
    cut: false,
    looked: 0,
    place: beginning,
    thought: startsInThought ? thoughtWith({ closers: lateClosers, kept: [], lead: thoughtMarks.map(({ open }) => open), channel: false }, true, callMarks) : null,
    settled: startsInThought,
    afterThought: false,
    inAnswer: false,
    space: "",
    said: "",
  };
}

export const patternOf = (literals: readonly string[]): RegExp =>
  new RegExp([...new Set(literals)].map((literal) => literal.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|"), "g");

/** Longest answer of which the text is kept in case it turns out to have been a thought. */
const keptChars = 500_000;

export function say(state: State, text: string): void {
  if (text === "") return;
  const before = state.place;
  state.place = advance(before, text);
  let shown = state.space + text;
  state.space = "";
  if (state.afterThought) shown = shown.trimStart();
  if (shown.trim() === "" && (state.afterThought || before.first || before.afterCall)) {
    state.space = shown;
    return;
  }
  state.afterThought = false;
  if (!state.settled && state.said.length < keptChars) state.said += shown;
  state.out.push({ type: "text", delta: shown });
}

/** Part of the open thought, or a mark around it, to wherever thoughts go. */
export function muse(state: State, text: string): void {
  if (text === "" || !state.thought) return;
  if (state.thinking === "keep" && !state.thought.channel) {
    state.place = { ...advance(state.place, text), first: state.place.first };
    state.out.push({ type: "text", delta: state.space + text });
    state.space = "";
  } else if (state.thinking !== "drop") state.out.push({ type: "thought", delta: text });
}

type ThoughtKind = Pick<Thought, "closers" | "kept" | "lead" | "channel">;
function thoughtWith(kind: ThoughtKind, fresh: boolean, callMarks: readonly string[]): Thought {
  const marks = [...kind.closers, ...kind.kept, ...callMarks];
  return { ...kind, fresh, marks, pattern: patternOf(marks) };
}

export function openThought(state: State, kind: ThoughtKind, mark: string): void {
  state.settled = true;
  const kept = state.thinking === "keep" && !kind.channel;
  state.thought = thoughtWith(kind, !kept, state.callMarks);
  if (kept) muse(state, mark);
  else state.space = "";
}

export function closeThought(state: State, mark: string): void {
  if (state.thinking === "keep" && !state.thought?.channel) muse(state, mark);
  else state.afterThought = true;
  state.thought = null;
  state.place = { ...state.place, line: "" };
}

/** All text so far was a thought that reads `thought`. */
export function rethink(state: State, thought: string): void {
  state.settled = true;
  state.afterThought = true;
  state.space = "";
  state.place = beginning;
  state.out.push({ type: "was.thought", thought: state.thinking === "drop" ? "" : thought });
}

/** Takes `length` characters from what is held. */
export function consume(state: State, length: number): string {
  const taken = state.held.slice(0, length);
  state.held = state.held.slice(length);
  state.looked = 0;
  return taken;
}

export function emitCalls(state: State, calls: readonly ReadCall[], raw: string): void {
  state.settled = true;
  state.afterThought = false;
  state.space = "";
  state.place = { ...beginning, first: state.place.first, afterCall: true };
  for (const { name, args, bad } of calls) state.out.push({ type: "call", name: nameOf(name, state.tools), args, ...(bad === undefined ? {} : { bad, raw }) });
}
/** `functions.read` and `default_api.read` are `read` where that is what was offered. */
function nameOf(name: string, tools: readonly ToolSpec[] | null): string {
  const short = name.replace(/^.*[.:/]/, "");
  const known = (one: string): boolean => tools?.some((tool) => tool.name === one) ?? false;
  return !known(name) && known(short) ? short : name;
}

/** What `text`, which would stand at `place`, is to the first dialect that doesn't refuse it. `marked`: only marks that leave no doubt. */
export function readCall(state: State, text: string, place: Place, marked: boolean): { reading: Reading; dialect: Dialect } | null {
  const context: ReadContext = { tools: state.tools, ended: state.ended };
  for (const dialect of dialects) {
    if ((marked && !dialect.sure) || !dialect.opens(state.tools).some((literal) => text.startsWith(literal))) continue;
    if (!counts(place.fence ? "line" : dialect.where, place)) continue;
    const reading = dialect.read(text, context);
    if (reading.is !== "not") return { reading, dialect };
  }
  return null;
}

/** Reading what is held again costs its length: worth it while it is short, or when something came that may end a call; rarer the longer. */
export function worthALook({ ended, held, looked }: State): boolean {
  if (ended || looked === 0 || held.length < 600) return true;
  return held.length - looked >= held.length / 100 - 40 && /[>\]})`｜;]/.test(held.slice(looked));
}

/** Where the name stands at a call's beginning; for show only. */
const namesInHeads =
  /"(?:name|tool_name)"\s*:\s*"([^"]+)"|<function=([^>\s]+)>|invoke name="([^"]+)"|to=functions\.([\w.-]+)|call:([\w.-]+)\{|\[TOOL_CALLS\](\w+)|begin\|>functions\.(\w+)|<tool_call>\s*(\w+)|sep｜>(\w+)|begin｜>(\w+)<|\[(\w+)\(/;

/** Waits for more of a call; the person sees how it grows. */
export function waitForCall(state: State): void {
  state.looked = state.held.length;
  const name = namesInHeads.exec(state.held.slice(0, 400));
  const found = name?.slice(1).find((group) => group !== undefined);
  if (found !== undefined) state.out.push({ type: "call.delta", name: found, chars: state.held.length });
}
