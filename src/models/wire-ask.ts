// Small questions to a model server: one JSON answer, checked against its shape.
import type * as z from "zod/mini";
import { AuraError, isAbort } from "../core/error.ts";
import { headersOf } from "./chat.ts";
import { errorText, faultOfError, type Place } from "./faults.ts";
import { request } from "./loopback.ts";

export interface Asking {
  signal: AbortSignal;
  key?: string;
  /** Makes it a POST. */
  json?: string;
}
export type AskFailure = { is: "status"; status: number; body: string } | { is: "error"; error: unknown };

/** The answer, or null if the server answers something else (another status, no JSON, another shape). Throws what `loopback.ts` throws. */
export async function ask<T>(url: string, path: string, shape: z.ZodMiniType<T>, asking: Asking, onStatus?: (status: number, body: string) => void): Promise<T | null> {
  const { json, signal, key } = asking;
  const response = await request({ url, path, method: json === undefined ? "GET" : "POST", headers: headersOf(key), signal, ...(json === undefined ? {} : { json }) });
  const body = await response.text(16_000_000);
  if (response.status !== 200) {
    onStatus?.(response.status, body);
    return null;
  }
  try {
    const parsed = shape.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** As `ask`, and null for a server that can't be reached too. `onFailure` is told why, and may throw. Refused addresses and aborts are thrown. */
export async function askOrNull<T>(url: string, path: string, shape: z.ZodMiniType<T>, asking: Asking, onFailure?: (failure: AskFailure) => void): Promise<T | null> {
  const failed: AskFailure[] = [];
  try {
    const answer = await ask(url, path, shape, asking, (status, body) => failed.push({ is: "status", status, body: errorText(body) }));
    if (answer !== null) return answer;
  } catch (error) {
    if (error instanceof AuraError || isAbort(error)) throw error;
    failed.push({ is: "error", error });
  }
  for (const failure of failed) onFailure?.(failure);
  return null;
}

/** What `openModel` throws when nothing answers: code `server.down`, exit 3. */
export function unreachableServer(place: Place, error: unknown): AuraError {
  const fault = faultOfError(place, error, false);
  return new AuraError("server.down", fault.message, { exit: 3, cause: error, ...(fault.hint === undefined ? {} : { hint: fault.hint }) });
}
