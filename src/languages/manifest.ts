// A package.json as far as commands are concerned, and the package manager its project uses.
import type { Folder } from "./language.ts";

export interface Manifest {
  scripts: Record<string, string>;
  dependencies: string[];
  packageManager: string;
}
export function parseManifest(text: string | null): Manifest | null {
  if (text === null) return null;
  try {
    const raw: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    const field = (name: string): unknown => (typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>)[name] : undefined);
    const entries = (name: string): [string, unknown][] => {
      const value = field(name);
      return typeof value === "object" && value !== null ? Object.entries(value) : [];
    };
    const manager = field("packageManager");
    return {
      scripts: Object.fromEntries(entries("scripts").filter((pair): pair is [string, string] => typeof pair[1] === "string")),
      dependencies: [...entries("dependencies"), ...entries("devDependencies")].map(([name]) => name),
      packageManager: typeof manager === "string" ? manager : "",
    };
  } catch {
    return null;
  }
}

export function managerOf(folder: Folder, manifest: Manifest): "npm" | "pnpm" | "yarn" | "bun" {
  const named = /^(npm|pnpm|yarn|bun)@/.exec(manifest.packageManager)?.[1];
  if (named) return named as "npm" | "pnpm" | "yarn" | "bun";
  for (const names of [folder.names, folder.above]) {
    if (names.has("package-lock.json")) return "npm";
    if (names.has("pnpm-lock.yaml")) return "pnpm";
    if (names.has("yarn.lock")) return "yarn";
    if (names.has("bun.lock") || names.has("bun.lockb")) return "bun";
  }
  return "npm";
}
