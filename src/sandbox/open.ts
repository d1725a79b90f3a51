// Opens the sandbox of one session: finds the level, draws up the box for each command, runs it, keeps the ones left running.
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { totalmem } from "node:os";
import { dirname, join } from "node:path";
import { AuraError } from "../core/error.ts";
import type { JobId, SandboxLevel } from "../core/events.ts";
import { randomId } from "../core/time.ts";
import { openPlaceholders, prepareCache } from "./cache.ts";
import { type Confinement, confine } from "./confine.ts";
import { gitPaths } from "./gitdirs.ts";
import { insideEnv, plainEnv } from "./home.ts";
import { detectLevel, type Found, findPrograms, forgetLevel } from "./level.ts";
import { openNetwork } from "./network.ts";
import { hostSockets, makePlan, type Plan } from "./plan.ts";
import { type PathPolicy, within } from "./policy.ts";
import type { RunOptions, RunOutcome, Sandbox } from "./sandbox.ts";
import type { SeatbeltPaths } from "./seatbelt.ts";
import { defaultLimits, type RunLimits, type Spawned, spawnCommand } from "./spawn.ts";
import { leakedFiles } from "./tree.ts";

export interface SandboxNeeds {
  /** Real path of the repository. */
  root: string;
  cwd: string;
  /** The client's environment, as far as its allow-list let it through; commands inside get the part that toolchains need. */
  env: Record<string, string>;
  /** Private to this project and user, outside the repository; its parent keeps what was found out about the machine. */
  cacheDir: string;
  policy: PathPolicy;
  /** Paths that are not there inside: Aura's own state and runtime folders. */
  hidden: string[];
  /** The person's flag: nothing is confined. */
  off: boolean;
  /** Only this level, or none. */
  prefer?: SandboxLevel;
  limits?: Partial<RunLimits>;
}
interface Job {
  id: JobId;
  command: string;
  startedAt: number;
  spawned: Spawned;
  exit: number | null;
  over: boolean;
}
const finishedJobs = 20;
const turnedOff = (): Found => ({ level: "none", why: ["turned off by --sandbox off"], programs: findPrograms(), closeUserns: false });

function seatbeltPaths(needs: SandboxNeeds, plan: Plan): SeatbeltPaths {
  const at = plan.mounts.filter((mount) => mount.kind === "ro").map((mount) => mount.at);
  return {
    root: needs.root,
    home: plan.home,
    shown: at.filter((path) => within(plan.home, path) && !within(needs.root, path)),
    readOnly: at.filter((path) => within(needs.root, path)),
    hidden: needs.hidden,
    cache: join(needs.cacheDir, "home"),
  };
}

