// The one client: where it may go, and how it behaves when a server misbehaves.
import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { AuraError } from "../../src/core/error.ts";
import { addressOf, request, setAllowedHosts } from "../../src/models/loopback.ts";

const never = new AbortController().signal;
const servers: Server[] = [];
async function serve(listener: RequestListener, host = "127.0.0.1"): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}
afterEach(() => {
  setAllowedHosts([]);
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

describe("addresses", () => {
  it.each(["http://127.0.0.1:1", "http://127.8.9.10:1", "http://localhost:1", "http://LOCALHOST:1/v1/", "http://[::1]:1", "http://0x7f.1:1", "http://localhost.:1"])(
    "%s is this machine",
    (url) => {
      expect(addressOf(url).port).toBe(1);
    },
  );
  it.each([
    "http://10.0.0.1:1",
    "http://0.0.0.0:1",
    "http://[::]:1",
    "http://127.0.0.1.example.com:1",
    "http://localhost.example.com:1",
    "http://example.com",
    "http://169.254.169.254",
    "http://[::ffff:10.0.0.1]:1",
    "https://127.0.0.1:1",
    "file:///etc/passwd",
    "http://user:pass@127.0.0.1:1",
    "http://127.0.0.1@example.com",
    "127.0.0.1:1",
    "",
  ])("%s is refused with exit 2", async (url) => {
    const failure = await request({ url, path: "/", signal: never }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AuraError);
    expect(failure).toMatchObject({ code: "address.refused", exit: 2, hint: expect.any(String) });
  });
  it("reaches what the user's own config names, and nothing beside it", () => {
    setAllowedHosts(["gpu.lan", "10.0.0.5:8000"]);
    expect(addressOf("http://GPU.lan:9/v1").hosts).toEqual(["gpu.lan"]);
    expect(addressOf("http://10.0.0.5:8000").hosts).toEqual(["10.0.0.5"]);
    expect(() => addressOf("http://10.0.0.5:22")).toThrow("not on this machine");
    expect(() => addressOf("http://evil.gpu.lan")).toThrow("not on this machine");
  });
});

it.each(["127.0.0.1", "::1"])("finds localhost at %s", async (host) => {
  const port = await serve((_, response) => response.end("here"), host);
  for (let n = 0; n < 2; n++) {
    const response = await request({ url: `http://localhost:${port}`, path: "/", signal: never });
    expect(await response.text()).toBe("here");
  }
});

it.each([301, 302, 303, 307, 308])("follows no redirect (%i)", async (status) => {
  let followed = 0;
  const target = await serve((_, response) => {
    followed++;
    response.end();
  });
  const port = await serve((_, response) => response.writeHead(status, { location: `http://127.0.0.1:${target}/` }).end());
  await expect(request({ url: `http://127.0.0.1:${port}`, method: "POST", json: "{}", path: "/", signal: never })).rejects.toMatchObject({
    code: "address.refused",
    message: expect.stringContaining("redirect"),
  });
  expect(followed).toBe(0);
});

it("has no use for proxy variables", async () => {
  let proxied = 0;
  const proxy = await serve((_, response) => {
    proxied++;
    response.end("proxy");
  });
  const port = await serve((_, response) => response.end("direct"));
  const names = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "NODE_USE_ENV_PROXY"];
  for (const name of names) process.env[name] = name.startsWith("NODE") ? "1" : `http://127.0.0.1:${proxy}`;
  try {
    expect(await (await request({ url: `http://127.0.0.1:${port}`, path: "/", signal: never })).text()).toBe("direct");
    expect(proxied).toBe(0);
  } finally {
    for (const name of names) delete process.env[name];
  }
});

it("says ECONNREFUSED as it is", async () => {
  const port = await serve((_, response) => response.end());
  await new Promise((resolve) => servers.pop()?.close(resolve));
  await expect(request({ url: `http://127.0.0.1:${port}`, path: "/", signal: never })).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

it("sends once more when the kept connection was closed in the meantime", async () => {
  let count = 0;
  const port = await serve((incoming, response) => {
    count++;
    if (count === 2) incoming.socket.destroy();
    else response.end(String(count));
  });
  const ask = async (): Promise<string> => (await request({ url: `http://127.0.0.1:${port}`, path: "/", signal: never })).text();
  expect([await ask(), await ask()]).toEqual(["1", "3"]);
});

it("cuts a body that is too long, and what comes after an abort", async () => {
  const port = await serve((_, response) => {
    const pour = (): void => {
      if (!response.destroyed) response.write("x".repeat(10_000), () => setImmediate(pour));
    };
    pour();
  });
  const url = `http://127.0.0.1:${port}`;
  expect((await (await request({ url, path: "/", signal: never })).text(25_000)).length).toBe(25_000);
  const stop = new AbortController();
  const response = await request({ url, path: "/", signal: stop.signal });
  await expect(
    (async () => {
      for await (const _ of response.body) stop.abort();
    })(),
  ).rejects.toMatchObject({ name: "AbortError" });
});

it("puts the address's own path in front", async () => {
  const port = await serve((incoming, response) => response.end(`${incoming.method} ${incoming.url} ${incoming.headers.host}`));
  const response = await request({ url: `http://127.0.0.1:${port}/v1/`, path: "/models", signal: never });
  expect(await response.text()).toBe(`GET /v1/models 127.0.0.1:${port}`);
});
