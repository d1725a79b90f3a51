// C#: .csproj and .sln.
import type { Language } from "./language.ts";
import { resolveByPath } from "./resolve.ts";

export const csharp: Language = {
  name: "csharp",
  extensions: [".cs"],
  grammar: "c-sharp",
  manifests: [],
  toolchain: "dotnet",
  comment: { line: "//", block: ["/*", "*/"] },
  testCommand: async () => null,
  reports: [],
  code: { resolve: resolveByPath([".cs"], /\./g), isTest: (_name, _kind, head) => /\[(Test|Fact|Theory|TestMethod)\b/.test(head) },
};
