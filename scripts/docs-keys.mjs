// Writes docs/keys.md from the tables of keys and slash commands; `--check` only says whether it is fresh.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keysPage } from "../src/app/tui/keyspage.ts";

const file = join(import.meta.dirname, "..", "docs", "keys.md");
const page = keysPage();
if (process.argv.includes("--check")) {
  let old = "";
  try {
    old = readFileSync(file, "utf8");
  } catch {
    // not written yet: stale
  }
  if (old !== page) {
    console.error("docs/keys.md is stale: node scripts/docs-keys.mjs");
    process.exit(1);
  }
} else writeFileSync(file, page);
