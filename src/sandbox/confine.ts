// From a plan to a command line, for each level. Pure: no disk, no processes.

import { unreachable } from "../core/error.ts";
import type { SandboxLevel } from "../core/events.ts";
import type { Mount, Plan } from "./plan.ts";
import { type SeatbeltPaths, seatbeltProfile } from "./seatbelt.ts";
import { quoted, setupScript } from "./userns.ts";

/** Programs of the host, by absolute path, found in trusted folders only. */
export interface Programs {
  bwrap?: string;
  unshare?: string;
  nsenter?: string;
  seatbelt?: string;
  sh: string;
  /** bash, or sh where there is none. */
  shell: string;
  /** `env` understands --default-signal. */
  env?: string;
}
export interface Confinement {
  plan: Plan;
  cwd: string;
  programs: Programs;
  uid: number;
  gid: number;
  /** CPU seconds for one process, and processes at once where the kernel counts them per user. */
  cpuSeconds: number;
  processes: number;
  /** Printed as an operating system command sequence when the box stands and the command begins. */
  marker: string;
  /** Its folders `source` and `root` are empty; level userns puts its root together on them. */
  stage: string;
  /** Whether bwrap knows --disable-userns and --size. */
  closeUserns: boolean;
  /** Most bytes in one of the private temporary folders, which live in memory. */
  temporaryBytes: number;
  /** Process that holds a network shared by the commands of one sandbox. */
  network?: number;
  /** Files this process was given open and that its children would inherit. */
  leaked: number[];
  seatbelt?: SeatbeltPaths;
}

const ignored = "INT,QUIT,TERM,TSTP";
/** Sets the limits, reports that the box stands, restores signals and becomes the command (`$1`). */
export function innerScript(given: Pick<Confinement, "programs" | "cpuSeconds" | "processes" | "marker">): string {
  const { env, shell } = given.programs;
  const start = env ? `exec ${quoted(env)} --default-signal=${ignored} ${quoted(shell)} -c "$1"` : `exec ${quoted(shell)} -c "$1"`;
  return [
    `ulimit -c 0`,
    // When memory runs out, this goes first.
    `echo 500 2>/dev/null >/proc/self/oom_score_adj`,
    // First a signal that can be told apart, then the hard end.
    `ulimit -H -t ${given.cpuSeconds + 5}`,
    `ulimit -S -t ${given.cpuSeconds}`,
    `ulimit -u ${given.processes} 2>/dev/null || ulimit -p ${given.processes} 2>/dev/null`,
    `printf '\\033]${given.marker}\\007'`,
    start,
  ].join("\n");
}
/**
 * The keys ^C and ^Z must reach the command and not the program that holds the box together, which would take the box with
 * it; and what this process inherited open must not be open inside.
 */
function shielded({ programs, leaked }: Confinement, argv: string[]): string[] {
  const steps = [...(programs.env ? [`trap '' ${ignored.replaceAll(",", " ")}`] : []), ...leaked.map((fd) => `exec ${fd}>&-`), 'exec "$@"'];
  const shell = leaked.some((fd) => fd > 9) ? programs.shell : programs.sh; // not every sh knows numbers of two digits
  return steps.length > 1 ? [shell, "-c", steps.join("; "), "sh", ...argv] : argv;
}

function bwrapMount(mount: Mount, given: Confinement): string[] {
  switch (mount.kind) {
    case "ro":
      return ["--ro-bind", mount.from, mount.at];
    case "rw":
      return ["--bind", mount.from, mount.at];
    case "tmp":
      return [...(given.closeUserns ? ["--size", String(given.temporaryBytes)] : []), "--tmpfs", mount.at];
    default:
      return unreachable(mount);
  }
}
function bwrap(given: Confinement): string[] {
  return [
    given.programs.bwrap ?? "bwrap",
    ...["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"],
    ...(given.network === undefined ? ["--unshare-net"] : []),
    ...(given.closeUserns ? ["--disable-userns"] : []),
    ...["--uid", String(given.uid), "--gid", String(given.gid), "--cap-drop", "ALL", "--die-with-parent"],
    ...["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
    ...given.plan.mounts.flatMap((mount) => bwrapMount(mount, given)),
    ...["--chdir", given.cwd, "--"],
  ];
}
function userns(given: Confinement): string[] {
  return [
    given.programs.unshare ?? "unshare",
    ...["--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--ipc", "--uts", "--propagation", "private"],
    ...(given.network === undefined ? ["--net"] : []),
    ...[given.programs.sh, "-c", setupScript(given), "sh"],
  ];
}
/** Enters the network of the process that holds it; everything else stays as it was. */
const joined = (given: Confinement): string[] =>
  given.network === undefined ? [] : [given.programs.nsenter ?? "nsenter", "--target", String(given.network), "--user", "--net", "--preserve-credentials", "--"];

/** The whole argv that runs `command` by the shell at `level`. `none` runs it as it is, with the limits. */
export function confine(level: SandboxLevel, given: Confinement, command: string): string[] {
  const inner = [given.programs.sh, "-c", innerScript(given), "sh", command];
  switch (level) {
    case "bwrap":
      return shielded(given, [...joined(given), ...bwrap(given), ...inner]);
    case "userns":
      return shielded(given, [...joined(given), ...userns(given), ...inner]);
    case "seatbelt":
      return [given.programs.seatbelt ?? "/usr/bin/sandbox-exec", "-p", given.seatbelt ? seatbeltProfile(given.seatbelt) : "(version 1)(deny default)", ...inner];
    case "none":
      return inner;
    default:
      return unreachable(level);
  }
}
