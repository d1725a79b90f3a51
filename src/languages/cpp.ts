// C++, and C read as C++.
import type { Language } from "./language.ts";
import { resolveByPath } from "./resolve.ts";

export const cpp: Language = {
  name: "cpp",
  extensions: [".cpp", ".cc", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h", ".c", ".ipp", ".inl"],
  grammar: "cpp",
  manifests: ["CMakeLists.txt", "meson.build"],
  toolchain: "c++",
  comment: { line: "//", block: ["/*", "*/"] },
  testCommand: async () => null,
  reports: [],
  code: { resolve: resolveByPath(["", ".h", ".hpp"], /(?!)/g), isTest: (name) => /^TEST(_[FP])?$/.test(name) },
};
