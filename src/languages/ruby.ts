// Ruby: Gemfile.
import type { Language } from "./language.ts";

export const ruby: Language = {
  name: "ruby",
  extensions: [".rb", ".rake", ".gemspec"],
  grammar: "ruby",
  manifests: ["Gemfile"],
  toolchain: "ruby",
  comment: { line: "#" },
  testCommand: async () => null,
  reports: [],
};
