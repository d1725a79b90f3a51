// Sessions to take pictures of: each is a log and deltas, as a person would come across them.

import type { UiState, ViewState } from "../../src/app/tui/state.ts";
import { live, start, step } from "../../src/app/tui/view.ts";
import type { CallId, Change, ClientId, Entry, Fact, HunkId, ItemId, Live, ModelId, PlanItem, SessionId, Usage } from "../../src/core/events.ts";

export const at = 1_795_000_000_000;
export const session = "20261122-183045-x7f3" as SessionId;
const by = "tui-1" as ClientId;
export const call = (id: string): CallId => id as CallId;
export const usage = (more: Partial<Usage> = {}): Usage => ({ promptTokens: 5800, cachedTokens: 5626, outputTokens: 82, promptMs: 400, outputMs: 2000, loadMs: null, ...more });
export const change: Change = {
  path: "src/cart.ts",
  before: "a",
  after: "b",
  added: 4,
  removed: 1,
  hunks: [
    {
      id: "h1" as HunkId,
      oldStart: 40,
      oldLines: 3,
      newStart: 40,
      newLines: 3,
      lines: [" const sum = items.reduce(add, 0)", "-return sum", "+return sum - discount(sum)", " }"],
    },
    {
      id: "h2" as HunkId,
      oldStart: 60,
      oldLines: 1,
      newStart: 60,
      newLines: 4,
      lines: [" // below", "+function discount(sum: number): number {", "+  return sum > 100 ? 10 : 0", "+}"],
    },
  ],
};
const item = (id: string, text: string, state: PlanItem["state"]): PlanItem => ({ id: id as ItemId, text, state });

/** Facts in order, numbered and a second apart. */
export const entries = (facts: Fact[], from = 1): Entry[] => facts.map((fact, index) => ({ seq: from + index, at: at + (from + index) * 1000, ...fact }));
export const opened: Fact = {
  type: "opened",
  v: 1,
  session,
  root: "/home/me/shop",
  cwd: "/home/me/shop",
  by,
  version: "0.1.0",
  policy: "ask",
  sandbox: "bwrap",
  limits: {},
  headless: false,
};
const primed: Fact = { type: "primed", model: "ollama/qwen3-coder:30b" as ModelId, context: 32_768, system: "", tools: [] };
const asked = (text: string): Fact => ({ type: "asked", text, by });
const called = (id: string, name: string, about: string, args: unknown = {}): Fact => ({ type: "tool.called", call: call(id), name, args, about });
const thought = "The total is summed in total() before discounts are known, so the discount has to move behind the sum. First a test that fails.";

export const work: Fact[] = [
  opened,
  primed,
  asked("make the cart total include the discount"),
  {
    type: "planned",
    plan: [
      item("1", "find where totals are computed", "done"),
      item("2", "write a failing test", "done"),
      item("3", "apply the discount in total()", "running"),
      item("4", "run the tests", "open"),
      item("5", "commit", "open"),
    ],
  },
  { type: "said", turn: 1, upTo: 4, text: "I'll look at the cart first.", thought, end: "calls", usage: usage() },
  called("1", "read", "src/cart.ts 1-80"),
  { type: "tool.returned", call: call("1"), ok: true, text: "1 import", ms: 4, detail: { kind: "read", path: "src/cart.ts", from: 1, to: 80, total: 112 } },
  called("2", "test", "npm test -- cart"),
  {
    type: "tool.returned",
    call: call("2"),
    ok: false,
    text: "cart.test.ts\n  ✓ adds items\n  ✗ applies the discount   18:3\n\n1 failed, 41 passed",
    ms: 2130,
    detail: { kind: "tested", count: { command: "npm test", ok: false, passed: 41, failed: 1 } },
  },
  called("3", "edit", "src/cart.ts", { path: "src/cart.ts" }),
];
export const approval: Fact[] = [...work, { type: "approval.wanted", call: call("3"), why: "changes files", outside: false, always: null, preview: [change] }];
export const finished: Fact[] = [
  ...approval,
  { type: "approval.given", call: call("3"), answer: "yes", by },
  { type: "changed", call: call("3"), change },
  { type: "tool.returned", call: call("3"), ok: true, text: "edited", ms: 7 },
  {
    type: "said",
    turn: 2,
    upTo: 14,
    text: "Done. The **discount** is applied *after* the sum:\n\n```ts\nexport function total(items: Item[]): number {\n  return sum(items) - discount(sum(items)); // once\n}\n```\n\n1. `total()` subtracts it\n2. a test covers it\n\n| case | before | after |\n|---|---|---|\n| 50 | 50 | 50 |\n| 120 | 120 | 110 |",
    end: "stop",
    usage: usage({ promptTokens: 7000, outputTokens: 120 }),
  },
  { type: "ended", why: "done", turns: 2, ms: 65_000, tests: { command: "npm test", ok: true, passed: 42, failed: 0 } },
];

/** The person had no patience with a thought; the server's cache is reckoned. */
export const hastened: Fact[] = [
  ...work.slice(0, 4),
  { type: "said", turn: 1, upTo: 4, text: "", thought, end: "stopped", usage: usage({ promptTokens: null, cachedTokens: null }) },
  { type: "asked", text: "That is enough thought. Answer now, without thinking any further: call the next tool, or say it in a few sentences.", by: "aura" as ClientId },
  { type: "said", turn: 2, upTo: 6, text: "The discount belongs behind the sum.", end: "stop", usage: usage({ cachedGuess: true }) },
  { type: "ended", why: "done", turns: 2, ms: 21_000 },
];

export const viewOf = (facts: Fact[], deltas: Live[] = []): ViewState => {
  let state = start(session, { root: "/home/me/shop" });
  for (const entry of entries(facts)) state = step(state, entry);
  for (const delta of deltas) state = live(state, delta, at + facts.length * 1000);
  return state;
};
export const saying = (delta: string, kind: "text" | "thought" = "text"): Live => ({ type: "saying", delta, kind });

export const uiOf = (columns: number, rows: number, more: Partial<UiState> = {}): UiState => ({
  columns,
  rows,
  focus: "conversation",
  front: "conversation",
  zoomed: false,
  prompt: { text: "", cursor: 0 },
  popup: null,
  scroll: { conversation: 0, diff: 0, plan: 0, terminal: 0, log: 0 },
  unseen: { conversation: 0, diff: 0, plan: 0, terminal: 0, log: 0 },
  hunk: 0,
  decisions: {},
  edits: {},
  rejecting: false,
  opened: null,
  selected: null,
  help: false,
  flash: null,
  noColor: false,
  connected: "yes",
  welcome: null,
  git: { branch: "main", ahead: 1, behind: 0, dirty: 3 },
  debug: [],
  ...more,
});
