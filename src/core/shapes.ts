// The shapes of facts, commands and questions as tables: what comes from a file or a socket is checked against them once.
// By hand and not by a schema library: every start pays for what core imports.
import type {
  Answered,
  Change,
  Command,
  Decision,
  Detail,
  EndWhy,
  Fact,
  Hunk,
  ItemState,
  PlanItem,
  PolicyName,
  Question,
  SaidEnd,
  SandboxLevel,
  TestCount,
  Usage,
} from "./events.ts";
import type { EditForm, Profile } from "./probed.ts";

/** What is wrong with a value ("text is not a string"), or null. Never quotes the value. */
type Check = (value: unknown) => string | null;
/** One check per field, complete at compile time. Fields it doesn't know are let through: a newer Aura may write more. */
type Fields<T> = { [K in keyof T]-?: Check };

const text: Check = (value) => (typeof value === "string" ? null : "is not a string");
const number: Check = (value) => (typeof value === "number" && Number.isFinite(value) ? null : "is not a number");
const flag: Check = (value) => (typeof value === "boolean" ? null : "is not true or false");
const anything: Check = () => null;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null ? null : check(value);
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined ? null : check(value);
const oneOf =
  <T extends string>(words: Record<T, 1>): Check =>
  (value) =>
    typeof value === "string" && Object.hasOwn(words, value) ? null : "is not one of its words";
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const list =
  (check: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return "is not a list";
    for (const item of value) {
      const fault = check(item);
      if (fault) return `holds an item that ${fault}`;
    }
    return null;
  };
const fields =
  <T>(checks: Fields<T>): Check =>
  (value) => {
    if (!isRecord(value)) return "is not an object";
    for (const key in checks) {
      const fault = checks[key](value[key]);
      if (fault) return `has a ${key} that ${fault}`;
    }
    return null;
  };
const record =
  (check: Check): Check =>
  (value) => {
    if (!isRecord(value)) return "is not an object";
    return list(check)(Object.values(value));
  };
/** A union told apart by one field. */
const tagged =
  (tag: string, table: Record<string, Check>): Check =>
  (value) => {
    if (!isRecord(value)) return "is not an object";
    const name = value[tag];
    const check = typeof name === "string" && Object.hasOwn(table, name) ? table[name] : undefined;
    return check ? check(value) : `has an unknown ${tag}`;
  };

const policy = oneOf<PolicyName>({ ask: 1, auto: 1, "read-only": 1 });
const level = oneOf<SandboxLevel>({ bwrap: 1, userns: 1, seatbelt: 1, none: 1 });
const profile = oneOf<Profile>({ default: 1, nano: 1 });
const form = oneOf<EditForm>({ replace: 1, blocks: 1, patch: 1, whole: 1 });
const answered = oneOf<Answered>({ yes: 1, no: 1, always: 1 });
const seqOrNewest: Check = (value) => (value === "newest" ? null : number(value));
const limits = fields({ maxTurns: maybe(number), maxTimeMs: maybe(number) });
const hunk = fields<Hunk>({ id: text, oldStart: number, oldLines: number, newStart: number, newLines: number, lines: list(text) });
const change = fields<Change>({ path: text, before: orNull(text), after: orNull(text), added: number, removed: number, hunks: list(hunk) });
const decisions = maybe(list(fields<Decision>({ id: text, is: oneOf<Decision["is"]>({ kept: 1, dropped: 1, edited: 1 }), text: maybe(text) })));
const plan = list(fields<PlanItem>({ id: text, text, state: oneOf<ItemState>({ open: 1, running: 1, done: 1, failed: 1 }) }));
const usage = fields<Usage>({
  promptTokens: orNull(number),
  cachedTokens: orNull(number),
  outputTokens: orNull(number),
  promptMs: orNull(number),
  outputMs: orNull(number),
  loadMs: orNull(number),
  cachedGuess: maybe(flag),
});
const testCount = fields<TestCount>({ command: text, ok: flag, passed: orNull(number), failed: orNull(number) });
const failure = fields({ code: text, message: text, hint: maybe(text) });
type DetailOf<K> = Omit<Extract<Detail, { kind: K }>, "kind">;
const details: { [K in Detail["kind"]]: Check } = {
  read: fields<DetailOf<"read">>({ path: text, from: number, to: number, total: number }),
  found: fields<DetailOf<"found">>({ count: number }),
  ran: fields<DetailOf<"ran">>({ command: text, exit: orNull(number), timedOut: flag, job: maybe(text), where: (value) => (value === "outside" ? null : level(value)) }),
  tested: fields<DetailOf<"tested">>({ count: testCount }),
  refused: fields({}),
};

