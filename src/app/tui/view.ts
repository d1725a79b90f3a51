// The screen's knowledge as a fold: facts and live deltas in, ViewState out. Pure; text from outside is made harmless here, once.
import { unreachable } from "../../core/error.ts";
import type { Entry, Live, PolicyName, SessionId, Usage } from "../../core/events.ts";
import { sanitise, sanitiseLine } from "../../core/text.ts";
import { called, callOf, given, isOver, returned, wanted, withCall } from "./calls.ts";
import { doing, idle, kept, safeChange, safeOrNull, shortened, trimmed, withRow } from "./keeping.ts";
import { outputLines, withOutput } from "./parts/output.ts";
import type { Row, ViewState } from "./state.ts";

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
      // what Aura itself tells the model is no task of the person's
      if (entry.by === "aura") return withRow(state, { kind: "noted", key, level: "info", text: trimmed(`told the model: ${entry.text}`), hint: null });
      return {
        ...withRow(state, { kind: "asked", key, text: trimmed(entry.text), queued: state.running, unread: false }),
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
      return given(state, entry);
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
    case "compacted": // a note beside it says so
      return state;
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
      const next = withRow(state, row);
      const rows = next.rows.map((one) => (one.kind === "asked" && one.queued ? { ...one, queued: false, unread: true } : one));
      return { ...next, rows, running: false, saying: nothing, work: idle, pending: [], terminal, tests: entry.tests ?? state.tests };
    }
    default:
      return unreachable(entry);
  }
}

function said(state: ViewState, entry: Extract<Entry, { type: "said" }>): ViewState {
  const key = String(entry.seq);
  const rows: Row[] = [];
  if (entry.thought?.trim()) rows.push({ kind: "thought", key: `${key}t`, text: trimmed(entry.thought, kept.said).trim() });
  if (entry.text.trim() || entry.end === "stopped") rows.push({ kind: "said", key, text: trimmed(entry.text, kept.said).trim(), stopped: entry.end === "stopped" });
  const seen = state.rows.map((row) => (row.kind === "asked" && (row.queued || row.unread) && Number(row.key) <= entry.upTo ? { ...row, queued: false, unread: false } : row));
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
        // a retry says it all again
        saying: delta.what === "retrying" ? nothing : state.saying,
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

const terminalOf = (state: ViewState, call: ViewState["terminal"]["call"]): ViewState["terminal"] => ({
  call,
  title: call === null ? "" : (callOf(state, call)?.about ?? ""),
  lines: [],
  running: true,
});

/** The state for a new connection: it brings all that isn't a fact yet once more. */
export const rejoined = (state: ViewState): ViewState => ({
  ...state,
  saying: nothing,
  terminal: state.terminal.running ? { ...state.terminal, lines: [], carry: "" } : state.terminal,
});

/** The fold under one name. */
export const view = { start, step, live, rejoined };
