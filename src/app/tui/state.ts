// What the screen knows: ViewState is folded from the log and the live deltas, UiState from the keys. Neither knows React.
import type { CallId, Change, Decision, Detail, EndWhy, HunkId, ModelId, Plan, PolicyName, SandboxLevel, Seq, SessionId, TestCount, Usage, Work } from "../../core/events.ts";

/** One thing in the conversation, in order. `key` is stable for the session. */
export type Row =
  | { kind: "asked"; key: string; text: string /** not yet seen by the model */; queued: boolean /** the run ended before the model read it */; unread?: boolean }
  | { kind: "thought"; key: string; text: string }
  | { kind: "said"; key: string; text: string; stopped: boolean }
  | {
      kind: "call";
      key: string;
      call: CallId;
      name: string;
      about: string;
      args: unknown;
      state: /** behind another call of the same answer */ "queued" | "waiting" | "running" | "ok" | "failed" | "refused";
      text: string;
      ms: number | null;
      detail: Detail | null;
      /** The person's reason with their answer. */
      note: string | null;
      startedAt: number;
      added: number;
      removed: number;
    }
  | { kind: "shelled"; key: string; command: string; ok: boolean; text: string; ms: number }
  | { kind: "noted"; key: string; level: "info" | "warn" | "error"; text: string; hint: string | null }
  | { kind: "ended"; key: string; why: EndWhy; text: string; hint: string | null; turns: number; ms: number; tests: TestCount | null };

/** How the keys of rows begin that the screen itself put there at the start. */
export const toldKey = "told-";

/** An approval that waits. `changes` is empty for commands. */
export interface Pending {
  call: CallId;
  name: string;
  about: string;
  command: string | null;
  why: string;
  outside: boolean;
  /** What "always" would remember, null when it can't. */
  always: string | null;
  changes: Change[];
  /** When it reached this screen (ms): keys of the first 300 ms are not answers. */
  shownAt: number;
}
export interface TerminalView {
  call: CallId | null;
  title: string;
  /** Screen or output lines, plain text, oldest first. */
  lines: string[];
  running: boolean;
  /** The beginning of an escape sequence that the last chunk of output cut. */
  carry?: string;
  /** What was shown before a call took it that may have to ask first. */
  before?: TerminalView;
}
export interface ViewState {
  session: SessionId | null;
  root: string;
  cwd: string;
  model: ModelId | null;
  context: number;
  contextUsed: number;
  tokensPerS: number | null;
  policy: PolicyName;
  sandbox: SandboxLevel | null;
  rows: Row[];
  /** Rows before these that are in the log only. */
  earlier: number;
  /** What is being streamed right now; empty strings when nothing is. */
  saying: { text: string; thought: string; call: { name: string; chars: number } | null };
  work: { what: Work; since: number; part: number | null; leftMs: number | null; guess: boolean; name: string | null };
  running: boolean;
  plan: Plan;
  pending: Pending[];
  /** Newest last: what the diff pane shows when nothing waits. */
  changes: { seq: Seq; call: CallId | null; change: Change }[];
  terminal: TerminalView;
  lastUsage: Usage | null;
  tests: TestCount | null;
  lastSeq: Seq;
}

export type PaneName = "conversation" | "diff" | "plan" | "terminal" | "log";
/** The prompt's text and the cursor as a grapheme-safe offset into it (UTF-16 units). */
export interface PromptState {
  text: string;
  cursor: number;
}
export interface Popup {
  kind: "command" | "file" | "history" | "model" | "session";
  /** What is typed after `/`, `@` or in Ctrl-R. */
  words: string;
  items: { value: string; note: string }[];
  at: number;
  busy: boolean;
}
export interface UiState {
  columns: number;
  rows: number;
  focus: PaneName;
  /** Pane shown when there is room for one only, or enlarged by Alt-Z. */
  front: PaneName;
  zoomed: boolean;
  prompt: PromptState;
  popup: Popup | null;
  /** Lines scrolled up from the end (conversation, log, terminal) or down from the start (diff, plan); per pane. */
  scroll: Record<PaneName, number>;
  /** Lines added since the person scrolled up, per pane. */
  unseen: Record<PaneName, number>;
  /** Which hunk of the first pending approval has the cursor, and what was decided so far. */
  hunk: number;
  decisions: Record<string, Decision["is"]>;
  edits: Record<HunkId, string>;
  /** Asking for the reason of a rejection: the prompt line is the reason's. */
  rejecting: boolean;
  /** Which call row is unfolded, null none. */
  opened: string | null;
  /** The row with the cursor in the conversation, null = the end. */
  selected: string | null;
  help: boolean;
  /** One line over the status line: "press Ctrl-C again to leave (the run goes on)". */
  flash: string | null;
  /** Esc was pressed with a running turn: thoughts stay dimmed, etc. */
  noColor: boolean;
  connected: "connecting" | "yes" | "lost";
  /** What the conversation says before a session exists: looking for servers, none found, which to pick. */
  welcome: { lines: string[] } | null;
  git: { branch: string; ahead: number; behind: number; dirty: number } | null;
  debug: string[];
}
