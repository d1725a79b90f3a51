// Stories: a person, a repository, a scripted model and Aura's front door; on the core in this process, or through a real daemon's socket.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import type { OpenCore } from "../../src/agent/handle.ts";
import { compose } from "../../src/app/compose.ts";
import { connectDaemon, stopDaemon } from "../../src/app/connect.ts";
import { findPaths, userConfigFile } from "../../src/config/paths.ts";
import { writePrivate } from "../../src/config/private.ts";
import type { UserConfig } from "../../src/config/schema.ts";
import type { CallId, ClientId, Command, Decision, Entry, Fact, Live, Opening, SessionId } from "../../src/core/events.ts";
import { daemonPaths } from "../../src/core/paths.ts";
import { type Core, isEntry } from "../../src/core/port.ts";
import { type Clock, newSessionId } from "../../src/core/time.ts";
import { allowedEnv } from "../../src/sandbox/home.ts";
import { type FakeModel, type FakeModelNeeds, openFakeModel } from "../fake/model-server.ts";

export { badCall, call, cut, errorInside, hang, reset, status, thought } from "../fake/model-server.ts";

export type Transport = "memory" | "socket";
type FactOf<T extends Fact["type"]> = Extract<Entry, { type: T }>;

export interface Repo {
  root: string;
  write(path: string, text: string): void;
  read(path: string): string;
  has(path: string): boolean;
  git(...args: string[]): string;
}
/** One screen's worth of Aura: what a client sees and does. */
export interface Client {
  session: SessionId;
  core: Core;
  /** Facts seen so far, in order. */
  facts: Entry[];
  lives: Live[];
  types(text: string): Promise<void>;
  /** The next fact of this type that was not awaited before, or any live text that contains the string. */
  sees<T extends Fact["type"]>(type: T, wanted?: (fact: FactOf<T>) => boolean): Promise<FactOf<T>>;
  hears(text: string): Promise<void>;
  /** Answers the newest waiting approval. */
  answers(answer: "yes" | "no" | "always", more?: { hunks?: Decision[]; note?: string }): Promise<void>;
  send(command: Omit<Command, "session" | "by"> & { type: Command["type"] }): Promise<void>;
  /** The line drops: the client is gone without a word. */
  drops(): void;
}
export interface World {
  repo: Repo;
  model: FakeModel;
  transport: Transport;
  open(more?: Partial<Opening> & { session?: SessionId; from?: number }): Promise<Client>;
  /** The person changes their own configuration; a daemon that runs goes on. */
  configures(user: UserConfig): void;
  /** The daemon (or the core) dies without a word, as with kill -9. The next `open` finds what it left. */
  kill(): Promise<void>;
}
export interface StoryNeeds {
  on?: Transport[];
  model?: FakeModelNeeds;
  policy?: Opening["policy"];
  /** In memory only: the daemon has its own. */
  clock?: Clock;
  /** The person's own configuration. */
  user?: UserConfig;
}

export function story(name: string, tell: (world: World) => Promise<void>, needs: StoryNeeds = {}): void {
  for (const transport of needs.on ?? ["memory", "socket"]) it(`${name} (${transport})`, () => inWorld(transport, needs, tell));
}

const distMain = join(import.meta.dirname, "..", "..", "dist", "main.js");

