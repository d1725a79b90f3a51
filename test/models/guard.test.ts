// The guard, tried for real: a process that installs it, and every way out Node offers.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttp, type Server } from "node:http";
import { createServer as createNet, type Server as NetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const models = join(import.meta.dirname, "..", "..", "src", "models");
const folder = mkdtempSync(join(tmpdir(), "aura-guard-"));
const socketPath = join(folder, "s");
let http: Server;
let unix: NetServer;
let port = 0;
let reached = 0;
beforeAll(async () => {
  http = createHttp((_, response) => {
    reached++;
    response.end("hello");
  });
  unix = createNet((socket) => {
    socket.on("error", () => {});
    socket.end("unix");
  });
  http.on("connection", () => reached++);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  await new Promise<void>((resolve) => unix.listen(socketPath, resolve));
  const address = http.address();
  port = typeof address === "object" && address ? address.port : 0;
});
afterAll(() => {
  http.close();
  unix.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `code` in a process of its own with the guard in place; its last expression's outcome is printed. */
async function guarded(code: string): Promise<string> {
  const script = `
    import * as dns from "node:dns"; import * as dnsPromises from "node:dns/promises"; import { resolve4 } from "node:dns"; import { promisify } from "node:util";
    import net from "node:net"; import tls from "node:tls"; import http from "node:http"; import https from "node:https"; import http2 from "node:http2"; import dgram from "node:dgram";
    const { installGuard, permitSocketPath } = await import(${JSON.stringify(join(models, "guard.ts"))});
    const { request } = await import(${JSON.stringify(join(models, "loopback.ts"))});
    installGuard();
    const port = ${port}, path = ${JSON.stringify(socketPath)};
    const settle = (socket) => new Promise((resolve) => { let got = ""; socket.on("data", (d) => (got += d)); socket.on("error", (e) => resolve(e.message)); socket.on("end", () => resolve(got)); socket.on("secureConnect", () => resolve("secure")); });
    const called = (run) => new Promise((resolve) => run((error, value) => resolve(error ? error.message : String(value))));
    const why = (error) => error.cause?.message ?? error.message;
    const outcome = await (async () => { try { return await (${code}); } catch (error) { return why(error); } })();
    console.log(String(outcome)); process.exit(0);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--no-warnings", "-e", script], { timeout: 30_000 });
  return stdout.trim();
}

const refused: [name: string, code: string, target: string][] = [
  ["net.connect(port, host)", "settle(net.connect(port, '127.0.0.1'))", "127.0.0.1:PORT"],
  ["net.connect(port)", "settle(net.connect(port))", "localhost:PORT"],
  ["net.connect(options)", "settle(net.connect({ host: '127.0.0.1', port }))", "127.0.0.1:PORT"],
  ["new Socket().connect", "settle(new net.Socket().connect(port, '127.0.0.1'))", "127.0.0.1:PORT"],
  ["a Unix socket nobody permitted", "settle(net.connect(path))", socketPath],
  ["tls.connect", "settle(tls.connect({ host: '127.0.0.1', port }))", "127.0.0.1:PORT"],
  ["http.get", "settle(http.get({ host: '127.0.0.1', port }))", "127.0.0.1:PORT"],
  ["http.get over a Unix socket", "settle(http.get({ socketPath: path }))", socketPath],
  ["https.get", "settle(https.get({ host: '127.0.0.1', port }))", "127.0.0.1:PORT"],
  ["http2.connect", "settle(http2.connect('http://127.0.0.1:' + port))", "127.0.0.1:PORT"],
  ["fetch", "fetch('http://127.0.0.1:' + port).then((r) => r.text())", "127.0.0.1:PORT"],
  ["fetch by name", "fetch('https://example.com').then((r) => r.text())", "example.com:443"],
  ["dgram send", "called((done) => dgram.createSocket('udp4').send('x', 53, '127.0.0.1', done))", "127.0.0.1:53"],
  ["dgram connect", "called((done) => dgram.createSocket('udp4').connect(53, '127.0.0.1', done))", "127.0.0.1"],
  ["dns.lookup", "called((done) => dns.lookup('example.com', done))", "example.com"],
  ["promisified dns.lookup", "promisify(dns.lookup)('example.com')", "example.com"],
  ["dns/promises lookup", "dnsPromises.lookup('example.com')", "example.com"],
  ["dns.resolve4 imported by name", "called((done) => resolve4('example.com', done))", "example.com"],
  ["a Resolver", "called((done) => new dns.Resolver().resolveTxt('example.com', done))", "example.com"],
  ["a promises Resolver", "new dnsPromises.Resolver().resolve4('example.com')", "example.com"],
];
it.concurrent.each(refused)("refuses %s, by name", async (_, code, target) => {
  const said = await guarded(code);
  expect(said).toMatch(/^Aura refuses: (connection|datagram|name lookup) to /);
  expect(said).toContain(target.replace("PORT", String(port)));
});

it("refuses a WebSocket", async () => {
  const code =
    "new Promise((resolve) => { const ws = new WebSocket('ws://127.0.0.1:' + port); ws.onerror = (e) => resolve('error ' + (e.error?.cause?.message ?? e.message ?? '')); ws.onopen = () => resolve('open'); })";
  expect(await guarded(code)).toMatch(/^error/);
});

it("let none of these through", () => {
  expect(reached).toBe(0);
});

it("lets Aura's own client, its own socket and names of this machine through", async () => {
  expect(await guarded("request({ url: 'http://127.0.0.1:' + port, path: '/', signal: new AbortController().signal }).then((r) => r.text())")).toBe("hello");
  expect(await guarded("request({ url: 'http://localhost:' + port, path: '/', signal: new AbortController().signal }).then((r) => r.text())")).toBe("hello");
  expect(await guarded("(permitSocketPath(path), settle(net.connect(path)))")).toBe("unix");
  expect(await guarded("(permitSocketPath(path), settle(net.connect({ path })))")).toBe("unix");
  expect(await guarded("promisify(dns.lookup)('127.0.0.1').then((found) => found.address)")).toBe("127.0.0.1");
  expect(await guarded("new Promise((resolve) => { const server = net.createServer().listen(0, '127.0.0.1', () => server.close(() => resolve('listened'))); })")).toBe("listened");
});
