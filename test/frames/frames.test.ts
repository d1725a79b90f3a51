// Exact pictures of the screen at two sizes and in the odd ones. `UPDATE_FRAMES=1 npx vitest run test/frames` writes them anew: look at the diff.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import stringWidth from "string-width";
import { beforeAll, describe, expect, it } from "vitest";
import { frame } from "../../src/app/tui/parts/frame.ts";
import { loadHighlight, loadMarkdown } from "../../src/app/tui/parts/later.ts";
import type { UiState, ViewState } from "../../src/app/tui/state.ts";
import { start } from "../../src/app/tui/view.ts";
import type { Fact } from "../../src/core/events.ts";
import { approval, at, call, finished, hastened, opened, saying, session, uiOf, viewOf, work } from "./worlds.ts";

const folder = join(import.meta.dirname, "expected");
const bare = (text: string): string => text.replace(/\x1b\[[\d;]*m/g, "");
const draw = (view: ViewState, ui: UiState, now = at + 60_000): string[] => frame(view, ui, now, keys).lines.map(bare);
const keys = [
  { keys: "Enter", label: "send", group: "Prompt" },
  { keys: "Ctrl-J", label: "new line", group: "Prompt" },
  { keys: "y", label: "keep the hunk", group: "Diff" },
  { keys: "日本", label: "wide characters", group: "Diff" },
];

function matches(name: string, lines: string[]): void {
  const file = join(folder, `${name}.txt`);
  const picture = `${lines.map((text) => text.trimEnd()).join("\n")}\n`;
  if (process.env.UPDATE_FRAMES) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, picture);
  }
  if (!existsSync(file)) throw new Error(`no expected picture ${name}.txt: run with UPDATE_FRAMES=1 and look at it`);
  expect(picture).toBe(readFileSync(file, "utf8"));
}

beforeAll(async () => {
  await loadMarkdown();
  await loadHighlight();
});

const wideText =
  "日本語のテキストは幅が二倍です。👨‍👩‍👧 family, 👍🏽 thumbs, ❤️ heart, שלום עולם, नमस्ते दुनिया, z\u0301\u0301\u0301\u0301\u0301\u0301\u0301algo, \x1b[31mred\x1b[0m \x07 \u202eoverride";
