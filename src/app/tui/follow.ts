// Following a session through lost connections: every fact once, in order, whatever happens to the core in between.
import { setTimeout as sleep } from "node:timers/promises";
import { AuraError, isAbort } from "../../core/error.ts";
import type { Entry, Live, Seq, SessionId } from "../../core/events.ts";
import { note } from "../../core/note.ts";
import type { Core } from "../../core/port.ts";

export interface FollowNeeds {
  session: SessionId;
  /** A way to the core, started if need be; asked again whenever it was lost. */
  connect(signal: AbortSignal): Promise<Core>;
  /** Makes sure the session is open there. A refusal (another process holds it) doesn't end the following. */
  open(core: Core): Promise<void>;
  /** The last fact that was seen. */
  from(): Seq;
  take(item: Entry | Live): void;
  /** `why` is what the person should know, for `lost` and for a refused opening. */
  state(is: "yes" | "lost", core: Core | null, why: string | null): void;
}
const firstPauseMs = 200;
const longestPauseMs = 5000;

/** Resolves when `signal` aborts; never throws. */
export async function follow(needs: FollowNeeds, signal: AbortSignal): Promise<void> {
  let pause = firstPauseMs;
  while (!signal.aborted) {
    let refused: string | null = null;
    try {
      const core = await needs.connect(signal);
      await needs.open(core).catch((error: unknown) => {
        if (!(error instanceof AuraError)) throw error;
        refused = error.hint ? `${error.message} ${error.hint}` : error.message;
      });
      if (signal.aborted) return;
      needs.state("yes", core, refused);
      for await (const item of core.watch(needs.session, needs.from(), signal)) {
        pause = firstPauseMs;
        needs.take(item);
      }
      if (signal.aborted) return;
      needs.state("lost", null, "the connection to the daemon ended");
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      note("tui", "lost the core", { error: error instanceof Error ? error.message : String(error) }, "warn");
      // a session that couldn't be opened can't be watched either: the first reason is the one to know
      needs.state("lost", null, refused ?? (error instanceof Error ? error.message : String(error)));
    }
    await sleep(pause, undefined, { signal }).catch(() => {});
    pause = Math.min(longestPauseMs, pause * 2);
  }
}
