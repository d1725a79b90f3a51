// The parser's mode inside a thought: it ends with its closing mark, or with a call that the answer ends with.
import type { ReadCall } from "./dialect.ts";
import { firstMark } from "./marks.ts";
import { beginning } from "./place.ts";
import { closeThought, consume, emitCalls, muse, readCall, type State, type Thought, waitUnseen } from "./state.ts";

/** One step. False: what is held must wait for more. */
export function stepThought(state: State, thought: Thought): boolean {
  if (thought.fresh) return dropLead(state, thought);
  const free = firstMark(state.held, thought.marks, state.ended, () => beginning);
  if (free > 0) {
    const cut = state.ended && free === state.held.length ? cutCloser(state.held, thought) : 0;
    muse(state, consume(state, free - cut));
    if (cut > 0) state.held = "";
    return true;
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
  if (!state.ended && thought.marks.begun.has(state.held) && !state.openings.callMarks.some((mark) => state.held.startsWith(mark))) return false;
  return callInThought(state, thought);
}

/** White space at a thought's beginning goes, and an opening mark that the model wrote although the template had. */
function dropLead(state: State, thought: Thought): boolean {
  const trimmed = state.held.trimStart();
  const lead = thought.lead.find((mark) => trimmed.startsWith(mark));
  if (trimmed === "") {
    state.held = "";
    return false;
  }
  if (lead === undefined && !state.ended && thought.lead.some((mark) => mark.startsWith(trimmed))) return false;
  state.held = lead === undefined ? trimmed : trimmed.slice(lead.length);
  thought.lead = [];
  thought.fresh = lead !== undefined;
  return state.held !== "";
}

/** Length of the beginning of a closing mark with which the answer ends, and which isn't shown. */
function cutCloser(held: string, { closers, marks }: Thought): number {
  for (let at = Math.max(0, held.length - marks.longest); at < held.length - 1; at++) {
    if (closers.some((mark) => mark.startsWith(held.slice(at)))) return held.length - at;
  }
  return 0;
}

/** A call inside a thought counts if its marks are special tokens, or if the answer ends with it: then the thought was never closed. */
function callInThought(state: State, thought: Thought): boolean {
  const calls: ReadCall[] = [];
  const wait = (): false => {
    waitUnseen(state);
    return false;
  };
  let length = 0;
  for (;;) {
    const read = readCall(state, state.held.slice(length), beginning, true);
    if (read?.reading.is === "more") return wait();
    if (read?.reading.is !== "calls" && read?.reading.is !== "nothing") break;
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
    if (!state.ended && [...thought.closers, ...state.openings.callMarks].some((mark) => mark.length > after.length && mark.startsWith(after))) return wait();
    if (!state.openings.callMarks.some((mark) => after.startsWith(mark))) break;
  }
  muse(state, consume(state, Math.max(1, length)));
  return true;
}
