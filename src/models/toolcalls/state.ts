// What the parser holds between deltas, and the small moves that both of its modes make.
import type { ToolSpec } from "../model.ts";
import { lateClosers, thoughtMarks } from "../think.ts";
import type { CallParserOptions, ParsedPiece } from "../toolcalls.ts";
import type { Dialect, ReadCall, ReadContext, Reading } from "./dialect.ts";
import { type Marks, marksInThought, type Openings, openingsFor } from "./marks.ts";
import { advance, beginning, counts, newLine, type Place } from "./place.ts";

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
  marks: Marks;
}

export interface State {
  tools: readonly ToolSpec[] | null;
  thinking: "split" | "keep" | "drop";
  openings: Openings;
  out: ParsedPiece[];
  held: string;
  ended: boolean;
  /** The end isn't the model's own: what only counts at an answer's end doesn't. */
  cut: boolean;
  /** A dialect wants more than `held`; what has come since, not looked at yet. Null: nobody waits. */
  waiting: { since: string; name: string | undefined } | null;
  /** Characters that came; characters that readers went over. */
  seen: number;
  spent: number;
  place: Place;
  thought: Thought | null;
  /** A thought or a call has come: a late closing mark is text from now on. */
  settled: boolean;
  /** Nothing but white space since the last thought; that space is dropped. */
  afterThought: boolean;
  inAnswer: boolean;
  /** A code fence around the whole answer goes: at its beginning; opened and not closed yet; not any more. */
  unfence: "first" | "open" | "done";
  /** White space that is shown only if something visible follows. */
  space: string;
  /** Text so far, until `settled`; and how it begins. */
  said: string;
  saidHead: string;
}

export function begin(options: CallParserOptions): State {
  const { tools, thinking = "split", startsInThought = false } = options;
  const openings = openingsFor(tools);
  return {
    tools,
    thinking,
    openings,
    out: [],
    held: "",
    ended: false,
    cut: false,
    waiting: null,
    seen: 0,
    spent: 0,
    place: beginning,
    thought: startsInThought ? thoughtWith({ closers: lateClosers, kept: [], lead: thoughtMarks.map(({ open }) => open), channel: false }, true, openings) : null,
    settled: startsInThought,
    afterThought: false,
    inAnswer: false,
    unfence: options.json ? "first" : "done",
    space: "",
    said: "",
    saidHead: "",
  };
}

/** Longest answer of which the text is kept in case it turns out to have been a thought. */
const keptChars = 500_000;

export function say(state: State, text: string): void {
  if (text === "") return;
  const before = state.place;
  state.place = advance(before, text);
  if ((state.afterThought || before.first || before.afterCall) && !/\S/.test(text)) {
    if (!state.afterThought) state.space += text;
    return;
  }
  const shown = state.afterThought ? text.trimStart() : state.space + text;
  state.space = "";
  state.afterThought = false;
  if (!state.settled && state.said.length < keptChars) state.said += shown;
  if (state.saidHead.length < 40) state.saidHead += shown.slice(0, 40);
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
const thoughtWith = (kind: ThoughtKind, fresh: boolean, openings: Openings): Thought => ({
  ...kind,
  fresh,
  marks: marksInThought(openings, [...kind.closers, ...kind.kept]),
});

export function openThought(state: State, kind: ThoughtKind, mark: string): void {
  state.settled = true;
  const kept = state.thinking === "keep" && !kind.channel;
  state.thought = thoughtWith(kind, !kept, state.openings);
  if (kept) muse(state, mark);
  else state.space = "";
}

export function closeThought(state: State, mark: string): void {
  if (state.thinking === "keep" && !state.thought?.channel) muse(state, mark);
  else state.afterThought = true;
  state.thought = null;
  state.place = newLine(state.place);
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
  if (state.spent > wasted(state)) return null;
  const context: ReadContext = { tools: state.tools, ended: state.ended, whole: state.ended && !state.cut, spent: 0 };
  let found: { reading: Reading; dialect: Dialect } | null = null;
  for (const { dialect, opens } of state.openings.readers.get(text[0] as string) ?? []) {
    if ((marked && !dialect.sure) || !opens.some((literal) => text.startsWith(literal))) continue;
    if (!counts(place.fence === "" || dialect.where === "start" ? dialect.where : "line", place)) continue;
    const reading = dialect.read(text, context);
    if (reading.is === "not") continue;
    found = { reading, dialect };
    break;
  }
  if (text.length > short) state.spent += context.spent;
  return found;
}

/** What is no longer than this is always read again when more comes. */
const short = 600;

/** Reading what is held again costs its length. It is done while that is little, compared with all that came, and when something came that may end a call. */
export function worthALook(state: State, delta: string): boolean {
  if (state.ended || !state.waiting) return true;
  const length = state.held.length + state.waiting.since.length;
  if (length < short) return true;
  return /[>\]})`｜;]/.test(delta) && state.spent + length <= 30 * state.seen + 300_000;
}
/** More than any answer costs that isn't made to waste work: from here on marks of calls are text. */
const wasted = ({ seen }: State): number => 100 * seen + 1_000_000;

/** Where the name stands at a call's beginning; for show only. */
const namesInHeads =
  /"(?:name|tool_name)"\s*:\s*"([^"]+)"|<function(?:=| name=")([^>"\s]+)|invoke name="([^"]+)"|to=functions\.([\w.-]+)|call:([\w.-]+)\{|\[TOOL_CALLS\](\w+)|begin\|>functions\.(\w+)|<tool_call>\s*(\w+)|sep｜>(\w+)|begin｜>(\w+)<|call tool="([^"]+)"|^Action:\s*`?([\w.-]+)`?\s*\n|\[(\w+)\(/;

/** A dialect wants more of a call; the person sees how it grows. */
export function waitForCall(state: State): void {
  const name = namesInHeads.exec(state.held.slice(0, 400))?.slice(1);
  state.waiting = { since: "", name: name?.find((group) => group !== undefined) };
  // what was looked at may be looked at again
  state.spent += state.held.length > short ? state.held.length : 0;
  showProgress(state);
}
/** A dialect, or the rule for doubtful calls, wants more; nothing is shown. */
export function waitUnseen(state: State): void {
  state.waiting = { since: "", name: undefined };
  state.spent += state.held.length > short ? state.held.length : 0;
}
export function showProgress({ waiting, held, out }: State): void {
  if (waiting?.name !== undefined) out.push({ type: "call.delta", name: waiting.name, chars: held.length + waiting.since.length });
}
