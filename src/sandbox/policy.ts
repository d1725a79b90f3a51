// Who may touch which path: one table, read by the file tools and turned into mounts by confine.ts. Data and pure functions only.
import { isAbsolute, join, relative, resolve } from "node:path";

/** `write` includes reading, `read` excludes writing, `hidden` excludes both. */
export type Access = "write" | "read" | "hidden" | "outside";
export interface PathRule {
  path: string;
  access: Exclude<Access, "outside">;
  why: string;
}
export interface PathPolicy {
  /** Real path of the repository. */
  root: string;
  /** The longest matching path wins. */
  rules: PathRule[];
}

export function within(parent: string, path: string): boolean {
  const rest = relative(parent, path);
  return rest === "" || (!rest.startsWith("..") && !isAbsolute(rest));
}

/** The rule for a real, absolute path; `outside` when nothing covers it. */
export function accessOf(policy: PathPolicy, realPath: string): { access: Access; why: string } {
  let best: PathRule | null = null;
  for (const rule of policy.rules) if (within(rule.path, realPath) && (!best || rule.path.length > best.path.length)) best = rule;
  if (best) return { access: best.access, why: best.why };
  return { access: "outside", why: "outside the repository" };
}

/**
 * The table for one repository: all writable but git's and Aura's own folders, which stay readable. `gitDirs` are the real
 * paths of every git directory in play (a worktree's own and common dir); paths that don't exist yet count too.
 */
export function repositoryPolicy(root: string, gitDirs: string[] = []): PathPolicy {
  const rules: PathRule[] = [
    { path: root, access: "write", why: "the repository" },
    { path: join(root, ".git"), access: "read", why: "git's own folder changes only through the git tool" },
    { path: join(root, ".aura"), access: "read", why: "Aura's own folder" },
  ];
  for (const dir of gitDirs) rules.push({ path: resolve(dir), access: "read", why: "git's own folder changes only through the git tool" });
  return { root, rules };
}
