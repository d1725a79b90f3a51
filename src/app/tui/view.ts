// The screen's knowledge as a fold: facts and live deltas in, ViewState out. Pure; text from outside is made harmless here, once.
import { unreachable } from "../../core/error.ts";
import type { Change, Entry, Hunk, Live, PolicyName, SessionId, Usage, Work } from "../../core/events.ts";
import { sanitise, sanitiseLine } from "../../core/text.ts";
import { outputLines, withOutput } from "./parts/output.ts";
import type { Row, ViewState } from "./state.ts";

type CallRow = Extract<Row, { kind: "call" }>;

/** What is kept: rows, characters of a row, changes and lines of one, characters of a stream. The log has the rest. */
const kept = { rows: 500, drop: 100, text: 20_000, said: 100_000, changes: 200, changeLines: 2000, stream: 200_000 };

const trimmed = (text: string, most = kept.text): string => {
  const safe = sanitise(text.length > most * 2 ? `${text.slice(0, most)}\n…\n${text.slice(-most / 2)}` : text);
  return safe.length <= most ? safe : `${safe.slice(0, most / 2)}\n… ${safe.length - most} characters left out …\n${safe.slice(-most / 2)}`;
};
const idle: ViewState["work"] = { what: "idle", since: 0, part: null, leftMs: null, guess: false, name: null };
const nothing: ViewState["saying"] = { text: "", thought: "", call: null };

/** What is known before the first fact. */
export function start(session: SessionId | null = null, place: { root?: string; cwd?: string; policy?: PolicyName } = {}): ViewState {
  return {
    session,
    root: sanitiseLine(place.root ?? ""),
    cwd: sanitiseLine(place.cwd ?? place.root ?? ""),
    model: null,
    context: 0,
    contextUsed: 0,
    tokensPerS: null,
    policy: place.policy ?? "ask",
    sandbox: null,
    rows: [],
    earlier: 0,
    saying: nothing,
    work: idle,
    running: false,
    plan: [],
    pending: [],
    changes: [],
    terminal: { call: null, title: "", lines: [], running: false },
    lastUsage: null,
    tests: null,
    lastSeq: 0,
  };
}

/** The state after one more fact; a fact that was seen already changes nothing. `now`: when it reached this screen (ms). */
export function step(state: ViewState, entry: Entry, now: number = entry.at): ViewState {
  if (entry.seq <= state.lastSeq) return state;
  return { ...stepped(state, entry, now), lastSeq: entry.seq };
}

function stepped(state: ViewState, entry: Entry, now: number): ViewState {
  const key = String(entry.seq);
  switch (entry.type) {
    case "opened":
      return { ...state, session: entry.session, root: sanitiseLine(entry.root), cwd: sanitiseLine(entry.cwd), policy: entry.policy, sandbox: entry.sandbox };
    case "confined":
      return { ...state, sandbox: entry.level };
    case "primed":
      return { ...state, model: entry.model, context: entry.context };
    case "asked":
      return {
        ...withRow(state, { kind: "asked", key, text: trimmed(entry.text), queued: state.running }),
        running: true,
        work: state.running ? state.work : doing("connecting", entry.at),
      };
    case "said":
      return said(state, entry);
    case "tool.called":
      return called(state, entry);
    case "approval.wanted":
      return wanted(state, entry, now);
    case "approval.given":
      return {
        ...withCall(state, entry.call, (row) => ({ ...row, state: entry.answer === "no" ? "refused" : "running", startedAt: entry.at })),
        pending: state.pending.filter(({ call }) => call !== entry.call),
        work: entry.answer === "no" ? doing("reading", entry.at) : doing("running", entry.at, callOf(state, entry.call)?.name ?? null),
      };
    case "tool.returned":
      return returned(state, entry);
    case "changed": {
      const change = shortened(safeChange(entry.change));
      const changes = [...state.changes, { seq: entry.seq, call: entry.call, change }].slice(-kept.changes);
      const next = { ...state, changes };
      return entry.call === null ? next : withCall(next, entry.call, (row) => ({ ...row, added: row.added + change.added, removed: row.removed + change.removed }));
    }
    case "planned":
      return { ...state, plan: entry.plan.slice(0, 200).map((item) => ({ ...item, text: sanitiseLine(item.text.slice(0, 500)) })) };
    case "set":
      return { ...state, model: entry.model ?? state.model, policy: entry.policy ?? state.policy };
    case "shelled": {
      const row: Row = { kind: "shelled", key, command: sanitiseLine(entry.command), ok: entry.ok, text: trimmed(entry.text), ms: entry.ms };
      return { ...withRow(state, row), terminal: { call: null, title: row.command, lines: outputLines(entry.text), running: false } };
    }
    case "noted":
      return withRow(state, { kind: "noted", key, level: entry.level, text: trimmed(entry.text), hint: safeOrNull(entry.hint) });
    case "reverted": {
      const paths = new Set(entry.paths);
      const keptLines = entry.kept.map(({ path, why }) => `kept ${path}: ${why}`);
      const text = trimmed([`undone: ${entry.paths.join(", ") || "nothing"}`, ...keptLines].join("\n"));
      const changes = state.changes.filter(({ seq, change }) => seq <= entry.upTo || !paths.has(change.path));
      return { ...withRow(state, { kind: "noted", key, level: keptLines.length > 0 ? "warn" : "info", text, hint: null }), changes };
    }
    case "ended": {
      const text = entry.error ? trimmed(entry.error.message) : "";
      const row: Row = { kind: "ended", key, why: entry.why, text, hint: safeOrNull(entry.error?.hint), turns: entry.turns, ms: entry.ms, tests: entry.tests ?? null };
      const terminal = state.terminal.running ? { ...state.terminal, running: false } : state.terminal;
      return { ...withRow(state, row), running: false, saying: nothing, work: idle, pending: [], terminal, tests: entry.tests ?? state.tests };
    }
    default:
      return unreachable(entry);
  }
}

