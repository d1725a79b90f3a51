// The screen's line to the core: follows one session at a time, keeps what is asked while the line is down, finds back by itself.
import type { ClientId, Command, Entry, Live, Opening, Seq, SessionId } from "../../core/events.ts";
import type { Core } from "../../core/port.ts";
import { follow } from "./follow.ts";
import { sentence } from "./quiet.ts";

/** What a person typed in and Enter was pressed on: waits for the line instead of being refused. */
type Asked = Extract<Command, { type: "ask" | "shell" }>;
const isAsked = (command: Command): command is Asked => command.type === "ask" || command.type === "shell";

export interface Link {
  session(): SessionId;
  /** Leaves the session followed before, if any. What waits for that one goes on waiting. */
  follow(session: SessionId): void;
  /** Never throws: a refusal is said, and answered with false. */
  send(command: Command): Promise<boolean>;
  /** Waits for the line where there is none yet. */
  query: Core["query"];
  /** What waits to be sent to the session followed, oldest first. */
  waiting(): readonly Asked[];
  stop(): void;
}
export interface LinkNeeds {
  connect(signal: AbortSignal): Promise<Core>;
  opening: Opening;
  by: ClientId;
  session: SessionId;
  /** Sent as soon as the session is open. */
  task?: string;
  from(): Seq;
  take(item: Entry | Live): void;
  say(text: string): void;
  /** Something began to wait. */
  queued(): void;
  /** `why` is what the person should know. */
  state(is: "yes" | "lost", why: string | null): void;
  /** After what waited was sent; `first`: not after a line that was lost. */
  ready(first: boolean): void;
}

/** Connects nothing before `follow`. */
export function openLink(needs: LinkNeeds): Link {
  const { by, opening } = needs;
  let session = needs.session;
  let core: Core | null = null;
  let connected = Promise.withResolvers<Core>();
  let following = new AbortController();
  let outbox: Asked[] = needs.task ? [{ type: "ask", session, text: needs.task, by }] : [];

  const waiting = (): Asked[] => outbox.filter((command) => command.session === session);
  async function send(command: Command): Promise<boolean> {
    if (!core) {
      if (isAsked(command)) {
        outbox = [...outbox, command];
        needs.queued();
        return true;
      }
      needs.say("not connected to the daemon yet; nothing was done");
      return false;
    }
    try {
      await core.send(command);
      return true;
    } catch (error) {
      needs.say(sentence(error));
      return false;
    }
  }
  return {
    session: () => session,
    follow(target) {
      following.abort();
      following = new AbortController();
      session = target;
      core = null;
      connected = Promise.withResolvers<Core>();
      const { signal } = following;
      let first = true;
      void follow(
        {
          connect: needs.connect,
          session: target,
          open: (to) => to.send({ type: "open", session: target, opening, by }),
          from: needs.from,
          take: (item) => signal.aborted || needs.take(item),
          state(is, to, why) {
            if (signal.aborted) return;
            core = is === "yes" ? to : null;
            if (core) connected.resolve(core);
            needs.state(is, why);
            if (!core) return;
            const queued = waiting();
            outbox = outbox.filter((command) => command.session !== session);
            for (const command of queued) void send(command);
            needs.ready(first);
            first = false;
          },
        },
        signal,
      );
    },
    send,
    query: async (question) => (core ?? (await connected.promise)).query(question),
    waiting,
    stop: () => following.abort(),
  };
}
