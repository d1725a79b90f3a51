// The head of every request: system text, instructions and tools. Made once per session and kept in its log, so that its bytes never change.
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import type { EditForm, Profile } from "../core/probed.ts";
import type { ToolSpec } from "../models/model.ts";
import { nanoSpecs, toolSpecs } from "../tools/index.ts";
import type { Tool } from "../tools/tool.ts";
import { type Instruction, readInstructions } from "./instructions.ts";
import nanoProse from "./prompts/nano.md";
import systemProse from "./prompts/system.md";

export interface Head {
  system: string;
  /** In the nano profile they stand in the system text, and this only says what there is. */
  tools: ToolSpec[];
  /** What was left out because the context is too small; told to the person. */
  left: string[];
}
export interface HeadNeeds {
  root: string;
  userConfig: string | null;
  tools: readonly Tool[];
  context: number;
  profile: Profile;
  form: EditForm;
}
/** Characters of the repository's layout. */
const maxLayout: Record<Profile, number> = { default: 300, nano: 200 };

/** The names at the top of the repository: saves the first `list` of nearly every task. */
function layoutOf(root: string, most: number): string {
  let names: string[];
  try {
    names = readdirSync(root, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith(".") && entry.name !== "node_modules")
      .map((entry) => entry.name.replace(/[\u0000-\u001f\u007f`]/g, "?") + (entry.isDirectory() ? "/" : ""));
  } catch {
    return "";
  }
  if (names.length === 0) return "The repository is empty.";
  let text = "Top level:";
  for (const name of names.sort()) {
    if (text.length + name.length > most) return `${text} ...`;
    text += ` ${name}`;
  }
  return text;
}

/** The system text without instructions: a profile's prose with its places filled in, of the lines for one form of edits those for this one. */
export function proseOf(profile: Profile, form: EditForm, facts: { name: string; root: string; layout: string }): string {
  const places: Record<string, string> = facts;
  return (profile === "nano" ? nanoProse : systemProse)
    .trim()
    .replace(/^\{\{(replace|blocks|patch|whole)\}\}(.*\n)/gm, (_, of: string, line: string) => (of === form ? line : ""))
    .replace(/\{\{(\w+)\}\}/g, (_, key: string) => places[key] ?? "")
    .trim();
}

/** Nothing in here depends on the clock, chance or the machine's state: equal repository, equal bytes. Instructions get at most a quarter of `context` tokens. */
export function makeHead(needs: HeadNeeds): Head {
  const { root, profile, form } = needs;
  const instructions = readInstructions(needs);
  let system = proseOf(profile, form, { name: basename(root), root, layout: layoutOf(root, maxLayout[profile]) });
  const left: string[] = [];
  let budget = needs.context; // a quarter of the window in characters, at four per token
  const kept: Instruction[] = [];
  for (const instruction of instructions) {
    if (instruction.text.length > budget) {
      left.push(instruction.shown);
      continue;
    }
    budget -= instruction.text.length;
    kept.push(instruction);
  }
  for (const instruction of kept) system += `\n\n# Instructions of ${instruction.shown}\n${instruction.text}`;
  return { system, tools: (profile === "nano" ? nanoSpecs : toolSpecs)(needs.tools, form), left };
}

/** The instruction files a head holds, by the names they are shown with. */
export const instructionsIn = (system: string): string[] => [...system.matchAll(/^# Instructions of (.+)$/gm)].flatMap(([, shown]) => shown ?? []);
