// The next request: everything the log has for the model, and how large that is.
import type { Seq } from "../core/events.ts";
import type { Request } from "../models/model.ts";
import { headOf, messagesOf, requestWith } from "./prompt.ts";
import type { Session } from "./session.ts";

/** `upTo`: the newest fact it has seen. The head must be in the log. */
export function requestOf(session: Session): { request: Request; upTo: Seq } {
  const entries = session.log.entries;
  const head = headOf(entries);
  if (!head) throw new Error("a request without a head");
  return { request: requestWith(head, messagesOf(entries)), upTo: entries.length };
}
