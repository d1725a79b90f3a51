// What a request asks of a server beyond its words, and servers that refuse it: then the same is asked without.
import { note } from "../core/note.ts";
import type { Fault, Piece, Request } from "./model.ts";

export type Extra = "force" | "think" | "schema";
/** Which word of an error is about which. */
const blames: Record<Extra, RegExp> = {
  force: /tool[_ ]choice|required|format|schema|grammar/i,
  think: /think|reasoning|chat_template_kwargs/i,
  schema: /response_format|json_schema|schema|grammar|format/i,
};
const extras = Object.keys(blames) as Extra[];

/** A refusal before the first piece, which may be of an extra rather than of the request: said by its status, or by its words. */
function mayBeRefusal({ kind, status, message }: Fault): boolean {
  if (kind === "no-tools" || (kind === "rejected" && [400, 422].includes(status ?? 0))) return true;
  return kind === "broken" && [undefined, 500, 501].includes(status) && extras.some((extra) => blames[extra].test(message));
}

/** `attempt`'s pieces. A server that refuses an extra is asked again without it, which is kept in `refused`: it isn't asked for there any more. */
export async function* withExtras(request: Request, refused: Set<Extra>, model: string, attempt: (request: Request) => AsyncIterable<Piece>): AsyncGenerator<Piece> {
  const dropped = new Set<Extra>();
  for (;;) {
    const asking = without(request, [...refused, ...dropped]);
    const asked = extras.filter((extra) => asking[extra] !== undefined);
    const refusal = yield* untilRefused(attempt(asking), asked.length > 0, () => {
      for (const extra of dropped) refused.add(extra);
    });
    if (refusal === null) return;
    const blamed = asked.filter((extra) => blames[extra].test(refusal.message));
    for (const extra of blamed.length > 0 ? blamed : asked) dropped.add(extra);
    note("models", "asking again without an extra", { model, without: [...dropped], because: refusal.message.slice(0, 500) }, "warn");
  }
}

/** Passes pieces on, to their end or to a refusal that comes before any of them. `begun`: the answer has begun, so nothing was refused. */
async function* untilRefused(pieces: AsyncIterable<Piece>, refusable: boolean, begun: () => void): AsyncGenerator<Piece, Fault | null> {
  let come = false;
  for await (const piece of pieces) {
    if (!come && refusable && piece.type === "fault" && mayBeRefusal(piece.fault)) return piece.fault;
    if (piece.type !== "progress" && piece.type !== "fault" && !come) {
      come = true;
      begun();
    }
    yield piece;
  }
  return null;
}

function without(request: Request, dropped: Extra[]): Request {
  const rest = { ...request };
  for (const extra of dropped) delete rest[extra];
  return rest;
}
