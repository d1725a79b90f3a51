// The first opening of a repository that brings its own `.aura`: what it sets is shown and asked about once, before the screen is drawn.
import { findPaths } from "../config/paths.ts";
import { describeProject, lookAtProject, saveTrust } from "../config/trust.ts";
import { sanitiseLine } from "../core/text.ts";
import { confirmOnTerminal } from "./confirm.ts";

/** Asks only where there is something new. The answer holds for exactly this content. */
export async function askTrust(root: string): Promise<void> {
  const paths = findPaths(process.env);
  const brought = lookAtProject(paths, root)?.brought;
  if (brought?.trust !== "new") return;
  process.stderr.write("This repository brings settings of its own for Aura. They can narrow what it may do, never widen it:\n\n");
  for (const line of await describeProject(root, brought)) process.stderr.write(`  ${sanitiseLine(line)}\n`);
  const yes = await confirmOnTerminal("\nUse them?");
  saveTrust(paths, root, brought, yes);
}
