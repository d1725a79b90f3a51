// What doctor finds out about the machine itself: programs, package manager, terminal, disk, logout, native parts. Looks, changes nothing.
import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { bad, type Finding, ok, warn } from "./finding.ts";

export interface Machine {
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  /** Where the system's files begin: `/`. */
  files: string;
  /** stdout is a terminal. */
  isTerminal: boolean;
}

/** Path of a program in an absolute folder of the PATH, or null: a repository must not bring the program. */
export function found(machine: Machine, program: string): string | null {
  const folders = [...(machine.env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/")), ...(machine.files === "/" ? ["/usr/sbin", "/sbin"] : [])];
  for (const folder of folders) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not there
    }
  }
  return null;
}

/** First line of what a command prints, null when it isn't there, fails or takes over 3 s. */
export function commandOutput(machine: Machine, program: string, args: readonly string[]): Promise<string | null> {
  const path = found(machine, program);
  if (path === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    execFile(path, args, { env: machine.env, timeout: 3000, maxBuffer: 100_000 }, (error, stdout) => resolve(error ? null : (stdout.split("\n", 1)[0] ?? "").trim()));
  });
}

function textOf(machine: Machine, path: string): string | null {
  try {
    return readFileSync(join(machine.files, path), "utf8");
  } catch {
    return null;
  }
}

/** The command that installs a package here, by /etc/os-release; a sentence where the system isn't known. */
export function installCommand(machine: Machine, parcel: "git" | "bubblewrap" | "util-linux" | "iproute2"): string {
  if (machine.platform === "darwin") return `brew install ${parcel}`;
  const release = textOf(machine, "etc/os-release") ?? "";
  const field = (name: string): string => release.match(new RegExp(`^${name}=["']?([^"'\\n]*)`, "m"))?.[1] ?? "";
  const like = ` ${field("ID")} ${field("ID_LIKE")} `.toLowerCase();
  const is = (...names: string[]): boolean => names.some((name) => like.includes(` ${name} `));
  if (is("debian", "ubuntu")) return `sudo apt install ${parcel}`;
  if (is("fedora", "rhel", "centos")) return `sudo dnf install ${parcel === "iproute2" ? "iproute" : parcel}`;
  if (is("arch")) return `sudo pacman -S ${parcel}`;
  if (is("opensuse", "suse", "sles")) return `sudo zypper install ${parcel}`;
  if (is("alpine")) return `sudo apk add ${parcel}`;
  if (is("nixos")) return `nix-env -iA nixos.${parcel}`;
  return `install ${parcel} with your system's package manager`;
}

/** Kernel switches that keep user namespaces from an ordinary user. */
export function sandboxSwitches(machine: Machine): { what: string; hint: string }[] {
  const value = (path: string): string | null => textOf(machine, `proc/sys/${path}`)?.trim() ?? null;
  const switches: { what: string; hint: string }[] = [];
  if (value("kernel/apparmor_restrict_unprivileged_userns") === "1") {
    switches.push({
      what: "AppArmor keeps user namespaces from programs without a profile",
      hint: "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0   (or give bwrap an AppArmor profile)",
    });
  }
  if (value("kernel/unprivileged_userns_clone") === "0")
    switches.push({ what: "this kernel keeps user namespaces from ordinary users", hint: "sudo sysctl -w kernel.unprivileged_userns_clone=1" });
  if (value("user/max_user_namespaces") === "0") switches.push({ what: "user namespaces are turned off", hint: "sudo sysctl -w user.max_user_namespaces=15000" });
  if (existsSync(join(machine.files, ".dockerenv")) || existsSync(join(machine.files, "run/.containerenv"))) {
    switches.push({
      what: "this is a container; its own confinement often forbids another inside",
      hint: "start it with --security-opt seccomp=unconfined, or run aura on the host",
    });
  }
  return switches;
}

