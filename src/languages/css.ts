// Stylesheets.
import type { Language } from "./language.ts";
import { resolveByPath } from "./resolve.ts";

export const css: Language = {
  name: "css",
  extensions: [".css"],
  grammar: "css",
  manifests: [],
  toolchain: "",
  comment: { line: "", block: ["/*", "*/"] },
  testCommand: async () => null,
  reports: [],
  code: { resolve: resolveByPath([".css", ""], /(?!)/g) },
};
