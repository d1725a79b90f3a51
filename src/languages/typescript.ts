// TypeScript: JavaScript's projects and runners under other file names.
import { nodeTestCommand } from "./javascript.ts";
import { isPath, type Language, quoted } from "./language.ts";
import { nodeChecks } from "./node-checks.ts";
import { scriptRules } from "./resolve.ts";

export const typescript: Language = {
  name: "typescript",
  extensions: [".ts", ".mts", ".cts", ".tsx"],
  grammar: "typescript",
  grammars: { ".tsx": "tsx" },
  manifests: ["tsconfig.json", "deno.json", "deno.jsonc"],
  toolchain: "node",
  comment: { line: "//", block: ["/*", "*/"] },
  async testCommand(folder) {
    if (!folder.names.has("deno.json") && !folder.names.has("deno.jsonc")) return nodeTestCommand(folder);
    return { command: "deno test", narrow: (filter) => (isPath(filter) ? `deno test ${quoted(filter)}` : `deno test --filter=${quoted(filter)}`) };
  },
  reports: [], // javascript's
  async checks(folder, changed) {
    const own = await nodeChecks(folder, changed);
    if (own.length > 0 || !(folder.names.has("deno.json") || folder.names.has("deno.jsonc"))) return own;
    const files = changed.length === 0 ? "." : changed.map(quoted).join(" ");
    return [{ command: `deno check ${files}` }, { command: `deno lint ${files}` }];
  },
  code: scriptRules,
};
