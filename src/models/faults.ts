// What goes wrong with a model server, as sentences with their mending: one table from statuses, error texts and system errors to faults.
import { AuraError, errnoOf } from "../core/error.ts";
import type { Fault, FaultKind } from "./model.ts";

/** Who was asked for what; the words of every fault come from here. */
export interface Place {
  /** For people: `Ollama`. */
  server: string;
  /** For people: `127.0.0.1:11434`. */
  at: string;
  model: string;
  /** How to start this server. */
  start: string;
  /** How to get this model. */
  get: string;
}

export const fault = (kind: FaultKind, message: string, rest: { retry?: boolean; hint?: string; raw?: string; status?: number } = {}): Fault => ({
  kind,
  message,
  retry: rest.retry ?? false,
  ...(rest.hint === undefined ? {} : { hint: rest.hint }),
  ...(rest.raw === undefined ? {} : { raw: rest.raw }),
  ...(rest.status === undefined ? {} : { status: rest.status }),
});

/** A server's name inside a sentence. */
const within = (server: string): string => server.replace(/^The /, "the ");

/** Text from a server, fit for a line on the screen: no control characters, no terminal escapes, at most `max` characters. */
export function plain(text: string, max = 400): string {
  const line = text
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " ")
    .replace(/ +/g, " ")
    .trim();
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
}

/** The error text inside an answer's body, whatever its shape; Ollama passes its engine's whole JSON body on as text. */
export function errorText(body: string): string {
  const text = body.trim();
  if (!text.startsWith("{")) return text;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return text;
  }
  return textIn(parsed) ?? text;
}
function textIn(value: unknown): string | null {
  if (typeof value === "string") return errorText(value);
  if (typeof value !== "object" || value === null) return null;
  for (const key of ["error", "message", "detail", "title"]) {
    const found = key in value ? textIn((value as Record<string, unknown>)[key]) : null;
    if (found !== null && found !== "") return found;
  }
  return null;
}

/** Ollama's two ways, llama.cpp, vLLM, LM Studio's three, and what others write. */
const overflow = new RegExp(
  [
    "longer than the context length currently available|input length exceeds the context length",
    "exceeds the available context size|exceed_context_size",
    "maximum context length is|context_length_exceeded",
    "context the overflows|when context overflows|context length of only|n_keep \\(?\\d+\\)? ?>= ?n_ctx",
    "longer than the model'?s context length|greater than max_seq_len|exceeds? (?:the )?(?:model'?s? )?(?:max(?:imum)? )?context (?:length|window|size)",
  ].join("|"),
  "i",
);
/** What a model wrote as a call can't be read, or names no tool there is: by Ollama's parsers of each family, and by llama.cpp's. */
const badCall = new RegExp(
  [
    "error parsing tool call|invalid tool call arguments for|incomplete GLM tool call",
    "^(?:failed to parse (?:JSON|XML|function call|arguments|Laguna JSON)|empty function name|invalid function call format)",
    "^tool (?:'[^']*' not found|\"[^\"]*\" is not declared)|^mismatched arg_key|(?:undeclared|empty) Glimmer function|^parse Glimmer call|Glimmer recipient|ATEM (?:function_calls|invoke|parameter)",
    "Failed to parse input at pos|model produced output that does not match the expected",
  ].join("|"),
);

/** The text the model wrote, out of `error parsing tool call: raw='...', err=...`; the whole message where there is no such part. */
function rawOf(text: string): string {
  const match = /raw='([\s\S]*)', err=/.exec(text);
  return (match?.[1] ?? text).slice(0, 1_000_000);
}

