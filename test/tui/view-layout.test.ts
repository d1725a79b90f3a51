// Rectangles cover the terminal once, and scrolling keeps its place.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inner, layout } from "../../src/app/tui/layout.ts";
import { paneOf } from "../../src/app/tui/panes/index.ts";
import { keepPlace, mostScroll, paneLineCount, paneRect, scrolled, topLine, visibleHeight } from "../../src/app/tui/panes/scroll.ts";
import { frame } from "../../src/app/tui/parts/frame.ts";
import type { UiState } from "../../src/app/tui/state.ts";
import { live, step } from "../../src/app/tui/view.ts";
import { at, finished, saying, uiOf, viewOf } from "../frames/worlds.ts";

describe("layout", () => {
  const name = fc.constantFrom("conversation" as const, "diff" as const, "plan" as const, "terminal" as const, "log" as const);
  it("tiles the terminal without overlap", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 220 }),
        fc.integer({ min: 4, max: 80 }),
        name,
        name,
        fc.boolean(),
        fc.string({ maxLength: 400 }),
        (columns, rows, focus, front, zoomed, text) => {
          const plan = layout(uiOf(columns, rows, { focus, front, zoomed, prompt: { text, cursor: text.length } }));
          const cells = new Uint8Array(columns * rows);
          for (const rect of [plan.header, plan.tabs, plan.rule, plan.prompt, plan.status, ...plan.panes]) {
            if (!rect) continue;
            expect(rect.height).toBeGreaterThan(0);
            for (let y = rect.y; y < rect.y + rect.height; y++) for (let x = rect.x; x < rect.x + rect.width; x++) cells[y * columns + x] = (cells[y * columns + x] ?? 9) + 1;
          }
          expect(cells.every((count) => count === 1)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
  it("changes its picture with the size", () => {
    const picture = (columns: number, rows: number): string =>
      `${layout(uiOf(columns, rows)).mode} ${layout(uiOf(columns, rows))
        .panes.map(({ pane }) => pane)
        .join(",")}`;
    expect(picture(120, 40)).toBe("wide conversation,plan,diff,terminal");
    expect(picture(110, 30)).toBe("wide conversation,plan,diff,terminal");
    expect(picture(100, 30)).toBe("tabs conversation");
    expect(picture(80, 24)).toBe("tabs conversation");
    expect(picture(59, 40)).toBe("tiny conversation");
  });
  it("lets the log take the terminal's place", () => {
    expect(layout(uiOf(120, 40, { focus: "log" })).panes.at(-1)?.pane).toBe("log");
    expect(layout(uiOf(120, 40, { focus: "terminal", front: "log" })).panes.at(-1)?.pane).toBe("terminal");
  });
});

describe("scrolling", () => {
  const ui = uiOf(80, 24);
  const long = viewOf([...finished, ...finished.slice(2), ...finished.slice(2)]);
  const shown = (state: typeof long, at_: UiState): string[] => frame(state, at_, at, []).lines.slice(2, 21);

  it("goes to the ends and no further", () => {
    const first = scrolled("conversation", long, ui, "first");
    expect(first.scroll.conversation).toBe(mostScroll("conversation", long, ui));
    expect(first.scroll.conversation).toBe(paneLineCount("conversation", long, ui, 78) - visibleHeight("conversation", long, ui));
    expect(scrolled("conversation", long, first, -5)).toBe(first);
    expect(scrolled("conversation", long, first, 5).scroll.conversation).toBe(first.scroll.conversation - 5);
    expect(scrolled("conversation", long, first, "last").scroll.conversation).toBe(0);
    expect(scrolled("log", long, ui, -5)).toBe(ui);
  });
  it("shows the same lines while text arrives below", () => {
    let place = scrolled("conversation", long, ui, -6);
    const before = shown(long, place);
    let state = step(long, { seq: 999, at, type: "asked", text: "more", by: "x" as never });
    place = keepPlace(long, state, place);
    for (let index = 0; index < 200; index++) {
      const next = live(state, saying(index % 20 === 0 ? "\n\nword **bold** " : "word "), at);
      place = keepPlace(state, next, place);
      state = next;
    }
    expect(shown(state, place)).toEqual(before);
    expect(place.unseen.conversation).toBeGreaterThan(10);
    expect(scrolled("conversation", state, place, "last").unseen.conversation).toBe(0);
  });
  it("shows the same lines when the oldest rows are dropped", () => {
    let state = viewOf([]);
    for (let seq = 1; seq <= 500; seq++) state = step(state, { seq, at, type: "noted", level: "info", text: `line ${seq}` });
    let place = scrolled("conversation", state, ui, -40);
    const before = shown(state, place);
    for (let seq = 501; seq <= 520; seq++) {
      const next = step(state, { seq, at, type: "noted", level: "info", text: `line ${seq}` });
      place = keepPlace(state, next, place);
      state = next;
    }
    expect(state.earlier).toBeGreaterThan(0);
    expect(shown(state, place)).toEqual(before);
  });
  it("jumps by a quarter of the pane while text streams", () => {
    const pane = paneOf("conversation");
    const room = inner(paneRect("conversation", ui) ?? expect.fail()).height;
    const tops = Array.from({ length: 40 }, (_, more) => topLine(pane, { blocks: [Array.from({ length: room + more }, () => [])], footer: [] }, room, 0, true));
    expect(new Set(tops).size).toBeLessThan(12);
    for (const [more, top] of tops.entries()) expect(top).toBeGreaterThanOrEqual(more);
  });
});
