// The command lines, profiles and environments as text: what goes in decides what comes out, on any machine.
import { describe, expect, it } from "vitest";
import { type Confinement, confine, innerScript } from "../../src/sandbox/confine.ts";
import { allowedEnv, insideEnv, pointedAt, toolchains } from "../../src/sandbox/home.ts";
import { type Mount, socketsOf, sourceOf } from "../../src/sandbox/plan.ts";
import { accessOf, repositoryPolicy } from "../../src/sandbox/policy.ts";
import { seatbeltProfile } from "../../src/sandbox/seatbelt.ts";
import { setupScript } from "../../src/sandbox/userns.ts";

const mounts: Mount[] = [
  { kind: "tmp", at: "/tmp" },
  { kind: "ro", from: "/proc/sys", at: "/proc/sys" },
  { kind: "rw", from: "/src/it's", at: "/src/it's" },
  { kind: "ro", from: "/c/none", at: "/src/it's/.git" },
];
const given: Confinement = {
  plan: { mounts, home: "/home/a", placeholders: [] },
  cwd: "/src/it's/sub",
  programs: { sh: "/bin/sh", shell: "/bin/bash", bwrap: "/usr/bin/bwrap", unshare: "/usr/bin/unshare", nsenter: "/usr/bin/nsenter", env: "/usr/bin/env" },
  uid: 1000,
  gid: 100,
  cpuSeconds: 60,
  processes: 500,
  marker: "777;mark",
  stage: "/c/stage",
  closeUserns: true,
  leaked: [],
  temporaryBytes: 4096,
};

describe("bwrap", () => {
  it("is one command line: namespaces, no capability, the plan in order, the command last", () => {
    const argv = confine("bwrap", given, "npm test");
    expect(argv.slice(0, 4)).toEqual(["/bin/sh", "-c", `trap '' INT QUIT TERM TSTP; exec "$@"`, "sh"]);
    expect(argv.slice(4, -5)).toEqual(
      "/usr/bin/bwrap --unshare-user --unshare-ipc --unshare-pid --unshare-uts --unshare-cgroup-try --unshare-net --disable-userns --uid 1000 --gid 100 --cap-drop ALL --die-with-parent --ro-bind / / --dev /dev --proc /proc --size 4096 --tmpfs /tmp --ro-bind /proc/sys /proc/sys --bind /src/it's /src/it's --ro-bind /c/none /src/it's/.git --chdir /src/it's/sub --".split(
        " ",
      ),
    );
    expect(argv.slice(-5)).toEqual(["/bin/sh", "-c", innerScript(given), "sh", "npm test"]);
  });
  it("joins a shared network only when there is one", () => {
    const argv = confine("bwrap", { ...given, network: 77 }, "true");
    expect(argv).not.toContain("--unshare-net");
    expect(argv.join(" ")).toContain("/usr/bin/nsenter --target 77 --user --net --preserve-credentials -- /usr/bin/bwrap");
  });
  it("closes what this process was given open, by a shell that can", () => {
    expect(confine("bwrap", { ...given, leaked: [5] }, "true").slice(0, 3)).toEqual(["/bin/sh", "-c", `trap '' INT QUIT TERM TSTP; exec 5>&-; exec "$@"`]);
    expect(confine("bwrap", { ...given, leaked: [5, 77] }, "true")[0]).toBe("/bin/bash");
  });
  it("does without the shield where `env` can't restore signals", () => {
    const { env: _, ...programs } = given.programs;
    expect(confine("bwrap", { ...given, programs }, "true")[0]).toBe("/usr/bin/bwrap");
    expect(innerScript({ ...given, programs })).not.toContain("default-signal");
  });
});

describe("userns", () => {
  it("quotes every path and gives up every right before the command", () => {
    const script = setupScript(given);
    expect(script).toContain(`bind '/src/it'\\''s' "$aura_root"'/src/it'\\''s'`);
    expect(script.indexOf("max_user_namespaces")).toBeLessThan(script.indexOf("'/proc/sys'"));
    expect(script.trimEnd().split("\n").at(-1)).toMatch(
      /^exec unshare --user --keep-caps --map-user=1000 --map-group=100 -- setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all --no-new-privs /,
    );
    expect(script.startsWith("set -e\n")).toBe(true);
  });
});

