// The only client of the program: HTTP to this machine's own model servers, and to hosts the user's own config names.
import { AuraError, errnoOf } from "../core/error.ts";
import { permitted, unguardedLookup } from "./guard.ts";

export interface LoopbackRequest {
  /** Where the server listens, `http://127.0.0.1:11434`; a path in it goes before `path`. */
  url: string;
  method?: "GET" | "POST";
  /** Starts with a slash. */
  path: string;
  /** Sent as it is, with `Content-Type: application/json`. */
  json?: string;
  headers?: Record<string, string>;
  signal: AbortSignal;
}
export interface LoopbackResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** The bytes as they come; can be iterated once. Throws AbortError after an abort, a system error when the connection breaks. */
  body: AsyncIterable<Buffer>;
  /** The whole body as text; beyond `maxBytes` the connection is closed and the rest is left out. */
  text(maxBytes?: number): Promise<string>;
  /** No more of the body is wanted. `complete`: its end was seen, only a few bytes may still come; keeps the connection for the next request. */
  close(complete: boolean): void;
}

let allowedHosts: readonly string[] = [];
/** Hosts beside loopback that may be reached, from the user's own config; `name`, `address`, or either with `:port`. Replaces the earlier list. */
export function setAllowedHosts(hosts: readonly string[]): void {
  allowedHosts = hosts.map((host) => host.toLowerCase());
}

export interface Address {
  /** For people: `127.0.0.1:11434`. */
  shown: string;
  port: number;
  /** What to connect to, in this order. Loopback addresses, or the one host that config allows. */
  hosts: string[];
  /** Without a trailing slash: `` or `/v1`. */
  path: string;
}

const refused = (message: string, hint: string): AuraError => new AuraError("address.refused", message, { hint, exit: 2 });
const isLoopback = (host: string): boolean => /^127(\.\d{1,3}){3}$/.test(host) || host === "::1";

/** Checks where `url` leads, without asking any name server. Throws AuraError `address.refused` (exit 2). */
export function addressOf(url: string): Address {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw refused(`"${url}" is not an address`, "write it as http://127.0.0.1:PORT");
  }
  if (parsed.protocol !== "http:") throw refused(`${parsed.protocol}//${parsed.host} is not plain http`, "Aura speaks http to servers on this machine: http://127.0.0.1:PORT");
  if (parsed.username !== "" || parsed.password !== "") throw refused(`the address of ${parsed.host} holds a user name or password`, "leave it out");
  const host = parsed.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const port = Number(parsed.port || 80);
  const rest = { shown: `${parsed.hostname}:${port}`, port, path: parsed.pathname.replace(/\/+$/, "") };
  if (host === "localhost") return { ...rest, hosts: ["127.0.0.1", "::1"] };
  if (isLoopback(host)) return { ...rest, hosts: [host] };
  if (allowedHosts.includes(host) || allowedHosts.includes(`${host}:${port}`) || allowedHosts.includes(parsed.host)) return { ...rest, hosts: [host] };
  throw refused(`${rest.shown} is not on this machine`, `Aura only talks to loopback addresses; to use your own server there, add "${host}" to allowHosts in your own config`);
}

type Http = typeof import("node:http");
type Incoming = import("node:http").IncomingMessage;
let client: { http: Http; agent: import("node:http").Agent } | null = null;
/** Loaded at the first request; an `import` would also evaluate lazy exports of node:http that cost 20 ms and 13 MB. */
function openClient(): NonNullable<typeof client> {
  if (client) return client;
  const http = process.getBuiltinModule("node:http");
  const net = process.getBuiltinModule("node:net");
  const agent = new http.Agent({ keepAlive: true });
  agent.createConnection = (options) => {
    const { host, port } = options as { host: string; port: number };
    return net.connect(permitted({ host, port, noDelay: true, keepAlive: true, ...(isLoopback(host) ? {} : { lookup: unguardedLookup() }) }));
  };
  client = { http, agent };
  return client;
}

