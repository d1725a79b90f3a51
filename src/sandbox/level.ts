// Which level works on this machine: found by really trying, remembered until the next boot or update.
import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { SandboxLevel } from "../core/events.ts";
import { note } from "../core/note.ts";
import { prepareCache } from "./cache.ts";
import { confine, type Programs } from "./confine.ts";
import { insideEnv } from "./home.ts";
import { hostSockets, makePlan } from "./plan.ts";
import { repositoryPolicy } from "./policy.ts";

export interface Found {
  level: SandboxLevel;
  /** One sentence for each better level that isn't in force. */
  why: string[];
  programs: Programs;
  closeUserns: boolean;
}
const trusted = ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin", "/run/wrappers/bin"];
/** A program from the system's own folders, never from PATH, which a repository may have a say in. */
function program(name: string): string | undefined {
  return trusted
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
const defined = <T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };

export function findPrograms(): Programs {
  return defined({
    bwrap: program("bwrap"),
    unshare: program("unshare"),
    nsenter: program("nsenter"),
    seatbelt: process.platform === "darwin" ? program("sandbox-exec") : undefined,
    env: program("env"),
    sh: program("sh") ?? "/bin/sh",
    shell: program("bash") ?? program("sh") ?? "/bin/sh",
  }) as Programs;
}
interface Tried {
  ok: boolean;
  text: string;
}
async function call(argv: string[], env: Record<string, string>): Promise<Tried> {
  const { execFile } = await import("node:child_process");
  const [file = "sh", ...args] = argv;
  return new Promise((resolve) => {
    execFile(file, args, { env, timeout: 20_000, killSignal: "SIGKILL", cwd: "/" }, (error, stdout, stderr) =>
      resolve({ ok: !error, text: `${stdout}${stderr}`.replace(/\x1b\][^\x07]*\x07/, "").trim() }),
    );
  });
}

/** Tries the ways out from inside; prints the first that is open. */
const probeScript = `
open() { echo "a command could $1"; exit 9; }
echo in >"$R/in" || { echo "a command can't write in the repository"; exit 8; }
( : >"$O/out" ) 2>/dev/null && open "write outside the repository"
( : >"$R/.git/config" ) 2>/dev/null && open "write git's folder"
( : >>/proc/sys/kernel/core_pattern ) 2>/dev/null && open "change the kernel's settings"
mount -t tmpfs none /tmp 2>/dev/null && open "mount"
for at in / "$O" "$R/.git"; do mount -o remount,bind,rw "$at" 2>/dev/null && open "remount $at"; umount "$at" 2>/dev/null && open "unmount $at"; done
grep -qE '^Cap(Eff|Prm|Bnd|Amb):.*[1-9a-f]' /proc/self/status && open "use capabilities"
[ "$(readlink /proc/self/ns/pid)" = "$P" ] && open "see the host's processes"
[ "$(readlink /proc/self/ns/net)" = "$N" ] && open "use the host's network"
grep -q 127.0.0.1 /proc/net/fib_trie || { echo "loopback is down inside"; exit 8; }
exit 0`;

