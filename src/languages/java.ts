// Java: pom.xml and build.gradle.
import type { Language } from "./language.ts";

export const java: Language = {
  name: "java",
  extensions: [".java"],
  grammar: "java",
  manifests: ["pom.xml", "build.gradle", "build.gradle.kts"],
  toolchain: "java",
  comment: { line: "//", block: ["/*", "*/"] },
  testCommand: async () => null,
  reports: [],
};
