// The head of every request: system text, instructions and tools. Made once per session and kept in its log, so that its bytes never change.
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import type { ToolSpec } from "../models/model.ts";
import { type Instruction, readInstructions } from "./instructions.ts";
import systemProse from "./prompts/system.md";

export interface Head {
  system: string;
  tools: ToolSpec[];
  /** What was left out because the context is too small; told to the person. */
  left: string[];
}
const maxLayout = 300;

/** The names at the top of the repository: saves the first `list` of nearly every task. */
function layoutOf(root: string): string {
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
    if (text.length + name.length > maxLayout) return `${text} ...`;
    text += ` ${name}`;
  }
  return text;
}

/** Nothing in here depends on the clock, chance or the machine's state: equal repository, equal bytes. Instructions get at most a quarter of `context` tokens. */
export function makeHead(needs: { root: string; userConfig: string | null; tools: ToolSpec[]; context: number }): Head {
  const instructions = readInstructions(needs);
  const facts: Record<string, string> = { name: basename(needs.root), root: needs.root, layout: layoutOf(needs.root) };
  let system = systemProse
    .trim()
    .replace(/\{\{(\w+)\}\}/g, (_, key: string) => facts[key] ?? "")
    .trim();
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
  return { system, tools: needs.tools, left };
}

/** The instruction files a head holds, by the names they are shown with. */
export const instructionsIn = (system: string): string[] => [...system.matchAll(/^# Instructions of (.+)$/gm)].flatMap(([, shown]) => shown ?? []);