async function inWorld(transport: Transport, needs: StoryNeeds, tell: (world: World) => Promise<void>): Promise<void> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "aura-story-")));
  const env = { ...process.env, AURA_HOME: join(base, "home") };
  const paths = findPaths(env);
  if (needs.user) writePrivate(userConfigFile(paths), JSON.stringify(needs.user));
  const repo = makeRepo(join(base, "project"));
  const model = await openFakeModel(needs.model);
  const clients: AbortController[] = [];
  let mine: OpenCore | null = null;
  let daemonPid: number | null = null;
  const stops: (() => void)[] = [];

  const reach = async (): Promise<Core> => {
    if (transport === "memory") {
      mine ??= compose({ paths, user: needs.user ?? {}, ...(needs.clock ? { clock: needs.clock } : {}) });
      return mine.core;
    }
    if (!existsSync(distMain)) throw new Error("dist/main.js is missing: npm run build first");
    const connected = await connectDaemon({
      paths: daemonPaths(paths),
      spawn: { execPath: process.execPath, script: distMain, args: ["daemon", "run"] },
      env,
      me: await programOf(),
    });
    daemonPid = connected.daemon.pid;
    stops.push(connected.stop);
    return connected.core;
  };
  const world: World = {
    repo,
    model,
    transport,
    open: async (more = {}) => {
      const { session = newSessionId(), from = 0, ...rest } = more;
      const core = await reach();
      const opening: Opening = { root: repo.root, cwd: repo.root, env: allowedEnv(env), policy: needs.policy ?? "ask", limits: {}, model: model.id, url: model.url, ...rest };
      const abort = new AbortController();
      clients.push(abort);
      return openClient(core, session, opening, from, abort, transport === "socket" ? stops.at(-1) : undefined);
    },
    configures: (user) => writePrivate(userConfigFile(paths), JSON.stringify(user)),
    kill: async () => {
      if (transport === "memory") {
        for (const client of clients) client.abort();
        await mine?.close();
        mine = null;
        return;
      }
      if (daemonPid !== null) process.kill(daemonPid, "SIGKILL");
      await gone(daemonPid);
      daemonPid = null;
    },
  };
  try {
    await tell(world);
    if (!needs.model?.otherwise) expect(model.surplus, "requests the script had nothing for").toBe(0);
  } finally {
    for (const client of clients) client.abort();
    if (transport === "socket") await stopDaemon(daemonPaths(paths), await programOf()).catch(() => false);
    await (mine as OpenCore | null)?.close();
    for (const stop of stops) stop();
    await model.close();
    rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** The program that dist/ was built as: the test's own sources call themselves something else. */
async function programOf(): Promise<{ version: string; build: string }> {
  return JSON.parse(execFileSync(process.execPath, [distMain, "--version", "--json"], { encoding: "utf8" })) as { version: string; build: string };
}
async function gone(pid: number | null): Promise<void> {
  for (let tries = 0; pid !== null && tries < 500; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function makeRepo(root: string): Repo {
  mkdirSync(root, { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "init.defaultBranch=main", ...args], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  git("init", "-q");
  git("config", "user.name", "t");
  git("config", "user.email", "t@localhost");
  return {
    root,
    git,
    write(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    read: (path) => readFileSync(join(root, path), "utf8"),
    has: (path) => existsSync(join(root, path)),
  };
}

async function openClient(core: Core, session: SessionId, opening: Opening, from: number, abort: AbortController, drop?: () => void): Promise<Client> {
  const by = `test-${session}` as ClientId;
  await core.send({ type: "open", session, opening, by });
  const facts: Entry[] = [];
  const lives: Live[] = [];
  const watchers = new Set<() => void>();
  let failure: unknown = null;
  let dropped = false;
  void (async () => {
    for await (const item of core.watch(session, from, abort.signal)) {
      if (isEntry(item)) facts.push(item);
      else lives.push(item);
      for (const watch of watchers) watch();
    }
  })().catch((error: unknown) => {
    failure = dropped || abort.signal.aborted ? null : error;
    for (const watch of watchers) watch();
  });
  const until = <T>(look: () => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        watchers.delete(watch);
        reject(new Error(`never saw ${what}; facts:\n${facts.map((fact) => JSON.stringify(fact).slice(0, 300)).join("\n")}`));
      }, 20_000);
      const watch = (): void => {
        const found = look();
        if (found === undefined && !failure) return;
        clearTimeout(timer);
        watchers.delete(watch);
        if (found === undefined) reject(failure);
        else resolve(found);
      };
      watchers.add(watch);
      watch();
    });
  const awaited = new Set<number>();
  const client: Client = {
    session,
    core,
    facts,
    lives,
    types: (text) => core.send({ type: "ask", session, text, by }),
    sees: async (type, wanted = () => true) => {
      const found = await until(() => facts.find((fact) => fact.type === type && !awaited.has(fact.seq) && wanted(fact as never)), type);
      awaited.add(found.seq);
      return found as never;
    },
    hears: async (text) => {
      const heard = (): true | undefined =>
        lives
          .map((live) => (live.type === "saying" ? live.delta : ""))
          .join("")
          .includes(text)
          ? true
          : undefined;
      await until(heard, `the words "${text}"`);
    },
    answers: async (answer, more = {}) => {
      const answered = new Set(facts.flatMap((fact) => (fact.type === "approval.given" ? [fact.call] : [])));
      const waiting = facts.findLast((fact) => fact.type === "approval.wanted" && !answered.has(fact.call));
      if (waiting?.type !== "approval.wanted") throw new Error("nothing waits for an answer");
      await core.send({ type: "approve", session, call: waiting.call as CallId, answer, by, ...more });
    },
    send: (command) => core.send({ ...command, session, by } as unknown as Command),
    drops: () => {
      dropped = true;
      abort.abort();
      drop?.();
    },
  };
  return client;
}
