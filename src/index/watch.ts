// Tells which files changed, in batches: a save is one, a branch switch of thousands is one too.
import { join, relative, sep } from "node:path";
import { note } from "../core/note.ts";

export interface Watch {
  close(): Promise<void>;
}
export interface WatchNeeds {
  root: string;
  /** Paths that changed, came or went, relative to the root. A new folder may stand for all that is in it: what came there before it was watched isn't told. null: too much happened, or something was missed: look at everything. */
  onChange(paths: readonly string[] | null): void;
}

/** So long it must be quiet before a batch goes out, in ms, and so long it waits at most. */
const quietMs = 40;
const mostWaitMs = 400;
/** Beyond that a scan of everything is cheaper than the list. */
const mostPaths = 20_000;
/** Folders whose changes are nobody's source; git's own folder changes with every command. */
const ignored = [".git", "node_modules", ".aura", "target", ".venv", "__pycache__", ".cache", ".tox", ".mypy_cache"];

/** Starts watching; a folder that can't be watched (too many watches, no such system) is told in the debug log and `null` comes back. */
export async function openWatch(needs: WatchNeeds): Promise<Watch | null> {
  let paths = new Set<string>();
  let missed = false;
  let timer: NodeJS.Timeout | undefined;
  let since = 0;
  const flush = (): void => {
    timer = undefined;
    since = 0;
    const batch = missed || paths.size > mostPaths ? null : [...paths];
    paths = new Set();
    missed = false;
    needs.onChange(batch);
  };
  const wait = (): void => {
    const now = Date.now();
    since ||= now;
    clearTimeout(timer);
    timer = setTimeout(flush, Math.max(0, Math.min(quietMs, since + mostWaitMs - now)));
  };
  try {
    const { default: watcher } = await import("@parcel/watcher");
    const subscription = await watcher.subscribe(
      needs.root,
      (error, events) => {
        if (error) {
          note("index", "the watcher missed something", { error: error.message }, "warn");
          missed = true;
        }
        for (const { path } of events) {
          const name = relative(needs.root, path);
          if (name !== "" && !name.startsWith("..")) paths.add(sep === "/" ? name : name.replaceAll(sep, "/"));
        }
        if (missed || paths.size > 0) wait();
      },
      // by pattern, so that such folders are left out at any depth
      { ignore: ignored.flatMap((name) => [join(needs.root, name), `**/${name}/**`]) },
    );
    return {
      async close() {
        clearTimeout(timer);
        await subscription.unsubscribe();
      },
    };
  } catch (error) {
    note("index", "the repository can't be watched; changes are seen at the next scan", { error: String(error) }, "warn");
    return null;
  }
}
