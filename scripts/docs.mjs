// Writes the generated papers: docs/bench.md, cli.md, config.md, config.schema.json, project.schema.json, events.md. With --check it only says which are stale.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod/mini";
import { resultShape } from "../src/app/bench/shape.ts";
import { kinds, parseTask } from "../src/app/bench/task.ts";
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

/** One row for each field of a JSON schema, dotted. */
function fieldsOf(schema, path = "") {
  const { type, const: only, enum: words, anyOf, properties, items, additionalProperties, description } = schema;
  const some = anyOf?.find((each) => each.type !== "null");
  const inner = some ?? schema;
  const word = (each) => (each.enum ? each.enum.map((one) => `"${one}"`).join(" or ") : each.const !== undefined ? JSON.stringify(each.const) : [each.type].flat().join(" or "));
  const own = path === "" ? [] : [[path, `${word(only !== undefined || words ? schema : inner)}${some ? " or null" : ""}`, description ?? ""]];
  const below = inner.properties ?? properties;
  if (below) return [...own, ...Object.entries(below).flatMap(([name, each]) => fieldsOf(each, path === "" ? name : `${path}.${name}`))];
  if (type === "array") return [...own, ...(items.properties ? fieldsOf(items, `${path}[]`).slice(1) : [])];
  return [...own, ...(additionalProperties?.properties ? fieldsOf(additionalProperties, `${path}.NAME`).slice(1) : [])];
}
function benchMarkdown() {
  const folder = join(root, "src/app/bench/tasks");
  const tasks = readdirSync(folder)
    .sort()
    .map((name) => parseTask(readFileSync(join(folder, name), "utf8")));
  const row = (cells) => `| ${cells.join(" | ")} |`;
  return [
    "# The bench",
    "",
    "Generated from `src/app/bench` by `npm run docs`.",
    "",
    "`aura bench` gives a model twelve small tasks, one after the other, as `aura --yes` would: policy auto, in the sandbox, each in a repository of its own below the",
    "temporary folder. When a run is over, its result is copied to a place that it never saw, hidden tests are put beside it, and they decide. Where tests were asked for,",
    "they have to pass on the right code and to fail on every one of several versions with a fault in them. A language whose toolchain is missing is skipped.",
    "",
    `\`--only\` takes names of tasks, languages and kinds (${kinds.join(", ")}), with commas between them. Results and the logs of their sessions lie in \`bench/\` of your own`,
    "state folder. A bench that was broken off is gone on with by the next one for the same model, address, version, tasks and limits, unless `--fresh` is given.",
    "",
    row(["task", "kind", "what it is about"]),
    row(["---", "---", "---"]),
    ...tasks.map((task) => row([`\`${task.name}\``, task.kind, cell(task.title)])),
    "",
    "## `--json`",
    "",
    "One object, the same as the file. Beside what stands here it has `total` (the sums of all figures, and `solved`, `failed`, `open`, `skipped`, `reuse`) and, when",
    "printed, `last`: the total of the newest earlier result for the model and the same tasks, with its `startedAt` and `version`, or null. Null stands for what isn't known.",
    "",
    row(["field", "type", ""]),
    row(["---", "---", "---"]),
    ...fieldsOf(z.toJSONSchema(resultShape)).map(([path, type, about]) => row([`\`${path}\``, cell(type), cell(about)])),
    "",
  ].join("\n");
}

const papers = {
  "docs/bench.md": benchMarkdown(),
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