/** A fault out of an error text; `status` is the HTTP status, or what the text says of itself, or null inside a stream. */
export function faultOfText(place: Place, status: number | null, body: string): Fault {
  const text = errorText(body);
  const shown = plain(text);
  const code = status === null ? {} : { status };
  const said = shown === "" ? "" : `: ${shown}`;
  const where = `${place.server} at ${place.at}`;
  if (overflow.test(text)) {
    return fault("overflow", `The conversation no longer fits into the context of ${place.model}${said}`, {
      hint: "start afresh with /new, or run the model with a larger context",
      ...code,
    });
  }
  if (badCall.test(text)) {
    return fault("bad-call", `${place.model} wrote a tool call that ${within(place.server)} could not read`, {
      retry: true,
      raw: rawOf(text),
      hint: "asking again often helps; a larger model errs less",
      ...code,
    });
  }
  if (/does not support tools|tools? (?:is|are) not supported|enable-auto-tool-choice/i.test(text)) {
    return fault("no-tools", `${place.model} can't call tools${said}`, { hint: "choose a model that can (aura models lists them)", ...code });
  }
  if (/more system memory|out of memory|insufficient memory|failed to allocate/i.test(text)) {
    return fault("broken", `${where} has not enough memory for ${place.model}${said}`, { hint: "choose a smaller model, or a smaller context", ...code });
  }
  if (/loading model|model is (?:still )?loading/i.test(text)) return fault("loading", `${where} is still loading ${place.model}`, { retry: true, ...code });
  if (status === 503 || status === 429 || /server busy|maximum pending requests/i.test(text))
    return fault("busy", `${where} is busy${said}`, { retry: true, hint: "it works for somebody else; try again in a moment", ...code });
  if (/model\b.*\b(?:not found|does not exist|is not (?:loaded|available))|no models? loaded|invalid model|unknown model/i.test(text)) {
    return fault("no-model", `${place.server} answers at ${place.at} but has no model ${place.model}`, { hint: place.get, ...code });
  }
  if (/parse tool call arguments as JSON/i.test(text))
    return fault("rejected", `${where} can't read an older tool call of this conversation${said}`, { hint: "start afresh with /new", ...code });
  if (status === 401 || status === 403) return fault("rejected", `${where} refuses the request (HTTP ${status})${said}`, { hint: "it may want a key", ...code });
  if (status === 404)
    return fault("broken", `${where} has no such service (HTTP 404)${said}`, { hint: "is that address really this kind of server? aura models lists what was found", ...code });
  if (status !== null && status < 500) return fault("rejected", `${where} rejected the request (HTTP ${status})${said}`, code);
  if (status === null) return fault("broken", `${where} stopped in the middle of its answer${said}`, { retry: true });
  return fault("broken", `${where} failed (HTTP ${status})${said}`, { retry: status !== 501, ...code });
}

const unreachable = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL", "ETIMEDOUT", "ENOENT"]);
/** A fault out of a thrown error. `begun`: the answer's head had come. */
export function faultOfError(place: Place, error: unknown, begun: boolean): Fault {
  const code = errnoOf(error) ?? "";
  const shown = plain(error instanceof Error ? error.message : String(error));
  if (error instanceof AuraError) return fault("refused-address", shown, error.hint === undefined ? {} : { hint: error.hint });
  if (unreachable.has(code)) return fault("down", `Nothing answers at ${place.at}: ${within(place.server)} isn't running there`, { retry: true, hint: place.start });
  if (code.startsWith("HPE_")) return fault("broken", `What answers at ${place.at} doesn't speak HTTP`, { hint: "check --url" });
  if (begun) return cut(place);
  return fault("down", `${place.server} at ${place.at} closed the connection before it answered${shown === "" ? "" : ` (${shown})`}`, { retry: true, hint: place.start });
}

export const cut = (place: Place): Fault =>
  fault("cut", `The answer of ${within(place.server)} at ${place.at} broke off before its end`, {
    retry: true,
    hint: "the server may have stopped or run out of memory; its own log tells",
  });
export const aborted: Fault = fault("aborted", "Stopped");
/** Something came that isn't the protocol. */
export const garbled = (place: Place, what: string): Fault => fault("broken", `${place.server} at ${place.at} sent ${what}`, { retry: true });
