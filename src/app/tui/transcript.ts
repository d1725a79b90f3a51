// A session as text: the Markdown that /export writes, and the few lines that leaving puts into the scrollback.
import { sanitiseLine } from "../../core/text.ts";
import { duration } from "../../core/time.ts";
import type { Row, ViewState } from "./state.ts";

/** A fence longer than any run of backticks inside. */
function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n$/, "")}\n${fence}`;
}
function rowText(row: Row): string {
  switch (row.kind) {
    case "asked":
      return `## ${row.text.includes("\n") ? "Asked" : row.text}\n${row.text.includes("\n") ? `\n${row.text}\n` : ""}`;
    case "thought":
      return `<details><summary>thought</summary>\n\n${row.text}\n\n</details>`;
    case "said":
      return row.text;
    case "call":
      return `**${row.name}** ${row.about}  (${row.state}${row.ms === null ? "" : `, ${duration(row.ms)}`})${row.text === "" ? "" : `\n\n${fenced(row.text)}`}`;
    case "shelled":
      return `**!** \`${row.command}\`  (${row.ok ? "ok" : "failed"}, ${duration(row.ms)})${row.text === "" ? "" : `\n\n${fenced(row.text)}`}`;
    case "noted":
      return `> ${row.text.replaceAll("\n", "\n> ")}${row.hint ? `\n> ${row.hint}` : ""}`;
    case "ended":
      return `---\n${row.why}: ${row.turns} turns, ${duration(row.ms)}${row.text === "" ? "" : `. ${row.text}`}`;
  }
}

export function transcript(view: ViewState): string {
  const head = `# Session ${view.session ?? ""}\n\n- repository: ${view.root}\n- model: ${view.model ?? "none"}\n- policy: ${view.policy}\n`;
  const plan =
    view.plan.length === 0
      ? ""
      : `\n## Plan\n\n${view.plan.map((item) => `- [${item.state === "done" ? "x" : " "}] ${item.text}${item.state === "failed" ? " (failed)" : ""}`).join("\n")}\n`;
  const earlier = view.earlier > 0 ? `\n(${view.earlier} earlier rows are in the session's log only)\n` : "";
  return `${head}${plan}${earlier}\n${view.rows.map(rowText).join("\n\n")}\n`;
}

const short = (text: string, most: number): string => {
  const one = sanitiseLine(text).trim();
  return one.length <= most ? one : `${one.slice(0, most - 1)}…`;
};

/** What stays in the scrollback: what was done, the files, the tests, where the run goes on, how to undo. Empty when nothing happened. */
export function farewell(view: ViewState, columns: number): string[] {
  const task = view.rows.findLast((row) => row.kind === "asked")?.text;
  if (task === undefined) return [];
  const room = Math.max(20, columns - 10);
  const said = view.rows.findLast((row) => row.kind === "said")?.text ?? "";
  const ended = view.rows.findLast((row) => row.kind === "ended");
  const files = new Map<string, { added: number; removed: number }>();
  for (const { change } of view.changes) {
    const sum = files.get(change.path) ?? { added: 0, removed: 0 };
    files.set(change.path, { added: sum.added + change.added, removed: sum.removed + change.removed });
  }
  const changed = [...files].map(([path, sum]) => `${path} +${sum.added} -${sum.removed}`);
  const tests = view.tests;
  const session = view.session ?? "";
  const waits = view.pending.length > 0;
  return [
    `aura      ${short(view.running ? task : said.split("\n").find((line) => line.trim() !== "") || task, room)}`,
    `files     ${changed.length === 0 ? "none changed" : short(changed.join("  "), room)}`,
    `tests     ${tests ? short(`${tests.ok ? "passed" : "FAILED"}  ${tests.passed ?? "?"} passed, ${tests.failed ?? "?"} failed  (${tests.command})`, room) : "not run"}`,
    view.running
      ? `goes on   ${waits ? "it waits for your answer" : "the run goes on without this screen"}: aura attach ${session}`
      : `session   ${ended ? ended.why : "open"}; go on with: aura resume ${session}`,
    `undo      ${changed.length === 0 ? "nothing to take back" : "aura undo"}`,
  ];
}
