// A small world to break out of: a home with secrets, a repository, a place outside, and a driver process in it, as any user and at any level.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { SandboxLevel } from "../../src/core/events.ts";
import type { SandboxNeeds } from "../../src/sandbox/open.ts";
import { repositoryPolicy } from "../../src/sandbox/policy.ts";
import type { RunOutcome } from "../../src/sandbox/sandbox.ts";
import type { Order } from "./driver.ts";

export interface User {
  name: string;
  uid: number;
  gid: number;
}
const self: User = { name: process.getuid?.() === 0 ? "root" : "this user", uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const nobody: User = { name: "an ordinary user", uid: 65534, gid: 65534 };
const has = (name: string): boolean => spawnSync("sh", ["-c", `PATH=$PATH:/usr/sbin:/sbin command -v ${name}`]).status === 0;
/** Whoever runs the tests, and for root somebody else too. */
export const users: User[] = self.uid === 0 && process.platform === "linux" && has("setpriv") ? [self, nobody] : [self];
if (process.platform === "linux" && users.length === 1) console.warn(`sandbox tests run as ${self.name} only: no root, or no setpriv`);
export const tool = (name: string): boolean => {
  const found = has(name);
  if (!found) console.warn(`${name} is not here: the test that needs it does nothing`);
  return found;
};

export interface World {
  base: string;
  home: string;
  root: string;
  /** As a shell word. */
  node: string;
  outside: string;
  state: string;
  user: User;
  run(command: string, order?: Partial<Order>): Promise<RunOutcome & { screens: string[][] }>;
  tell<T>(order: Omit<Order, "id">): Promise<T>;
  level(): Promise<{ level: SandboxLevel; why: string[] }>;
  /** Gives everything made meanwhile to the world's user. */
  own(): void;
  driver: ChildProcess;
  close(): Promise<void>;
}
function give(path: string, user: User): void {
  if (user.uid === self.uid) return;
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chownSync(path, user.uid, user.gid);
  if (stat.isDirectory()) for (const name of readdirSync(path)) give(join(path, name), user);
}
export interface WorldOptions {
  user: User;
  level?: SandboxLevel;
  /** Where the repository lies in the world; "tmp" puts it under the system's temporary folder. */
  place?: string;
  /** Puts something into the repository before it is opened. */
  fill?(root: string, base: string): void;
  /** More to hide. */
  /** The test runs Node inside. */
  node?: boolean;
  hide?(root: string): string[];
  needs?: Partial<SandboxNeeds>;
  env?: Record<string, string>;
  open?: string;
}
// Not in the temporary folder, which is private inside anyway: what lies here is seen from inside, and must not be writable.
const place = join(import.meta.dirname, "../../node_modules/.cache/aura-sandbox");

/** A Node that can be seen from inside: the home and temporary folders are private there, and this checkout may lie in one of them. */
function visibleNode(root: string): string {
  const hidden = [tmpdir(), homedir(), "/tmp", "/run"].some((folder) => process.execPath.startsWith(`${folder}/`));
  if (!hidden) return process.execPath;
  copyFileSync(process.execPath, join(root, "node-inside"));
  return `'${join(root, "node-inside").replaceAll("'", `'\\''`)}'`;
}

export function makeWorld(options: WorldOptions): World {
  mkdirSync(place, { recursive: true });
  // whoever made the folder around it first: an ordinary user has to come through
  chmodSync(dirname(place), 0o755);
  const base = realpathSync(mkdtempSync(join(options.place === "tmp" ? tmpdir() : place, "world-")));
  chmodSync(base, 0o755);
  const [home, outside, state] = ["home", "outside", "state"].map((name) => join(base, name)) as [string, string, string];
  const root = join(base, options.place && options.place !== "tmp" ? options.place : "repo");
  for (const folder of [home, outside, state, root, join(home, ".ssh"), join(home, ".aws"), join(home, ".config/gh"), join(home, ".cargo/bin")])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(home, ".ssh/id_ed25519"), "SECRET-KEY\n");
  writeFileSync(join(home, ".aws/credentials"), "SECRET-AWS\n");
  writeFileSync(join(home, ".config/gh/hosts.yml"), "SECRET-GH\n");
  writeFileSync(join(home, ".cargo/credentials.toml"), "SECRET-CARGO\n");
  writeFileSync(join(home, ".npmrc"), "SECRET-NPM\n");
  writeFileSync(join(home, ".bashrc"), "# mine\n");
  writeFileSync(join(home, ".cargo/bin/hello"), "#!/bin/sh\necho hello from the toolchain\n", { mode: 0o755 });
  writeFileSync(join(outside, "theirs.txt"), "theirs\n");
  writeFileSync(join(state, "session.log"), "SECRET-STATE\n");
  options.fill?.(root, base);
  const node = options.node ? visibleNode(root) : process.execPath;
  const own = (): void => give(base, options.user);
  own();
  const needs: SandboxNeeds = {
    root,
    cwd: root,
    env: { PATH: process.env.PATH ?? "", HOME: home, AWS_SECRET_ACCESS_KEY: "SECRET-ENV", SSH_AUTH_SOCK: join(outside, "agent.sock"), ...options.env },
    cacheDir: join(state, "cache/project"),
    policy: repositoryPolicy(root),
    hidden: [state, ...(options.hide?.(root) ?? [])],
    off: false,
    ...(options.level ? { prefer: options.level } : {}),
    ...options.needs,
  };
  const argv = [process.execPath, join(import.meta.dirname, "driver.ts"), JSON.stringify(needs)];
  const as = options.user.uid === self.uid ? argv : ["setpriv", `--reuid=${options.user.uid}`, `--regid=${options.user.gid}`, "--clear-groups", ...argv];
  const shell = options.open ? ["bash", "-c", `${options.open}; exec "$@"`, "bash", ...as] : as;
  const driver = spawn(shell[0] as string, shell.slice(1), {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: "/",
    env: { ...process.env, HOME: home, NODE_OPTIONS: "", XDG_RUNTIME_DIR: "" },
  });
  driver.stdin?.on("error", () => {}); // some tests kill it
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let next = 1;
  createInterface({ input: driver.stdout as NodeJS.ReadableStream }).on("line", (line) => {
    const { id, answer, error } = JSON.parse(line) as { id: number; answer: unknown; error?: string };
    if (error === undefined) waiting.get(id)?.resolve(answer);
    else waiting.get(id)?.reject(new Error(error));
    waiting.delete(id);
  });
  driver.on("exit", (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the driver ended with ${code}`));
  });
  function tell<T>(order: Omit<Order, "id">): Promise<T> {
    const id = next++;
    driver.stdin?.write(`${JSON.stringify({ ...order, id })}\n`);
    return new Promise<T>((resolve, reject) => waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject }));
  }
  return {
    base,
    home,
    root,
    node,
    outside,
    state,
    user: options.user,
    driver,
    own,
    tell,
    run: (command, order = {}) => tell({ do: "run", command, ...order }),
    level: () => tell({ do: "level" }),
    async close() {
      const over = driver.exitCode === null && driver.signalCode === null ? new Promise((resolve) => driver.once("exit", resolve)) : null;
      driver.stdin?.end();
      await over;
      rmSync(base, { recursive: true, force: true });
      // `place` itself stays: another test may be about to put its world there
    },
  };
}

const tried = new Map<string, string | null>();
/** Levels that work here for `user`, found by the real detection; the others are named aloud. */
export async function workingLevels(user: User): Promise<SandboxLevel[]> {
  const working: SandboxLevel[] = [];
  for (const level of ["bwrap", "userns"] as const) {
    const key = `${user.name} ${level}`;
    if (!tried.has(key)) {
      const world = makeWorld({ user, level });
      const found = await world.level();
      tried.set(key, found.level === level ? null : found.why.join("; "));
      await world.close();
    }
    const why = tried.get(key);
    if (why === null) working.push(level);
    else console.warn(`level ${level} does not work here for ${user.name}, its escapes are not tried: ${why}`);
  }
  return working;
}
