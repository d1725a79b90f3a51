// Bytes kept for undo beside a session's log, each file named by the SHA-256 of what it holds.
import { createHash } from "node:crypto";
import { closeSync, constants, lstatSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, ensureFolder, openPlain, writeTrouble } from "./logfile.ts";
import { randomId } from "./time.ts";

export interface Keep {
  /** Keeps the bytes (0600) unless they are there already; returns their hash. Throws AuraError `log.full` or `log.write`. */
  keep(bytes: Buffer): string;
  /** null when there are none, or they are damaged. Never throws. */
  kept(hash: string): Buffer | null;
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** The folder is created with the first bytes. */
export function openKeep(dir: string): Keep {
  function kept(hash: string): Buffer | null {
    if (!/^[0-9a-f]{64}$/.test(hash)) return null;
    try {
      if (!lstatSync(dir).isDirectory()) return null;
      const fd = openPlain(join(dir, hash), constants.O_RDONLY);
      try {
        const bytes = bytesOf(fd);
        return sha256(bytes) === hash ? bytes : null;
      } finally {
        closeSync(fd);
      }
    } catch {
      return null;
    }
  }
  function keep(bytes: Buffer): string {
    const hash = sha256(bytes);
    if (kept(hash)) return hash;
    ensureFolder(dir);
    const draft = join(dir, `${hash}.${randomId(6)}`);
    try {
      writeFileSync(draft, bytes, { mode: 0o600, flag: "wx" });
      renameSync(draft, join(dir, hash));
    } catch (error) {
      try {
        unlinkSync(draft);
      } catch {
        // it was never created
      }
      throw writeTrouble(draft, "written", error);
    }
    return hash;
  }
  return { keep, kept };
}
