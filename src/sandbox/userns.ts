// The set-up script of level userns: what bubblewrap does, by mount(8). Pure text; runs as process 1 of new namespaces, with their capabilities, and gives them up.
import type { Confinement } from "./confine.ts";
import type { Mount } from "./plan.ts";

/** One word for the shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function mounted(mount: Mount, bytes: number): string {
  const at = `"$S"${quoted(mount.at)}`;
  return mount.kind === "tmp" ? `[ -d ${at} ] || mkdir -p ${at}; mount -t tmpfs -o nosuid,nodev,mode=0755,size=${bytes} tmpfs ${at}` : `bind ${quoted(mount.from)} ${at}`;
}
const writability = (mount: Mount): string => `case $1 in "$S"${quoted(mount.at)} | "$S"${quoted(mount.at)}/*) may=${mount.kind === "ro" ? "ro" : "rw"} ;; esac`;

/**
 * Builds the new root on `$S` (a recursive copy of all mounts, each made read-only), puts the plan's mounts on it, moves
 * there, closes further user namespaces and runs the rest of its arguments without a single capability. Any step that
 * fails ends it: nothing runs half confined. A remount must repeat the flags a mount is locked to.
 */
export function setupScript(given: Pick<Confinement, "plan" | "cwd" | "uid" | "gid" | "stage" | "network" | "temporaryBytes">): string {
  const ofProc = given.plan.mounts.filter((mount) => mount.at.startsWith("/proc/"));
  const others = given.plan.mounts.filter((mount) => !mount.at.startsWith("/proc/"));
  return `set -e
given=$PATH; PATH=/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin; export PATH
S=${quoted(given.stage)}
bind() {
  if [ -d "$1" ]; then [ -d "$2" ] || mkdir -p "$2"; elif [ ! -e "$2" ]; then mkdir -p "\${2%/*}"; : >"$2"; fi
  mount --rbind "$1" "$2"
}
writable() {
  may=ro
${others.map((mount) => `  ${writability(mount)}`).join("\n")}
  [ $may = rw ]
}
umask 022
mount --rbind / "$S"
${others.map((mount) => mounted(mount, given.temporaryBytes)).join("\n")}
while read -r _ _ _ _ at options _; do
  case $at in *\\\\*) at=$(printf '%b.' "$at"); at=\${at%.} ;; esac
  case $at in "$S"/dev | "$S"/dev/* | "$S"/proc | "$S"/proc/*) continue ;; "$S" | "$S"/*) ;; *) continue ;; esac
  if writable "$at"; then continue; fi
  mount -o "remount,bind,ro,nosuid,nodev,\${options#r[ow],}" "$at"
done </proc/self/mountinfo
mount -t tmpfs -o nosuid,mode=0755 tmpfs "$S/dev"
for name in null zero full random urandom tty; do : >"$S/dev/$name"; mount --bind "/dev/$name" "$S/dev/$name"; done
mkdir "$S/dev/pts" "$S/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$S/dev/pts"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$S/dev/shm"
ln -s pts/ptmx "$S/dev/ptmx"; ln -s /proc/self/fd "$S/dev/fd"
ln -s /proc/self/fd/0 "$S/dev/stdin"; ln -s /proc/self/fd/1 "$S/dev/stdout"; ln -s /proc/self/fd/2 "$S/dev/stderr"
if [ -t 0 ]; then : >"$S/dev/console"; mount --bind "$(tty)" "$S/dev/console"; fi
mount -t proc -o nosuid,nodev,noexec proc "$S/proc"
echo 1 >"$S/proc/sys/user/max_user_namespaces"
${ofProc.map((mount) => `${mounted(mount, 0)}; mount -o remount,bind,ro,nosuid,nodev,noexec "$S"${quoted(mount.at)}`).join("\n")}
${given.network === undefined ? "ip link set lo up" : ":"}
cd "$S"
pivot_root . .
umount -l .
cd ${quoted(given.cwd)}
exec unshare --user --keep-caps --map-user=${given.uid} --map-group=${given.gid} -- setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all --no-new-privs sh -c 'PATH=$1; shift; "$@"; exit $?' sh "$given" "$@"
`;
}
