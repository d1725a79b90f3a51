// Reading ahead: the model is loaded and what the next request begins with is read while nobody waits, so that its first word comes sooner.
//
//   a session opens, the person types, another model ──> one warm at a time ──> the server reads ahead
//   something is asked, in whatever session ──────────> given up at once; what was read stays in the server's cache
import { AuraError, isAbort } from "../core/error.ts";
import { note } from "../core/note.ts";
import { learnRoughly } from "./reading.ts";
import { ready } from "./ready.ts";
import { requestOf } from "./request.ts";
import type { AgentNeeds, Session } from "./session.ts";
import { count, sizeOf } from "./size.ts";

export interface Warmer {
  /** Warms up for a session's next request, unless it is headless, doesn't want it, or any session here is working. Returns at once, never throws. */
  begin(session: Session): void;
  /** The person is writing a prompt: warms up where the server may have forgotten. */
  typing(session: Session): void;
  /** Gives up what is being warmed; with a session, only what is warmed for that one. */
  giveUp(session?: Session): void;
}

/** Within this time a server is taken to hold what it read, ms. */
const freshMs = 60_000;
/** A warm-up that brought nothing isn't tried again sooner, ms. */
const againMs = 15_000;
/** A prompt over this share of the window would only be refused. */
const mostShare = 0.95;

export function openWarmer(needs: AgentNeeds, sessions: ReadonlyMap<unknown, Session>): Warmer {
  let current: { session: Session; abort: AbortController } | null = null;
  const tried = new WeakMap<Session, number>();

  const giveUp = (session?: Session): void => {
    if (session && current?.session !== session) return;
    current?.abort.abort();
    current = null;
  };
  const begin = (session: Session): void => {
    const { headless, ending, prewarm } = session.opening;
    if (headless || ending || prewarm === false) return;
    // a slot less for a run that works, and its history may have to make room in the server's cache
    if ([...sessions.values()].some((one) => one.run !== null)) return;
    giveUp();
    tried.set(session, needs.clock.now());
    const mine = { session, abort: new AbortController() };
    current = mine;
    void warm(needs, session, mine.abort.signal).finally(() => {
      if (current !== mine) return;
      current = null;
      session.live({ type: "working", what: "idle", since: needs.clock.now() });
    });
  };
  return {
    begin,
    giveUp,
    typing(session) {
      const now = needs.clock.now();
      const { sent, run, model } = session;
      if (run || current?.session === session || now - (tried.get(session) ?? Number.NEGATIVE_INFINITY) < againMs) return;
      if (sent && now - sent.at < freshMs && sent.model === model.open?.id) return;
      begin(session);
    },
  };
}

/** Never throws: whoever can't be warmed up is told why when something is asked. */
async function warm(needs: AgentNeeds, session: Session, signal: AbortSignal): Promise<void> {
  const started = needs.clock.now();
  try {
    const model = await ready(needs, session, signal, "warm");
    const { request, upTo } = requestOf(session);
    let sized = sizeOf(session, model, request);
    // nobody waits: now the server's own count costs nothing
    if (!session.counted && (await count(session, model, request, sized.characters, signal)) !== null) sized = sizeOf(session, model, request);
    if (signal.aborted) return;
    if (!model.warm || sized.used > sized.window * mostShare) return;
    session.live({ type: "working", what: "warming", since: started });
    const asked = needs.clock.now();
    const read = await model.warm(request, signal);
    // a model that had to be loaded first seems slow until it is measured
    if (read && !session.sent) learnRoughly(session, { tokens: sized.used, ms: needs.clock.now() - asked });
    note("agent", "warmed up", { model: model.id, read, givenUp: signal.aborted, tokens: sized.used, ms: needs.clock.now() - started }, "info");
    if (read && !signal.aborted) session.sent = { at: needs.clock.now(), model: model.id, request, upTo, characters: sized.characters, promptTokens: null };
  } catch (error) {
    if (signal.aborted || isAbort(error)) return;
    note("agent", "not warmed up", { why: error instanceof AuraError ? error.code : String(error) }, "info");
  }
}
