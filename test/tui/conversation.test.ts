// What the conversation leaves out, folds and says before anything was asked; and where words go that are too long for their place.
import { describe, expect, it } from "vitest";
import { conversation } from "../../src/app/tui/panes/conversation.ts";
import { frame } from "../../src/app/tui/parts/frame.ts";
import { plainOf } from "../../src/app/tui/parts/line.ts";
import type { UiState, ViewState } from "../../src/app/tui/state.ts";
import { openCall, selectCall } from "../../src/app/tui/ui.ts";
import { step } from "../../src/app/tui/view.ts";
import type { Fact } from "../../src/core/events.ts";
import { at, call, opened, uiOf, viewOf } from "../frames/worlds.ts";
import { desk } from "./some.ts";

const by = "x" as never;
const wide = uiOf(120, 40);
const textOf = (view: ViewState, ui: UiState): string[] =>
  conversation
    .draw(view, ui, 70, at)
    .blocks.flat()
    .map((line) => plainOf(line).trimEnd());
const picture = (ui: UiState): string =>
  frame(viewOf([opened]), ui, at, [])
    .lines.join("\n")
    .replace(/\x1b\[[\d;]*m/g, "");

describe("the conversation", () => {
  const planned = (id: string, about: string): Fact[] => [
    { type: "tool.called", call: call(id), name: "plan", args: {}, about },
    { type: "tool.returned", call: call(id), ok: true, text: "noted", ms: 1 },
  ];
  it("leaves out calls that only keep the plan, and keeps the newest where the plan isn't seen", () => {
    const view = viewOf([opened, { type: "asked", text: "go", by }, ...planned("1", "0/3"), ...planned("2", "1/3")]);
    const plans = (ui: UiState): string[] => textOf(view, ui).filter((line) => line.includes("/3"));
    expect(plans(wide)).toEqual([]);
    expect(plans(uiOf(80, 24))).toEqual([expect.stringContaining("1/3")]);
  });
  it("folds a long task, and opens it", () => {
    const view = viewOf([opened, { type: "asked", text: Array.from({ length: 100 }, (_, i) => `line ${i}`).join("\n"), by }]);
    expect(textOf(view, wide).slice(-2)).toEqual(["  line 7", "  … 92 more lines"]);
    expect(textOf(view, { ...wide, opened: view.rows[0]?.key ?? null }).at(-1)).toBe("  line 99");
  });
  it("scrolls to the row that is selected, and to the beginning of what is opened", () => {
    const facts = Array.from({ length: 60 }, (_, i): Fact[] => [
      { type: "tool.called", call: call(`${i}`), name: "read", args: {}, about: `file${i}.ts` },
      { type: "tool.returned", call: call(`${i}`), ok: true, text: "x\n".repeat(100), ms: 1 },
    ]).flat();
    const view = viewOf([opened, ...facts]);
    let now = desk({});
    const seen = (): string => frame(view, now, at, []).lines.join("\n");
    for (let i = 0; i < 50; i++) now = selectCall(now, view, -1);
    expect(seen()).toContain("file10.ts");
    now = openCall(now, view);
    expect(seen()).toContain("file10.ts");
    for (let i = 0; i < 50; i++) now = selectCall(now, view, 1);
    expect(now.selected).toBeNull();
  });
  it("tells the reason of a no", () => {
    const facts: Fact[] = [
      opened,
      { type: "tool.called", call: call("1"), name: "edit", args: {}, about: "a.ts" },
      { type: "approval.given", call: call("1"), answer: "no", note: "keep the typo", by },
    ];
    expect(textOf(viewOf(facts), wide).at(-1)).toContain("you: keep the typo");
  });
  it("cuts a long path in its middle", () => {
    const path = `packages/${"deep/".repeat(20)}file.test.ts`;
    const row = textOf(viewOf([opened, { type: "tool.called", call: call("1"), name: "read", args: {}, about: `${path} 1-80` }]), wide)[0];
    expect(row).toMatch(/^ {2}read {4}packages\/.*…\/file\.test\.ts 1-80/);
  });
  it("says what to do and what is in force before the first task; what the person is told stays", () => {
    const view = { ...viewOf([opened]), model: "ollama/qwen3:8b" as never };
    expect(textOf(view, wide).join(" ")).toMatch(/Say what to do.*qwen3:8b does it.*Policy ask/);
    const told = { ...view, rows: [{ kind: "noted" as const, key: "told-0", level: "warn" as const, text: "The sandbox is off.", hint: null }] };
    expect(textOf(told, wide).join(" ")).toMatch(/The sandbox is off\..*Say what to do/);
    const asked = step(told, { seq: 3, at, type: "asked", text: "go", by });
    expect(textOf(asked, wide).join(" ")).toMatch(/The sandbox is off\..*› go/);
  });
});

describe("a flash", () => {
  const long = `written to ${"folder/".repeat(14)}file.md`;
  it.each([
    [120, 40],
    [80, 24],
    [50, 12],
  ])("is seen whole at %d x %d", (columns, rows) => {
    const squeezed = picture(uiOf(columns, rows, { flash: long })).replace(/\s+/g, "");
    expect(squeezed).toContain(long.replace(/\s+/g, ""));
  });
  it("of several lines keeps them", () => {
    expect(picture(uiOf(80, 24, { flash: "Languages  go\nTests      go test" }))).toMatch(/Languages {2}go *\n +Tests/);
  });
});
