// An open session: its log, its readers, and what the running turn holds. One writer: the process that has the log's lock.
import type { Answered, CallId, ClientId, Decision, Entry, Fact, Live, ModelId, Opening, Plan, PolicyName, Seq, SessionId } from "../core/events.ts";
import type { Hub } from "../core/live.ts";
import type { Log } from "../core/log.ts";
import type { Probed } from "../core/probed.ts";
import type { Clock } from "../core/time.ts";
import type { Git } from "../git/git.ts";
import type { Syntax } from "../languages/syntax.ts";
import type { Model, Request } from "../models/model.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Files, Index, Tool } from "../tools/tool.ts";
import type { ProfileWish } from "./profile.ts";

/** What one repository gives to the tools; opened once per session, closed with it. */
export interface Workplace {
  /** The list the model is offered; `test` knows the command the project's own configuration names. */
  tools: Tool[];
  files: Files;
  sandbox: Sandbox;
  git: Git;
  index?: Index;
  /** The check command of the project's configuration; false = none is wanted, absent = what the project has is found. */
  lint?: string | false;
  close(): Promise<void>;
}
export interface AgentNeeds {
  clock: Clock;
  version: string;
  /** The user's config folder, for their own AGENTS.md; null = none. */
  userConfig: string | null;
  /** `model` absent: the one remembered here, else the only one there is. */
  openModel(wanted: Pick<Opening, "root" | "model" | "url">, signal: AbortSignal): Promise<Model>;
  /** What a probe found out about the model at this address, null = nothing. Never throws. */
  probed(model: ModelId, url: string | undefined): Probed | null;
  /** What the person's configuration says of profiles just now. Never rejects. */
  profile(): Promise<ProfileWish>;
  /** The person chose a model for this repository. */
  chose(root: string, model: ModelId): void;
  openWorkplace(opening: Opening): Promise<Workplace>;
  /** The "always" answers for a repository, kept in the user's own state. */
  remembered: { load(root: string): Promise<Set<string>>; add(root: string, key: string): Promise<void> };
  /** Checks what edits do to a file's syntax; one for all sessions. */
  syntax: Syntax;
  /** Sessions with an unfinished run, so that a successor goes on with them. */
  active: { add(session: SessionId, opening: Opening): void; remove(session: SessionId): void };
  redact(text: string): string;
  /** ms to wait before try n (from 1) of a request that failed in a way that heals. */
  backOffMs(attempt: number): number;
}
export interface Approval {
  answer: Answered;
  hunks?: Decision[];
  note?: string;
  by: ClientId;
}
/** A request that a server has read, so that its cache should hold it. */
export interface Sent {
  /** When its reading ended, ms. */
  at: number;
  model: ModelId;
  request: Request;
  /** The newest fact it had seen. */
  upTo: Seq;
  /** As `charactersOf` counts them. */
  characters: number;
  /** As the server counted; null where it only warmed up. */
  promptTokens: number | null;
}
export interface Session {
  id: SessionId;
  opening: Opening;
  log: Log;
  hub: Hub;
  policy: PolicyName;
  model: { wanted: ModelId | undefined; url: string | undefined; open: Model | null };
  workplace: Promise<Workplace>;
  /** The same once it is open. */
  place: Workplace | null;
  remembered: Set<string>;
  /** Approvals that wait, by call. */
  waiting: Map<CallId, (approval: Approval) => void>;
  /** Keys into the command that the person runs, null when none does. */
  keys: ((bytes: string) => void) | null;
  /** The running run, null when idle. `why` is set by whoever aborts. */
  run: { abort: AbortController; why: "stopped" | "limit" | "forbidden" | null; done: Promise<void> } | null;
  /** Characters per token: a guess until the server's own counts taught it (`counted`). */
  perToken: number;
  counted: boolean;
  /** Tokens the server holds where it turned out to be fewer than it says; null = as it says. */
  window: number | null;
  /** The server counts the room asked for as used: it isn't told any more. */
  uncapped: boolean;
  /** The newest request of this session that a server has read in this process. */
  sent: Sent | null;
  /** Answers in a row for which the server reused nothing of a long prompt. */
  cold: number;
  /** Tokens of new prompt that the server reads per second, as measured; null = not known yet. */
  readPerS: number | null;
  /** That is a first impression, with whatever else took time: the next measurement takes its place. */
  readRoughly: boolean;
  /** Ends the thought that is being streamed, null while none is. */
  hasten: (() => void) | null;
  /** A request has begun with the head: it isn't made anew any more. */
  frozen: boolean;
  /** Instruction files already told. */
  told: Set<string>;
  append(...facts: Fact[]): Entry[];
  live(live: Live): void;
}

/** What is measured of a model, before anything was: another model begins with it again. */
export const unmeasured = (): Pick<Session, "counted" | "window" | "uncapped" | "sent" | "cold" | "readPerS" | "readRoughly"> => ({
  counted: false,
  window: null,
  uncapped: false,
  sent: null,
  cold: 0,
  readPerS: null,
  readRoughly: false,
});

/** The newest plan in the log. */
export function planOf(entries: readonly Entry[]): Plan {
  for (let at = entries.length - 1; at >= 0; at--) {
    const entry = entries[at];
    if (entry?.type === "planned") return entry.plan;
  }
  return [];
}
/** Where the newest run begins: its first `asked`; null when nothing was asked. */
export function newestRunStart(entries: readonly Entry[]): number | null {
  let start: number | null = null;
  let ended = true;
  for (const entry of entries) {
    if (entry.type === "asked" && ended) {
      start = entry.seq;
      ended = false;
    } else if (entry.type === "ended") ended = true;
  }
  return start;
}
/** Was something asked that no `ended` answers? */
export function isUnfinished(entries: readonly Entry[]): boolean {
  let open = false;
  for (const entry of entries) {
    if (entry.type === "asked") open = true;
    if (entry.type === "ended") open = false;
  }
  return open;
}
