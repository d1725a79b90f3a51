// Every tool there is. The order is the order in the prompt's head: it never changes within a session.
import type { ToolSpec } from "../models/model.ts";
import { specOf } from "./border.ts";
import { edit } from "./edit.ts";
import { git } from "./git.ts";
import { list } from "./list.ts";
import { plan } from "./plan.ts";
import { read } from "./read.ts";
import { run } from "./run.ts";
import { search } from "./search.ts";
import { test, testTool } from "./test.ts";
import type { Tool } from "./tool.ts";
import { write } from "./write.ts";

export { parseArgs } from "./border.ts";

export const tools: Tool[] = [read, search, list, edit, write, run, test, git, plan];

/** The same tools, with the test command the configuration names. */
export const toolsFor = (options: { test?: string | undefined }): Tool[] =>
  options.test === undefined ? tools : tools.map((tool) => (tool.name === "test" ? testTool(options.test) : tool));

/** The tools as they go into a request: no schema boilerplate, the same bytes each time. */
export const toolSpecs = (list: readonly Tool[]): ToolSpec[] => list.map(specOf);
