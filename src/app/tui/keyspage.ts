// docs/keys.md as text: the same rows that dispatch and the help screen read.
import { actions, type Group, shownKey } from "./actions.ts";
import { keyLabel } from "./keys.ts";
import { type EditName, editKeys } from "./prompt.ts";
import { slashRows } from "./slash.ts";
import type { Mode } from "./ui.ts";

const groups: Record<Group, string> = {
  Prompt: "The prompt",
  Run: "The run",
  Answer: "Answering: a diff or a command that waits",
  Panes: "Panes",
  List: "Lists over the prompt (completion, history, models, sessions)",
  Screen: "The screen",
};
const places: Record<Mode, string> = {
  help: "in the help",
  popup: "in a list",
  reason: "while a reason is typed",
  asking: "when /undo asks",
  answer: "in the focused diff, with an empty prompt",
  text: "with something typed",
  idle: "with an empty prompt",
};
const editLabels: Record<EditName, string> = {
  backspace: "delete backwards",
  delete: "delete forwards",
  left: "a character back",
  right: "a character on",
  "word-left": "a word back",
  "word-right": "a word on",
  "line-start": "start of the line",
  "line-end": "end of the line",
  up: "line up",
  down: "line down",
  "kill-word-back": "delete to the blank before",
  "kill-word": "delete the word",
  "kill-to-start": "delete to the start of the line",
  "kill-to-end": "delete to the end of the line",
  yank: "put back what was deleted last",
  clear: "clear",
  undo: "undo the last edit",
};
const cell = (text: string): string => text.replaceAll("|", "\\|");
const keyCell = (keys: readonly string[]): string => keys.map((key) => `\`${cell(keyLabel(key))}\``).join(" ");
function where(modes: readonly Mode[]): string {
  if (modes.length === Object.keys(places).length) return "everywhere";
  if (modes.includes("text") && modes.includes("idle")) return "";
  return modes
    .filter((mode) => mode !== "answer" || !modes.includes("idle"))
    .map((mode) => places[mode])
    .join(", ");
}

export function keysPage(): string {
  const parts = [
    "# Keys and commands",
    "",
    "Written by `node scripts/docs-keys.mjs` from the tables the program itself goes by. `?` with an empty prompt shows the keys that work here and now.",
    "",
  ];
  for (const group of Object.keys(groups) as Group[]) {
    parts.push(`## ${groups[group]}`, "", "| key | does | where |", "|---|---|---|");
    for (const row of actions.filter((one) => one.group === group)) parts.push(`| ${keyCell(row.keys.filter(shownKey))} | ${cell(row.label)} | ${where(row.modes)} |`);
    if (group === "Prompt") {
      for (const name of new Set(Object.values(editKeys))) {
        const keys = Object.keys(editKeys).filter((key) => editKeys[key] === name && shownKey(key));
        parts.push(`| ${keyCell(keys)} | ${editLabels[name]} | |`);
      }
      parts.push("| `@` | complete a file's name | after a blank |", "| `!` | a shell command of one's own, in the sandbox | at the start |", "| `/` | a command | at the start |");
    }
    parts.push("");
  }
  parts.push(
    "Approval keys work only in the focused diff with an empty prompt, and not in the first 0.3 s after something appears there: what is typed then goes into the prompt.",
    "",
    "## Slash commands",
    "",
    "| command | does |",
    "|---|---|",
  );
  for (const row of slashRows) parts.push(`| \`/${row.name}${row.takes ? ` ${cell(row.takes)}` : ""}\` | ${cell(row.label)} |`);
  return `${parts.join("\n")}\n`;
}
