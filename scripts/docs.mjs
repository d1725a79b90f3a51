// Writes the generated papers: docs/cli.md, config.md, config.schema.json, project.schema.json, events.md. With --check it only says which are stale.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cliMarkdown } from "../src/app/help.ts";
import { jsonSchemaOf, keyRows } from "../src/config/schema.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cell = (text) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

function configMarkdown() {
  const table = (kind) => ["| key | value | meaning |", "|---|---|---|", ...keyRows(kind).map((row) => `| \`${row.key}\` | ${row.type} | ${cell(row.about)} |`)];
  return [
    "# Configuration",
    "",
    "Generated from `src/config/schema.ts` by `npm run docs`. Both files are plain JSON, without comments.",
    "A key that doesn't belong in a file is left out and named; a broken file or a wrong value stops Aura with the file and the line, and nothing is overwritten.",
    "",
    "## Your own: `config.json` in `$XDG_CONFIG_HOME/aura` (`~/.config/aura`), or in `$AURA_HOME`",
    "",
    "`aura config get|set|edit` reads and changes it. JSON schema: `docs/config.schema.json`.",
    "",
    ...table("user"),
    "",
    "## A repository's: `.aura/config.json`",
    "",
    "Written by `aura init`. It comes with a clone, so it is input from strangers: it can narrow what Aura may do, never widen it, and none of it is used before you have",
    "agreed to its content once (without a terminal it is ignored, with a line on stderr). JSON schema: `docs/project.schema.json`.",
    "",
    ...table("project"),
    "",
  ].join("\n");
}

/** The members of `export type NAME =` in events.ts: their fields, and the comments that stand beside or above them. */
function membersOf(source, name) {
  const start = source.indexOf(`export type ${name} =`);
  const rest = source.slice(start);
  const body = rest.slice(0, rest.search(/;\n(?=\n|export|\/\*\*)/));
  const members = [];
  for (const part of body.split(/\n {2}\| /).slice(1)) {
    const end = part.lastIndexOf("}");
    const comment = [part.slice(end + 1).match(/\/\/ ?(.*)/)?.[1], ...[...part.slice(0, end).matchAll(/\/\/ ?(.*)|\/\*\* ?(.*?) ?\*\//g)].map((match) => match[1] ?? match[2])]
      .filter(Boolean)
      .join("; ");
    const fields = part
      .slice(0, end)
      .replace(/\/\/.*|\/\*\*.*?\*\//g, "")
      .replace(/^\{|[\n]/g, " ")
      .replace(/\s+/g, " ")
      .trim()
      .replace(/;$/, "");
    const type = fields.match(/^type: "([^"]+)"(?:; )?(.*)$/);
    if (type) members.push({ type: type[1], fields: type[2], comment });
  }
  return members;
}
function eventsMarkdown() {
  const source = readFileSync(join(root, "src/core/events.ts"), "utf8");
  const section = (name, about) => [
    `## ${name}`,
    "",
    about,
    "",
    "| type | fields | |",
    "|---|---|---|",
    ...membersOf(source, name).map((row) => `| \`${row.type}\` | ${row.fields ? `\`${row.fields.replaceAll("|", "\\|")}\`` : ""} | ${cell(row.comment)} |`),
    "",
  ];
  return [
    "# Events",
    "",
    "Generated from `src/core/events.ts` by `npm run docs`. The types named in the fields are there.",
    "",
    ...section(
      "Fact",
      "What happened, in the past tense. Each is one JSON line of `.aura/log/<session>.jsonl` and of `aura --yes --json`, with `seq` (from 1, without gaps) and `at` (ms since 1970) in front.",
    ),
    ...section("Command", "What a front end asks the core to do."),
    ...section("Live", "Deltas for whoever watches now; never stored."),
    ...section("Question", "What can be asked without changing anything."),
  ].join("\n");
}

const papers = {
  "docs/cli.md": cliMarkdown(),
  "docs/config.md": configMarkdown(),
  "docs/config.schema.json": `${JSON.stringify({ title: "Aura, user configuration", ...jsonSchemaOf("user") }, null, 2)}\n`,
  "docs/project.schema.json": `${JSON.stringify({ title: "Aura, .aura/config.json of a repository", ...jsonSchemaOf("project") }, null, 2)}\n`,
  "docs/events.md": eventsMarkdown(),
};
const stale = [];
for (const [path, text] of Object.entries(papers)) {
  const file = join(root, path);
  let old = "";
  try {
    old = readFileSync(file, "utf8");
  } catch {
    // not written yet
  }
  if (old === text) continue;
  stale.push(path);
  if (process.argv.includes("--check")) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
if (process.argv.includes("--check") && stale.length > 0) {
  console.error(`stale: ${stale.join(", ")}; run npm run docs`);
  process.exit(1);
}
