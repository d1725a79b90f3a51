// The syntax check of an edit on its way to the model: with the edit's own result where it is quick, else with the next one, at the latest before the end.
import type { SyntaxCheck } from "../languages/syntax.ts";
import type { Checked } from "../languages/syntax-check.ts";
import type { Draft } from "../tools/tool.ts";
import type { AgentNeeds, Session } from "./session.ts";

/** What the model is told begins with this. */
export const syntaxStart = "\n\nSyntax check: ";
/** A result that is ready otherwise waits for its check at most so long. */
const patienceMs = 5;

interface Open {
  check: SyntaxCheck;
  before: Buffer | null;
  /** undefined: not answered yet. */
  checked: Checked | null | undefined;
}
/** What a run has under check or found and not told yet, by path. Lost with the process: it is a hint, no fact. */
const opens = new WeakMap<object, Map<string, Open>>();
const openOf = (session: Session): Map<string, Open> => {
  const run = session.run ?? session;
  const known = opens.get(run) ?? new Map<string, Open>();
  opens.set(run, known);
  return known;
};

/** Begins the checks of drafts that are still to be agreed to and written. */
export function startChecks({ syntax }: Pick<AgentNeeds, "syntax">, session: Session, drafts: readonly Draft[]): ReadonlyMap<string, Open> {
  const started = new Map<string, Open>();
  for (const draft of drafts) {
    const { path } = draft.change;
    const old = openOf(session).get(path);
    // what the model wasn't told yet of its last edit counts as of this one
    const before = old ? old.before : draft.before;
    const check = syntax.check(path, before, draft.after);
    if (!check) continue;
    const one: Open = { check, before, checked: undefined };
    started.set(path, one);
    void check.done.then((checked) => {
      one.checked = checked;
    });
  }
  return started;
}

/** The drafts are written: what is found is for the model, in place of what is open for the same files. */
export function keepChecks(session: Session, drafts: readonly Draft[], started: ReadonlyMap<string, Open>): void {
  const open = openOf(session);
  for (const { change } of drafts) {
    open.get(change.path)?.check.drop();
    open.delete(change.path);
    const one = started.get(change.path);
    if (one) open.set(change.path, one);
  }
}

/** Waits a moment for checks that may be quick. */
export async function waitBriefly(session: Session): Promise<void> {
  const quick = [...openOf(session).values()].filter(({ check, checked }) => check.soon && checked === undefined);
  if (quick.length === 0) return;
  await Promise.race([Promise.all(quick.map(({ check }) => check.done)), new Promise((resolve) => setTimeout(resolve, patienceMs))]);
}

/** Waits for all that is open, or for the end of the run. */
export async function waitForAll(session: Session, signal: AbortSignal): Promise<void> {
  const left = [...openOf(session).values()].filter(({ checked }) => checked === undefined);
  if (left.length === 0 || signal.aborted) return;
  for (const { check } of left) check.hurry();
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => resolve();
  signal.addEventListener("abort", stop, { once: true });
  await Promise.race([Promise.all(left.map(({ check }) => check.done)), promise]);
  signal.removeEventListener("abort", stop);
}

/** What was found and not told yet, for the end of a result; "" when there is nothing. Told once. */
export function takeFound(session: Session): string {
  const open = openOf(session);
  const found: string[] = [];
  for (const [path, { checked }] of open) {
    if (checked === undefined) continue;
    open.delete(path);
    if (checked && checked.faults.length > 0) found.push(told(path, checked));
  }
  return found.length === 0 ? "" : `${syntaxStart}${found.join("\n")}`;
}

function told(path: string, { faults, edited }: Checked): string {
  const lines = faults.map(({ line, what, quote }) => `${path}:${line}: ${what}${quote === "" ? "" : `: ${quote}`}`);
  const elsewhere = faults.every(({ line }) => line < edited.from || line > edited.to);
  const where = edited.from === edited.to ? `line ${edited.from}` : `lines ${edited.from}-${edited.to}`;
  return `your edit broke ${path}${elsewhere ? ` (it changed ${where})` : ""}; mend it:\n${lines.join("\n")}`;
}

/** The model read a file: it may edit it. */
export function expectEdit({ syntax }: Pick<AgentNeeds, "syntax">, session: Session, path: string): void {
  const { place } = session;
  if (place) syntax.warm(path, () => place.files.read(path));
}
