// The one port: everything that shows, answers or connects sees these three verbs. In-process and remote can't be told apart.
import type { Answer, Command, Entry, Live, Question, Seq, SessionId } from "./events.ts";

export interface Core {
  /** Have something happen. Resolves when accepted, not when done; what happened comes as facts. Throws AuraError when it can't be accepted. */
  send(command: Command): Promise<void>;
  /** Find out something known. Never changes anything. */
  query<Q extends Question>(question: Q): Promise<Answer<Q>>;
  /** Every fact after `from`, in order and exactly once, then the tail, with live deltas in between. Ends only by `signal`. */
  watch(session: SessionId, from: Seq, signal: AbortSignal): AsyncIterable<Entry | Live>;
}

/** A fact has a sequence number, a live delta hasn't. */
export const isEntry = (item: Entry | Live): item is Entry => "seq" in item;
