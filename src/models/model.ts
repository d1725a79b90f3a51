// What a model is to the agent: a stream of pieces. Server faults are pieces too; nothing here throws for them.
import type { ModelId, ModelLine, SaidEnd, Usage } from "../core/events.ts";

/** A tool as the model sees it; `parameters` is a JSON schema. */
export interface ToolSpec {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
}
export interface CallOut {
  id: string;
  name: string;
  args: unknown;
}
/** The conversation in a neutral form. Each server's file turns it into its own wire form, deterministically: equal input, equal bytes. */
export type Message =
  | { role: "system"; text: string }
  | { role: "user"; text: string }
  | { role: "assistant"; text: string; thought?: string; calls: CallOut[] }
  | { role: "tool"; call: string; name: string; text: string };

export interface Request {
  messages: Message[];
  tools: ToolSpec[];
  /** Most tokens to write; absent = up to the server. */
  maxTokens?: number;
  temperature?: number;
  /** "text": the tools stand in the system text, and calls and results go as text both ways; `tools` only says which names and fields there are. Absent: the server's own form. */
  format?: "text";
  /** A call is wanted now: forced by tool choice or grammar where the server can, else ignored. Changes nothing of the prompt; for a retry only. */
  force?: "call";
  /** false: no thoughts in this answer, where server and model can be told so. */
  think?: false;
  /** The answer's text is JSON of this schema, where the server can see to it. */
  schema?: Record<string, unknown>;
}

export type FaultKind =
  | "down" // nothing listens, or the connection broke before a byte
  | "loading" // 503 while the model loads
  | "busy" // queue full
  | "cut" // the stream ended without its end
  | "overflow" // prompt longer than the context
  | "no-model"
  | "no-tools" // the model can't call tools
  | "bad-call" // the server could not parse the model's tool call; `raw` holds it
  | "rejected" // any other 4xx
  | "broken" // 5xx or an answer that isn't the protocol
  | "refused-address"
  | "aborted";
/** `message` is a sentence for the person, `hint` its mending. `retry`: the same request may succeed later. */
export interface Fault {
  kind: FaultKind;
  message: string;
  hint?: string;
  retry: boolean;
  raw?: string;
  status?: number;
}
export type Piece =
  | { type: "text"; delta: string }
  | { type: "thought"; delta: string }
  | { type: "was.thought"; thought: string } // all text of this answer so far was a thought, and reads so
  | { type: "call.delta"; name: string; chars: number } // a call is being written; shown, never stored
  | { type: "call"; id: string; name: string; args: unknown; bad?: string } // whole; `bad`: its arguments weren't JSON, args is {}; id "": it was read out of the text
  | { type: "progress"; what: "loading" | "queued" | "reading"; part?: number; leftMs?: number }
  | { type: "end"; end: Exclude<SaidEnd, "stopped">; usage: Usage }
  | { type: "fault"; fault: Fault };

/** `stream` yields pieces and ends after exactly one `end` or `fault`. It never throws; aborting `signal` closes the socket at once and yields fault `aborted`. */
export interface Model {
  id: ModelId;
  /** Where its server was asked for it; set by `openModel`. */
  url?: string;
  /** Tokens the running server holds for this session; a safe guess where it doesn't say. */
  context: number;
  /**
   * There only while `context` is such a guess: asks the server again, unless it is being asked. True when it has told, false when it couldn't or `signal`
   * came first. Never rejects.
   */
  told?(signal: AbortSignal): Promise<boolean>;
  stream(request: Request, signal: AbortSignal): AsyncIterable<Piece>;
  /**
   * Has the server load the model and read this request's prompt into its cache, writing at most a token that nobody gets. True when it was read to the
   * end; false when it failed or was given up by `signal`, which closes the socket at once. Never throws. Absent where it would cost more than it brings.
   */
  warm?(request: Request, signal: AbortSignal): Promise<boolean>;
  /** Tokens of this request's prompt by the server's own tokenizer, without generating; null when it can't tell just now. Never throws. Absent where the server has no such door. */
  count?(request: Request, signal: AbortSignal): Promise<number | null>;
}

/** One kind of server: one file, one line in models/index.ts. */
export interface Server {
  name: "ollama" | "lmstudio" | "llama-server" | "openai" | "embedded";
  /** Ports probed on loopback, best first. */
  ports: number[];
  /** Is a server of this kind at `url`? Its models, or null if something else answers. Throws only what `loopback.ts` throws. */
  probe(url: string, signal: AbortSignal): Promise<ModelLine[] | null>;
  /** Ready to stream. Asks the server for the running context where it can; `context` null = find out, or choose where a client has to. */
  open(options: { url: string; name: string; context: number | null; key?: string; chosen?: ChosenContexts }, signal: AbortSignal): Promise<Model>;
  /** Bytes of memory that a token of context takes with this model, null = the server doesn't tell. Throws what `loopback.ts` throws. Absent where no server of the kind tells. */
  kvBytesPerToken?(options: { url: string; name: string; key?: string }, signal: AbortSignal): Promise<number | null>;
}

/**
 * The contexts chosen on this machine, kept beyond the process: another number another time would make the server load the model again. `gigabytes`: the
 * machine's memory; a choice made with other doesn't count. Neither throws.
 */
export interface ChosenContexts {
  get(url: string, model: string, gigabytes: number): number | null;
  set(url: string, model: string, gigabytes: number, tokens: number): void;
}

export const noUsage: Usage = { promptTokens: null, cachedTokens: null, outputTokens: null, promptMs: null, outputMs: null, loadMs: null };
