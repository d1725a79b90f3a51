// PHP: composer.json.
import type { Language } from "./language.ts";
import { resolveByPath } from "./resolve.ts";

export const php: Language = {
  name: "php",
  extensions: [".php"],
  grammar: "php",
  manifests: ["composer.json"],
  toolchain: "php",
  comment: { line: "//", block: ["/*", "*/"] },
  testCommand: async () => null,
  reports: [],
  code: { resolve: resolveByPath([".php"], /\\/g), isTest: (name, kind) => kind === "method" && /^test[A-Z_]/.test(name) },
};
