// A bare HTTP server on loopback for wires as they were captured: each test says what every path answers, byte for byte.
import { createServer, type ServerResponse } from "node:http";

export interface Came {
  method: string;
  path: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a client sent, looked at by the test
  body: any;
}
/** Answers, or leaves the client waiting. */
export type Answering = (came: Came, response: ServerResponse) => void;
export interface Wires {
  url: string;
  /** Every request, in order. */
  came: Came[];
  /** Requests to a path so far. */
  to(path: string): Came[];
  /** Resolves when the client has walked away from `n` answers. */
  left(n: number): Promise<void>;
  /** Resolves when `n` requests have come to a path. */
  asked(path: string, n: number): Promise<void>;
  close(): Promise<void>;
}

/** `answers`: by path, or by `METHOD path`; what isn't there is a 404. */
export async function openWires(answers: Record<string, Answering | object | string>): Promise<Wires> {
  const came: Came[] = [];
  let gone = 0;
  const watchers = new Set<() => void>();
  const stir = (): void => {
    for (const watch of watchers) watch();
  };
  const until = (reached: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const watch = (): void => {
        if (!reached()) return;
        watchers.delete(watch);
        resolve();
      };
      watchers.add(watch);
      watch();
    });
  const server = createServer(async (request, response) => {
    response.on("close", () => {
      if (response.writableFinished) return;
      gone++;
      stir();
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const one = { method: request.method ?? "", path: (request.url ?? "").replace(/\?.*/, ""), body: text === "" ? null : JSON.parse(text) };
    came.push(one);
    stir();
    const answer = answers[`${one.method} ${one.path}`] ?? answers[one.path];
    if (answer === undefined) return json(response, { error: { message: "File Not Found", type: "not_found_error", code: 404 } }, 404);
    if (typeof answer === "function") return (answer as Answering)(one, response);
    if (typeof answer === "string") return void response.end(answer);
    json(response, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    came,
    to: (path) => came.filter((one) => one.path === path),
    left: (n) => until(() => gone >= n),
    asked: (path, n) => until(() => came.filter((one) => one.path === path).length >= n),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}
/** Ollama's lines. */
export const ndjson = (response: ServerResponse, lines: object[]): void =>
  void response.writeHead(200, { "content-type": "application/x-ndjson" }).end(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
/** Events of the OpenAI API, with their end. */
export const sse = (response: ServerResponse, events: object[]): void =>
  void response.writeHead(200, { "content-type": "text/event-stream" }).end(`${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`);
/** The events of a short answer. */
export const said = (text: string, rest: object = {}): object[] => [
  { choices: [{ finish_reason: null, index: 0, delta: { role: "assistant", content: null } }] },
  { choices: [{ finish_reason: null, index: 0, delta: { content: text } }] },
  { choices: [{ finish_reason: "stop", index: 0, delta: {} }] },
  { choices: [], usage: { completion_tokens: 1, prompt_tokens: 10, total_tokens: 11, prompt_tokens_details: { cached_tokens: 0 } }, ...rest },
];
