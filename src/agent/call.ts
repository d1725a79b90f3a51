// One tool call, from the model's words to the result it is told. The single try/catch around tools.
import { decide, type Risk } from "../core/approve.ts";
import { isAbort, ToolError, toFailure } from "../core/error.ts";
import type { CallId, Change, Decision, Detail, Entry, Fact, TestCount } from "../core/events.ts";
import { note } from "../core/note.ts";
import { applyDecisions } from "../tools/draft.ts";
import { parseArgs } from "../tools/index.ts";
import type { Draft, Hands, Outcome } from "../tools/tool.ts";
import { instructionsFor } from "./instructions.ts";
import { hintAt, repeatHint, timesSame } from "./loops.ts";
import { headOf } from "./prompt.ts";
import { type AgentNeeds, type Approval, planOf, type Session } from "./session.ts";
import { expectEdit, keepChecks, startChecks, takeFound, waitBriefly } from "./syntax.ts";

export type CallEnd = {
  is: "ok" | "failed" | "refused" | "forbidden" | "stopped";
  tests?: TestCount /** how often this call has had this result, where it repeats */;
  times?: number;
};
type Called = Extract<Entry, { type: "tool.called" }>;

const maxText = 64 * 1024;

/** Runs one call to its `tool.returned` fact. Never throws: a bug becomes a failed result and a line in the debug log. */
export async function runCall(needs: AgentNeeds, session: Session, called: Called, context: number, signal: AbortSignal): Promise<CallEnd> {
  const started = needs.clock.now();
  const finish = (is: CallEnd["is"], ok: boolean, text: string, detail?: Detail): CallEnd => {
    const whole = needs.redact(text);
    const kept = whole.length > maxText ? `${whole.slice(0, maxText / 2)}\n[... ${whole.length - maxText} characters left out ...]\n${whole.slice(-maxText / 2)}` : whole;
    const times = timesSame(session.log.entries, called, kept);
    const hint = times >= hintAt ? repeatHint(times) : "";
    const result = kept + hint + needs.redact(takeFound(session));
    session.append({ type: "tool.returned", call: called.call, ok, text: result, ms: needs.clock.now() - started, ...(detail ? { detail } : {}) });
    return { is, times, ...(detail?.kind === "tested" ? { tests: detail.count } : {}) };
  };
  if (called.bad !== undefined)
    return finish(
      "failed",
      false,
      `This call was not run: its arguments are not valid JSON: ${called.bad.replace("its arguments are not valid JSON ", "").slice(0, 500)}\nWrite the call again with valid JSON arguments.`,
    );
  const { tools } = await session.workplace;
  const tool = tools.find((one) => one.name === called.name);
  if (!tool) return finish("failed", false, `There is no tool "${called.name}". The tools are: ${tools.map((one) => one.name).join(", ")}.`);
  const told = headOf(session.log.entries)?.tools.find((one) => one.name === tool.name);
  const parsed = parseArgs(tool, called.args, told);
  if ("error" in parsed) return finish("failed", false, parsed.error);

  try {
    const workplace = await session.workplace;
    const hands = handsFor(session, called.call, workplace, context, signal);
    session.live({ type: "working", what: "running", since: started, name: `${tool.name} ${tool.title(parsed.args)}`.trim() });
    const risk = await tool.risk(parsed.args, hands);
    // finding out the sandbox's level takes tens of ms: reads don't wait for it
    const confined = risk.kind === "read" || risk.kind === "plan" || (await workplace.sandbox.ready) !== "none";
    const verdict = decide(session.policy, risk, { remembered: session.remembered, confined, unconfinedByFlag: session.opening.sandbox === "off" });
    if (verdict.is === "forbid")
      return finish("forbidden", false, `Refused: ${tool.title(parsed.args)} ${verdict.why}. Don't try it again; find another way or say what is missing.`, { kind: "refused" });
    if (verdict.is === "ask" && session.opening.headless)
      return finish("forbidden", false, `Refused: ${tool.title(parsed.args)} ${verdict.why}, and nobody is there to allow it.`, { kind: "refused" });

    const outside = "outside" in risk && risk.outside;
    // what lies outside is not looked into before the person's yes, not even for a preview
    const preview = tool.draft && !outside ? await tool.draft(parsed.args, hands) : null;
    // checked while it waits for the person's yes, and while it is written
    const early = preview && startChecks(needs, session, preview.drafts);
    let approval: Approval | null = null;
    if (verdict.is === "ask") {
      approval = await askPerson(needs, session, called, risk, verdict.why, preview?.drafts.map((draft) => draft.change) ?? [], signal);
      if (!approval) return finish("stopped", false, "Stopped by the person before it ran.");
      if (approval.answer === "no") return finish("refused", false, `The person refused this.${saying(approval.note)} Don't repeat it.`, { kind: "refused" });
      if (approval.answer === "always" && risk.kind === "run" && risk.key !== null && confined && !risk.outside) {
        session.remembered.add(risk.key);
        await remember(needs, session, risk.key);
      }
    }
    const handsNow: Hands = { ...hands, outside: outside && approval !== null };
    if (!tool.draft) {
      const outcome = await tool.execute(parsed.args, handsNow);
      if (outcome.detail?.kind === "read") expectEdit(needs, session, outcome.detail.path);
      return settle(finish, session, parsed.args, outcome);
    }

    const drafted = preview ?? (await tool.draft(parsed.args, handsNow));
    const { drafts, told } = decided(drafted.drafts, approval?.hunks ?? [], approval?.note);
    if (drafts.length === 0) return finish("refused", false, `The person refused every part of this change.${saying(approval?.note)} Don't repeat it.`, { kind: "refused" });
    const checks = early && drafts === preview.drafts ? early : startChecks(needs, session, drafts);
    await applyDrafts(session, called.call, drafts, handsNow);
    keepChecks(session, drafts, checks);
    const outcome = await tool.execute(parsed.args, handsNow, { drafts, note: drafted.note });
    await waitBriefly(session);
    return settle(finish, session, parsed.args, { ...outcome, text: told ? `${outcome.text}\n${told}` : outcome.text });
  } catch (error) {
    if (signal.aborted || isAbort(error)) return finish("stopped", false, "Stopped by the person while it ran.");
    if (error instanceof ToolError) return finish("failed", false, error.message);
    note("agent", "a tool failed unexpectedly", { tool: called.name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, "error");
    return finish("failed", false, `${called.name} failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** For good, where the person's state can be written; else for this session. */
async function remember(needs: AgentNeeds, session: Session, key: string): Promise<void> {
  try {
    await needs.remembered.add(session.opening.root, key);
  } catch (error) {
    const { message, hint } = toFailure(error);
    session.append({ type: "noted", level: "warn", text: `"always" holds for this session only: ${message}`, ...(hint ? { hint } : {}) });
  }
}

function handsFor(session: Session, call: CallId, workplace: Awaited<Session["workplace"]>, context: number, signal: AbortSignal): Hands {
  return {
    call,
    root: session.opening.root,
    cwd: session.opening.cwd,
    policy: session.policy,
    signal,
    files: workplace.files,
    sandbox: workplace.sandbox,
    git: workplace.git,
    ...(workplace.index ? { index: workplace.index } : {}),
    // one result may take an eighth of the window, in characters at about four per token
    room: Math.min(24_000, Math.max(2_000, Math.floor(context / 2))),
    outside: false,
    plan: () => planOf(session.log.entries),
    setPlan: (plan) => void session.append({ type: "planned", plan }),
    live: session.live,
  };
}

/** Resolves with the person's answer; null when the run is stopped first. */
function askPerson(needs: AgentNeeds, session: Session, called: Called, risk: Risk, why: string, preview: Change[], signal: AbortSignal): Promise<Approval | null> {
  if (signal.aborted) return Promise.resolve(null);
  const outside = "outside" in risk && risk.outside;
  const always = risk.kind === "run" && !outside ? risk.key : null;
  return new Promise((resolve) => {
    const stop = (): void => {
      session.waiting.delete(called.call);
      resolve(null);
    };
    signal.addEventListener("abort", stop, { once: true });
    session.waiting.set(called.call, (approval) => {
      signal.removeEventListener("abort", stop);
      session.waiting.delete(called.call);
      const fact: Fact = { type: "approval.given", call: called.call, answer: approval.answer, by: approval.by };
      session.append({ ...fact, ...(approval.hunks ? { hunks: approval.hunks } : {}), ...(approval.note ? { note: approval.note } : {}) });
      session.log.sync();
      resolve(approval);
    });
    session.append({
      type: "approval.wanted",
      call: called.call,
      why,
      outside,
      always,
      ...(risk.kind === "run" ? { command: risk.command } : {}),
      ...(preview.length > 0 ? { preview } : {}),
    });
    session.log.sync();
    session.live({ type: "working", what: "waiting", since: needs.clock.now() });
  });
}

const saying = (reason: string | undefined): string => (reason ? ` They say: "${reason}".` : "");

/** What is left of the drafts after the person's decisions, and what the model is told about them. */
function decided(drafts: Draft[], hunks: Decision[], reason: string | undefined): { drafts: Draft[]; told: string } {
  if (hunks.every((hunk) => hunk.is === "kept")) return { drafts, told: "" };
  const left = drafts.flatMap((draft) => applyDecisions(draft, hunks) ?? []);
  const dropped = hunks.filter((hunk) => hunk.is === "dropped").map((hunk) => hunk.id);
  const edited = hunks.filter((hunk) => hunk.is === "edited").map((hunk) => hunk.id);
  const lines = drafts.flatMap((draft) => draft.change.hunks.map((hunk) => ({ path: draft.change.path, hunk })));
  const places = (ids: string[]): string =>
    lines
      .filter(({ hunk }) => ids.includes(hunk.id))
      .map(({ path, hunk }) => `${path}:${hunk.oldStart}`)
      .join(", ");
  let told = "";
  if (dropped.length > 0) told += `The person dropped the part at ${places(dropped)}; don't put it back.`;
  if (edited.length > 0) told += `${told ? " " : ""}The person changed the part at ${places(edited)}; read it before you build on it.`;
  told += saying(reason);
  return { drafts: left, told };
}

/** The bytes before and after are kept first, then the fact, then the effect: undo never lacks what it needs. */
async function applyDrafts(session: Session, call: CallId, drafts: Draft[], hands: Hands): Promise<void> {
  for (const draft of drafts) if (draft.before) session.log.keep(draft.before);
  const facts = session.append(...drafts.map((draft): Fact => ({ type: "changed", call, change: draft.change })));
  try {
    await hands.files.apply(drafts, { allowOutside: hands.outside });
    hands.index?.changed(drafts.map((draft) => draft.change.path));
  } catch (error) {
    session.append({ type: "reverted", upTo: facts[0]?.seq ?? 0, paths: [], kept: drafts.map((draft) => ({ path: draft.change.path, why: "the change could not be written" })) });
    throw error;
  }
}

function settle(finish: (is: CallEnd["is"], ok: boolean, text: string, detail?: Detail) => CallEnd, session: Session, args: unknown, outcome: Outcome): CallEnd {
  let text = outcome.text;
  if (outcome.detail?.kind === "read" && typeof args === "object" && args !== null) {
    for (const instruction of instructionsFor(session.opening.root, outcome.detail.path, session.told)) {
      session.told.add(instruction.shown);
      text += `\n\n# Instructions of ${instruction.shown}, for this folder\n${instruction.text}`;
    }
  }
  return finish(outcome.ok ? "ok" : "failed", outcome.ok, text, outcome.detail);
}
