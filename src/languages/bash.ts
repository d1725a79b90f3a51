// Shell scripts.
import type { Language } from "./language.ts";

export const bash: Language = {
  name: "bash",
  extensions: [".sh", ".bash"],
  grammar: "bash",
  manifests: [],
  toolchain: "bash",
  comment: { line: "#" },
  testCommand: async () => null,
  reports: [],
};
