// The reference solution of a task: whole files, or the places that change, on papers that lie here and never in the program.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mutated } from "../../../src/app/bench/judge.ts";
import { type Mutant, parseTask, type Task, type Texts } from "../../../src/app/bench/task.ts";

/** Files as written on the paper, and changes of the task's own files, in order. */
export function solutionPaper(task: Task): { files: Texts; changes: Mutant[] } {
  const paper = readFileSync(join(import.meta.dirname, "solutions", `${task.name}.md`), "utf8");
  const filled = [
    `# ${task.name}\n- language: ${task.language}\n- kind: ${task.kind}\n- title: t\n- project: p\n## Prompt\np\n`,
    ...(paper.includes("## Project\n") ? [] : ["## Project\n### none\n```\n```\n"]),
    ...(paper.includes("## Mutants\n") ? [] : ["## Hidden\n### none\n```\n```\n"]),
    paper,
  ].join("");
  const { files, mutants } = parseTask(filled);
  delete files.none;
  return { files, changes: mutants };
}

/** The files that the solution changes, whole. */
export function solutionOf(task: Task): Texts {
  const { files, changes } = solutionPaper(task);
  const texts: Texts = { ...files };
  for (const change of changes) texts[change.path] = mutated({ name: task.name, files: { ...task.files, ...texts } }, change);
  return texts;
}
