// The questions of a probe, and who judges the answers: small ones, each with one right outcome.
import { basename } from "node:path/posix";
import type { EditForm } from "../core/probed.ts";
import type { Message, Request, ToolSpec } from "../models/model.ts";
import { nanoSpecs, parseArgs, toolSpecs, tools } from "../tools/index.ts";
import type { EditArgs } from "../tools/match/args.ts";
import { carryOut, planEdit } from "../tools/match/plan.ts";
import { proseOf } from "./head.ts";
import type { Answered } from "./probeask.ts";

/** How the model is spoken to. */
export type Mode = "native" | "text";
export interface Question extends Request {
  maxTokens: number;
}

const project = { name: "project", root: "/project", layout: "" };
const brief = "You are a coding agent in a repository. Work with the tools that you have; don't ask back.";
const user = (text: string): Message => ({ role: "user", text });

/** A request in the mode that sessions with the model would use, with the tools named and the system text that goes with them. */
function asked(mode: Mode, form: EditForm, names: readonly string[], messages: Message[], maxTokens: number): Question {
  const system: Message = { role: "system", text: mode === "text" ? proseOf("nano", form, project) : brief };
  const specs: ToolSpec[] = mode === "text" ? nanoSpecs(tools, form) : toolSpecs(tools, form).filter(({ name }) => names.includes(name));
  return { messages: [system, ...messages], tools: specs, maxTokens, ...(mode === "text" ? { format: "text" } : {}) };
}

/** Nothing but a few words: the model is loaded for it. */
export const hello: Question = { messages: [user("Say: ready")], tools: [], maxTokens: 32 };

const answerTokens = 400;
export const callQuestion = (mode: Mode, attempt: number): Question =>
  asked(mode, "replace", ["read", "run"], [user(attempt === 0 ? "What does the file notes.txt say?" : "Call the tool read for the file notes.txt now.")], answerTokens);
/** A call of a tool that was offered. */
export const makesCall = ({ calls }: Answered, question: Question): boolean => calls.some((call) => question.tools.some((tool) => tool.name === call.name));
/** Did the server hand it over, or was it read out of the text? */
export const isNative = ({ calls }: Answered): boolean => calls.some((call) => call.id !== "");

export const parallelQuestion = (mode: Mode): Question =>
  asked(mode, "replace", ["read", "run"], [user("Read both a.txt and b.txt. Make the two calls at once, in one answer.")], answerTokens);
export const callsBoth = ({ calls }: Answered): boolean => ["a.txt", "b.txt"].every((name) => calls.some((call) => JSON.stringify(call.args).includes(name))) && calls.length > 1;

/** Asks for the opposite: only a server that sees to it makes a call of this. */
export const forcedQuestion = (mode: Mode): Question => ({
  ...asked(mode, "replace", ["read", "run"], [user("Say hello in one word. Use no tool.")], answerTokens),
  force: "call",
});

export const schemaQuestion: Question = {
  messages: [user("Describe a cat in one plain English sentence, without JSON.")],
  tools: [],
  maxTokens: 150,
  schema: {
    type: "object",
    properties: { animal: { type: "string" }, legs: { type: "integer" } },
    required: ["animal", "legs"],
    additionalProperties: false,
  },
};
export function keepsSchema({ text }: Answered): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "animal" in value && typeof value.animal === "string" && "legs" in value && Number.isInteger(value.legs);
  } catch {
    return false;
  }
}

const nouns = "river stone window garden paper engine signal market letter bridge candle forest harbor mirror ladder pocket island thunder copper meadow".split(" ");
/** A prompt of about so many tokens that begins as no other did, so that no cache holds it. */
export function speedQuestion(nonce: string, tokens: number): Question {
  const lines = Array.from({ length: Math.max(1, Math.round(tokens / 12)) }, (_, at) => {
    const word = (by: number): string => nouns[(at * by + by) % nouns.length] ?? "";
    return `${at + 1}. The ${word(3)} is near the ${word(7)}, behind the ${word(11)}.`;
  });
  return { messages: [{ role: "system", text: `Notes ${nonce}\n${lines.join("\n")}` }, user("Count from 1 to 60, with a space between.")], tools: [], maxTokens: 64 };
}

interface EditTask {
  path: string;
  before: string;
  after: string;
  wish: string;
}
export const editTasks: readonly EditTask[] = [
  {
    path: "greet.py",
    before: 'def greet(name):\n    message = "Hello, " + name\n    print(message)\n    return message\n\n\ndef main():\n    greet("Ada")\n',
    after: 'def greet(name):\n    message = "Good morning, " + name\n    print(message)\n    return message\n\n\ndef main():\n    greet("Ada")\n',
    wish: 'In greet.py, change "Hello, " to "Good morning, " and nothing else.',
  },
  {
    path: "limits.ts",
    before: "export const limits = {\n  retries: 3,\n  timeoutMs: 5000,\n  verbose: false,\n};\n",
    after: "export const limits = {\n  retries: 5,\n  timeoutMs: 5000,\n  verbose: false,\n};\n",
    wish: "In limits.ts, set retries to 5 and change nothing else.",
  },
  {
    path: "queue.js",
    before: "function push(queue, item) {\n  queue.items.push(item);\n  return queue;\n}\n\nfunction size(queue) {\n  return queue.items.length;\n}\n",
    after: "function push(queue, item) {\n  queue.items.push(item);\n  queue.changed = true;\n  return queue;\n}\n\nfunction size(queue) {\n  return queue.items.length;\n}\n",
    wish: "In queue.js, insert the line `queue.changed = true;` right before `return queue;` in push, and change nothing else.",
  },
];

/** The file has been read, as it would have been in a session; now the edit is due. */
export function editQuestion(mode: Mode, form: EditForm, task: EditTask): Question {
  const numbered = task.before
    .trimEnd()
    .split("\n")
    .map((line, at) => `${at + 1}\t${line}`)
    .join("\n");
  const messages: Message[] = [
    user(task.wish),
    { role: "assistant", text: "", calls: [{ id: "call_1", name: "read", args: { path: task.path } }] },
    { role: "tool", call: "call_1", name: "read", text: numbered },
  ];
  return asked(mode, form, ["read", "edit", ...(form === "whole" ? ["write"] : [])], messages, 600);
}

/** Does the answer's first change, carried out by the real engine, make exactly the file that was wanted? */
export function lands({ calls }: Answered, task: EditTask): boolean {
  const call = calls.find(({ name }) => name === "edit" || name === "write");
  const tool = tools.find(({ name }) => name === call?.name);
  if (!call || !tool) return false;
  const parsed = parseArgs(tool, call.args);
  if ("error" in parsed) return false;
  const after = tool.name === "write" ? written(parsed.args as { path: string; content: string }, task) : edited(parsed.args as EditArgs, task);
  return after !== null && after.trimEnd() === task.after.trimEnd();
}
const isThere = (path: string, task: EditTask): boolean => basename(path) === task.path;
const written = ({ path, content }: { path: string; content: string }, task: EditTask): string | null => (isThere(path, task) ? content : null);
function edited(args: EditArgs, task: EditTask): string | null {
  const plan = planEdit(args, isThere(args.path, task));
  if (plan.form === "wrong") return null;
  const done = carryOut(plan, new Map(plan.paths.map((path) => [path, isThere(path, task) ? task.before : null])));
  if (!done.ok) return null;
  const [[path, text] = ["", null], ...others] = done.files;
  return others.length === 0 && isThere(path, task) ? text : null;
}
