// Reads a log that another process writes: what is there, then what comes, exactly once.
import { closeSync, fstatSync, watch } from "node:fs";
import type { Entry, Seq } from "./events.ts";
import { bytesOf, openToRead, parseLine } from "./logfile.ts";

/** How often to look where the file system doesn't tell (network folders). */
const pollMs = 1_000;
/** A line that is wrong this often in a row isn't just being repaired by its owner. */
const patience = 3;

/**
 * Every fact after `from`, in order and exactly once, as its owner appends them. Ends only by `signal`. Throws AuraError
 * `session.unknown` when there is no such log, and as `readLog` does when it is corrupt or newer.
 */
export async function* tailLog(path: string, from: Seq, signal: AbortSignal): AsyncGenerator<Entry> {
  const fd = openToRead(path);
  let wake = (): void => {};
  const onWake = (): void => wake();
  const watcher = watched(path, onWake);
  signal.addEventListener("abort", onWake);
  try {
    // only whole lines count; a half one is read again from its start, as its owner may cut it off after a crash
    let seq = 0;
    let good = 0;
    let faults = 0;
    while (!signal.aborted) {
      const seen = fstatSync(fd).size;
      const bytes = seen > good ? bytesOf(fd, good) : Buffer.alloc(0);
      const nul = bytes.indexOf(0); // what a crash left: its owner cuts it off
      const whole = nul === -1 ? bytes : bytes.subarray(0, nul);
      const fresh: Entry[] = [];
      let used = 0;
      try {
        for (let end = whole.indexOf(10); end !== -1; end = whole.indexOf(10, used)) {
          fresh.push(parseLine(whole.toString("utf8", used, end), path, seq + fresh.length + 1));
          used = end + 1;
        }
        faults = 0;
      } catch (error) {
        if (++faults > patience) throw error;
      }
      seq += fresh.length;
      good += used;
      for (const entry of fresh) {
        if (signal.aborted) return;
        if (entry.seq > from) yield entry;
      }
      if (signal.aborted || used > 0) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, faults > 0 ? 50 : pollMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (fstatSync(fd).size !== seen) wake();
      });
    }
  } finally {
    signal.removeEventListener("abort", onWake);
    watcher?.close();
    closeSync(fd);
  }
}

function watched(path: string, onChange: () => void): { close(): void } | null {
  try {
    const watcher = watch(path, { persistent: false }, onChange);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return null; // no watches left: the poll does it
  }
}
