// C#: .csproj and .sln.
import type { Language } from "./language.ts";

export const csharp: Language = {
  name: "csharp",
  extensions: [".cs"],
  grammar: "c-sharp",
  manifests: [],
  toolchain: "dotnet",
  comment: { line: "//", block: ["/*", "*/"] },
  testCommand: async () => null,
  reports: [],
};
