// What the disk looks like from inside: the ordered list of mounts for one repository, computed from the path policy and from what exists.
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { AuraError } from "../core/error.ts";
import { maySpeakOfSecrets, pointedAt, privateFolders, toolchains } from "./home.ts";
import { accessOf, type PathPolicy, within } from "./policy.ts";

/** Later mounts cover earlier ones. Below all of them lies the whole disk, read-only, with a private /dev and /proc. */
export type Mount = { kind: "ro" | "rw"; from: string; at: string } | { kind: "tmp"; at: string };
export interface Plan {
  mounts: Mount[];
  /** The home folder as it appears inside. */
  home: string;
  /** Empty folders that must exist on the host while a command runs, because a mount must keep what isn't there from coming into being. */
  placeholders: string[];
}
export interface PlanNeeds {
  policy: PathPolicy;
  /** Further paths that git would trust (gitPaths). Read-only inside. */
  gitPaths: string[];
  /** The user's home on the host; null when there is none. */
  home: string | null;
  /** Real paths; not there inside. */
  hidden: string[];
  /** Private to the project: `home/*` is written by commands, `none` is an empty folder, `empty` an empty file. */
  cacheDir: string;
  env: Readonly<Record<string, string>>;
  uid: number;
  /** Socket files of the host, from `socketsOf`. */
  sockets: string[];
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const real = (path: string): string | null => {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
};

/** Paths of the Unix sockets that are bound on the host, from the text of /proc/net/unix. Abstract ones need no path to be kept out. */
export const socketsOf = (procNetUnix: string): string[] => [
  ...new Set(
    procNetUnix.split("\n").flatMap((line) => {
      const path = line.match(/^\S+: (?:\S+ +){6}(\/.+)$/)?.[1];
      return path ? [path] : [];
    }),
  ),
];
export function hostSockets(): string[] {
  try {
    return socketsOf(readFileSync("/proc/net/unix", "utf8"));
  } catch {
    return [];
  }
}

const rootOnly = ["/", "/etc", "/etc/ssh", "/etc/ssl", "/etc/security", "/home", "/opt", "/srv", "/mnt", "/media", "/var", "/var/lib", "/var/cache"];
let privateToRoot: string[] | null = null;
/**
 * What an ordinary user couldn't read. uid 0 keeps the rights of a file's owner even without any capability, so for root
 * these are covered one by one. Looked up once per process.
 */
function rootSecrets(): string[] {
  if (privateToRoot) return privateToRoot;
  const found: string[] = ["/var/log", "/var/spool", "/var/backups"].filter(isFolder);
  for (const folder of rootOnly) {
    let names: string[] = [];
    try {
      names = readdirSync(folder);
    } catch {}
    for (const name of names.slice(0, 2000)) {
      const path = join(folder, name);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (!stat || (!stat.isFile() && !stat.isDirectory()) || ["/proc", "/sys", "/dev", "/run", "/tmp"].includes(path)) continue;
      if ((stat.mode & (stat.isDirectory() ? 0o005 : 0o004)) === 0) found.push(path);
    }
  }
  privateToRoot = found;
  return found;
}

/** Where on the host `path` inside comes from; null = from nowhere, it isn't there. */
export function sourceOf(mounts: readonly Mount[], path: string): string | null {
  const top = mounts.findLast((mount) => within(mount.at, path));
  if (!top) return path;
  return top.kind === "tmp" ? null : join(top.from, relative(top.at, path));
}

function speaksOfSecrets(file: string): boolean {
  try {
    return /token|secret|passw|credential|:\/\/[^/\s]*@/i.test(readFileSync(file, "utf8"));
  } catch {
    return true;
  }
}

function homeMounts(needs: PlanNeeds, home: string): Mount[] {
  const mounts: Mount[] = [{ kind: "tmp", at: home }];
  const host = needs.home;
  const caches = privateFolders.map(([path, name]): Mount => ({ kind: "rw", from: join(needs.cacheDir, "home", name), at: join(home, path) }));
  mounts.push(...caches);
  if (host === null) return mounts;
  const shown = [...toolchains.map((name) => join(host, name)), ...pointedAt(host, needs.env)];
  for (const path of shown.sort((a, b) => a.length - b.length)) {
    const from = real(path);
    if (from !== null && maySpeakOfSecrets.some((name) => path === join(host, name)) && speaksOfSecrets(from)) continue;
    if (from !== null && from !== host && sourceOf(mounts, path) !== from) mounts.push({ kind: "ro", from, at: path });
  }
  const secret = real(join(host, ".gem/credentials"));
  if (secret && sourceOf(mounts, secret) === secret) mounts.push({ kind: "ro", from: join(needs.cacheDir, "empty"), at: secret });
  return mounts;
}

/** Folders between `root` and `path`, outermost first: each becomes a mount of its own, so that none can be renamed to slip a path from under its cover. */
function between(root: string, path: string): string[] {
  const steps = relative(root, dirname(path)).split(sep).filter(Boolean);
  return steps.map((_, index) => join(root, ...steps.slice(0, index + 1)));
}

/** Throws AuraError when this repository can't be confined: it holds the home folder, or its git folder is a symbolic link. */
export function makePlan(needs: PlanNeeds): Plan {
  const { root } = needs.policy;
  const none = join(needs.cacheDir, "none");
  const empty = join(needs.cacheDir, "empty");
  const host = needs.home && needs.home !== "/" && isFolder(needs.home) ? (real(needs.home) ?? needs.home) : null;
  if (root === "/" || (host && within(root, host)))
    throw new AuraError("sandbox-root", `Commands can't be confined in ${root}: it is, or holds, your home folder.`, { hint: "Start Aura in the folder of one project." });

  const home = host ?? "/tmp/home";
  const mounts: Mount[] = [];
  const temporary = ["/tmp", "/var/tmp", "/run", "/var/run", needs.env.XDG_RUNTIME_DIR, process.env.XDG_RUNTIME_DIR].flatMap((path) => (path ? (real(path) ?? []) : []));
  for (const at of new Set(temporary)) if (at !== "/" && isFolder(at) && !within(at, "/usr")) mounts.push({ kind: "tmp", at });
  // Owned by the real root, so writable to uid 0 inside, whatever its capabilities: core_pattern alone would be a way out.
  for (const at of ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/acpi", "/proc/scsi", "/proc/mtrr"])
    if (existsSync(at)) mounts.push({ kind: "ro", from: at, at });
  const needed = [root, ...needs.policy.rules.map((rule) => rule.path), ...needs.gitPaths];
  for (const at of needs.uid === 0 ? rootSecrets() : []) {
    if (at === host || sourceOf(mounts, at) === null) continue;
    if (needed.some((path) => within(at, path))) mounts.push({ kind: "tmp", at });
    else mounts.push({ kind: "ro", from: isFolder(at) ? none : empty, at });
  }
  mounts.push(...homeMounts({ ...needs, home: host }, home));

  const around = needs.hidden.flatMap((path) => real(path) ?? []).filter((path) => within(path, root));
  for (const at of around) if (sourceOf(mounts, at) === at) mounts.push({ kind: "tmp", at });

  const placeholders: string[] = [];
  mounts.push({ kind: "rw", from: root, at: root });
  const rules = [...needs.policy.rules.filter((rule) => rule.path !== root), ...needs.gitPaths.map((path) => ({ path, access: "read" as const }))];
  const seen = new Set<string>();
  for (const rule of rules.sort((a, b) => a.path.length - b.path.length)) {
    if (seen.has(rule.path)) continue;
    seen.add(rule.path);
    const stat = lstatSync(rule.path, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink())
      throw new AuraError("sandbox-link", `Commands can't be confined: ${rule.path} is a symbolic link, which a command could replace.`, {
        hint: "Move the folder into its place, or for git write a .git file with the line `gitdir: PATH`.",
      });
    if (within(root, rule.path) && rule.access !== "write")
      for (const at of between(root, rule.path))
        if (!mounts.some((mount) => mount.at === at) && accessOf(needs.policy, at).access === "write" && isFolder(at)) mounts.push({ kind: "rw", from: at, at });
    if (!stat) {
      const above = isFolder(dirname(rule.path)) ? sourceOf(mounts, dirname(rule.path)) : null;
      if (above === null || !within(root, rule.path) || rule.access === "write") continue;
      placeholders.push(rule.path);
      mounts.push({ kind: "ro", from: none, at: rule.path });
      continue;
    }
    // An empty one is what another Aura put there, or left behind.
    if (rule.access === "read" && within(root, rule.path) && stat.isDirectory() && readdirSync(rule.path).length === 0) placeholders.push(rule.path);
    if (rule.access === "hidden") mounts.push({ kind: "ro", from: stat.isDirectory() ? none : empty, at: rule.path });
    else mounts.push({ kind: rule.access === "write" ? "rw" : "ro", from: rule.path, at: rule.path });
  }

  const covered: Mount[] = [];
  for (const path of [...needs.hidden, ...needs.sockets]) {
    const target = real(path);
    if (target === null || around.includes(target)) continue;
    for (const mount of [{ kind: "ro", from: "/", at: "/" } as const, ...mounts]) {
      if (mount.kind === "tmp" || !within(mount.from, target)) continue;
      const at = join(mount.at, relative(mount.from, target));
      if (within(join(needs.cacheDir, "home"), target) || sourceOf(mounts, at) !== target || covered.some((other) => within(other.at, at))) continue;
      covered.push({ kind: "ro", from: isFolder(target) ? none : empty, at });
    }
  }
  mounts.push(...covered);
  return { mounts, home, placeholders };
}
