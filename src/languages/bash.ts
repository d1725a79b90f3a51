// Shell scripts.
import type { Language } from "./language.ts";
import { resolveByPath } from "./resolve.ts";

export const bash: Language = {
  name: "bash",
  extensions: [".sh", ".bash"],
  grammar: "bash",
  manifests: [],
  toolchain: "bash",
  comment: { line: "#" },
  testCommand: async () => null,
  reports: [],
  code: { resolve: resolveByPath([".sh", ""], /(?!)/g) },
};
