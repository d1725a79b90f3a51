// One answer as it streams: collected, shown while it comes, stopped when it would never end.
import { note } from "../core/note.ts";
import type { Fault, Model, Piece, Request } from "../models/model.ts";
import { type Endless, openEndless } from "./endless.ts";
import type { AgentNeeds, Session } from "./session.ts";

/** No piece for this long and the screen says so; nothing is ever given up because of it. */
const stalledAfterMs = 30_000;

export interface Heard {
  text: string;
  thought: string;
  calls: Extract<Piece, { type: "call" }>[];
  end: Extract<Piece, { type: "end" }> | null;
  fault: Fault | null;
  /** Why it was stopped by us: then there is neither end nor fault. */
  endless: Endless | null;
}
export interface Listening {
  /** Does the person see the words? */
  shown: boolean;
  /** Characters of thought after which a model that has said nothing is stopped. */
  thoughtMost: number;
}

/** Reads one stream to its end or fault. Aborting `signal` closes it at once. */
export async function listen(needs: AgentNeeds, session: Session, model: Model, request: Request, signal: AbortSignal, how: Listening): Promise<Heard> {
  const heard: Heard = { text: "", thought: "", calls: [], end: null, fault: null, endless: null };
  const started = needs.clock.now();
  let firstAt = 0;
  let pieces = 0;
  const working = (what: "connecting" | "loading" | "queued" | "reading" | "thinking" | "writing" | "stalled", rest: { part?: number; leftMs?: number } = {}): void =>
    // a sub-step's words aren't shown: what it is for is
    session.live(
      how.shown || what === "stalled" ? { type: "working", what, since: started, ...rest } : { type: "working", what: "running", since: started, name: "the summary", ...rest },
    );
  let phase: "thinking" | "writing" | null = null;
  const enter = (next: "thinking" | "writing"): void => {
    firstAt ||= needs.clock.now();
    pieces++;
    if (phase === next) return;
    phase = next;
    working(next);
  };
  let watchdog: NodeJS.Timeout | undefined;
  const alive = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => {
      note("agent", "nothing from the model server", { forMs: stalledAfterMs }, "warn");
      working("stalled");
    }, stalledAfterMs);
    watchdog.unref();
  };
  const endless = openEndless(how.thoughtMost);
  alive();
  working("reading");
  try {
    // leaving the loop early closes the stream
    for await (const piece of model.stream(request, signal)) {
      alive();
      switch (piece.type) {
        case "text":
          enter("writing");
          heard.text += piece.delta;
          if (how.shown) session.live({ type: "saying", kind: "text", delta: piece.delta });
          heard.endless = endless("text", heard.text, true);
          break;
        case "thought":
          enter("thinking");
          heard.thought += piece.delta;
          if (how.shown) session.live({ type: "saying", kind: "thought", delta: piece.delta });
          heard.endless = endless("thought", heard.thought, heard.text.trim() !== "" || heard.calls.length > 0);
          break;
        case "was.thought":
          // the template had opened a thought: what looked like the answer so far wasn't one
          heard.text = "";
          heard.thought = piece.thought;
          break;
        case "call.delta":
          enter("writing");
          if (how.shown) session.live({ type: "calling", name: piece.name, chars: piece.chars });
          break;
        case "call":
          heard.calls.push(piece);
          break;
        case "progress":
          working(piece.what, { ...(piece.part === undefined ? {} : { part: piece.part }), ...(piece.leftMs === undefined ? {} : { leftMs: piece.leftMs }) });
          break;
        case "end":
          heard.end = piece;
          break;
        case "fault":
          heard.fault = piece.fault;
          break;
      }
      if (heard.endless) break;
    }
  } finally {
    clearTimeout(watchdog);
  }
  if (heard.end && firstAt) {
    const usage = heard.end.usage;
    const outputMs = usage.outputMs ?? needs.clock.now() - firstAt;
    const tokensPerS = outputMs > 0 ? ((usage.outputTokens ?? pieces) * 1000) / outputMs : null;
    session.live({ type: "meter", context: model.context, used: (usage.promptTokens ?? 0) + (usage.outputTokens ?? 0), tokensPerS });
  }
  return heard;
}
