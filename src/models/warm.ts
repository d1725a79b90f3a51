// Warming a model up: the request whose prompt is to be read, and whether it was.
import type { Piece, Request } from "./model.ts";

/** Some templates fail without a word of the person's: what counts is all before it. */
const anyWord = "Hello";

/** The request without what only matters to an answer, and with something from the person if there is nothing yet. The prompt's bytes stay. */
export function toWarm({ messages, tools, think }: Request): Request {
  const spoken = messages.some((message) => message.role === "user");
  return { messages: spoken ? messages : [...messages, { role: "user", text: anyWord }], tools, ...(think === undefined ? {} : { think }) };
}

/** Takes the pieces to their end. True when the prompt was read. Never throws where `pieces` doesn't. */
export async function wasRead(pieces: AsyncIterable<Piece>): Promise<boolean> {
  let read = false;
  for await (const piece of pieces) read = piece.type === "end";
  return read;
}