/** Costs nothing to open: the level is found out meanwhile, and awaited by the first command. */
export function openSandbox(needs: SandboxNeeds): Promise<Sandbox> {
  const limits: RunLimits = { ...defaultLimits, ...needs.limits };
  const folder = dirname(needs.cacheDir);
  const off = needs.off ? turnedOff() : null;
  const detection = off ? { found: off, ready: Promise.resolve(off) } : detectLevel({ folder, ...(needs.prefer ? { only: needs.prefer } : {}) });
  const jobs = new Map<JobId, Job>();
  const running = new Set<Spawned>();
  const network = openNetwork(() => detection.found?.programs ?? findPrograms());
  let closed = false;

  async function start(options: RunOptions, found: Found): Promise<Spawned> {
    if (!statSync(options.cwd, { throwIfNoEntry: false })?.isDirectory())
      throw new AuraError("sandbox-cwd", `The command could not be started: the folder ${options.cwd} does not exist.`);
    const bare = options.outside || found.level === "none";
    const command = options.command.startsWith("-") ? ` ${options.command}` : options.command; // not an option of the shell
    const spawnNeeds = { cwd: options.cwd, limits, onStart: options.onStart, onOutput: options.onOutput, onScreen: options.onScreen };
    if (bare) {
      const env = { ...needs.env, ...plainEnv, ...options.env };
      return spawnCommand({ ...spawnNeeds, argv: [found.programs.shell, "-c", command], env, boxed: false, marker: null });
    }
    prepareCache(needs.cacheDir);
    const uid = process.getuid?.() ?? 0;
    const home = needs.env.HOME ?? process.env.HOME ?? null;
    const plan = makePlan({ ...needs, gitPaths: gitPaths(needs.root, home), home, uid, sockets: hostSockets() });
    const shared = options.background && found.level !== "seatbelt" ? await network.open() : network.current();
    const marker = `777;aura;${randomBytes(9).toString("hex")}`;
    const given: Confinement = {
      plan,
      marker,
      uid,
      cwd: options.cwd,
      programs: found.programs,
      gid: process.getgid?.() ?? 0,
      cpuSeconds: limits.cpuSeconds,
      processes: limits.processes * 4,
      stage: join(needs.cacheDir, "stage"),
      closeUserns: found.closeUserns,
      leaked: leakedFiles(),
      temporaryBytes: Math.floor(totalmem() / 4),
      ...(shared === null ? {} : { network: shared }),
      ...(found.level === "seatbelt" ? { seatbelt: seatbeltPaths(needs, plan) } : {}),
    };
    const env = { ...insideEnv(needs.env, plan.home, home), ...(found.level === "seatbelt" ? { TMPDIR: join(needs.cacheDir, "home/cache") } : {}), ...options.env };
    const release = openPlaceholders(needs.cacheDir).hold(plan.placeholders);
    try {
      const spawned = await spawnCommand({ ...spawnNeeds, cwd: "/", argv: confine(found.level, given, command), env, boxed: found.level !== "seatbelt", marker });
      void spawned.ended.then(release);
      return spawned;
    } catch (error) {
      release();
      throw error;
    }
  }

  function keep(options: RunOptions, spawned: Spawned, startedAt: number): JobId {
    const job: Job = { id: randomId(4) as JobId, command: options.command, startedAt, spawned, exit: null, over: false };
    jobs.set(job.id, job);
    void spawned.ended.then(({ exit }) => {
      job.exit = exit;
      job.over = true;
      const over = [...jobs.values()].filter((other) => other.over);
      for (const old of over.slice(0, Math.max(0, over.length - finishedJobs))) jobs.delete(old.id);
    });
    return job.id;
  }

  /** What the plan was drawn from may be gone a moment later, a socket for one: one more try then. */
  async function run(options: RunOptions): Promise<RunOutcome> {
    return (await tryRun(options, false)) ?? ((await tryRun(options, true)) as RunOutcome);
  }
  /** null: the box never stood, and it isn't the last try. */
  async function tryRun(options: RunOptions, last: boolean): Promise<RunOutcome | null> {
    const found = await detection.ready;
    const level = options.outside ? "outside" : found.level;
    if (closed) throw new AuraError("sandbox-closed", "The session is closing; no command is started any more.");
    const startedAt = Date.now();
    if (options.signal.aborted) return { text: "", exit: null, timedOut: false, killed: "it was stopped", ms: 0, level };
    const spawned = await start(options, found).catch((error: unknown) => {
      if (error instanceof AuraError) throw error;
      throw new AuraError("sandbox-start", `The command could not be started: ${error instanceof Error ? error.message : String(error)}`, {
        hint: "`aura doctor` says what is missing.",
        cause: error,
      });
    });
    running.add(spawned);
    void spawned.ended.then(() => running.delete(spawned));
    let timedOut = false;
    const onAbort = (): void => spawned.stop("it was stopped", Math.min(limits.graceMs, 300));
    options.signal.addEventListener("abort", onAbort, { once: true });
    if (options.signal.aborted) onAbort();
    const timer = setTimeout(() => {
      timedOut = true;
      const waiting = spawned.waitsForInput() ? ", waiting for input that nobody gave" : "";
      spawned.stop(`it took longer than its ${options.timeoutMs / 1000} s${waiting}`);
    }, options.timeoutMs);
    let settle: NodeJS.Timeout | undefined;
    const settled = options.background
      ? new Promise<null>((resolve) => {
          settle = setTimeout(resolve, options.background?.settleMs, null);
        })
      : null;
    const ended = await (settled ? Promise.race([spawned.ended, settled]) : spawned.ended);
    clearTimeout(settle);
    clearTimeout(timer);
    options.signal.removeEventListener("abort", onAbort);
    const outcome = { text: spawned.text(), timedOut, ms: Date.now() - startedAt, level } as const;
    if (ended === null) return { ...outcome, exit: null, job: keep(options, spawned, startedAt) };
    if (!ended.started && ended.killed === undefined && !last) return null;
    if (!ended.started && ended.killed === undefined) {
      forgetLevel(folder, needs.prefer);
      throw new AuraError("sandbox-failed", `The sandbox (${level}) could not be set up: ${outcome.text.trim().split("\n").at(-1) ?? ""}`, {
        hint: "`aura doctor` tries it and says what is wrong.",
      });
    }
    return { ...outcome, exit: ended.exit, ...(ended.killed === undefined ? {} : { killed: ended.killed }) };
  }

  return Promise.resolve({
    get level() {
      return detection.found?.level ?? needs.prefer ?? "none";
    },
    get why() {
      return detection.found?.why ?? [];
    },
    ready: detection.ready.then((found) => found.level),
    run,
    jobs: () => [...jobs.values()].map(({ id, command, startedAt, exit }) => ({ job: id, command, startedAt, exit })),
    readJob(id) {
      const job = jobs.get(id);
      return job ? { text: job.spawned.text(), exit: job.exit } : null;
    },
    async stopJob(id) {
      const job = jobs.get(id);
      if (!job || job.over) return false;
      job.spawned.stop("it was stopped");
      await job.spawned.ended;
      return true;
    },
    async close() {
      closed = true;
      const left = [...running];
      for (const spawned of left) spawned.stop("the session was closed", Math.min(limits.graceMs, 300));
      await Promise.all(left.map((spawned) => spawned.ended));
      network.close();
    },
  });
}
