// PHP: composer.json.
import type { Language } from "./language.ts";

export const php: Language = {
  name: "php",
  extensions: [".php"],
  grammar: "php",
  manifests: ["composer.json"],
  toolchain: "php",
  comment: { line: "//", block: ["/*", "*/"] },
  testCommand: async () => null,
  reports: [],
};
