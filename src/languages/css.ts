// Stylesheets.
import type { Language } from "./language.ts";

export const css: Language = {
  name: "css",
  extensions: [".css"],
  grammar: "css",
  manifests: [],
  toolchain: "",
  comment: { line: "", block: ["/*", "*/"] },
  testCommand: async () => null,
  reports: [],
};
