// What a tool is. One file per tool: its schema, its words for the model and its code live together.
import type { FileHandle } from "node:fs/promises";
import type * as z from "zod/mini";
import type { CallId, Change, Detail, Live, Plan, PolicyName } from "../core/events.ts";
import type { SearchHit } from "../core/indexing.ts";
import type { Git } from "../git/git.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** What a call may do: the input of core/approve.ts. */
export type { Risk } from "../core/approve.ts";

import type { Risk } from "../core/approve.ts";

/** A file change before it is made: the whole texts, so that any subset of its hunks can be applied byte for byte. */
export interface Draft {
  change: Change;
  /** Real absolute path the change was computed from. */
  realPath: string;
  before: Buffer | null;
  after: Buffer | null;
}
/** The tools' only door to the disk: every path is resolved to its real place and held against the policy table at the moment of use. */
export interface Files {
  /** What `path` (relative to root, or absolute) means. Throws ToolError when the policy hides it. */
  locate(path: string): Promise<{ realPath: string; shown: string; access: "write" | "read" | "outside"; exists: boolean; why: string }>;
  /** Bytes of a regular file; throws ToolError (missing: with the nearest names; folder; too large; forbidden). `allowOutside` only after approval. */
  read(path: string, options?: { allowOutside?: boolean; maxBytes?: number }): Promise<Buffer>;
  /** The same file held open, for reading a part of it; the caller closes the handle. Its place was checked after it was opened. */
  open(path: string, options?: { allowOutside?: boolean }): Promise<{ handle: FileHandle; shown: string; size: number }>;
  /** Writes drafts all or nothing, atomically each, only if every file is still what its draft was computed from. Keeps the mode. */
  apply(drafts: Draft[], options?: { allowOutside?: boolean }): Promise<void>;
  /** Entries of a folder, names only, folders with a trailing slash, sorted. */
  list(path: string, options?: { allowOutside?: boolean }): Promise<string[]>;
}
/** What the tools ask of the index. */
export interface Index {
  /** Best first; [] when nothing is found, or nothing is known in time. Never throws but the signal's reason. */
  search(words: string, limit: number, signal: AbortSignal): Promise<SearchHit[]>;
  /** These files were just changed, paths relative to the root. Never throws. */
  changed(paths: readonly string[]): void;
}
export interface Hands {
  readonly call: CallId;
  readonly root: string;
  /** Where the person stands; `run` starts here. */
  readonly cwd: string;
  readonly policy: PolicyName;
  readonly signal: AbortSignal;
  readonly files: Files;
  readonly sandbox: Sandbox;
  readonly git: Git;
  /** The repository's index; absent where there is none. */
  readonly index?: Index;
  /** Most characters the model should get from one call. */
  readonly room: number;
  /** true after a yes to leaving the box or the repository for this call. */
  readonly outside: boolean;
  plan(): Plan;
  setPlan(plan: Plan): void;
  live(live: Live): void;
}
/** `text` goes to the model, `detail` to readers; `drafts` were applied and become `changed` facts. */
export interface Outcome {
  ok: boolean;
  text: string;
  detail?: Detail;
}
export interface Tool<Args = unknown> {
  name: string;
  /** For the model: short. Counts towards the 1,200 tokens of the head. */
  about: string;
  args: z.ZodMiniType<Args>;
  /** One line for the screen: what this call does, `src/cart.ts 1-80`. */
  title(args: Args): string;
  risk(args: Args, hands: Pick<Hands, "files" | "root" | "cwd">): Promise<Risk>;
  /** Turns this tool's own odd spellings (fields of other agents' tools, markdown lists) into its fields, before types are checked. Pure. */
  accept?(raw: Record<string, unknown>): Record<string, unknown>;
  /** For tools that change files: what would change. Throws ToolError. Whatever survives approval is applied by the caller, then `execute` tells the model. */
  draft?(args: Args, hands: Hands): Promise<{ drafts: Draft[]; note: string }>;
  /** Throws only ToolError, or bugs. With `draft`, gets what was really applied. */
  execute(args: Args, hands: Hands, applied?: { drafts: Draft[]; note: string }): Promise<Outcome>;
}
