// Between a server's pieces and the agent: what the server left in the text as calls and thoughts is read here, and calls it choked on are recovered.
import { isDeepStrictEqual } from "node:util";
import { type Fault, noUsage, type Piece, type Request } from "../model.ts";
import { type CallParser, openCallParser, type ParsedPiece, recoverCall } from "../toolcalls.ts";

/**
 * The same stream with its text read. Calls found in the text come just before `end`, which then says `calls`; one that the server sent as well comes
 * once. A cut answer's calls are dropped where they were cut. A `bad-call` fault whose raw text holds a call that can be run becomes that call.
 */
export async function* withCalls(pieces: AsyncIterable<Piece>, request: Request, options: { startsInThought?: boolean } = {}): AsyncGenerator<Piece> {
  let opened: CallParser | undefined;
  const parser = (): CallParser => {
    opened ??= openCallParser({ tools: request.tools, startsInThought: options.startsInThought ?? false, json: request.schema !== undefined });
    return opened;
  };
  // its tables take some milliseconds once: while the server is waited for, not before it is asked
  setImmediate(parser);
  const sent: Extract<Piece, { type: "call" }>[] = [];
  const found: Extract<ParsedPiece, { type: "call" }>[] = [];
  const shown = (parsed: ParsedPiece[]): Piece[] =>
    parsed.flatMap((piece) => {
      if (piece.type !== "call") return [piece];
      found.push(piece);
      return [];
    });
  for await (const piece of pieces) {
    switch (piece.type) {
      case "text":
        yield* shown(parser().push(piece.delta));
        break;
      case "call":
        sent.push(piece);
        yield piece;
        break;
      case "end": {
        const cut = piece.end === "length";
        yield* shown(parser().end({ cut }));
        const calls = found.filter((call) => !(cut && call.bad !== undefined) && !sent.some((one) => one.name === call.name && isDeepStrictEqual(one.args, call.args)));
        yield* calls.map(callPiece);
        yield calls.length > 0 && piece.end === "stop" ? { ...piece, end: "calls" } : piece;
        return;
      }
      case "fault":
        yield* shown(parser().end({ cut: true }));
        yield* recovered(piece.fault, request);
        return;
      default:
        yield piece;
    }
  }
  yield* shown(parser().end({ cut: true }));
}

const callPiece = ({ name, args, bad }: Extract<ParsedPiece, { type: "call" }>): Piece => ({ type: "call", id: "", name, args, ...(bad === undefined ? {} : { bad }) });

function recovered(fault: Fault, request: Request): Piece[] {
  const found = fault.kind === "bad-call" && fault.raw !== undefined ? recoverCall(fault.raw, request.tools) : null;
  if (!found) return [{ type: "fault", fault }];
  const text: Piece[] = found.text.trim() === "" ? [] : [{ type: "text", delta: found.text }];
  const thought: Piece[] = found.thought.trim() === "" ? [] : [{ type: "thought", delta: found.thought }];
  return [...thought, ...text, ...found.calls.map(callPiece), { type: "end", end: "calls", usage: noUsage }];
}