/** Which of a name's addresses answered last. */
const answered = new Map<string, string>();
const nobody = new Set(["ECONNREFUSED", "EADDRNOTAVAIL", "ENETUNREACH", "EAFNOSUPPORT", "EHOSTUNREACH"]);

/**
 * One request. Resolves with the head of the answer, whatever its status; there is no time limit but `signal`, whose abort closes the socket at once.
 * Throws AuraError `address.refused` (also for redirects, which are never followed), an AbortError, or the system error (`ECONNREFUSED`) as it came.
 * Proxy variables have no effect.
 */
export async function request(needs: LoopbackRequest): Promise<LoopbackResponse> {
  const address = addressOf(needs.url);
  const known = answered.get(address.shown);
  const hosts = known === undefined ? address.hosts : [known, ...address.hosts.filter((host) => host !== known)];
  let failure: unknown;
  for (const host of hosts) {
    try {
      const incoming = await send(needs, address, host, false);
      answered.set(address.shown, host);
      return responseOf(incoming, address, needs.signal);
    } catch (error) {
      if (needs.signal.aborted) throw abortError();
      if (!nobody.has(errnoOf(error) ?? "")) throw error;
      failure ??= error;
    }
  }
  throw failure;
}

function send(needs: LoopbackRequest, address: Address, host: string, again: boolean): Promise<Incoming> {
  const { http, agent } = openClient();
  return new Promise((resolve, reject) => {
    if (needs.signal.aborted) return reject(abortError());
    const headers: Record<string, string> = { host: address.shown, accept: "*/*", ...needs.headers };
    if (needs.json !== undefined) {
      headers["content-type"] = "application/json";
      headers["content-length"] = String(Buffer.byteLength(needs.json));
    }
    const outgoing = http.request({ host, port: address.port, method: needs.method ?? "GET", path: address.path + needs.path, headers, agent, signal: needs.signal }, resolve);
    outgoing.on("error", (error) => {
      // a kept connection that the server closed in the same moment: nobody has seen this request yet
      const stale = outgoing.reusedSocket && ["ECONNRESET", "EPIPE"].includes(errnoOf(error) ?? "");
      if (stale && !again && !needs.signal.aborted) resolve(send(needs, address, host, true));
      else reject(error);
    });
    outgoing.end(needs.json);
  });
}

function responseOf(incoming: Incoming, address: Address, signal: AbortSignal): LoopbackResponse {
  const status = incoming.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    incoming.destroy();
    throw refused(
      `${address.shown} answered with a redirect to ${String(incoming.headers.location ?? "elsewhere").slice(0, 200)}`,
      "Aura never follows redirects; give the address itself",
    );
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) if (value !== undefined) headers[name] = String(value);
  const body = bytesOf(incoming, signal);
  return { status, headers, body, text: (maxBytes) => textOf(body, incoming, maxBytes), close: (complete) => finish(incoming, complete) };
}

async function* bytesOf(incoming: Incoming, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch (error) {
    throw signal.aborted ? abortError() : error;
  }
  if (signal.aborted) throw abortError();
}

async function textOf(body: AsyncIterable<Buffer>, incoming: Incoming, maxBytes = 4_000_000): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) {
      incoming.destroy();
      break;
    }
  }
  return Buffer.concat(chunks).toString("utf8", 0, maxBytes);
}

/** Lets a finished answer's last bytes (the end of its chunks) come in, so that the connection can be used again. */
function finish(incoming: Incoming, complete: boolean): void {
  if (incoming.destroyed || incoming.readableEnded) return;
  incoming.on("error", () => {});
  if (!complete) {
    incoming.destroy();
    return;
  }
  const late = setTimeout(() => incoming.destroy(), 1000);
  late.unref();
  incoming.once("close", () => clearTimeout(late));
  incoming.resume();
}

const abortError = (): Error => new DOMException("The request was stopped", "AbortError");
