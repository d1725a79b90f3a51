// What can happen in a session: commands in, facts out, live deltas between, questions aside. The table of contents of Aura.
import type { Failure } from "./error.ts";
import type { EditForm, Probed, Profile } from "./probed.ts";

declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };
/** Sortable by time: `20261122-183045-x7f3`. Chosen by whoever opens the session. */
export type SessionId = Branded<string, "SessionId">;
export type CallId = Branded<string, "CallId">;
export type HunkId = Branded<string, "HunkId">;
export type ItemId = Branded<string, "ItemId">;
/** Who sent a command: `tui-4711`, `headless-12`, `acp-3`. */
export type ClientId = Branded<string, "ClientId">;
/** SERVER/NAME, as `--model` takes it: `ollama/qwen3:8b`. */
export type ModelId = Branded<string, "ModelId">;
/** Position of a fact in its session's log, from 1, without gaps. */
export type Seq = number;

export type PolicyName = "ask" | "auto" | "read-only";
export type SandboxLevel = "bwrap" | "userns" | "seatbelt" | "none";
export interface Limits {
  maxTurns?: number;
  maxTimeMs?: number;
}
/** How a session is opened. `env` holds only what the environment allow-list let through; `root` is a real path. */
export interface Opening {
  root: string;
  cwd: string;
  env: Record<string, string>;
  model?: ModelId;
  url?: string;
  /** Model and address come from configuration or memory, not from a flag: an older session keeps its own. */
  preset?: boolean;
  policy: PolicyName;
  limits: Limits;
  sandbox?: "off";
  /** Nobody is there to answer: an approval that would have to be asked for is refused instead. */
  headless?: boolean;
  /** false: no request is made before the person asks for something. */
  prewarm?: boolean;
  /** An unfinished run is ended instead of gone on with: whoever takes changes back asks for no more of them. */
  ending?: boolean;
}

export type Command =
  | { type: "open"; session: SessionId; opening: Opening; by: ClientId }
  | { type: "ask"; session: SessionId; text: string; by: ClientId } // also steers a running turn
  | { type: "stop"; session: SessionId }
  | { type: "approve"; session: SessionId; call: CallId; answer: Answered; by: ClientId; hunks?: Decision[]; note?: string }
  | { type: "revert"; session: SessionId; to: Seq | "newest" }
  | { type: "set"; session: SessionId; model?: ModelId; url?: string; policy?: PolicyName }
  | { type: "shell"; session: SessionId; command: string; by: ClientId } // `!`: the person's own command, in the sandbox
  | { type: "keys"; session: SessionId; call: CallId; bytes: string } // into the pty of a running command
  | { type: "kill"; session: SessionId; job: JobId }
  | { type: "hasten"; session: SessionId } // enough thought: answer now
  | { type: "typing"; session: SessionId }; // a prompt is being written: warm the model up

export type Answered = "yes" | "no" | "always";
export type Decision = { id: HunkId; is: "kept" | "dropped" | "edited"; text?: string };
export type JobId = Branded<string, "JobId">;

/** One run of changed lines with context. `lines` carry ` `, `-` or `+` in front and no terminator; starts are 1-based. */
export interface Hunk {
  id: HunkId;
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  lines: string[];
}
/** What happens to one file. `path` is relative to the root (absolute outside it); hashes are SHA-256 of the bytes, null = no file. */
export interface Change {
  path: string;
  before: string | null;
  after: string | null;
  added: number;
  removed: number;
  hunks: Hunk[];
}
export interface PlanItem {
  id: ItemId;
  text: string;
  state: ItemState;
}
export type ItemState = "open" | "running" | "done" | "failed";
export type Plan = PlanItem[];
/** Tokens as the server counted them; null = the server doesn't say. Durations in ms. */
export interface Usage {
  promptTokens: number | null;
  cachedTokens: number | null;
  outputTokens: number | null;
  promptMs: number | null;
  outputMs: number | null;
  loadMs: number | null;
  /** `cachedTokens` is reckoned from the time the reading took, not counted. */
  cachedGuess?: boolean;
}
/** How an answer of the model ended. */
export type SaidEnd = "stop" | "calls" | "length" | "stopped";

