// --help from the rows of commands.ts, at most 80 columns wide, and docs/cli.md from the same rows.
import { type CommandName, type CommandRow, commandRow, commands, engineVariable, everywhere, exitCodes, type FlagRow, flags, homeVariable } from "./commands.ts";

const width = 80;

/** Words into lines of at most `columns`. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
/** Two columns; a left side that doesn't fit gets a line of its own. */
function table(rows: [string, string][], left: number): string {
  return rows
    .map(([head, about]) => {
      const [first = "", ...rest] = wrap(about, width - left - 2);
      const indent = " ".repeat(left + 2);
      const start = head.length > left - 2 ? `  ${head}\n${indent}${first}` : `  ${head.padEnd(left)}${first}`;
      return [start, ...rest.map((line) => indent + line)].join("\n");
    })
    .join("\n");
}

const flagHead = (flag: FlagRow): string => `${flag.short ? `-${flag.short}, ` : ""}--${flag.name}${flag.value ? ` ${flag.value}` : ""}`;
const flagAbout = (flag: FlagRow): string => `${flag.about}${flag.env ? ` [${flag.env}]` : ""}`;
const flagTable = (rows: readonly FlagRow[]): string =>
  table(
    rows.map((flag) => [flagHead(flag), flagAbout(flag)]),
    22,
  );
const usageTable = (rows: readonly CommandRow[]): string =>
  table(
    rows.flatMap((row) => row.usage.map((each): [string, string] => [`aura ${each.form}`, each.about])),
    34,
  );
const shown = commands.filter((row) => !row.hidden);

/** Help of everything, or of one command. Ends without a line break. */
export function renderHelp(topic: CommandName | null): string {
  if (topic !== null && topic !== "help") return renderTopic(commandRow(topic));
  return [
    "aura: the coding assistant for people whose code may not leave their machine",
    usageTable(shown),
    `Flags\n${flagTable(flags)}`,
    `Environment\n${table(
      [homeVariable, engineVariable].map(({ name, about }) => [name, about]),
      22,
    )}`,
    `Exit codes\n${table(
      exitCodes.map(({ code, about }) => [String(code), about]),
      6,
    )}`,
    "aura COMMAND --help says more about one command.",
  ].join("\n\n");
}
function renderTopic(row: CommandRow): string {
  const own = flags.filter((flag) => row.flags.includes(flag.name));
  const common = flags.filter((flag) => everywhere.includes(flag.name));
  return [
    usageTable([row]),
    ...(row.more ? [wrap(row.more, width).join("\n")] : []),
    ...(own.length > 0 ? [`Flags\n${flagTable(own)}`] : []),
    `Flags of every command\n${flagTable(common)}`,
  ].join("\n\n");
}

const cell = (text: string): string => text.replace(/\|/g, "\\|").replace(/</g, "&lt;");
const code = (text: string): string => `\`${text.replace(/\|/g, "\\|")}\``;
/** docs/cli.md. */
export function cliMarkdown(): string {
  const lines = ["# The command line", "", "Generated from `src/app/commands.ts` by `npm run docs`.", "", "| command | what it does |", "|---|---|"];
  for (const row of shown) for (const { form, about } of row.usage) lines.push(`| ${code(`aura ${form}`)} | ${cell(about)} |`);
  for (const row of shown) if (row.more) lines.push("", (row.name === "start" ? "" : `\`${row.name}\`: `) + row.more.replace(/(aura -- "\w+")/g, "`$1`"));
  lines.push("", "## Flags", "", "| flag | meaning | environment | taken by |", "|---|---|---|---|");
  for (const flag of flags) {
    const takers = everywhere.includes(flag.name)
      ? "every command"
      : shown
          .filter((row) => row.flags.includes(flag.name))
          .map((row) => (row.name === "start" ? "`aura`" : `\`${row.name}\``))
          .join(", ");
    lines.push(`| ${code(flagHead(flag))} | ${cell(flag.about)} | ${flag.env ? code(flag.env) : ""} | ${takers} |`);
  }
  for (const { name, about } of [homeVariable, engineVariable]) lines.push(`| | ${about} | ${code(name)} | every command |`);
  lines.push("", "## Exit codes", "", "| code | meaning |", "|---|---|");
  for (const row of exitCodes) lines.push(`| ${row.code} | ${row.about} |`);
  return `${lines.join("\n")}\n`;
}
