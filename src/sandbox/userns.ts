// The set-up script of level userns: what bubblewrap does, by mount(8). Pure text; runs as process 1 of new namespaces, with their capabilities, and gives them up.
import { unreachable } from "../core/error.ts";
import type { Confinement } from "./confine.ts";
import type { Mount } from "./plan.ts";

/** One word for the shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function mounted(mount: Mount, bytes: number): string {
  const at = `"$aura_root"${quoted(mount.at)}`;
  switch (mount.kind) {
    case "tmp":
      return `[ -d ${at} ] || mkdir -p ${at}; mount -t tmpfs -o nosuid,nodev,mode=0755,size=${bytes} tmpfs ${at}`;
    case "ro":
      return `bind "$aura_source"${quoted(mount.from)} ${at}`; // a bind of a read-only mount is one too
    case "rw":
      return `bind ${quoted(mount.from)} ${at}`;
    default:
      return unreachable(mount);
  }
}

/**
 * Makes `aura_source`, a recursive copy of all mounts, each read-only; builds the new root on `aura_root` from it by the plan; moves there,
 * closes further user namespaces and runs the rest of its arguments without a single capability. Any step that fails ends
 * it: nothing runs half confined. A remount must repeat the flags a mount is locked to.
 */
export function setupScript(given: Pick<Confinement, "plan" | "cwd" | "uid" | "gid" | "stage" | "network" | "temporaryBytes">): string {
  const ofProc = given.plan.mounts.filter((mount) => mount.at.startsWith("/proc/"));
  const others = given.plan.mounts.filter((mount) => !mount.at.startsWith("/proc/"));
  return `set -e
aura_path=$PATH; PATH=/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin; export PATH
aura_source=${quoted(given.stage)}/source aura_root=${quoted(given.stage)}/root
bind() {
  if [ -d "$1" ]; then [ -d "$2" ] || mkdir -p "$2"; elif [ ! -e "$2" ]; then mkdir -p "\${2%/*}"; : >"$2"; fi
  mount --rbind "$1" "$2"
}
aura_mask=$(umask); umask 022
mount --rbind / "$aura_source"
while read -r _ _ _ _ aura_at aura_options _; do
  case $aura_at in *\\\\*) aura_at=$(printf '%b.' "$aura_at"); aura_at=\${aura_at%.} ;; esac
  case $aura_at in "$aura_source"/dev | "$aura_source"/dev/* | "$aura_source"/proc | "$aura_source"/proc/*) continue ;; "$aura_source" | "$aura_source"/*) ;; *) continue ;; esac
  mount -o "remount,bind,ro,nosuid,nodev,\${aura_options#r[ow],}" "$aura_at"
done </proc/self/mountinfo
mount --rbind "$aura_source" "$aura_root"
${others.map((mount) => mounted(mount, given.temporaryBytes)).join("\n")}
mount -t tmpfs -o nosuid,mode=0755 tmpfs "$aura_root/dev"
for aura_at in null zero full random urandom tty; do : >"$aura_root/dev/$aura_at"; mount --bind "/dev/$aura_at" "$aura_root/dev/$aura_at"; done
mkdir "$aura_root/dev/pts" "$aura_root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$aura_root/dev/pts"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$aura_root/dev/shm"
ln -s pts/ptmx "$aura_root/dev/ptmx"; ln -s /proc/self/fd "$aura_root/dev/fd"
ln -s /proc/self/fd/0 "$aura_root/dev/stdin"; ln -s /proc/self/fd/1 "$aura_root/dev/stdout"; ln -s /proc/self/fd/2 "$aura_root/dev/stderr"
if [ -t 0 ]; then : >"$aura_root/dev/console"; mount --bind "$(tty)" "$aura_root/dev/console"; fi
mount -t proc -o nosuid,nodev,noexec proc "$aura_root/proc"
echo 1 >"$aura_root/proc/sys/user/max_user_namespaces"
${ofProc.map(({ at }) => `mount --bind "$aura_root"${quoted(at)} "$aura_root"${quoted(at)}; mount -o remount,bind,ro,nosuid,nodev,noexec "$aura_root"${quoted(at)}`).join("\n")}
${given.network === undefined ? "ip link set lo up" : ":"}
cd "$aura_root"
pivot_root . .
umount -l .
cd ${quoted(given.cwd)}
umask "$aura_mask"
exec unshare --user --keep-caps --map-user=${given.uid} --map-group=${given.gid} -- setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all --no-new-privs sh -c 'PATH=$1; shift; "$@"; exit $?' sh "$aura_path" "$@"
`;
}
