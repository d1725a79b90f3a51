// Where a repository's index lies: in its own folder, ignored by git.
import { join } from "node:path";

export const indexFolder = (root: string): string => join(root, ".aura", "index");
