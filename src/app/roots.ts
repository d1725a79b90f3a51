// The repositories Aura was used in, newest first, in the user's state: what `sessions` without a repository looks through.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../config/paths.ts";
import { readSmall, writePrivate } from "../config/private.ts";
import { note } from "../core/note.ts";

const most = 200;

export function openRoots(paths: Paths): { list(): string[]; saw(root: string): void } {
  const file = join(paths.state, "projects");
  const read = (): string[] => {
    try {
      return (readSmall(file, { maxBytes: 1_000_000 }) ?? "").split("\n").filter((line) => line.startsWith("/"));
    } catch {
      return [];
    }
  };
  return {
    list: () => read().filter((root) => existsSync(join(root, ".aura", "log"))),
    saw(root) {
      const known = read();
      if (known[0] === root) return;
      try {
        writePrivate(file, `${[root, ...known.filter((one) => one !== root)].slice(0, most).join("\n")}\n`);
      } catch (error) {
        note("app", "the list of projects can't be written", { error: String(error) }, "warn");
      }
    },
  };
}
