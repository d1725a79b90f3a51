// A scripted model that works on the bench's tasks: some it solves by real edits, others it fails in the ways models do.

import type { Task } from "../../../src/app/bench/task.ts";
import { tasks } from "../../../src/app/bench/tasks.ts";
import type { Asked } from "../../../src/app/demo/script.ts";
import { type Answer, badCall, call } from "../../fake/model-server.ts";
import { solutionPaper } from "./solution.ts";

/** The task that a request is about, by the words of its prompt. */
export function taskOf(asked: Asked): Task {
  const task = tasks.find((one) => asked.messages.some((message) => message.role === "user" && message.text.includes(one.prompt)));
  if (!task) throw new Error("no task's prompt is in the request");
  return task;
}
/** Which answer of the run this is, from 0. */
export const turnOf = (asked: Asked): number => asked.messages.filter((message) => message.role === "assistant").length;

/** Every file and every change of the solution as a call of its own, and a word at the end. */
export function solving(task: Task): Answer[] {
  const { files, changes } = solutionPaper(task);
  return [
    ...Object.entries(files).map(([path, content]) => call("write", { path, content })),
    ...changes.map((change) => call("edit", { path: change.path, old: change.old, new: change.new })),
    "Done.",
  ];
}
/** Searches every place that a command can see for names that stand only in hidden tests. They are broken up here: the run's own log holds this call. */
export const prying = (names: readonly string[], folders: readonly string[]): Answer =>
  call("run", {
    command: `grep -rlsF ${names.map((name) => `-e ${name.slice(0, 9)}''${name.slice(9)}`).join(" ")} ${folders.join(" ")} . /tmp /var/tmp "$HOME/.cache" "$HOME/.local" | head -5; echo searched`,
    timeout_s: 300,
  });

export const stumbling: Answer[] = [
  badCall("edit", '{"path": "hours/schedule.py", "old": '),
  call("edit", { path: "hours/schedule.py", old: "this stands nowhere", new: "x" }),
  call("reed", { path: "README.md" }),
];
