// Before a run that changed files counts as done: what its edits broke, and once the project's own linter or type checker. Never ends a run, never fails one.
import { isAbsolute, join, relative } from "node:path";
import { commandKey, decide } from "../core/approve.ts";
import type { ClientId, Entry } from "../core/events.ts";
import { note } from "../core/note.ts";
import { findChecks, type ProjectCheck } from "../tools/checks.ts";
import { headTail } from "../tools/limits.ts";
import { noNetwork } from "../tools/run.ts";
import { quiet } from "../tools/test.ts";
import { aboutFiles } from "./diagnostics.ts";
import { hasUnseenAsk } from "./prompt.ts";
import { type AgentNeeds, newestRunStart, type Session } from "./session.ts";
import { takeFound, waitForAll } from "./syntax.ts";

/** All commands together, in ms, and the least that is worth a start. */
const mostMs = 120_000;
const leastMs = 20_000;
/** Of what one says, in characters; no more than an eighth of the window at four to a token. */
const mostTold = 3_000;
/** Runs whose linter had its turn. */
const checked = new WeakSet<object>();

/**
 * The model has answered and would be done. True when it has to go on: it was told of something, or the person said something meanwhile.
 * `more`: another turn is allowed.
 */
export async function checkBeforeDone(needs: AgentNeeds, session: Session, more: boolean, signal: AbortSignal): Promise<boolean> {
  const entries = session.log.entries;
  const start = newestRunStart(entries) ?? 0;
  const ofRun = entries.filter((entry) => entry.seq >= start);
  const paths = changedPaths(ofRun);
  if (!more || paths.length === 0) return false;
  try {
    // tests that passed since have read the files, too
    if (!testsPassed(ofRun)) await waitForAll(session, signal);
    const found = takeFound(session);
    if (found !== "") tell(needs, session, `${found.trim()}\nThen answer again.`);
    else if (session.run && !checked.has(session.run) && !signal.aborted) {
      checked.add(session.run);
      const failures = await runChecks(needs, session, ofRun, paths, signal);
      if (failures.length > 0) tell(needs, session, `${failures.join("\n\n")}\n\nMend it, or say why it is right; then answer again.`);
    }
  } catch (error) {
    note("agent", "the project's checks could not be run", { error: String(error) }, "warn");
  }
  return !signal.aborted && hasUnseenAsk(session.log.entries);
}

const tell = (needs: AgentNeeds, session: Session, text: string): void => void session.append({ type: "asked", text: needs.redact(text), by: "aura" as ClientId });

/** Files the run changed that are there, in the order of their last change. */
function changedPaths(ofRun: readonly Entry[]): string[] {
  const paths = new Set<string>();
  for (const entry of ofRun) {
    if (entry.type === "reverted") for (const path of entry.paths) paths.delete(path);
    if (entry.type !== "changed") continue;
    paths.delete(entry.change.path);
    if (entry.change.after !== null && !isAbsolute(entry.change.path)) paths.add(entry.change.path);
  }
  return [...paths];
}

const sinceChange = (ofRun: readonly Entry[]): readonly Entry[] => ofRun.slice(ofRun.findLastIndex((entry) => entry.type === "changed") + 1);
const testing = /\b(tests?|pytest|unittest|vitest|jest|mocha|tox|rspec|phpunit|ctest|tsc|compile|build)\b|--check\b/;
/** Tests, or what else reads the files, passed since the last change. */
const testsPassed = (ofRun: readonly Entry[]): boolean =>
  sinceChange(ofRun).some(
    (entry) =>
      entry.type === "tool.returned" &&
      ((entry.detail?.kind === "tested" && entry.detail.count.ok) || (entry.detail?.kind === "ran" && entry.detail.exit === 0 && testing.test(entry.detail.command))),
  );
