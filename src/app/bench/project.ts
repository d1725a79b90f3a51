// A task's project on the disk: written and committed for the run, and copied for the judge without anything that could lead out of it.
import { execFileSync } from "node:child_process";
import { copyFileSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AuraError } from "../../core/error.ts";
import type { Texts } from "./task.ts";

/** Begins the name of every folder that the bench makes, so that what a killed one left behind can be told from other people's. */
const prefix = "aura-task-";

/** A folder of its own below the system's temporary one; real path. */
export const makePlace = (): string => realpathSync(mkdtempSync(join(tmpdir(), prefix)));

/** Removes a place that `makePlace` made; anything else is left alone. Never throws. */
export function removePlace(place: string): void {
  if (dirname(place) !== realpathSync(tmpdir()) || !place.startsWith(join(dirname(place), prefix))) return;
  try {
    // build folders may be read-only
    rmSync(place, { recursive: true, force: true, maxRetries: 2 });
  } catch {
    // the system clears its temporary folder some day
  }
}

export function writeTexts(root: string, texts: Texts): void {
  for (const [path, text] of Object.entries(texts)) {
    const file = join(root, path);
    // whatever stands in the way is part of what is judged, not of what is asked
    if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory()) rmSync(file, { recursive: true, force: true });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** Writes the project and commits it. */
export function makeProject(root: string, texts: Texts): void {
  writeTexts(root, texts);
  const git = (...args: string[]): void => {
    const settings = ["user.name=Aura bench", "user.email=bench@localhost", "init.defaultBranch=main", "commit.gpgsign=false", "core.hooksPath=/dev/null"];
    execFileSync("git", [...settings.flatMap((setting) => ["-c", setting]), ...args], { cwd: root, stdio: "ignore" });
  };
  git("init", "-q");
  git("config", "user.name", "Aura bench");
  git("config", "user.email", "bench@localhost");
  git("add", ".");
  git("commit", "-qm", "The project as it is");
}

const leftOut = new Set([".git", ".aura", "node_modules", "target", "__pycache__"]);
const most = { files: 5000, bytes: 100_000_000 };

/**
 * Copies plain files and folders; links, pipes and build results are left out. `keep` says which files come along. Throws AuraError for more than anybody
 * would write for such a task.
 */
export function copyPlain(from: string, to: string, keep: (path: string) => boolean): void {
  const seen = { files: 0, bytes: 0 };
  const copy = (below: string): void => {
    mkdirSync(join(to, below), { recursive: true });
    for (const entry of readdirSync(join(from, below), { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (leftOut.has(entry.name)) continue;
      if (entry.isDirectory()) copy(path);
      if (!entry.isFile() || !keep(path)) continue;
      seen.files++;
      seen.bytes += lstatSync(join(from, path)).size;
      if (seen.files > most.files || seen.bytes > most.bytes) throw new AuraError("bench.large", "the project has grown too large to be judged");
      copyFileSync(join(from, path), join(to, path));
    }
  };
  copy("");
}
