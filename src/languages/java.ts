// Java: pom.xml and build.gradle.
import type { Language } from "./language.ts";
import { resolveByPath } from "./resolve.ts";

export const java: Language = {
  name: "java",
  extensions: [".java"],
  grammar: "java",
  manifests: ["pom.xml", "build.gradle", "build.gradle.kts"],
  toolchain: "java",
  comment: { line: "//", block: ["/*", "*/"] },
  testCommand: async () => null,
  reports: [],
  code: {
    resolve: resolveByPath([".java"], /\./g),
    exported: (_name, node) => !/^(@\w+\s+)*private\b/.test(node.text.slice(0, 200)),
    isTest: (_name, _kind, head) => /@(Test|ParameterizedTest)\b/.test(head),
  },
};
