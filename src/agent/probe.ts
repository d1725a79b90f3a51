// A probe: a model is tried once, with small questions, to find out how it is best spoken to. The most telling ones come first, and time ends it.
//
//   load -> calls -> edits as quotes -> speed -> calls at once, schema, forced -> edits in the other forms
import { setTimeout as sleep } from "node:timers/promises";
import { AuraError } from "../core/error.ts";
import { note } from "../core/note.ts";
import type { EditForm, Probed } from "../core/probed.ts";
import type { Fault, Model } from "../models/model.ts";
import { type Answered, askModel, type Speeds, speedsOf } from "./probeask.ts";
import {
  callQuestion,
  callsBoth,
  editQuestion,
  editTasks,
  forcedQuestion,
  hello,
  isNative,
  keepsSchema,
  lands,
  type Mode,
  makesCall,
  parallelQuestion,
  type Question,
  schemaQuestion,
  speedQuestion,
} from "./probetasks.ts";
import { type Choice, chooseForm, chooseProfile, formOrder } from "./profile.ts";

export type StepName = "load" | "calls" | "speed" | "parallel" | "schema" | "forced" | `edits ${EditForm}`;
/** `got`: what came out, a few words; for a step that has just begun what is tried. */
export interface ProbeStep {
  name: StepName;
  state: "begun" | "done" | "skipped";
  got: string;
  ms: number;
}
export interface ProbeNeeds {
  /** As `openModel` gives it. */
  model: Model;
  url: string;
  /** Now, ms since 1970. */
  at: number;
  /** Different each time. */
  nonce: string;
  /** Most time for all questions, not counting until the model is loaded. */
  maxMs: number;
  onStep(step: ProbeStep): void;
}
export interface ProbeResult {
  probed: Probed;
  choice: Choice;
  /** What there was no time for. */
  skipped: StepName[];
}

const speedTokens = 1_500;
/** A model that thinks needs room for it where it can't be told not to. */
const thinkingFactor = 4;
const pollMs = 1_000;

/**
 * Tries the model. Throws AuraError where it can't be tried (`model.*`: the server's trouble in its words; `probe.slow`: not even the first question was
 * answered in time), or what `signal` was aborted with. What there was no time for counts as not tried.
 */
export async function runProbe(needs: ProbeNeeds, signal: AbortSignal): Promise<ProbeResult> {
  const { model } = needs;
  const speeds: Speeds[] = [];
  const skipped: StepName[] = [];
  const known: Omit<Probed, "form" | "profile" | "context" | "readPerS" | "writePerS"> = {
    v: 1,
    model: model.id,
    url: needs.url,
    at: needs.at,
    calls: "none",
    parallel: false,
    schema: false,
    forced: false,
    thinks: false,
    edits: Object.fromEntries(formOrder.map((form) => [form, { landed: 0, tried: 0 }])),
  };
  let ends = Number.POSITIVE_INFINITY;

  const ask: Ask = async (question, thinking = false) => {
    signal.throwIfAborted();
    const left = ends - performance.now();
    if (left <= 0) return null;
    const quick = known.thinks && !thinking ? { think: false as const } : {};
    const request = { ...question, ...quick, ...(known.thinks ? { maxTokens: question.maxTokens * thinkingFactor } : {}) };
    const timed = left === Number.POSITIVE_INFINITY ? signal : AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(left))]);
    const answered = await askModel(model, request, timed);
    signal.throwIfAborted();
    const { text, thought, calls, fault } = answered;
    note("agent", "probed", { asked: question.messages.at(-1)?.text.slice(-80), text: text.slice(0, 400), thought: thought.slice(0, 200), calls, fault });
    if (timed.aborted) return null;
    if (isGone(answered.fault)) throw failed(answered.fault);
    if (answered.thought !== "") known.thinks = true;
    speeds.push(speedsOf(answered));
    return answered;
  };
  const step = async (name: StepName, what: string, run: () => Promise<string | null>): Promise<void> => {
    if (ends - performance.now() <= 0) {
      skipped.push(name);
      needs.onStep({ name, state: "skipped", got: "no time left", ms: 0 });
      return;
    }
    const began = performance.now();
    needs.onStep({ name, state: "begun", got: what, ms: 0 });
    const got = await run();
    if (got === null) skipped.push(name);
    needs.onStep({ name, state: got === null ? "skipped" : "done", got: got ?? "no time left", ms: Math.round(performance.now() - began) });
  };
  const yesOrNo = (question: Question, judge: (answered: Answered) => boolean, keep: (is: boolean) => void) => async (): Promise<string | null> => {
    const answered = await ask(question);
    if (!answered) return null;
    keep(judge(answered));
    return judge(answered) ? "yes" : "no";
  };

  await step("load", "loading the model", async () => {
    const answered = await loaded(ask, signal);
    return `${known.thinks ? "it thinks first" : "loaded"}${answered.usage?.loadMs ? `, ${seconds(answered.usage.loadMs)} of loading` : ""}`;
  });
  ends = performance.now() + needs.maxMs;

  await step("calls", "does it call tools", async () => {
    const found = await howItCalls(ask);
    if (found === null) throw new AuraError("probe.slow", "The model answered nothing in the time that a probe may take.", { hint: "Give it more: --max-time SECONDS" });
    Object.assign(known, found);
    if (found.calls === "native") return "yes, handed over by the server";
    return found.calls === "none" ? "no" : `yes, in its text${found.onlyTold ? ", where the tools are told there" : ""}`;
  });
  const mode: Mode = known.calls === "none" || known.onlyTold ? "text" : "native";
  const tryEdits = (form: EditForm): Promise<void> =>
    step(`edits ${form}`, `does an edit land: ${formWords[form]}`, async () => {
      const seen = { landed: 0, tried: 0 };
      known.edits[form] = seen;
      for (const [at, task] of editTasks.entries()) {
        // the third decides where the first two disagree
        if (at === 2 && seen.landed !== 1) break;
        const answered = await ask(editQuestion(mode, form, task));
        if (!answered) break;
        seen.tried++;
        if (!lands(answered, task)) continue;
        seen.landed++;
        // who edits can call
        if (known.calls === "none") Object.assign(known, { calls: "text", onlyTold: true });
      }
      return seen.tried === 0 ? null : `${seen.landed} of ${seen.tried}`;
    });

  await tryEdits("replace");
  await step("speed", "how fast does it read and write", async () => {
    const answered = await ask(speedQuestion(needs.nonce, Math.min(speedTokens, Math.floor(model.context / 3))));
    if (!answered) return null;
    const { read, write } = speedsOf(answered);
    return `reads ${read ?? "?"}, writes ${write ?? "?"} tokens/s`;
  });
  if (known.calls !== "none")
    await step(
      "parallel",
      "several calls at once",
      yesOrNo(parallelQuestion(mode), callsBoth, (is) => {
        known.parallel = is;
      }),
    );
  await step(
    "schema",
    "does it keep to a schema",
    yesOrNo(schemaQuestion, keepsSchema, (is) => {
      known.schema = is;
    }),
  );
  const forced = forcedQuestion(mode);
  await step(
    "forced",
    "can a call be forced",
    yesOrNo(
      forced,
      (answered) => makesCall(answered, forced),
      (is) => {
        known.forced = is;
      },
    ),
  );
  for (const form of formOrder) if (form !== "replace") await tryEdits(form);

  const form = chooseForm(known.edits);
  const told = (await model.told?.(AbortSignal.any([signal, AbortSignal.timeout(pollMs)]))) ?? true;
  signal.throwIfAborted();
  const choice = chooseProfile({ context: told ? model.context : null, probed: { ...known, form }, wish: "auto" });
  return { probed: { ...known, context: model.context, form, profile: choice.profile, ...surest(speeds) }, choice, skipped };
}

