// The parser's mode inside a thought: it ends with its closing mark, or with a call that the answer ends with.
import type { ReadCall } from "./dialect.ts";
import { beginning } from "./place.ts";
import { closeThought, consume, emitCalls, longestMark, muse, readCall, type State, type Thought, worthALook } from "./state.ts";

/** One step. False: what is held must wait for more. */
export function stepThought(state: State, thought: Thought): boolean {
  if (thought.fresh) return dropLead(state, thought);
  thought.pattern.lastIndex = 0;
  const found = thought.pattern.exec(state.held);
  const free = Math.min(found?.index ?? state.held.length, freeLength(state, thought));
  if (free > 0) {
    muse(state, consume(state, free));
    return true;
  }
  if (found?.index !== 0) {
    if (state.ended) state.held = "";
    return false;
  }
  const closer = thought.closers.find((mark) => state.held.startsWith(mark));
  if (closer !== undefined) {
    consume(state, closer.length);
    closeThought(state, closer);
    return true;
  }
  if (thought.kept.some((mark) => state.held.startsWith(mark))) {
    closeThought(state, "");
    return true;
  }
  return worthALook(state) && callInThought(state, thought);
}

/** White space at a thought's beginning goes, and an opening mark that the model wrote although the template had. */
function dropLead(state: State, thought: Thought): boolean {
  const trimmed = state.held.trimStart();
  const lead = thought.lead.find((mark) => trimmed.startsWith(mark));
  if (lead === undefined && !state.ended && (trimmed === "" || thought.lead.some((mark) => mark.startsWith(trimmed)))) return false;
  state.held = lead === undefined ? trimmed : trimmed.slice(lead.length);
  thought.lead = [];
  thought.fresh = lead !== undefined;
  return state.held !== "";
}

/** How much of what is held can't be part of a mark. A closing mark cut by the end goes too. */
function freeLength(state: State, thought: Thought): number {
  const { held } = state;
  for (let at = Math.max(0, held.length - longestMark); at < held.length; at++) {
    if (!state.firsts.has(held[at] as string)) continue;
    const rest = held.slice(at);
    if (state.ended ? rest.length > 1 && thought.closers.some((mark) => mark.startsWith(rest)) : thought.marks.some((mark) => mark.startsWith(rest))) return at;
  }
  return held.length;
}

/** A call inside a thought counts if its marks are special tokens, or if the answer ends with it: then the thought was never closed. */
function callInThought(state: State, thought: Thought): boolean {
  const calls: ReadCall[] = [];
  const wait = (): false => {
    state.looked = state.held.length;
    return false;
  };
  let length = 0;
  for (;;) {
    const read = readCall(state, state.held.slice(length), beginning, true);
    if (!read || read.reading.is === "opens" || read.reading.is === "not") break;
    if (read.reading.is === "more") return wait();
    if (read.dialect.special && read.reading.is === "calls" && state.thinking !== "keep") {
      muse(state, consume(state, length));
      closeThought(state, "");
      return true;
    }
    if (read.reading.is === "calls") {
      if (read.reading.calls.some((call) => call.bad !== undefined)) break;
      calls.push(...read.reading.calls);
    }
    length += read.reading.length;
    length += /^\s*/.exec(state.held.slice(length))?.[0].length ?? 0;
    const after = state.held.slice(length);
    if (after === "") {
      if (!state.ended) return wait();
      if (calls.length === 0 || state.cut || state.thinking === "keep") break;
      closeThought(state, "");
      emitCalls(state, calls, consume(state, length));
      return true;
    }
    if (!state.ended && [...thought.closers, ...state.callMarks].some((mark) => mark.length > after.length && mark.startsWith(after))) return wait();
    if (!state.callMarks.some((mark) => after.startsWith(mark))) break;
  }
  muse(state, consume(state, Math.max(1, length)));
  return true;
}
