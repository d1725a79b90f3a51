// The list of panes, in the order of their keys.
import type { PaneName } from "../state.ts";
import { conversation } from "./conversation.ts";
import { diff } from "./diff.ts";
import { log } from "./log.ts";
import type { Pane } from "./pane.ts";
import { plan } from "./plan.ts";
import { terminal } from "./terminal.ts";

export const panes: readonly Pane[] = [conversation, diff, plan, terminal, log];
const byName = { conversation, diff, plan, terminal, log } satisfies Record<PaneName, Pane>;
export const paneOf = (name: PaneName): Pane => byName[name];
