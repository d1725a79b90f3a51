// The tools' only door to the disk: each path is resolved to its real place and held against the policy table at the moment of use.
import { fstatSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { readdir } from "node:fs/promises";
import { ToolError } from "../core/error.ts";
import type { PathPolicy } from "../sandbox/policy.ts";
import { applyDrafts } from "./apply.ts";
import { holdFile, holdFolder, readAll } from "./hold.ts";
import { limits } from "./limits.ts";
import { nearestPaths } from "./nearest.ts";
import { accessHere, chooseReading, diskError, realPlace, shownPath } from "./place.ts";
import type { Files } from "./tool.ts";

export interface FilesNeeds {
  policy: PathPolicy;
  /** Real path of the repository. */
  root: string;
}
type Located = Awaited<ReturnType<Files["locate"]>>;

/**
 * What is checked is what is used: files are opened without following links and then asked where they lie; writes go through
 * the held folder. A path that is swapped in between gives a ToolError, never another file's bytes.
 */
export function openFiles({ policy, root }: FilesNeeds): Files {
  const judge = (real: string): Omit<Located, "exists"> => {
    const shown = shownPath(root, real);
    const { access, why } = accessHere(policy, real);
    if (access === "hidden") throw new ToolError(`${shown} may not be read: ${why}`);
    return { realPath: real, shown, access, why };
  };

  const locate = async (path: string): Promise<Located> => {
    const { real, exists } = await realPlace(await chooseReading(path, root));
    return { ...judge(real), exists };
  };

  /** For reading: it must exist, and outside only after a yes. */
  const place = async (path: string, allowOutside: boolean): Promise<Located> => {
    const located = await locate(path);
    if (located.access === "outside" && !allowOutside) throw new ToolError(`${located.shown} lies ${located.why}; only files in it can be read`);
    if (located.exists) return located;
    const near = await nearestPaths(located.realPath, policy);
    throw new ToolError(`${located.shown} does not exist${near.length > 0 ? `; nearest: ${near.join(", ")}` : ""}`);
  };

  const open: Files["open"] = async (path, options = {}) => {
    const { realPath, shown } = await place(path, options.allowOutside ?? false);
    const handle: FileHandle = await holdFile(realPath, shown);
    return { handle, shown, size: fstatSync(handle.fd).size };
  };

  return {
    locate,
    open,
    async read(path, options = {}) {
      const { handle, shown } = await open(path, options);
      try {
        return readAll(handle, shown, options.maxBytes ?? limits.editBytes);
      } catch (error) {
        throw diskError(error, shown, "read");
      } finally {
        await handle.close();
      }
    },
    async list(path, options = {}) {
      const { realPath, shown } = await place(path, options.allowOutside ?? false);
      const folder = await holdFolder(realPath, shown);
      try {
        const entries = await readdir(folder.at("."), { withFileTypes: true });
        const visible = entries.filter((entry) => accessHere(policy, `${realPath}/${entry.name}`).access !== "hidden");
        return visible.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
      } catch (error) {
        throw diskError(error, shown, "listed");
      } finally {
        await folder.handle.close();
      }
    },
    async apply(drafts, options = {}) {
      await applyDrafts(drafts, root, async (real, shown) => {
        const now = await realPlace(real);
        if (now.real !== real) throw new ToolError(`${shown} leads somewhere else by now: read it again`);
        const { access, why } = judge(real);
        if (access === "read") throw new ToolError(`${shown} may not be changed: ${why}`);
        if (access === "outside" && !options.allowOutside) throw new ToolError(`${shown} lies ${why}; it was not allowed to be changed`);
      });
    },
  };
}
