// Every tool there is. The order is the order in the prompt's head: it never changes within a session.
import type { EditForm } from "../core/probed.ts";
import type { ToolSpec } from "../models/model.ts";
import { specOf } from "./border.ts";
import { edit, editAs } from "./edit.ts";
import { git } from "./git.ts";
import { list } from "./list.ts";
import { plan } from "./plan.ts";
import { read } from "./read.ts";
import { run } from "./run.ts";
import { search } from "./search.ts";
import { test, testTool } from "./test.ts";
import type { Tool } from "./tool.ts";
import { write, writeAlone } from "./write.ts";

export { parseArgs } from "./border.ts";

export const tools: Tool[] = [read, search, list, edit, write, run, test, git, plan];

/** The same tools, with the test command the configuration names. */
export const toolsFor = (options: { test?: string | undefined }): Tool[] =>
  options.test === undefined ? tools : tools.map((tool) => (tool.name === "test" ? testTool(options.test) : tool));

/** A tool as it is advertised where edits are asked for in this form; null = not at all. What it understands doesn't depend on it. */
function shownAs(tool: Tool, form: EditForm): Pick<Tool, "name" | "about" | "args"> | null {
  if (tool.name === edit.name) return form === "whole" ? null : editAs[form];
  return tool.name === write.name && form === "whole" ? writeAlone : tool;
}

/** The tools as they go into a request: no schema boilerplate, the same bytes each time. */
export const toolSpecs = (list: readonly Tool[], form: EditForm = "replace"): ToolSpec[] =>
  list.flatMap((tool) => {
    const shown = shownAs(tool, form);
    return shown ? [specOf(shown)] : [];
  });

/** What the nano profile tells of: enough to solve a task, as files are found, searched and tested through the shell. Of `run` only what a small model can use. */
const nanoTools: Record<string, readonly string[]> = {
  run: ["command"],
  read: ["path", "from", "to"],
  edit: ["path", "old", "new", "blocks", "patch"],
  write: ["path", "content"],
};

/** The three tools of the nano profile. */
export const nanoSpecs = (list: readonly Tool[], form: EditForm): ToolSpec[] =>
  toolSpecs(list, form)
    .filter(({ name }) => name in nanoTools && (name !== write.name || form === "whole"))
    .map(({ name, description, parameters }) => {
      const { properties = {}, required = [] } = parameters as { properties?: Record<string, unknown>; required?: string[] };
      const kept = Object.fromEntries(Object.entries(properties).filter(([field]) => nanoTools[name]?.includes(field)));
      return { name, description, parameters: { ...parameters, properties: kept, required: name === run.name ? ["command"] : required } };
    });
