// The parser's mode for text: what is no mark, and can't become one, is shown at once; at a mark the dialects are asked.
import { lateClosers, noise, type ThoughtMarks, thoughtMarks } from "../think.ts";
import type { Dialect, Reading } from "./dialect.ts";
import { answerTags, firstMark, plainChannels } from "./marks.ts";
import { advance, counts, newLine } from "./place.ts";
import { consume, emitCalls, openThought, readCall, rethink, type State, say, waitForCall, waitUnseen } from "./state.ts";
import { strayClosers } from "./stray.ts";

/** One step. False: what is held must wait for more. */
export function stepText(state: State): boolean {
  const { held, place, openings } = state;
  const free = firstMark(held, openings, state.ended, (index) => advance(place, held.slice(0, index)));
  if (free > 0) {
    say(state, consume(state, free));
    return true;
  }
  const read = readCall(state, held, place, false);
  const called = read ? takeReading(state, read.reading, read.dialect) : null;
  if (called !== null) return called;
  if (!state.ended && openings.begun.get(held)?.some((where) => counts(where, place))) return false;
  const taken = takeFence(state) ?? takeMark(state);
  if (taken !== null) return taken;
  say(state, consume(state, 1));
  return true;
}

/** True: taken. False: wait. Null: it is no call. */
function takeReading(state: State, reading: Reading, dialect: Dialect): boolean | null {
  switch (reading.is) {
    case "not":
      return null;
    case "more":
      waitForCall(state);
      return false;
    case "nothing":
      consume(state, reading.length);
      state.place = { ...newLine(state.place), afterCall: true };
      return true;
    case "text":
      consume(state, reading.length);
      say(state, reading.text);
      return true;
    case "opens":
      consume(state, reading.length);
      if (reading.what === "thought") {
        const closers = reading.closers.filter((mark) => noise.includes(mark));
        openThought(state, { closers, kept: reading.closers.filter((mark) => !noise.includes(mark)), lead: [], channel: true }, "");
      }
      return true;
    case "calls": {
      const sure = state.place.fence === "" && (dialect.sure || (state.place.first && dialect.name !== "fence"));
      const verdict = sure ? "call" : unsure(state, reading);
      if (verdict === "wait") {
        waitUnseen(state);
        return false;
      }
      if (verdict === "call") emitCalls(state, reading.calls, consume(state, reading.length));
      else say(state, consume(state, reading.length));
      return true;
    }
  }
}

/** Calls without marks, or in a fence, count if they are of offered tools and nothing but further calls follows: else they are an example in a text. */
function unsure(state: State, reading: Extract<Reading, { is: "calls" }>): "call" | "wait" | "text" {
  const { tools } = state;
  if (!reading.calls.every((call) => call.bad === undefined && (tools?.some((tool) => tool.name === call.name) ?? true))) return "text";
  const rest = afterNoise(state.held.slice(reading.length));
  if (rest === "") return !state.ended ? "wait" : state.cut ? "text" : "call";
  if (state.openings.callMarks.some((mark) => rest.startsWith(mark)) || /^(\{\s*"|```)/.test(rest)) return "call";
  const grows = /^\{\s*$/.test(rest) || ["```", ...state.openings.callMarks, ...noise].some((mark) => mark.startsWith(rest));
  return grows && !state.ended ? "wait" : "text";
}

/** Without the separators and special tokens at its beginning. */
function afterNoise(text: string): string {
  const rest = text.replace(/^[\s;,]+/, "");
  const token = noise.find((mark) => rest.startsWith(mark));
  return token === undefined ? rest : afterNoise(rest.slice(token.length));
}

/** The fence around an answer that is to be JSON. */
function takeFence(state: State): boolean | null {
  const { held, place, unfence, ended } = state;
  if (unfence === "done" || !held.startsWith("```") || !place.blank || (unfence === "first" && !place.first)) return null;
  const fence = unfence === "first" ? /^```(?:json)?[ \t]*\r?\n/.exec(held) : /^```\s*$/.exec(held);
  const begun = unfence === "first" ? /^```(?:j|js|jso|json)?[ \t]*\r?$/.test(held) : fence !== null;
  if (begun && !ended) return false;
  if (!fence) return null;
  state.unfence = unfence === "first" ? "open" : "done";
  consume(state, fence[0].length);
  return true;
}

/** A mark of thoughts, of noise or a stray closing tag where it counts; null if none does. */
function takeMark(state: State): boolean | null {
  const { held, place } = state;
  const drop = (mark: string): true => {
    consume(state, mark.length);
    return true;
  };
  const marks = thoughtMarks.find(({ open, where }) => held.startsWith(open) && counts(where, place));
  if (marks && place.fence === "") {
    openThought(state, thoughtOf(marks), consume(state, marks.open.length));
    return true;
  }
  const stray = strayClosers.find((mark) => held.startsWith(mark));
  if (stray && place.afterCall) return drop(stray);
  const answer = answerTags.find((tag) => held.startsWith(`<${tag}>`) || held.startsWith(`</${tag}>`));
  if (answer && held.startsWith("</") && (state.inAnswer || place.afterCall)) return drop(`</${answer}>`);
  if (answer && state.afterThought) {
    state.inAnswer = true;
    return drop(`<${answer}>`);
  }
  const channel = plainChannels.find((mark) => held.startsWith(mark));
  const said = /^\s*(?:assistant)?(?:analysis|commentary)/.exec(state.saidHead)?.[0];
  if (channel && (place.first || said !== undefined)) {
    consume(state, channel.length);
    if (!place.first && !state.settled) rethink(state, state.said.slice(said?.length ?? 0));
    state.afterThought = true;
    return true;
  }
  const late = lateClosers.find((mark) => held.startsWith(mark));
  if (late && !state.settled && state.thinking !== "keep") return takeLate(state, late);
  if (late && place.afterCall) return drop(late);
  const hush = noise.find((mark) => held.startsWith(mark));
  return hush && place.fence === "" && counts("any", place) ? drop(hush) : null;
}

/** A thought's closing mark, and none has opened: all before it was one. Unless a sentence merely speaks of the mark. */
function takeLate(state: State, closer: string): boolean | null {
  const next = state.held[closer.length];
  if (next === undefined && !state.ended) return false;
  const spokenOf = /[ \t"'`(]/.test(state.place.last) && /^[ \t"'`).,]/.test(next ?? "");
  if (spokenOf || state.place.fence !== "" || !counts("any", state.place)) return null;
  consume(state, closer.length);
  rethink(state, state.said);
  return true;
}

const thoughtOf = ({ close, lead, channel = false }: ThoughtMarks) => ({ closers: close, kept: [], lead: lead === undefined ? [] : [lead], channel });
