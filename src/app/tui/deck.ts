// What a key or a slash command can do: the few effects of the screen behind one interface, so that the tables need nothing else.
import type { CallId, ClientId, Command, Hunk, HunkId, ModelId, SessionId } from "../../core/events.ts";
import type { Core } from "../../core/port.ts";
import type { ViewState } from "./state.ts";
import type { Desk } from "./ui.ts";

export interface Deck {
  view(): ViewState;
  desk(): Desk;
  /** ms since the epoch. */
  now(): number;
  /** The only way the desk changes; drawn at once. */
  change(step: (desk: Desk, view: ViewState) => Desk): void;
  /** One line for the person, over the status line, until the next key. */
  say(text: string): void;
  who(): { session: SessionId; by: ClientId };
  /** Never throws: a refusal is said, and answered with false. */
  send(command: Command): Promise<boolean>;
  query: Core["query"];
  /** What was typed before, oldest first. */
  history(): readonly string[];
  /** Takes what was typed: a task, a command, a shell line. */
  submit(): void;
  /** The text as changed in the person's editor, null when they left it as it was. The screen is away meanwhile. */
  edit(text: string, name: string): Promise<string | null>;
  copy(text: string, what: string): void;
  /** The hunk as it came, before it was made fit for drawing. */
  hunk(call: CallId, id: HunkId): Hunk | null;
  /** The last answer as it came, empty when there is none. */
  lastAnswer(): string;
  /** Goes over to another session; `new` opens a fresh one with this text in the prompt. */
  goTo(session: SessionId | { fresh: string }): void;
  chooseModel(id: ModelId): void;
  /** Writes the transcript; resolves to what it is called. Throws a sentence. */
  exportTo(path: string | null): Promise<string>;
  /** `aura init` for this repository: what it found, in lines. */
  init(): Promise<string[]>;
  leave(): void;
  suspend(): void;
  redraw(): void;
}