const doing = (what: Work, since: number, name: string | null = null): ViewState["work"] => ({ ...idle, what, since, name });
const safeOrNull = (text: string | undefined): string | null => (text === undefined ? null : sanitise(text));

function withRow(state: ViewState, ...rows: Row[]): ViewState {
  const all = [...state.rows, ...rows];
  if (all.length <= kept.rows) return { ...state, rows: all };
  return { ...state, rows: all.slice(kept.drop), earlier: state.earlier + kept.drop };
}

const callOf = (state: ViewState, call: string): CallRow | undefined => state.rows.findLast((row): row is CallRow => row.kind === "call" && row.call === call);

function withCall(state: ViewState, call: string, change: (row: CallRow) => CallRow): ViewState {
  const found = callOf(state, call);
  if (!found) return state;
  const next = change(found);
  return { ...state, rows: state.rows.map((row) => (row === found ? next : row)) };
}

function said(state: ViewState, entry: Extract<Entry, { type: "said" }>): ViewState {
  const key = String(entry.seq);
  const rows: Row[] = [];
  if (entry.thought?.trim()) rows.push({ kind: "thought", key: `${key}t`, text: trimmed(entry.thought, kept.said).trim() });
  if (entry.text.trim() || entry.end === "stopped") rows.push({ kind: "said", key, text: trimmed(entry.text, kept.said).trim(), stopped: entry.end === "stopped" });
  const seen = state.rows.map((row) => (row.kind === "asked" && row.queued && Number(row.key) <= entry.upTo ? { ...row, queued: false } : row));
  const next = withRow({ ...state, rows: seen }, ...rows);
  return { ...next, saying: nothing, work: state.running ? doing("writing", entry.at) : idle, lastUsage: entry.usage, ...meters(state, entry.usage) };
}

function meters(state: ViewState, usage: Usage): Pick<ViewState, "contextUsed" | "tokensPerS"> {
  const { promptTokens, outputTokens, outputMs } = usage;
  return {
    contextUsed: promptTokens === null ? state.contextUsed : promptTokens + (outputTokens ?? 0),
    tokensPerS: outputTokens !== null && outputMs !== null && outputMs > 0 ? (outputTokens / outputMs) * 1000 : state.tokensPerS,
  };
}

const onTerminal = (name: string): boolean => name === "run" || name === "test";

function called(state: ViewState, entry: Extract<Entry, { type: "tool.called" }>): ViewState {
  const name = sanitiseLine(entry.name.slice(0, 40));
  const about = sanitiseLine(entry.about.slice(0, 2000));
  const row: CallRow = {
    kind: "call",
    key: `c${entry.seq}`,
    call: entry.call,
    name,
    about,
    args: entry.args,
    state: "running",
    text: "",
    ms: null,
    detail: null,
    startedAt: entry.at,
    added: 0,
    removed: 0,
  };
  const next = { ...withRow(state, row), saying: nothing, work: doing("running", entry.at, name) };
  return onTerminal(name) ? { ...next, terminal: { call: entry.call, title: about, lines: [], running: true } } : next;
}

