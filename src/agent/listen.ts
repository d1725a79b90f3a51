// One answer as it streams: collected, shown while it comes, stopped when it would never end or the person has no patience with its thought.
import type { Fault, Model, Piece, Request } from "../models/model.ts";
import { type Endless, openEndless } from "./endless.ts";
import type { AgentNeeds, Session } from "./session.ts";
import { openSilence } from "./silence.ts";

export interface Heard {
  text: string;
  thought: string;
  calls: Extract<Piece, { type: "call" }>[];
  end: Extract<Piece, { type: "end" }> | null;
  fault: Fault | null;
  /** Why it was stopped by us: then there is neither end nor fault. */
  endless: Endless | null;
  /** The person ended its thought: then there is neither end nor fault. */
  hastened: boolean;
  /** From the request to the first words, ms; null where none came. */
  waitedMs: number | null;
}
export interface Listening {
  /** Does the person see the words? */
  shown: boolean;
  /** Characters of thought after which a model that has said nothing is stopped. */
  thoughtMost: number;
  /** ms that reading the prompt should take, null = nobody knows. */
  readingMs: number | null;
}

/** Reads one stream to its end or fault. Aborting `signal` closes it at once. */
export async function listen(needs: AgentNeeds, session: Session, model: Model, request: Request, signal: AbortSignal, how: Listening): Promise<Heard> {
  const heard: Heard = { text: "", thought: "", calls: [], end: null, fault: null, endless: null, hastened: false, waitedMs: null };
  const started = needs.clock.now();
  const own = new AbortController();
  const silence = openSilence(needs, session, how);
  const endless = openEndless(how.thoughtMost);
  let pieces = 0;
  let phase: "thinking" | "writing" | null = null;
  const enter = (next: "thinking" | "writing"): void => {
    heard.waitedMs ??= needs.clock.now() - started;
    pieces++;
    silence.begun();
    session.hasten = next === "thinking" && how.shown && heard.text.trim() === "" && heard.calls.length === 0 ? hasten : null;
    silence.heard(phase === next ? undefined : next);
    phase = next;
  };
  function hasten(): void {
    heard.hastened = true;
    session.hasten = null;
    own.abort();
  }
  try {
    // leaving the loop early closes the stream
    for await (const piece of model.stream(request, AbortSignal.any([signal, own.signal]))) {
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
          silence.heard(piece.what, { ...(piece.part === undefined ? {} : { part: piece.part }), ...(piece.leftMs === undefined ? {} : { leftMs: piece.leftMs }) });
          break;
        case "end":
          heard.end = piece;
          break;
        case "fault":
          heard.fault = piece.fault;
          break;
      }
      if (heard.endless || heard.hastened) break;
    }
  } finally {
    silence.stop();
    session.hasten = null;
  }
  // an answer that was whole before it could be stopped is one
  if (heard.end) heard.hastened = false;
  if (heard.hastened) heard.fault = null;
  if (heard.end && heard.waitedMs !== null) {
    const usage = heard.end.usage;
    const outputMs = usage.outputMs ?? needs.clock.now() - started - heard.waitedMs;
    const tokensPerS = outputMs > 0 ? ((usage.outputTokens ?? pieces) * 1000) / outputMs : null;
    session.live({ type: "meter", context: model.context, used: (usage.promptTokens ?? 0) + (usage.outputTokens ?? 0), tokensPerS });
  }
  return heard;
}
