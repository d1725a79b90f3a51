// Rust: Cargo.toml and cargo test.
import { isPath, type Language, lastAt, quoted, type ReportParser, sum } from "./language.ts";
import { resolveRust } from "./resolve.ts";

const result = /^test result: \w+\. \d+ passed; \d+ failed;/gm;
const cargoTest: ReportParser = (output) => {
  const at = lastAt(output, result);
  if (at === -1) return null;
  const failed = sum(output, /^test result: \w+\. \d+ passed; (\d+) failed;/gm) ?? 0;
  const blocks = [...output.matchAll(/^failures:\n[\s\S]*?^test result: .*$/gm)].map((match) => match[0]);
  return { passed: sum(output, /^test result: \w+\. (\d+) passed;/gm), failed, failures: failed > 0 ? blocks.join("\n\n") : "", at };
};

export const rust: Language = {
  name: "rust",
  extensions: [".rs"],
  grammar: "rust",
  manifests: ["Cargo.toml"],
  toolchain: "cargo",
  comment: { line: "//", block: ["/*", "*/"] },
  async testCommand(folder) {
    if (!folder.names.has("Cargo.toml")) return null;
    return {
      command: "cargo test",
      narrow(filter) {
        const file = /([^/]+)\.rs$/.exec(filter)?.[1];
        if (isPath(filter) && file !== undefined) return /^(\.\/)?tests\//.test(filter) ? `cargo test --test ${quoted(file)}` : `cargo test ${quoted(file)}`;
        return `cargo test ${quoted(filter)}`;
      },
    };
  },
  reports: [cargoTest],
  async checks(folder) {
    if (!folder.names.has("Cargo.toml")) return [];
    const asksForClippy = folder.names.has("clippy.toml") || folder.names.has(".clippy.toml") || /^\[(workspace\.)?lints\.clippy/m.test((await folder.text("Cargo.toml")) ?? "");
    // short: one line per finding that begins with its file
    return asksForClippy ? [{ command: "cargo clippy --quiet --message-format short" }] : [{ command: "cargo check --quiet --message-format short", tested: true }];
  },
  code: {
    resolve: resolveRust,
    exported: (_name, node) => node.namedChildren.some((child) => child?.type === "visibility_modifier"),
    isTest: (_name, kind, head) => kind === "function" && /#\[(\w+::)*test\b/.test(head),
  },
};
