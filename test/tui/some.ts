// States to test with: a desk, a view, approvals of both kinds, and a deck that records what is done with it.

import type { Deck } from "../../src/app/tui/deck.ts";
import { emptyDraft } from "../../src/app/tui/prompt.ts";
import type { Pending, ViewState } from "../../src/app/tui/state.ts";
import { type Desk, startDesk } from "../../src/app/tui/ui.ts";
import { start } from "../../src/app/tui/view.ts";
import type { CallId, ClientId, Command, HunkId, SessionId } from "../../src/core/events.ts";

export const session = "20260101-000000-test" as SessionId;
export const by = "tui-1" as ClientId;
export const hunk = (id: string, at = 1) => ({ id: id as HunkId, oldStart: at, oldLines: 2, newStart: at, newLines: 2, lines: [" same", "-old", `+new ${id}`] });
export const pendingEdit = (given: Partial<Pending> = {}): Pending => ({
  call: "c1" as CallId,
  name: "edit",
  about: "two files",
  command: null,
  why: "changes files",
  outside: false,
  always: null,
  shownAt: 0,
  changes: [
    { path: "a.ts", before: "x", after: "y", added: 2, removed: 2, hunks: [hunk("h1"), hunk("h2", 20)] },
    { path: "b.ts", before: "x", after: "y", added: 1, removed: 1, hunks: [hunk("h3")] },
  ],
  ...given,
});
export const pendingCommand = (always: string | null = "npm test"): Pending => ({ ...pendingEdit(), name: "run", about: "npm test", command: "npm test", always, changes: [] });
export const someView = (given: Partial<ViewState> = {}): ViewState => ({ ...start(session, { root: "/w/shop" }), ...given });
export const desk = (given: Partial<Omit<Desk, "prompt">> & { prompt?: string } = {}): Desk => {
  const { prompt, ...rest } = given;
  return { ...startDesk({ columns: 120, rows: 40, noColor: false }), ...rest, prompt: { ...emptyDraft, text: prompt ?? "", cursor: (prompt ?? "").length } };
};

export interface Recorded extends Deck {
  sent: Command[];
  did: string[];
  set(given: { desk?: Desk; view?: ViewState; now?: number }): void;
}
/** A deck over two states; effects are written down. `answers` by question type. */
export function recorder(begin: { desk?: Desk; view?: ViewState; answers?: Record<string, unknown>; history?: string[] } = {}): Recorded {
  let now = begin.desk ?? desk();
  let view = begin.view ?? someView();
  let clock = 10_000;
  const sent: Command[] = [];
  const did: string[] = [];
  const deck: Recorded = {
    sent,
    did,
    set(given) {
      now = given.desk ?? now;
      view = given.view ?? view;
      clock = given.now ?? clock;
    },
    view: () => view,
    desk: () => now,
    now: () => clock,
    change: (step) => {
      now = step(now, view);
    },
    say: (text) => deck.change((one) => ({ ...one, flash: text })),
    who: () => ({ session, by }),
    send: async (command) => {
      sent.push(command);
      return true;
    },
    query: async (question) => begin.answers?.[question.type] as never,
    history: () => begin.history ?? [],
    submit: () => void did.push("submit"),
    edit: async (text) => `${text}edited\n`,
    copy: (_text, what) => void did.push(`copy ${what}`),
    hunk: () => null,
    lastAnswer: () => "answer",
    goTo: (target) => void did.push(`goTo ${typeof target === "object" ? `fresh: ${target.fresh}` : target}`),
    chooseModel: (id) => void did.push(`model ${id}`),
    exportTo: async (path) => path ?? "default.md",
    init: async () => ["found go"],
    leave: () => void did.push("leave"),
    suspend: () => void did.push("suspend"),
    redraw: () => void did.push("redraw"),
  };
  return deck;
}
