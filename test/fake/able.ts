// Scripted models of different ability for probes: what they can do is said beforehand, and they do nothing else.
import { editTasks } from "../../src/agent/probetasks.ts";
import type { Asked } from "../../src/app/demo/script.ts";
import type { EditForm } from "../../src/core/probed.ts";
import { callText } from "../../src/models/textcalls.ts";
import { type Answer, call, thought } from "./model-server.ts";

export interface Ability {
  /** native: through the server; left: its server leaves the calls in the text; text: only where the system text says how; none: it only talks. */
  calls: "native" | "left" | "text" | "none";
  parallel?: boolean;
  /** The server sees to schemas, and to calls that are forced. */
  schema?: boolean;
  forced?: boolean;
  /** Thinks unless it is told not to. */
  thinks?: boolean;
  /** Forms in which its edits are right; in others it writes nonsense. */
  lands?: readonly EditForm[];
  /** Its arguments are no JSON. */
  malformed?: boolean;
}

export const able =
  (ability: Ability) =>
  (asked: Asked): Answer => {
    const parts = [answerOf(ability, asked)].flat() as (string | { call: never } | { think: string })[];
    const quiet = asked.body.think === false || JSON.stringify(asked.body).includes("enable_thinking");
    return ability.thinks && !quiet ? [thought("Let me see."), ...parts] : parts;
  };

function answerOf(ability: Ability, asked: Asked): Answer {
  const said = asked.messages.map(({ text }) => text).join("\n");
  const { body } = asked;
  const schema = body.format ?? (body.response_format as { json_schema?: { schema?: unknown } } | undefined)?.json_schema?.schema;
  const calls = (...list: [name: string, args: Record<string, unknown>][]): Answer => {
    if (ability.calls === "none" || (ability.calls !== "text" && asked.tools.length === 0 && !said.includes("<tool_call>"))) return "I would call a tool.";
    if (ability.calls === "text" && !said.includes("<tool_call>")) return "I have no way to look at files.";
    if (ability.malformed) return `<tool_call>\n{"name": "read", "arguments": {"path": \n</tool_call>`;
    if (asked.tools.length > 0 && ability.calls === "native") return list.map(([name, args]) => call(name, args));
    return list.map(([name, args]) => callText({ name, args })).join("\n");
  };
  if (said.includes("Describe a cat")) return schema && ability.schema ? '{"animal": "cat", "legs": 4}' : "A cat is a small animal with four legs.";
  if (said.includes("Say hello")) {
    if (ability.forced && body.tool_choice === "required") return calls(["run", { command: "echo hello" }]);
    return ability.forced && schema ? '{"name": "run", "arguments": {"command": "echo hello"}}' : "Hello.";
  }
  if (said.includes("a.txt and b.txt")) return ability.parallel ? calls(["read", { path: "a.txt" }], ["read", { path: "b.txt" }]) : calls(["read", { path: "a.txt" }]);
  if (said.includes("notes.txt")) return calls(["read", { path: "notes.txt" }]);
  if (said.includes("Count from 1 to 60")) return Array.from({ length: 60 }, (_, at) => at + 1).join(" ");
  const task = editTasks.find(({ wish }) => said.includes(wish));
  return task ? calls(editOf(formAsked(asked, said), task, ability)) : "ready";
}

function formAsked(asked: Asked, said: string): EditForm {
  const told = `${JSON.stringify(asked.body.tools ?? [])}${said}`;
  if (told.includes('"old"') || told.includes('\\"old\\"')) return "replace";
  if (told.includes('"blocks"')) return "blocks";
  return told.includes('"patch"') ? "patch" : "whole";
}

type Task = (typeof editTasks)[number];
function editOf(form: EditForm, { path, before, after }: Task, { lands = [] }: Ability): [string, Record<string, unknown>] {
  const [was, is] = [before.split("\n"), after.split("\n")];
  const at = is.findIndex((line, n) => line !== was[n]);
  const inserted = is.length > was.length;
  // one line changed, or one came before the line that stands there
  const old = lands.includes(form) ? (was[at] ?? "") : "this line stands nowhere in the file";
  const neu = inserted ? `${is[at]}\n${was[at]}` : (is[at] ?? "");
  switch (form) {
    case "replace":
      return ["edit", { path, old, new: neu }];
    case "blocks":
      return ["edit", { path, blocks: `<<<<<<< SEARCH\n${old}\n=======\n${neu}\n>>>>>>> REPLACE` }];
    case "patch":
      return ["edit", { patch: `*** Begin Patch\n*** Update File: ${path}\n@@\n-${old}\n${neu.replace(/^/gm, "+")}\n*** End Patch` }];
    case "whole":
      return ["write", { path, content: lands.includes("whole") ? after : "everything else is gone\n" }];
  }
}
