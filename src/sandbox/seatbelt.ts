// The profile for macOS's sandbox-exec. Pure text; nobody has run it yet.

export interface SeatbeltPaths {
  root: string;
  /** Real home of the user. */
  home: string;
  /** Absolute paths that are readable although they lie in the home. */
  shown: string[];
  /** Paths inside the root that stay as they are (git's and Aura's folders). */
  readOnly: string[];
  hidden: string[];
  /** Private to the project, written by commands. */
  cache: string;
}
const literal = (path: string): string => `"${path.replace(/["\\]/g, "\\$&")}"`;
const subpaths = (paths: readonly string[]): string => paths.map((path) => `(subpath ${literal(path)})`).join(" ");

/**
 * Everything readable but the home (toolchains excepted) and what is hidden, only the repository and the cache writable,
 * no network at all: macOS has no private loopback, and the host's would reach its services. The last matching rule wins.
 */
export function seatbeltProfile(paths: SeatbeltPaths): string {
  const devices = ["/dev/null", "/dev/zero", "/dev/tty", "/dev/random", "/dev/urandom", "/dev/ptmx"];
  const rules = [
    "(version 1)",
    "(deny default)",
    "(allow process-fork process-exec)",
    "(allow signal (target same-sandbox))",
    "(allow sysctl-read)",
    '(allow mach-lookup (global-name "com.apple.system.notification_center") (global-name "com.apple.system.opendirectoryd.libinfo") (global-name "com.apple.trustd.agent"))',
    "(allow ipc-posix-sem ipc-posix-shm)",
    "(allow pseudo-tty)",
    '(allow file-ioctl (regex #"^/dev/tty"))',
    "(allow file-read*)",
    `(deny file-read* ${subpaths([paths.home, "/private/var/run", "/private/tmp", "/Users/Shared"])})`,
    "(allow file-read-metadata)",
    ...(paths.shown.length > 0 ? [`(allow file-read* ${subpaths(paths.shown)})`] : []),
    `(allow file-read* file-write* ${subpaths([paths.root, paths.cache])})`,
    `(allow file-read* file-write-data ${devices.map((device) => `(literal ${literal(device)})`).join(" ")} (regex #"^/dev/ttys[0-9]+"))`,
    ...(paths.readOnly.length > 0 ? [`(deny file-write* ${subpaths(paths.readOnly)})`] : []),
    ...(paths.hidden.length > 0 ? [`(deny file-read* file-write* ${subpaths(paths.hidden)})`] : []),
    "(deny network*)",
  ];
  return `${rules.join("\n")}\n`;
}
