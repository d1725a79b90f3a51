// Ruby: Gemfile.
import type { Language } from "./language.ts";
import { resolveByPath } from "./resolve.ts";

export const ruby: Language = {
  name: "ruby",
  extensions: [".rb", ".rake", ".gemspec"],
  grammar: "ruby",
  manifests: ["Gemfile"],
  toolchain: "ruby",
  comment: { line: "#" },
  testCommand: async () => null,
  reports: [],
  code: { resolve: resolveByPath([".rb"], /(?!)/g), isTest: (name, kind) => kind === "method" && name.startsWith("test_") },
};