export const formWords: Record<EditForm, string> = { replace: "old and new text", blocks: "SEARCH/REPLACE blocks", patch: "a patch", whole: "the whole file" };
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`;

/** null: there was no time for it. A model that thinks is told not to, to be quick, unless `thinking`. */
type Ask = (question: Question, thinking?: boolean) => Promise<Answered | null>;
/** However long that takes. */
async function loaded(ask: Ask, signal: AbortSignal): Promise<Answered> {
  for (;;) {
    const answered = await ask(hello);
    if (answered && !answered.fault) return answered;
    if (answered?.fault && answered.fault.kind !== "loading" && answered.fault.kind !== "busy") throw failed(answered.fault);
    await sleep(pollMs, undefined, { signal });
  }
}

/**
 * First with tools as the server takes them, then told in text; each asked twice where there was no call, the first time as a session would. null: there
 * was no time to tell.
 */
async function howItCalls(ask: Ask): Promise<Pick<Probed, "calls" | "onlyTold"> | null> {
  for (const mode of ["native", "text"] as const) {
    for (const attempt of [0, 1]) {
      const question = callQuestion(mode, attempt);
      const answered = await ask(question, attempt === 0);
      if (!answered) return mode === "text" && attempt > 0 ? { calls: "none" } : null;
      if (makesCall(answered, question)) return { calls: isNative(answered) ? "native" : "text", ...(mode === "text" ? { onlyTold: true } : {}) };
      // the server takes no tools at all: asking again changes nothing
      if (answered.fault) break;
    }
  }
  return { calls: "none" };
}

/** Nobody is there to be tried. Other faults are an answer to what was tried. */
const isGone = (fault: Fault | null): fault is Fault => fault !== null && ["down", "no-model", "refused-address"].includes(fault.kind);
const failed = (fault: Fault): AuraError =>
  new AuraError(`model.${fault.kind}`, fault.message, { exit: fault.kind === "down" || fault.kind === "no-model" ? 3 : 1, ...(fault.hint ? { hint: fault.hint } : {}) });

/** The speed of reading from the longest prompt, that of writing from the longest answer's end: short ones measure the server's start. */
function surest(speeds: readonly Speeds[]): Pick<Probed, "readPerS" | "writePerS"> {
  const read = speeds.filter((one) => one.read !== null).reduce<Speeds | null>((best, one) => (best && best.fresh >= one.fresh ? best : one), null);
  const write = speeds.findLast((one) => one.fresh === read?.fresh && one.write !== null) ?? speeds.find((one) => one.write !== null);
  return { readPerS: read?.read ?? null, writePerS: write?.write ?? null };
}
