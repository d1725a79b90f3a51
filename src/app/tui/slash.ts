// The slash commands as rows of data: completion, /help, docs/keys.md and running one read the same rows.
import type { ModelId, Plan, PolicyName } from "../../core/events.ts";
import { comeForward } from "./approval.ts";
import { openModelList, openSessionList } from "./choosing.ts";
import { rank } from "./completion.ts";
import type { Deck } from "./deck.ts";
import type { Pending, Popup, ViewState } from "./state.ts";
import { type Desk, flash, focusPane, policyNames, thinks, worksNow } from "./ui.ts";

export interface SlashRow {
  name: string;
  /** What may follow, as in a synopsis. */
  takes?: string;
  label: string;
  when?(view: ViewState, desk: Desk): true | string;
  run(deck: Deck, rest: string): void;
}

const show = (pane: "diff" | "plan" | "log") => (deck: Deck) => deck.change((desk) => focusPane(desk, pane));
const running = (view: ViewState): true | string => (worksNow(view) ? true : "nothing is running");
const resting = (view: ViewState): true | string => (view.running ? "Aura is still working: stop it first (Esc)" : true);
const marks: Record<Plan[number]["state"], string> = { open: "[ ]", running: "[>]", done: "[x]", failed: "[!]" };

/** The text a fresh session starts from: the task and how far its plan is. The person sees it in the prompt before anything is sent. */
export function carriedText(view: ViewState): string {
  const task = view.rows.findLast((row) => row.kind === "asked")?.text ?? "";
  if (task === "" && view.plan.length === 0) return "";
  const plan = view.plan.map((item) => `- ${marks[item.state]} ${item.text}`).join("\n");
  return `Go on with this task: ${task}${plan === "" ? "" : `\n\nThe plan so far (x = done):\n${plan}`}`;
}

function setPolicy(deck: Deck, rest: string): void {
  const policy = policyNames.find((name) => name === rest) as PolicyName | undefined;
  if (rest === "") deck.say(`policy: ${deck.view().policy}. /policy ask, auto or read-only changes it; Ctrl-P takes the next`);
  else if (!policy) deck.say(`there is no policy "${rest}": ask, auto or read-only`);
  else void deck.send({ type: "set", session: deck.who().session, policy }).then((sent) => sent && deck.say(`policy: ${policy}`));
}

/** Shows what would be taken back, like an approval; y does it. */
async function askUndo(deck: Deck): Promise<void> {
  const answer = await deck.query({ type: "undo", session: deck.who().session, to: "newest" }).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  if (typeof answer === "string") return deck.say(answer);
  if (answer.changes.length === 0) return deck.say("there is nothing to take back");
  const files = answer.changes.length === 1 ? answer.changes[0]?.path : `${answer.changes.length} files`;
  const pending = {
    call: "undo" as Pending["call"],
    name: "undo",
    about: `take back: ${answer.task}`,
    command: null,
    why: "takes these changes back",
    outside: false,
    always: null,
    changes: answer.changes,
    shownAt: deck.now(),
  };
  deck.change((desk) => flash(comeForward({ ...desk, asking: { pending, to: answer.upTo } }), `take back what was done to ${files}?  y yes  n no`));
}

async function tell(deck: Deck, work: Promise<string>): Promise<void> {
  deck.say(await work.catch((error: unknown) => (error instanceof Error ? error.message : String(error))));
}

export const slashRows: readonly SlashRow[] = [
  { name: "help", label: "the keys that work here and now", run: (deck) => deck.change((desk) => ({ ...desk, help: true })) },
  {
    name: "model",
    takes: "[name]",
    label: "choose the model",
    run: (deck, rest) => (rest === "" ? void openModelList(deck) : deck.chooseModel(rest as ModelId)),
  },
  { name: "policy", takes: "[ask|auto|read-only]", label: "what Aura may do without asking", run: setPolicy },
  { name: "plan", label: "show the plan", run: show("plan") },
  { name: "diff", label: "show the changes", run: show("diff") },
  { name: "log", label: "show Aura's own log", run: show("log") },
  { name: "stop", label: "stop the run", when: running, run: (deck) => void deck.send({ type: "stop", session: deck.who().session }) },
  { name: "answer", label: "enough thought: answer now", when: thinks, run: (deck) => void deck.send({ type: "hasten", session: deck.who().session }) },
  { name: "new", label: "a fresh session; task and plan go along", run: (deck) => deck.goTo({ fresh: carriedText(deck.view()) }) },
  { name: "sessions", label: "go over to another session", run: (deck) => void openSessionList(deck) },
  { name: "undo", label: "take back what the newest run did to the files; shows it first", when: resting, run: (deck) => void askUndo(deck) },
  {
    name: "init",
    label: "find out languages, tests and servers; writes .aura/config.json",
    run: (deck) =>
      void tell(
        deck,
        deck.init().then((lines) => lines.join("\n")),
      ),
  },
  {
    name: "copy",
    label: "copy the last answer",
    when: (view) => (view.rows.some((row) => row.kind === "said") ? true : "there is no answer yet"),
    run: (deck) => deck.copy(deck.lastAnswer(), "the last answer"),
  },
  {
    name: "export",
    takes: "[file]",
    label: "write the conversation as Markdown (.aura/exports/ by default)",
    when: (view) => (view.rows.length > 0 ? true : "there is nothing to write yet"),
    run: (deck, rest) =>
      void tell(
        deck,
        deck.exportTo(rest === "" ? null : rest).then((path) => `written to ${path}`),
      ),
  },
  { name: "quit", label: "leave; the run goes on", run: (deck) => deck.leave() },
];

/** What completion offers for the words after the slash. */
export function slashItems(words: string, view: ViewState, desk: Desk): Popup["items"] {
  if (words.startsWith("policy "))
    return policyNames.filter((name) => name.startsWith(words.slice(7))).map((name) => ({ value: `/policy ${name}`, note: name === view.policy ? "now" : "" }));
  const named = rank(words, slashRows, (row) => row.name).filter((row) => words === "" || row.name.includes(words.toLowerCase()));
  return named.map((row) => {
    const works = row.when?.(view, desk) ?? true;
    return { value: `/${row.name}`, note: works === true ? `${row.takes ? `${row.takes}  ` : ""}${row.label}` : works };
  });
}

/** What `/words` asks for; null when it is a text that only begins with a slash (a path). `why` says what stands against it. */
export function slashOf(text: string, view: ViewState, desk: Desk): { row: SlashRow; rest: string; why: string | null } | { row: null; why: string } | null {
  const match = /^\/([a-zA-Z]+)(?:\s+([\s\S]*))?$/.exec(text.trim());
  if (!match) return text.trim() === "/" ? { row: null, why: "type a command after the slash; /help lists the keys" } : null;
  const name = (match[1] as string).toLowerCase();
  const row = slashRows.find((one) => one.name === name);
  if (!row) return match[2] === undefined ? { row: null, why: `there is no command /${name}; / lists them all` } : null;
  const works = row.when?.(view, desk) ?? true;
  return { row, rest: (match[2] ?? "").trim(), why: works === true ? null : works };
}