/** null when `level` confines; else what went wrong, as the end of a sentence. */
async function probe(level: "bwrap" | "userns", programs: Programs, closeUserns: boolean, folder: string): Promise<string | null> {
  const place = mkdtempSync(join(folder, "probe-"));
  try {
    const [root, out, cacheDir] = ["root", "out", "cache"].map((name) => join(place, name)) as [string, string, string];
    mkdirSync(join(root, ".git"), { recursive: true });
    mkdirSync(out);
    prepareCache(cacheDir);
    const policy = repositoryPolicy(root);
    policy.rules.push({ path: out, access: "read", why: "a place to try" });
    const uid = process.getuid?.() ?? 0;
    const plan = makePlan({ policy, gitPaths: [], home: homedir(), hidden: [], cacheDir, env: {}, uid, sockets: hostSockets() });
    for (const path of plan.placeholders) mkdirSync(path, { recursive: true });
    const given = {
      plan,
      cwd: root,
      programs,
      uid,
      gid: process.getgid?.() ?? 0,
      cpuSeconds: 20,
      processes: 4096,
      marker: "probe",
      stage: join(cacheDir, "stage"),
      closeUserns,
      leaked: [],
      temporaryBytes: 1 << 20,
    };
    const env = { ...insideEnv({}, plan.home, null), R: root, O: out, P: readlinkSync("/proc/self/ns/pid"), N: readlinkSync("/proc/self/ns/net") };
    const tried = await call(confine(level, given, probeScript), env);
    if (existsSync(join(out, "out"))) return "a command could write outside the repository";
    if (!tried.ok) return tried.text.split("\n").at(-1) || "it ended without a word";
    return existsSync(join(root, "in")) ? null : "what a command writes doesn't arrive";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

async function tryLevels(programs: Programs, folder: string, only: SandboxLevel | undefined): Promise<Found> {
  const why: string[] = [];
  const env = programs.env && (await call([programs.env, "--default-signal=INT", "true"], {})).ok ? programs.env : undefined;
  const { env: _, ...rest } = programs;
  const usable: Programs = env ? { ...rest, env } : rest;
  const found = (level: SandboxLevel, closeUserns = false): Found => ({ level, why, programs: usable, closeUserns });
  if (process.platform === "darwin") {
    if (usable.seatbelt && (await call([usable.seatbelt, "-p", "(version 1)(allow default)", "/usr/bin/true"], {})).ok) return found("seatbelt");
    why.push("seatbelt: sandbox-exec does not work here");
    return found("none");
  }
  if (process.platform !== "linux") return { ...found("none"), why: [`no sandbox is known for ${process.platform}`] };
  if (only === undefined || only === "bwrap") {
    if (!usable.bwrap) why.push("bwrap: bubblewrap is not installed");
    else {
      let trouble = await probe("bwrap", usable, true, folder);
      if (trouble === null) return found("bwrap", true);
      trouble = await probe("bwrap", usable, false, folder);
      if (trouble === null) return found("bwrap", false);
      why.push(`bwrap: ${trouble}`);
    }
  }
  if (only === undefined || only === "userns") {
    const missing = ["unshare", "setpriv", "ip", "mount", "umount", "pivot_root"].filter((name) => program(name) === undefined);
    if (missing.length > 0) why.push(`userns: ${missing.join(", ")} missing`);
    else {
      const trouble = await probe("userns", usable, true, folder);
      if (trouble === null) return found("userns", true);
      why.push(`userns: ${trouble}`);
    }
  }
  return found("none");
}

/** Changes whenever an earlier answer may be wrong: another boot, user or program. */
function keyOf(programs: Programs): string {
  const stamp = (path: string | undefined): string => (path ? `${path}@${statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0}` : "-");
  let boot = "";
  try {
    boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {}
  return ["1", boot, process.platform, process.getuid?.(), ...[programs.bwrap, programs.unshare, programs.env, program("setpriv"), program("ip")].map(stamp)].join(" ");
}
const levels: readonly string[] = ["bwrap", "userns", "seatbelt", "none"] satisfies SandboxLevel[];
function remembered(file: string, key: string, programs: Programs): Found | null {
  try {
    const text: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof text !== "object" || text === null || !("key" in text) || text.key !== key) return null;
    if (!("level" in text) || typeof text.level !== "string" || !levels.includes(text.level)) return null;
    const why = "why" in text && Array.isArray(text.why) ? text.why.filter((line) => typeof line === "string") : [];
    const { env: _, ...rest } = programs;
    const shields = "env" in text && text.env === true && programs.env;
    return { level: text.level as SandboxLevel, why, closeUserns: "closeUserns" in text && text.closeUserns === true, programs: shields ? programs : rest };
  } catch {
    return null;
  }
}

/** The answer was wrong after all: the next session tries again. */
export function forgetLevel(folder: string, only?: SandboxLevel): void {
  cache.delete(`${folder}\n${only ?? ""}`);
  rmSync(fileOf(folder, only), { force: true });
}
const fileOf = (folder: string, only: SandboxLevel | undefined): string => join(folder, `sandbox${only ? `-${only}` : ""}.json`);
const cache = new Map<string, { found: Found | null; ready: Promise<Found> }>();
/**
 * The best level that works. `folder` (private to the user) keeps the answer between processes; `only` tries that one
 * level. The first call may take some 100 ms, in the background; `found` is there at once when the answer was known.
 */
export function detectLevel(needs: { folder: string; only?: SandboxLevel }): { readonly found: Found | null; readonly ready: Promise<Found> } {
  const name = `${needs.folder}\n${needs.only ?? ""}`;
  const known = cache.get(name);
  if (known) return known;
  const programs = findPrograms();
  const file = fileOf(needs.folder, needs.only);
  const key = keyOf(programs);
  const before = remembered(file, key, programs);
  const entry: { found: Found | null; ready: Promise<Found> } = { found: before, ready: Promise.resolve(before as Found) };
  if (!before) {
    entry.ready = (async () => {
      mkdirSync(needs.folder, { recursive: true, mode: 0o700 });
      const found = await tryLevels(programs, needs.folder, needs.only);
      entry.found = found;
      note("sandbox", "level found", { level: found.level, why: found.why });
      if (found.level === "none") return found; // what is missing may come any moment: try again in the next process
      try {
        const temporary = `${file}.${randomBytes(4).toString("hex")}`;
        writeFileSync(temporary, JSON.stringify({ key, level: found.level, why: found.why, closeUserns: found.closeUserns, env: found.programs.env !== undefined }), {
          mode: 0o600,
        });
        renameSync(temporary, file);
      } catch (error) {
        note("sandbox", "level not remembered", { error: String(error), folder: dirname(file) });
      }
      return found;
    })().catch((error: unknown) => {
      const found: Found = { level: "none", why: [`trying failed: ${error instanceof Error ? error.message : String(error)}`], programs, closeUserns: false };
      entry.found = found;
      return found;
    });
  }
  cache.set(name, entry);
  return entry;
}
