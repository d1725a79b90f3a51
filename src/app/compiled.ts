// Keeps compiled code between starts: a third of a short run's time would go into compiling the same half megabyte again.
import { mkdirSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { findPaths } from "../config/paths.ts";

/** For all that is imported from now on. Node checks each entry against the source; without a writable cache all goes on as before. Never throws. */
export function keepCompiled(env: Record<string, string | undefined>): void {
  try {
    const folder = join(findPaths(env).cache, "compiled");
    // whoever can write there decides what runs here
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    enableCompileCache(folder);
  } catch {
    // a read-only home
  }
}