type FactOf<T> = Omit<Extract<Fact, { type: T }>, "type">;
const facts: { [T in Fact["type"]]: Check } = {
  opened: fields<FactOf<"opened">>({ v: number, session: text, root: text, cwd: text, by: text, version: text, policy, sandbox: orNull(level), limits, headless: flag }),
  primed: fields<FactOf<"primed">>({ model: text, url: maybe(text), context: number, system: text, tools: list(anything), profile: maybe(profile), form: maybe(form) }),
  confined: fields<FactOf<"confined">>({ level, why: list(text) }),
  asked: fields<FactOf<"asked">>({ text, by: text }),
  said: fields<FactOf<"said">>({
    turn: number,
    upTo: number,
    text,
    thought: maybe(text),
    end: oneOf<SaidEnd>({ stop: 1, calls: 1, length: 1, stopped: 1 }),
    usage,
  }),
  "tool.called": fields<FactOf<"tool.called">>({ call: text, name: text, args: anything, about: text, bad: maybe(text) }),
  "approval.wanted": fields<FactOf<"approval.wanted">>({ call: text, why: text, outside: flag, always: orNull(text), command: maybe(text), preview: maybe(list(change)) }),
  "approval.given": fields<FactOf<"approval.given">>({ call: text, answer: answered, hunks: decisions, note: maybe(text), by: text }),
  "tool.returned": fields<FactOf<"tool.returned">>({ call: text, ok: flag, text, ms: number, detail: maybe(tagged("kind", details)) }),
  changed: fields<FactOf<"changed">>({ call: orNull(text), change }),
  planned: fields<FactOf<"planned">>({ plan }),
  set: fields<FactOf<"set">>({ model: maybe(text), url: maybe(text), policy: maybe(policy) }),
  shelled: fields<FactOf<"shelled">>({ command: text, ok: flag, text, ms: number, by: text }),
  noted: fields<FactOf<"noted">>({ level: oneOf<"info" | "warn" | "error">({ info: 1, warn: 1, error: 1 }), text, hint: maybe(text) }),
  reverted: fields<FactOf<"reverted">>({ upTo: number, paths: list(text), kept: list(fields({ path: text, why: text })) }),
  compacted: fields<FactOf<"compacted">>({
    upTo: number,
    summary: text,
    by: oneOf<"model" | "log">({ model: 1, log: 1 }),
    room: number,
    trim: orNull(number),
    usage: maybe(usage),
  }),
  ended: fields<FactOf<"ended">>({
    why: oneOf<EndWhy>({ done: 1, stopped: 1, limit: 1, failed: 1, forbidden: 1 }),
    turns: number,
    ms: number,
    error: maybe(failure),
    tests: maybe(testCount),
  }),
};

type CommandOf<T> = Omit<Extract<Command, { type: T }>, "type">;
const opening = fields({
  root: text,
  cwd: text,
  env: record(text),
  model: maybe(text),
  url: maybe(text),
  preset: maybe(flag),
  policy,
  limits,
  sandbox: maybe(oneOf<"off">({ off: 1 })),
  headless: maybe(flag),
  prewarm: maybe(flag),
  ending: maybe(flag),
});
const commands: { [T in Command["type"]]: Check } = {
  open: fields<CommandOf<"open">>({ session: text, opening, by: text }),
  ask: fields<CommandOf<"ask">>({ session: text, text, by: text }),
  stop: fields<CommandOf<"stop">>({ session: text }),
  approve: fields<CommandOf<"approve">>({ session: text, call: text, answer: answered, by: text, hunks: decisions, note: maybe(text) }),
  revert: fields<CommandOf<"revert">>({ session: text, to: seqOrNewest }),
  set: fields<CommandOf<"set">>({ session: text, model: maybe(text), url: maybe(text), policy: maybe(policy) }),
  shell: fields<CommandOf<"shell">>({ session: text, command: text, by: text }),
  keys: fields<CommandOf<"keys">>({ session: text, call: text, bytes: text }),
  kill: fields<CommandOf<"kill">>({ session: text, job: text }),
  hasten: fields<CommandOf<"hasten">>({ session: text }),
  typing: fields<CommandOf<"typing">>({ session: text }),
};
type QuestionOf<T> = Omit<Extract<Question, { type: T }>, "type">;
const questions: { [T in Question["type"]]: Check } = {
  sessions: fields<QuestionOf<"sessions">>({ root: maybe(text) }),
  models: fields<QuestionOf<"models">>({ url: maybe(text) }),
  files: fields<QuestionOf<"files">>({ root: text, words: text, limit: number }),
  jobs: fields<QuestionOf<"jobs">>({ session: text }),
  undo: fields<QuestionOf<"undo">>({ session: text, to: seqOrNewest }),
  debug: fields<QuestionOf<"debug">>({ lines: number }),
  health: fields({}),
};

/** The fact types this version knows; anything else was written by a newer one. */
export const knowsFact = (type: string): boolean => Object.hasOwn(facts, type);
/** Each says what is wrong with a value from outside, as the end of a sentence that starts with its name, or null. */
export const factFault: Check = tagged("type", facts);
export const commandFault: Check = tagged("type", commands);
export const questionFault: Check = tagged("type", questions);
export { isRecord };