const takesClipboard = /kitty|wezterm|alacritty|ghostty|foot|contour|rio|vscode|windows_terminal/i;
export async function checkTerminal(machine: Machine): Promise<Finding[]> {
  const { env } = machine;
  const findings: Finding[] = [];
  const term = env.TERM ?? "";
  const program = env.TERM_PROGRAM ?? (env.WT_SESSION ? "windows_terminal" : "");
  const colours = /truecolor|24bit/i.test(env.COLORTERM ?? "") ? "16 million colours" : /256/.test(term) ? "256 colours" : "16 colours";
  const names = [program, term].filter((name) => name !== "").join(", ");
  if (!machine.isTerminal) findings.push(ok("terminal", "stdout is no terminal here: only headless runs"));
  else if (term === "" || term === "dumb") findings.push(warn("terminal", `TERM is ${term === "" ? "not set" : "dumb"}: no full screen`, "export TERM=xterm-256color"));
  else findings.push(ok("terminal", `${names}, ${env.NO_COLOR ? "no colours (NO_COLOR)" : colours}${env.SSH_CONNECTION ? ", over ssh" : ""}`));
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  if (/utf-?8/i.test(locale)) findings.push(ok("terminal", `characters: ${locale}`));
  else if (machine.platform !== "darwin") findings.push(warn("terminal", `the locale ${locale || "(none)"} is not UTF-8: lines and signs may look broken`, "export LANG=C.UTF-8"));
  if (env.TMUX) {
    findings.push(ok("terminal", "inside tmux"));
    const clipboard = await commandOutput(machine, "tmux", ["show", "-gv", "set-clipboard"]);
    if (clipboard !== null && clipboard !== "on")
      findings.push(warn("terminal", `tmux doesn't pass the clipboard on (set-clipboard ${clipboard})`, "tmux set -g set-clipboard on"));
    const wait = Number((await commandOutput(machine, "tmux", ["show", "-sv", "escape-time"])) ?? 0);
    if (wait > 50) findings.push(warn("terminal", `tmux holds the Esc key back for ${wait} ms`, "tmux set -s escape-time 10"));
  } else if (machine.isTerminal) {
    findings.push(
      ok(
        "terminal",
        takesClipboard.test(`${program} ${term}`)
          ? "copying with c reaches the clipboard (OSC 52)"
          : "copying with c may not reach the clipboard: it isn't known whether this terminal takes OSC 52",
      ),
    );
  }
  return findings;
}

/** Free room where Aura writes; the nearest folder that exists is asked. */
export function checkDisk(places: { state: string; root: string }): Finding[] {
  const findings: Finding[] = [];
  for (const [what, path] of [
    ["state", places.state],
    ["repository", places.root],
  ] as const) {
    let folder = path;
    while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    const text = `${(free / 1e9).toFixed(1)} GB free for the ${what} (${path})`;
    const hint = "Make room: logs and checkpoints can't be written on a full disk";
    findings.push(free < 100e6 ? bad("disk", text, hint) : free < 1e9 ? warn("disk", text, hint) : ok("disk", text));
  }
  return findings;
}

/** Whether logging out ends a run: systemd-logind's KillUserProcesses. */
export function checkLogout(machine: Machine): Finding[] {
  if (machine.platform !== "linux") return [];
  const folders = ["usr/lib/systemd/logind.conf.d", "etc/systemd/logind.conf.d", "run/systemd/logind.conf.d"];
  const files = ["etc/systemd/logind.conf", ...folders.flatMap((folder) => listConf(machine, folder).map((name) => join(folder, name)))];
  let kills = false;
  for (const file of files) {
    for (const match of (textOf(machine, file) ?? "").matchAll(/^\s*KillUserProcesses\s*=\s*(\w+)/gm)) kills = /^(yes|true|on|1)$/i.test(match[1] ?? "");
  }
  if (!kills) return [ok("logout", "a run goes on after logout")];
  let user = machine.env.USER ?? "";
  try {
    user = userInfo().username;
  } catch {
    // a user without an entry
  }
  const lingers = user !== "" && existsSync(join(machine.files, "var/lib/systemd/linger", user));
  return [
    warn("logout", "logging out ends the daemon and its runs (KillUserProcesses=yes)", `${lingers ? "" : "loginctl enable-linger; "}systemd-run --user --scope aura daemon start`),
  ];
}
function listConf(machine: Machine, folder: string): string[] {
  try {
    return readdirSync(join(machine.files, folder))
      .filter((name) => name.endsWith(".conf"))
      .sort();
  } catch {
    return [];
  }
}

/** Prebuilt parts: the search program and the pseudo terminal. */
export async function checkNative(): Promise<Finding[]> {
  const findings: Finding[] = [];
  const again = "npm install -g aura again, without --omit=optional";
  try {
    const { rgPath } = await import("@vscode/ripgrep");
    accessSync(rgPath, constants.X_OK);
    findings.push(ok("native", "ripgrep is there"));
  } catch (error) {
    findings.push(bad("native", `ripgrep is missing: the search tool can't work (${String(error).split("\n", 1)[0]})`, again));
  }
  try {
    const pty = await import("@lydell/node-pty");
    const child = pty.spawn("/bin/sh", ["-c", "exit 7"], {});
    const code = await new Promise<number>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("no exit within 3 s")), 3000);
      child.onExit(({ exitCode }) => {
        clearTimeout(late);
        resolve(exitCode);
      });
    });
    if (code !== 7) throw new Error(`a command that exits with 7 gave ${code}`);
    findings.push(ok("native", "pseudo terminals work"));
  } catch (error) {
    findings.push(bad("native", `pseudo terminals don't work: commands can't be run (${String(error).split("\n", 1)[0]})`, again));
  }
  return findings;
}
