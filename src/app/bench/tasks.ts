// The twelve tasks, in the order in which they are worked on, and how a person picks some of them.
import { createHash } from "node:crypto";
import { nearest } from "../../config/nearest.ts";
import { AuraError } from "../../core/error.ts";
import { kinds, parseTask, type Task, tongues } from "./task.ts";
import goAdd from "./tasks/go-add.md";
import goMulti from "./tasks/go-multi.md";
import goTest from "./tasks/go-test.md";
import pythonFix from "./tasks/python-fix.md";
import pythonLong from "./tasks/python-long.md";
import pythonRefactor from "./tasks/python-refactor.md";
import rustFix from "./tasks/rust-fix.md";
import rustLong from "./tasks/rust-long.md";
import rustRefactor from "./tasks/rust-refactor.md";
import typescriptAdd from "./tasks/typescript-add.md";
import typescriptMulti from "./tasks/typescript-multi.md";
import typescriptTest from "./tasks/typescript-test.md";

const papers = [pythonFix, typescriptAdd, goTest, rustFix, pythonRefactor, typescriptMulti, goAdd, rustRefactor, pythonLong, typescriptTest, goMulti, rustLong];
export const tasks: readonly Task[] = papers.map(parseTask);
/** Changes with any letter of any task: results of other ones can't be compared task by task. */
export const suite: string = createHash("sha256").update(papers.join("\0")).digest("hex").slice(0, 16);

/** The tasks that the words name: a task, a language or a kind each; null = all. Throws AuraError (exit 2) for other words. */
export function selectTasks(words: readonly string[] | null): Task[] {
  if (words === null) return [...tasks];
  const fits = (task: Task, word: string): boolean => task.name === word || task.language === word || task.kind === word;
  const known = [...tasks.map((task) => task.name), ...tongues, ...kinds];
  for (const word of words) {
    if (tasks.some((task) => fits(task, word))) continue;
    const near = nearest(word, known);
    throw new AuraError("usage", `The bench has no task ${JSON.stringify(word.slice(0, 60))}${near ? `; did you mean ${near}?` : ""}`, {
      hint: `--only takes ${tasks.map((task) => task.name).join(", ")}, a language, or ${kinds.join(", ")}`,
      exit: 2,
    });
  }
  return tasks.filter((task) => words.some((word) => fits(task, word)));
}
