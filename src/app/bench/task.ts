// A task of the bench as its paper tells it: what a person asks, the project it is asked of, and the tests or mutants it is judged by. Pure.

export const kinds = ["fix", "add", "refactor", "test", "multi-file", "long-file"] as const;
export type Kind = (typeof kinds)[number];
export const tongues = ["python", "typescript", "go", "rust"] as const;
export type Tongue = (typeof tongues)[number];

/** Paths below the project's folder -> whole texts. */
export type Texts = Record<string, string>;
/** A fault put into the project on purpose: tests that are worth something notice it. `old` stands in `path` exactly once. */
export interface Mutant {
  name: string;
  path: string;
  old: string;
  new: string;
}
export interface Task {
  name: string;
  language: Tongue;
  kind: Kind;
  /** What it is about, in a few words. */
  title: string;
  /** Name of the folder that the project lies in. */
  project: string;
  /** As a person would write it. */
  prompt: string;
  files: Texts;
  /** Seen by nobody before the run is over. */
  hidden: Texts;
  /** Instead of hidden tests, where tests are what was asked for. */
  mutants: Mutant[];
}

/**
 * Reads a paper: `# NAME`, a list of `- key: value`, then the sections Prompt, Project, Hidden and Mutants. A file is a heading `### path` with one fenced
 * block, a mutant a heading `### path: what is wrong` with a fenced block of `-` and `+` lines. Throws a plain Error: a paper is part of the program.
 */
export function parseTask(paper: string): Task {
  const { name, fields, sections } = partsOf(paper);
  const field = (key: string): string => fields.get(key) ?? fault(name, `has no ${key}`);
  const task: Task = {
    name,
    language: tongues.find((one) => one === field("language")) ?? fault(name, `knows no language ${field("language")}`),
    kind: kinds.find((one) => one === field("kind")) ?? fault(name, `knows no kind ${field("kind")}`),
    title: field("title"),
    project: field("project"),
    prompt: (sections.get("Prompt") ?? []).join("\n").trim(),
    files: textsIn(name, sections.get("Project") ?? []),
    hidden: textsIn(name, sections.get("Hidden") ?? []),
    mutants: blocksIn(name, sections.get("Mutants") ?? []).map(({ heading, lines }) => mutantOf(name, heading, lines)),
  };
  if (task.prompt === "" || Object.keys(task.files).length === 0) fault(name, "needs a prompt and a project");
  if ((Object.keys(task.hidden).length === 0) === (task.mutants.length === 0)) fault(name, "needs hidden tests or mutants, and not both");
  return task;
}

function fault(name: string, what: string): never {
  throw new Error(`the task ${name} ${what}`);
}

interface Parts {
  name: string;
  fields: Map<string, string>;
  sections: Map<string, string[]>;
}
function partsOf(paper: string): Parts {
  const parts: Parts = { name: "?", fields: new Map(), sections: new Map() };
  let section: string[] | null = null;
  let fence = "";
  for (const line of paper.split("\n")) {
    if (fence !== "") {
      if (line === fence) fence = "";
    } else {
      fence = /^`{3,}/.exec(line)?.[0] ?? "";
      const heading = /^## (.+)$/.exec(line)?.[1];
      if (heading !== undefined) {
        section = [];
        parts.sections.set(heading, section);
        continue;
      }
      const [, key, value] = section === null ? (/^- (\w+): (.+)$/.exec(line) ?? []) : [];
      if (key !== undefined && value !== undefined) parts.fields.set(key, value);
      if (section === null && line.startsWith("# ")) parts.name = line.slice(2);
    }
    section?.push(line);
  }
  return parts;
}

function blocksIn(name: string, lines: readonly string[]): { heading: string; lines: string[] }[] {
  const blocks: { heading: string; lines: string[] }[] = [];
  let heading: string | null = null;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.startsWith("### ")) heading = line.slice(4);
    const fence = /^`{3,}/.exec(line)?.[0];
    if (fence === undefined) continue;
    const end = lines.indexOf(fence, at + 1);
    if (heading === null || end < 0) fault(name, `has a block without a heading or an end: ${line}`);
    blocks.push({ heading, lines: lines.slice(at + 1, end) });
    heading = null;
    at = end;
  }
  return blocks;
}
const textsIn = (name: string, lines: readonly string[]): Texts =>
  Object.fromEntries(blocksIn(name, lines).map((block): [string, string] => [block.heading, `${block.lines.join("\n")}\n`]));

function mutantOf(name: string, heading: string, lines: readonly string[]): Mutant {
  const [, path, what] = /^(\S+): (.+)$/.exec(heading) ?? [];
  if (path === undefined || what === undefined) fault(name, `has a mutant without a path: ${heading}`);
  const side = (sign: string): string =>
    lines
      .filter((line) => line.startsWith(sign))
      .map((line) => line.slice(1))
      .join("\n");
  return { name: what, path, old: side("-"), new: side("+") };
}
