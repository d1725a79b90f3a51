// A call's way through the screen: called, waiting, running, over. Calls of one answer run one after the other. Pure steps of the fold.
import type { Entry } from "../../core/events.ts";
import { sanitise, sanitiseLine } from "../../core/text.ts";
import { doing, idle, safeChange, trimmed, withRow } from "./keeping.ts";
import { outputLines } from "./parts/output.ts";
import type { Row, ViewState } from "./state.ts";

type CallRow = Extract<Row, { kind: "call" }>;
type Of<T extends Entry["type"]> = Extract<Entry, { type: T }>;

export const callOf = (state: ViewState, call: string): CallRow | undefined => state.rows.findLast((row): row is CallRow => row.kind === "call" && row.call === call);
export function withCall(state: ViewState, call: string, change: (row: CallRow) => CallRow): ViewState {
  const found = callOf(state, call);
  if (!found) return state;
  const next = change(found);
  return { ...state, rows: state.rows.map((row) => (row === found ? next : row)) };
}

const open: readonly CallRow["state"][] = ["queued", "waiting", "running"];
/** What a call wrote is in its fact by then; a delta that comes after it says nothing new. */
export function isOver(state: ViewState, call: string): boolean {
  const row = callOf(state, call);
  return row !== undefined && !open.includes(row.state);
}
const onTerminal = (name: string): boolean => name === "run" || name === "test";
const wholeSuite = "the project's tests";
/** A test call names its command only when it asks or is over; until then it isn't called "all". */
const objectOf = (name: string, about: string): string => (name === "test" && about === "all" ? wholeSuite : about);

export function called(state: ViewState, entry: Of<"tool.called">): ViewState {
  const name = sanitiseLine(entry.name.slice(0, 40));
  const row: CallRow = {
    kind: "call",
    key: `c${entry.seq}`,
    call: entry.call,
    name,
    about: objectOf(name, sanitiseLine(entry.about.slice(0, 2000))),
    args: entry.args,
    state: "queued",
    text: "",
    ms: null,
    detail: null,
    note: null,
    startedAt: entry.at,
    added: 0,
    removed: 0,
  };
  const behind = state.rows.some((one) => one.kind === "call" && open.includes(one.state));
  const next = { ...withRow(state, row), saying: { text: "", thought: "", call: null } };
  return behind ? next : begin(next, row, entry.at);
}

/** From here on it runs, as far as is known; what the terminal showed comes back when the call has to ask first. */
function begin(state: ViewState, row: CallRow, at: number): ViewState {
  const next = { ...withCall(state, row.call, (one) => ({ ...one, state: "running", startedAt: at })), work: doing("running", at, row.name) };
  if (!onTerminal(row.name)) return next;
  const { before: _, ...before } = state.terminal;
  return { ...next, terminal: { call: row.call, title: row.about, lines: [], running: true, before } };
}

export function wanted(state: ViewState, entry: Of<"approval.wanted">, now: number): ViewState {
  const row = callOf(state, entry.call);
  const args = row?.args;
  const inArgs = typeof args === "object" && args !== null && "command" in args && typeof args.command === "string" ? args.command : null;
  const ran = entry.command ?? inArgs;
  const command = ran === null ? null : sanitise(ran);
  const changes = (entry.preview ?? []).map(safeChange);
  const about = row?.name === "test" && command !== null ? sanitiseLine(command) : (row?.about ?? "");
  const pending = {
    call: entry.call,
    name: row?.name ?? "",
    about,
    command: changes.length > 0 ? null : (command ?? about),
    why: sanitiseLine(entry.why),
    outside: entry.outside,
    always: entry.always === null ? null : sanitiseLine(entry.always),
    changes,
    shownAt: now,
  };
  const sum = (of: "added" | "removed"): number => changes.reduce((all, change) => all + change[of], 0);
  const { terminal } = state;
  return {
    ...withCall(state, entry.call, (found) => ({ ...found, state: "waiting", about, added: sum("added"), removed: sum("removed") })),
    terminal: terminal.call === entry.call && terminal.before ? terminal.before : terminal,
    pending: [...state.pending.filter((one) => one.call !== entry.call), pending],
    work: doing("waiting", entry.at),
  };
}

export function given(state: ViewState, entry: Of<"approval.given">): ViewState {
  const no = entry.answer === "no";
  // what is really changed is counted by its facts
  const answered = withCall(state, entry.call, (row) => ({ ...row, state: no ? "refused" : row.state, note: entry.note ? trimmed(entry.note, 2000) : null, added: 0, removed: 0 }));
  const next = { ...answered, pending: state.pending.filter(({ call }) => call !== entry.call) };
  const row = callOf(next, entry.call);
  return no || !row ? { ...next, work: doing("reading", entry.at) } : begin(next, row, entry.at);
}

export function returned(state: ViewState, entry: Of<"tool.returned">): ViewState {
  const detail = entry.detail ?? null;
  const outcome = detail?.kind === "refused" ? "refused" : entry.ok ? "ok" : "failed";
  const over = withCall(state, entry.call, (row) => ({
    ...row,
    about: row.about === wholeSuite && detail?.kind === "tested" ? sanitiseLine(detail.count.command) : row.about,
    state: outcome,
    text: trimmed(entry.text),
    // the time it took to answer isn't the call's own
    ms: outcome === "refused" ? null : Math.max(0, Math.min(entry.ms, entry.at - row.startedAt)),
    detail,
  }));
  const shows = (detail?.kind === "ran" || detail?.kind === "tested") && entry.text !== "";
  const { before: _, ...terminal } = state.terminal;
  const ended = terminal.call === entry.call && terminal.running ? { ...terminal, running: false, carry: "" } : terminal;
  const next: ViewState = {
    ...over,
    pending: state.pending.filter(({ call }) => call !== entry.call),
    work: state.running ? doing("reading", entry.at) : idle,
    tests: detail?.kind === "tested" ? detail.count : state.tests,
    terminal: shows ? { call: entry.call, title: callOf(over, entry.call)?.about ?? "", lines: outputLines(entry.text), running: false } : ended,
  };
  const queued = next.rows.find((row): row is CallRow => row.kind === "call" && row.state === "queued");
  return queued ? begin(next, queued, entry.at) : next;
}