const odd: Fact[] = [
  opened,
  { type: "asked", text: wideText, by: "x" as never },
  {
    type: "said",
    turn: 1,
    upTo: 2,
    text: `${wideText}\n\n\`\`\`py\n# ${wideText}\nx = "${"long".repeat(60)}"\n\`\`\`\n\n| 日本 | b |\n|---|---|\n| ${wideText} | ${wideText} |`,
    thought: wideText,
    end: "calls",
    usage: { promptTokens: null, cachedTokens: null, outputTokens: null, promptMs: null, outputMs: null, loadMs: null },
  },
  { type: "tool.called", call: call("1"), name: "読む", args: {}, about: wideText },
  { type: "planned", plan: [{ id: "1" as never, text: wideText, state: "running" }] },
  {
    type: "approval.wanted",
    call: call("1"),
    why: wideText,
    outside: true,
    always: wideText,
    preview: [
      {
        path: wideText,
        before: null,
        after: "x",
        added: 1,
        removed: 0,
        hunks: [{ id: "h" as never, oldStart: 0, oldLines: 0, newStart: 1, newLines: 1, lines: [`+\t${wideText}`] }],
      },
    ],
  },
  { type: "noted", level: "error", text: wideText, hint: wideText },
  { type: "shelled", command: wideText, ok: false, text: wideText, ms: 3, by: "x" as never },
];
const worlds: Record<string, { view: () => ViewState; ui?: Partial<UiState> }> = {
  fresh: { view: () => viewOf([opened]), ui: { git: null } },
  "no-server": {
    view: () => start(session, { root: "/home/me/shop" }),
    ui: {
      connected: "connecting",
      welcome: {
        lines: [
          "No model server answers on this machine.",
          "",
          "looked at 127.0.0.1:11434  Ollama        nothing there",
          "looked at 127.0.0.1:1234   LM Studio     nothing there",
          "",
          "Start one, for example: ollama serve",
          "Or see how it would be: aura demo",
        ],
      },
    },
  },
  streaming: {
    view: () =>
      viewOf(work.slice(0, 4), [
        saying("The total is summed before discounts are known. ", "thought"),
        saying("So the **discount** moves.\n\n```ts\nconst a = 1"),
        { type: "calling", name: "edit", chars: 431 },
      ]),
    ui: { prompt: { text: "and never below zero", cursor: 20 } },
  },
  warming: { view: () => viewOf(work.slice(0, 2), [{ type: "working", what: "warming", since: at }]) },
  thinking: {
    view: () =>
      viewOf(work.slice(0, 4), [
        { type: "working", what: "thinking", since: at },
        saying("The total is summed before discounts are known, so first this and then that.", "thought"),
      ]),
  },
  hastened: { view: () => viewOf(hastened) },
  reading: { view: () => viewOf([...work.slice(0, 4)], [{ type: "working", what: "reading", since: at, part: 0.43, leftMs: 12_000, guess: true }]) },
  approval: { view: () => viewOf(approval), ui: { focus: "diff", front: "diff", hunk: 1, decisions: { h1: "kept" } } },
  finished: { view: () => viewOf(finished), ui: { flash: "press Ctrl-C again to leave (the run goes on)" } },
  wide: { view: () => viewOf(odd), ui: { git: { branch: wideText, ahead: 0, behind: 0, dirty: 0 }, flash: wideText, prompt: { text: wideText, cursor: 3 } } },
  "wide-diff": { view: () => viewOf(odd), ui: { focus: "diff", front: "diff" } },
  command: {
    view: () =>
      viewOf([
        ...work,
        { type: "tool.called", call: call("9"), name: "run", args: { command: "npm install left-pad" }, about: "npm install left-pad" },
        { type: "approval.wanted", call: call("9"), why: "runs OUTSIDE the sandbox, with your rights and the network", outside: true, always: null },
      ]),
    ui: { focus: "diff", front: "diff" },
  },
  popup: {
    view: () => viewOf(work),
    ui: {
      prompt: { text: "/mo", cursor: 3 },
      popup: {
        kind: "command",
        words: "mo",
        items: [
          { value: "/model", note: "choose the model" },
          { value: "/more", note: "" },
        ],
        at: 0,
        busy: false,
      },
    },
  },
  help: { view: () => viewOf(work), ui: { help: true } },
  scrolled: {
    view: () => viewOf([...finished, ...finished.slice(2)]),
    ui: { scroll: { conversation: 12, diff: 0, plan: 0, terminal: 0, log: 0 }, unseen: { conversation: 3, diff: 0, plan: 0, terminal: 0, log: 0 }, selected: "c22", opened: "c22" },
  },
};

