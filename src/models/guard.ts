// Nothing of this process leaves the machine by accident: every outgoing connection but the permitted ones fails with an error naming it.
import { AuraError } from "../core/error.ts";
import { note } from "../core/note.ts";

/*
 *   loopback.ts --permitted(options)--> net.connect --+
 *   bus/socket.ts --permitSocketPath(path)----------- +--> Socket.prototype.connect (patched) --> the system
 *   fetch, WebSocket, tls, http2, any dependency ---- +         |
 *                                                               +--> "Aura refuses: connection to HOST:PORT"
 */
type Lookup = typeof import("node:dns").lookup;
interface State {
  permits: WeakSet<object>;
  socketPaths: Set<string>;
  freeLookup: Lookup | null;
  installed: boolean;
}
// The program is several bundles, each with its own copy of this module; the guard is one per process.
const place = Symbol.for("aura.guard");
const holder = globalThis as unknown as Record<symbol, State | undefined>;
const state: State = holder[place] ?? { permits: new WeakSet(), socketPaths: new Set(), freeLookup: null, installed: false };
holder[place] = state;

/** Marks the options of one `net.connect` call as allowed, and returns them. Only `loopback.ts` calls this, after it has checked the address. */
export function permitted<T extends object>(options: T): T {
  state.permits.add(options);
  return options;
}

/** Lets this process connect to the Unix socket at `path` (the daemon's), by exactly this path. */
export function permitSocketPath(path: string): void {
  state.socketPaths.add(path);
}

/** The name lookup as it was before the guard, for hosts the user's own config names. */
export function unguardedLookup(): Lookup {
  return state.freeLookup ?? process.getBuiltinModule("node:dns").lookup;
}

/** What a patched function throws or a refused socket fails with: code `connection.refused`, the target in the message. */
export function refusal(what: string, target: string): AuraError {
  note("models", "connection refused by the guard", { what, target }, "warn");
  return new AuraError("connection.refused", `Aura refuses: ${what} to ${target}`, {
    hint: "Aura itself only talks to model servers on this machine, and to hosts that allowHosts in your own config names",
    exit: 2,
  });
}

/** Where a connect call wants to go, from any of its argument forms. */
function targetOf(args: unknown[]): { options: object | null; path: string | null; shown: string } {
  const flat = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  const first = flat[0];
  if (typeof first === "object" && first !== null) {
    const { path, host, port } = first as { path?: unknown; host?: unknown; port?: unknown };
    if (typeof path === "string") return { options: first, path, shown: path };
    return { options: first, path: null, shown: `${host ?? "localhost"}:${port}` };
  }
  if (typeof first === "string" && !/^\d+$/.test(first)) return { options: null, path: first, shown: first };
  return { options: null, path: null, shown: `${typeof flat[1] === "string" ? flat[1] : "localhost"}:${first}` };
}

/**
 * Installs the guard, once, for the life of the process; costs about 3 ms. From then on `net`, `tls`, `http`, `fetch`, `WebSocket`, `dgram` and `dns`
 * only reach what was permitted: a socket fails with an `error` event, a datagram or a name lookup by its callback, its promise, or by throwing.
 * Child processes, native addons and worker threads have connections of their own and are not seen.
 */
export function installGuard(): void {
  if (state.installed) return;
  state.installed = true;
  const net = process.getBuiltinModule("node:net");
  const connect = net.Socket.prototype.connect as (this: unknown, ...args: unknown[]) => import("node:net").Socket;
  const guarded = function (this: import("node:net").Socket, ...args: unknown[]): import("node:net").Socket {
    const target = targetOf(args);
    const allowed = target.path === null ? target.options !== null && state.permits.has(target.options) : state.socketPaths.has(target.path);
    if (allowed) return connect.apply(this, args);
    const error = refusal("connection", target.shown);
    // later, as a failing connection does: whoever called goes on setting the socket up
    Object.assign(this, { connecting: true });
    process.nextTick(() => this.destroy(error));
    return this;
  };
  net.Socket.prototype.connect = guarded as typeof net.Socket.prototype.connect;
  guardDatagrams();
  guardNames();
  process.getBuiltinModule("node:module").syncBuiltinESMExports();
}

type Loose = Record<string, unknown>;
const callbackOf = (args: unknown[]): ((error: Error) => void) | undefined => args.findLast((arg) => typeof arg === "function") as ((error: Error) => void) | undefined;

/** Replaces `names` of `target`; the refusal goes to the caller's callback where there is one, is thrown (or rejected) where there is none. */
function refuseAll(target: Loose, names: string[], what: string, rejects: boolean, shown: (args: unknown[]) => string): void {
  for (const name of names) {
    if (typeof target[name] !== "function") continue;
    target[name] = (...args: unknown[]): unknown => {
      const error = refusal(what, shown(args));
      if (rejects) return Promise.reject(error);
      const callback = callbackOf(args);
      if (!callback) throw error;
      process.nextTick(callback, error);
      return undefined;
    };
  }
}

function guardDatagrams(): void {
  const prototype = process.getBuiltinModule("node:dgram").Socket.prototype as unknown as Loose;
  // send(bytes[, offset, length][, port][, address][, callback]), connect(port[, address][, callback])
  const shown = (args: unknown[]): string =>
    `${args.slice(1).findLast((arg) => typeof arg === "string") ?? "localhost"}:${args.findLast((arg) => typeof arg === "number") ?? "its peer"}`;
  refuseAll(prototype, ["send", "connect", "sendto"], "datagram", false, shown);
}
const firstOf = (args: unknown[]): string => String(args[0]);

/** Names that mean this machine are looked up as before; every other lookup would tell a name server what the user works on. */
function guardNames(): void {
  const dns = process.getBuiltinModule("node:dns");
  state.freeLookup = dns.lookup;
  const local = (host: unknown): boolean => host === "localhost" || host === "" || host === null || host === undefined || /^[\d.]+$|:/.test(String(host));
  for (const [target, rejects] of [
    [dns as unknown as Loose, false],
    [dns.promises as unknown as Loose, true],
    [dns.Resolver.prototype as unknown as Loose, false],
    [dns.promises.Resolver.prototype as unknown as Loose, true],
  ] as const) {
    const names = Object.getOwnPropertyNames(target).filter((name) => /^(resolve|reverse|lookupService)/.test(name));
    refuseAll(target, names, "name lookup", rejects, firstOf);
    const { lookup } = target;
    if (typeof lookup !== "function") continue;
    const refused: Loose = { lookup };
    refuseAll(refused, ["lookup"], "name lookup", rejects, firstOf);
    const guarded = (...args: unknown[]): unknown => (local(args[0]) ? Reflect.apply(lookup, target, args) : (refused.lookup as (...all: unknown[]) => unknown)(...args));
    // util.promisify(dns.lookup) must go on working
    target.lookup = Object.defineProperties(guarded, Object.getOwnPropertyDescriptors(lookup));
  }
}