describe("seatbelt", () => {
  it("allows little, and denies last what must stay", () => {
    const profile = seatbeltProfile({
      root: '/Users/a/pro"ject',
      home: "/Users/a",
      shown: ["/Users/a/.cargo/bin"],
      readOnly: ['/Users/a/pro"ject/.git'],
      hidden: ["/Users/a/Library/aura"],
      cache: "/Users/a/Library/Caches/aura/x",
    });
    expect(profile).toBe(`(version 1)
(deny default)
(allow process-fork process-exec)
(allow signal (target same-sandbox))
(allow sysctl-read)
(allow mach-lookup (global-name "com.apple.system.notification_center") (global-name "com.apple.system.opendirectoryd.libinfo") (global-name "com.apple.trustd.agent"))
(allow ipc-posix-sem ipc-posix-shm)
(allow pseudo-tty)
(allow file-ioctl (regex #"^/dev/tty"))
(allow file-read*)
(deny file-read* (subpath "/Users/a") (subpath "/private/var/run") (subpath "/private/tmp") (subpath "/Users/Shared"))
(allow file-read-metadata)
(allow file-read* (subpath "/Users/a/.cargo/bin"))
(allow file-read* file-write* (subpath "/Users/a/pro\\"ject") (subpath "/Users/a/Library/Caches/aura/x"))
(allow file-read* file-write-data (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (literal "/dev/random") (literal "/dev/urandom") (literal "/dev/ptmx") (regex #"^/dev/ttys[0-9]+"))
(deny file-write* (subpath "/Users/a/pro\\"ject/.git"))
(deny file-read* file-write* (subpath "/Users/a/Library/aura"))
(deny network*)
`);
    expect(confine("seatbelt", given, "true").slice(0, 2)).toEqual(["/usr/bin/sandbox-exec", "-p"]);
  });
});

describe("the plan", () => {
  it("knows where what is seen inside comes from", () => {
    expect(sourceOf(mounts, "/etc/passwd")).toBe("/etc/passwd");
    expect(sourceOf(mounts, "/tmp/x")).toBeNull();
    expect(sourceOf(mounts, "/src/it's/.git/config")).toBe("/c/none/config");
  });
  it("finds the host's sockets, also with blanks in their names, not the abstract ones", () => {
    const text = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 13911 /run/a b.sock
0000000000000000: 00000002 00000000 00010000 0001 01 13912 @abstract
0000000000000000: 00000003 00000000 00000000 0001 03 13913
0000000000000000: 00000003 00000000 00000000 0001 03 13914 /run/a b.sock
`;
    expect(socketsOf(text)).toEqual(["/run/a b.sock"]);
  });
  it("is drawn from the policy table: the longest rule wins", () => {
    const policy = repositoryPolicy("/r", ["/elsewhere/main/.git"]);
    expect(
      ["/r", "/r/a/b", "/r/.git", "/r/.git/hooks/x", "/r/.gitignore", "/r/.aura/log", "/elsewhere/main/.git/config", "/r2"].map((path) => accessOf(policy, path).access),
    ).toEqual(["write", "write", "read", "read", "write", "read", "read", "outside"]);
  });
});

describe("the environment", () => {
  it("keeps what toolchains need and nothing that is a secret or a door", () => {
    const env = {
      PATH: "/bin",
      LANG: "C",
      LC_ALL: "C",
      GOROOT: "/go",
      NODE_OPTIONS: "--x",
      AWS_SECRET_ACCESS_KEY: "s",
      GITHUB_TOKEN: "s",
      SSH_AUTH_SOCK: "/s",
      DBUS_SESSION_BUS_ADDRESS: "s",
      XDG_RUNTIME_DIR: "/run/1",
      http_proxy: "p",
      GIT_CONFIG_GLOBAL: "x",
      LD_PRELOAD: "x",
      GOFLAGS: "https://user:pass@host/",
    };
    expect(Object.keys(allowedEnv(env)).sort()).toEqual(["GOROOT", "LANG", "LC_ALL", "NODE_OPTIONS", "PATH"]);
  });
  it("leaves out what would break every program: a debugger's hook", () => {
    expect(allowedEnv({ NODE_OPTIONS: "--no-warnings --require /somewhere/hook.js", NODE_ENV: "test" })).toEqual({ NODE_ENV: "test" });
  });
  it("points every cache into the home inside, and works without a network", () => {
    const env = insideEnv({ PATH: "/bin", GOPATH: "/home/a/my go" }, "/home/a", "/home/a");
    expect(env).toMatchObject({
      HOME: "/home/a",
      GOCACHE: "/home/a/.cache/go-build",
      npm_config_cache: "/home/a/.cache/npm",
      GOPROXY: "file:///home/a/my%20go/pkg/mod/cache/download",
      CARGO_NET_OFFLINE: "true",
      npm_config_offline: "true",
      PIP_RETRIES: "0",
      CI: "1",
    });
  });
  it("shows folders the environment points at, never the home itself or its secrets", () => {
    const env = {
      PATH: "/usr/bin:/home/a/tools/bin:/home/a/.ssh/bin:/home/a:relative/bin:/home/a/.config/x/bin",
      JAVA_HOME: "/home/a/jdk",
      VIRTUAL_ENV: "/home/a",
      GOPATH: "/home/a/g",
    };
    expect(pointedAt("/home/a", env)).toEqual([
      "/home/a/tools/bin",
      "/home/a/tools/lib",
      "/home/a/tools/lib64",
      "/home/a/tools/libexec",
      "/home/a/tools/include",
      "/home/a/jdk",
      "/home/a/g/pkg/mod",
    ]);
    expect(toolchains.filter((name) => /ssh|aws|gnupg|^\.config\/(?!nvm|yarn|composer)|credential|kube|docker/.test(name))).toEqual([]);
  });
});