function wanted(state: ViewState, entry: Extract<Entry, { type: "approval.wanted" }>, now: number): ViewState {
  const row = callOf(state, entry.call);
  const args = row?.args;
  const inArgs = typeof args === "object" && args !== null && "command" in args && typeof args.command === "string" ? args.command : null;
  const ran = entry.command ?? inArgs;
  const command = ran === null ? null : sanitise(ran);
  const changes = (entry.preview ?? []).map(safeChange);
  const pending = {
    call: entry.call,
    name: row?.name ?? "",
    about: row?.about ?? "",
    command: changes.length > 0 ? null : (command ?? row?.about ?? ""),
    why: sanitiseLine(entry.why),
    outside: entry.outside,
    always: entry.always === null ? null : sanitiseLine(entry.always),
    changes,
    shownAt: now,
  };
  return { ...withCall(state, entry.call, (found) => ({ ...found, state: "waiting" })), pending: [...state.pending, pending], work: doing("waiting", entry.at) };
}

function returned(state: ViewState, entry: Extract<Entry, { type: "tool.returned" }>): ViewState {
  const detail = entry.detail ?? null;
  const outcome = detail?.kind === "refused" ? "refused" : entry.ok ? "ok" : "failed";
  const next = withCall(state, entry.call, (row) => ({ ...row, state: outcome, text: trimmed(entry.text), ms: entry.ms, detail }));
  const shows = (detail?.kind === "ran" || detail?.kind === "tested") && entry.text !== "";
  const ended = state.terminal.call === entry.call && state.terminal.running ? { ...state.terminal, running: false, carry: "" } : state.terminal;
  return {
    ...next,
    pending: state.pending.filter(({ call }) => call !== entry.call),
    work: state.running ? doing("reading", entry.at) : idle,
    tests: detail?.kind === "tested" ? detail.count : state.tests,
    terminal: shows ? { call: entry.call, title: callOf(state, entry.call)?.about ?? "", lines: outputLines(entry.text), running: false } : ended,
  };
}

const safeHunk = (hunk: Hunk): Hunk => ({ ...hunk, lines: hunk.lines.map((line) => line.slice(0, 1) + sanitiseLine(line.slice(1).replaceAll("\r", "\u240d"))) });
const safeChange = (change: Change): Change => ({ ...change, path: sanitiseLine(change.path), hunks: change.hunks.map(safeHunk) });

function shortened(change: Change): Change {
  let room = kept.changeLines;
  const hunks = change.hunks.filter((hunk) => {
    room -= hunk.lines.length;
    return room >= 0;
  });
  return hunks.length === change.hunks.length ? change : { ...change, hunks };
}

/** The state after a live delta. A replay without deltas ends in the same state once the facts that supersede them are there. */
export function live(state: ViewState, delta: Live, now: number): ViewState {
  switch (delta.type) {
    case "saying": {
      const { text, thought } = state.saying;
      const more = sanitise(delta.delta);
      const saying = delta.kind === "text" ? { text: (text + more).slice(-kept.stream), thought, call: null } : { text, thought: (thought + more).slice(-kept.stream), call: null };
      const what = delta.kind === "text" ? "writing" : "thinking";
      return { ...state, saying, work: state.work.what === what ? state.work : doing(what, now) };
    }
    case "calling":
      return { ...state, saying: { ...state.saying, call: { name: sanitiseLine(delta.name.slice(0, 40)), chars: delta.chars } } };
    case "tool.output":
      if (isOver(state, delta.call)) return state;
      return { ...state, terminal: withOutput(state.terminal.call === delta.call ? state.terminal : terminalOf(state, delta.call), delta.chunk) };
    case "tool.screen":
      if (isOver(state, delta.call)) return state;
      return { ...state, terminal: { ...terminalOf(state, delta.call), lines: outputLines(delta.lines.join("\n")) } };
    case "working":
      return {
        ...state,
        work: {
          what: delta.what,
          since: delta.since,
          part: delta.part ?? null,
          leftMs: delta.leftMs ?? null,
          guess: delta.guess ?? false,
          name: delta.name === undefined ? null : sanitiseLine(delta.name),
        },
      };
    case "meter":
      return { ...state, context: delta.context, contextUsed: delta.used, tokensPerS: delta.tokensPerS };
    default:
      return unreachable(delta);
  }
}

/** What a call wrote is in its fact by then; a delta that comes after it says nothing new. */
const isOver = (state: ViewState, call: string): boolean => (callOf(state, call)?.ms ?? null) !== null;

const terminalOf = (state: ViewState, call: ViewState["terminal"]["call"]): ViewState["terminal"] => ({
  call,
  title: call === null ? "" : (callOf(state, call)?.about ?? ""),
  lines: [],
  running: true,
});

/** The fold under one name. */
export const view = { start, step, live };