describe("pictures", () => {
  for (const [name, world] of Object.entries(worlds)) {
    for (const [columns, rows] of [
      [120, 40],
      [80, 24],
    ] as const) {
      it(`${name} at ${columns}x${rows}`, () => matches(`${name}-${columns}x${rows}`, draw(world.view(), uiOf(columns, rows, world.ui))));
    }
  }
  it("tiny", () => matches("tiny-50x12", draw(viewOf(work), uiOf(50, 12, { flash: "copied" }))));
  it("enlarged", () => matches("zoomed-120x40", draw(viewOf(approval), uiOf(120, 40, { zoomed: true, focus: "diff", front: "diff" }))));
  it("unconfined is said in red, on the first line, with the model", () => {
    const first = frame(viewOf([{ ...opened, sandbox: "none" } as Fact, ...work.slice(1)]), uiOf(64, 20), at, []).lines[0] ?? "";
    expect(bare(first)).toContain("qwen3-coder:30b");
    expect(first).toContain("\x1b[31m\x1b[1mUNCONFINED");
  });
  it("says how much of an approval is out of sight", () => {
    const command = Array.from({ length: 60 }, (_, index) => `echo ${index} &&`).join("\n");
    const facts: Fact[] = [
      ...work,
      { type: "tool.called", call: call("9"), name: "run", args: { command }, about: "echo" },
      { type: "approval.wanted", call: call("9"), why: "runs", outside: false, always: null },
    ];
    const picture = (ui: UiState): string => draw(viewOf(facts), ui).join("\n");
    const ui = uiOf(120, 40, { focus: "diff", front: "diff" });
    expect(picture(ui)).toMatch(/├ Diff {2}run waits for you ─+ 46 lines below ↓ ─┤/);
    expect(picture({ ...ui, columns: 80, rows: 24 })).toMatch(/─ \d+ lines below ↓ ──\n/);
    expect(picture({ ...ui, scroll: { ...ui.scroll, diff: 99 } })).not.toContain("below ↓");
    expect(picture(ui)).toContain("y yes  n no  r why not");
  });
  it("has no colours under NO_COLOR", () => {
    for (const world of Object.values(worlds)) {
      const text = frame(world.view(), uiOf(120, 40, { ...world.ui, noColor: true }), at, keys).lines.join("\n");
      expect(text).not.toMatch(/\x1b\[(3[0-7]|9\d|4\d|[34]8)/);
    }
  });
});

describe("every frame", () => {
  const straight = (lines: string[], columns: number, rows: number): void => {
    expect(lines.length).toBe(rows);
    for (const text of lines) expect(stringWidth(text), text).toBe(columns);
  };
  it("fills the terminal exactly, whatever is in it", () => {
    for (const world of Object.values(worlds)) {
      for (const [columns, rows] of [
        [120, 40],
        [110, 30],
        [100, 30],
        [80, 24],
        [60, 15],
        [50, 12],
        [20, 6],
        [10, 4],
        [200, 60],
      ] as const)
        straight(draw(world.view(), uiOf(columns, rows, world.ui)), columns, rows);
    }
  });
  const nasty = fc.oneof(
    fc.constantFrom("\x1b[2J", "\x1b]0;x\x07", "\x9b31m", "\x07", "\r", "\n", "\t", "\u202e", "日本語", "👨‍👩‍👧", "| a |\n|-|\n", "```\n", "- ", "**"),
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
  );
  it("lets no text from outside drive the terminal, in any pane", () => {
    fc.assert(
      fc.property(
        fc.array(nasty, { maxLength: 8 }).map((parts) => parts.join("")),
        fc.constantFrom("conversation", "diff", "plan", "terminal", "log"),
        fc.boolean(),
        (text, pane, narrow) => {
          const facts = odd.map((fact) => JSON.parse(JSON.stringify(fact).replaceAll(JSON.stringify(wideText).slice(1, -1), JSON.stringify(text).slice(1, -1))) as Fact);
          const view = viewOf(facts, [
            saying(text),
            saying(text, "thought"),
            { type: "tool.output", call: call("1"), chunk: text },
            { type: "working", what: "running", since: at, name: text },
          ]);
          const ui = uiOf(narrow ? 80 : 120, narrow ? 24 : 40, {
            focus: pane,
            front: pane,
            prompt: { text, cursor: 0 },
            debug: [text],
            flash: text,
            opened: "c4",
            edits: { h: text } as UiState["edits"],
            popup: narrow ? { kind: "file", words: text, items: [{ value: text, note: text }], at: 0, busy: false } : null,
          });
          const { lines } = frame(view, ui, at, [{ keys: text, label: text, group: text }]);
          for (const raw of lines) {
            expect(raw.replace(/\x1b\[(?:[1-47]|2[2-47]|3[126]|39)m/g, "")).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
          }
          straight(lines.map(bare), ui.columns, ui.rows);
        },
      ),
      { numRuns: 300 },
    );
  });
});