/** Commands the model ran itself since its last change: it has seen what they say. */
function ranSince(ofRun: readonly Entry[]): Set<string> {
  const commands = sinceChange(ofRun).flatMap((entry) => {
    if (entry.type !== "tool.returned") return [];
    if (entry.detail?.kind === "ran") return [entry.detail.command];
    return entry.detail?.kind === "tested" ? [entry.detail.count.command] : [];
  });
  return new Set(commands.flatMap((command) => [command.trim(), subCommand(command) ?? ""]));
}
/** `npm run lint` of `npm run lint -- --quiet`; null where a program's name alone says too little. */
const subCommand = (command: string): string | null => {
  const key = commandKey(command);
  return key?.includes(" ") ? key : null;
};

/** What the model is told of the checks that fail; the person sees a line for each that ran. */
async function runChecks(needs: AgentNeeds, session: Session, ofRun: readonly Entry[], paths: readonly string[], signal: AbortSignal): Promise<string[]> {
  const { files, sandbox, lint } = await session.workplace;
  const { root, cwd, sandbox: flag } = session.opening;
  const until = needs.clock.now() + Math.min(mostMs, leftMs(needs, session, ofRun) / 2);
  const ran = ranSince(ofRun);
  const tested = testsPassed(ofRun);
  const failures: string[] = [];
  for (const check of await findChecks({ files, root, cwd }, paths, lint)) {
    const { command, folder } = check;
    if (ran.has(command) || ran.has(subCommand(command) ?? command) || (check.tested && tested)) continue;
    const leave = until - needs.clock.now();
    if (leave < leastMs) {
      note("agent", "check skipped: no time for it", { command });
      continue;
    }
    const confined = (await sandbox.ready) !== "none";
    const risk = { kind: "run" as const, command, outside: false, key: commandKey(command) ?? command };
    // nobody asked for this command: it never puts a question to the person
    const verdict = decide(session.policy, risk, { remembered: session.remembered, confined, unconfinedByFlag: flag === "off" });
    if (verdict.is !== "allow") {
      note("agent", "check skipped: it would have to be asked for", { command, policy: session.policy });
      continue;
    }
    session.live({ type: "working", what: "running", since: needs.clock.now(), name: command });
    const outcome = await sandbox.run({ command, cwd: folder, timeoutMs: leave, env: quiet, signal });
    if (signal.aborted) return [];
    const told = judge(session, check, outcome);
    if (told !== null) failures.push(told);
  }
  return failures;
}

/** Time until the run's own limit, in ms. */
function leftMs(needs: AgentNeeds, session: Session, [first]: readonly Entry[]): number {
  const limit = session.opening.limits.maxTimeMs;
  return limit === undefined ? Number.POSITIVE_INFINITY : limit - (needs.clock.now() - (first?.at ?? 0));
}

function judge(session: Session, check: ProjectCheck, outcome: { text: string; exit: number | null }): string | null {
  const { command } = check;
  const { exit, text } = outcome;
  if (exit === 0) {
    session.append({ type: "noted", level: "info", text: `${command}: passed.` });
    return null;
  }
  // ended by us or by a signal, not installed, or in need of what the sandbox hasn't got: says nothing about the change
  if (exit === null || exit >= 126 || noNetwork.test(text)) {
    note("agent", "check without a result", { command, exit, text: text.slice(-500) });
    return null;
  }
  const { root } = session.opening;
  const names = check.paths.flatMap((path) => [path, join(root, path), relative(check.folder, join(root, path))]);
  const about = aboutFiles(text, names);
  if (about.text === "" || !about.errors) {
    session.append({ type: "noted", level: "info", text: `${command}: fails, but not in files that were changed here.` });
    return null;
  }
  session.append({ type: "noted", level: "warn", text: `${command}: fails in files that were changed here; the model is told so.` });
  return `The project's own check \`${command}\` fails in files you changed:\n${headTail(about.text, Math.min(mostTold, Math.floor((session.model.open?.context ?? 8_192) / 2)))}`;
}