export type Fact =
  | {
      type: "opened";
      v: 1;
      session: SessionId;
      root: string;
      cwd: string;
      by: ClientId;
      version: string;
      policy: PolicyName;
      sandbox: SandboxLevel | null;
      limits: Limits;
      headless: boolean;
    }
  | { type: "primed"; model: ModelId; url?: string; context: number; system: string; tools: unknown[]; profile?: Profile; form?: EditForm } // the head of every request, frozen for the session
  | { type: "confined"; level: SandboxLevel; why: string[] } // found out by trying; why: what keeps a better level away
  | { type: "asked"; text: string; by: ClientId }
  | { type: "said"; turn: number; upTo: Seq; text: string; thought?: string; end: SaidEnd; usage: Usage } // upTo: the last fact the request had seen
  | { type: "tool.called"; call: CallId; name: string; args: unknown; about: string; bad?: string } // belongs to the `said` before it; bad: why it can't be run
  | { type: "approval.wanted"; call: CallId; why: string; outside: boolean; always: string | null; command?: string; preview?: Change[] } // always: what that answer would remember
  | { type: "approval.given"; call: CallId; answer: Answered; hunks?: Decision[]; note?: string; by: ClientId }
  | { type: "tool.returned"; call: CallId; ok: boolean; text: string; ms: number; detail?: Detail }
  | { type: "changed"; call: CallId | null; change: Change }
  | { type: "planned"; plan: Plan }
  | { type: "set"; model?: ModelId; url?: string; policy?: PolicyName }
  | { type: "shelled"; command: string; ok: boolean; text: string; ms: number; by: ClientId }
  | { type: "noted"; level: "info" | "warn" | "error"; text: string; hint?: string } // what the person should know; never sent to the model
  | { type: "reverted"; upTo: Seq; paths: string[]; kept: { path: string; why: string }[] }
  | { type: "compacted"; upTo: Seq; summary: string; by: "model" | "log"; room: number; trim: number | null; usage?: Usage } // what was said up to there is sent as a summary; room: characters for the person's own words; trim: for each older result behind it
  | { type: "ended"; why: EndWhy; turns: number; ms: number; error?: Failure; tests?: TestCount };

export type EndWhy = "done" | "stopped" | "limit" | "failed" | "forbidden";
export interface TestCount {
  command: string;
  ok: boolean;
  passed: number | null;
  failed: number | null;
}
/** What a tool's result means to a reader that isn't the model. */
export type Detail =
  | { kind: "read"; path: string; from: number; to: number; total: number }
  | { kind: "found"; count: number }
  | { kind: "ran"; command: string; exit: number | null; timedOut: boolean; job?: JobId; where: SandboxLevel | "outside" }
  | { kind: "tested"; count: TestCount }
  | { kind: "refused" };

export type Entry = { seq: Seq; at: number } & Fact;

/** Never stored; superseded by the next fact. Dropped for a slow reader. */
export type Live =
  | { type: "saying"; delta: string; kind: "text" | "thought" }
  | { type: "calling"; name: string; chars: number } // a call is being written
  | { type: "tool.output"; call: CallId; chunk: string } // raw bytes as text: sanitise before drawing
  | { type: "tool.screen"; call: CallId; lines: string[] } // the pty's screen, plain text
  | { type: "working"; what: Work; since: number; part?: number; leftMs?: number; guess?: boolean; name?: string }
  | { type: "meter"; context: number; used: number; tokensPerS: number | null };
export type Work = "idle" | "warming" | "connecting" | "loading" | "queued" | "reading" | "thinking" | "writing" | "running" | "waiting" | "stalled" | "retrying";

export interface SessionLine {
  session: SessionId;
  root: string;
  startedAt: number;
  changedAt: number;
  task: string;
  state: "working" | "waiting" | "done" | "stopped" | "failed" | "limit" | "forbidden" | "new" | "interrupted";
  turns: number;
  owner: "daemon" | "headless" | null;
}
export interface ModelLine {
  id: ModelId;
  url: string;
  name: string;
  sizeBytes: number | null;
  trainedContext: number | null;
  runningContext: number | null;
  capabilities: string[];
  loaded: boolean;
  /** `Q4_K_M` and the like. */
  quantization?: string | null;
  /** Of the loaded model's bytes, the part in graphics memory: 0 to 1. */
  gpuShare?: number | null;
  /** Requests the server takes at once, each with a context of its own. */
  slots?: number | null;
  /** What a probe found out, null = never probed. */
  probed?: Probed | null;
  /** Why it may not be used ("runs in the cloud"), or null. */
  refused: string | null;
}
export interface JobLine {
  job: JobId;
  command: string;
  startedAt: number;
  exit: number | null;
}

export type Question =
  | { type: "sessions"; root?: string }
  | { type: "models"; url?: string } // url: only there, as the session does
  | { type: "files"; root: string; words: string; limit: number }
  | { type: "jobs"; session: SessionId }
  | { type: "undo"; session: SessionId; to: Seq | "newest" }
  | { type: "debug"; lines: number }
  | { type: "health" };
export type Answer<Q extends Question> = Q extends { type: "sessions" }
  ? SessionLine[]
  : Q extends { type: "models" }
    ? { models: ModelLine[]; looked: { url: string; found: string | null; why: string | null }[]; chosen: ModelId | null }
    : Q extends { type: "files" }
      ? string[]
      : Q extends { type: "jobs" }
        ? JobLine[]
        : Q extends { type: "undo" }
          ? { task: string; upTo: Seq; changes: Change[] }
          : Q extends { type: "debug" }
            ? string[]
            : { pid: number; version: string; sessions: number; sandbox: SandboxLevel };
