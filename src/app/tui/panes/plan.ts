// The plan: what is to be done, and how far it is.
import type { ItemState } from "../../../core/events.ts";
import { type Line, line, type Style, span, style, wrapSpans } from "../parts/line.ts";
import type { Pane } from "./pane.ts";

const signs: Record<ItemState, [sign: string, signLook: Style, look: Style]> = {
  open: ["· ", style.dim, style.plain],
  running: ["▸ ", style.accent, style.bold],
  done: ["✓ ", style.green, style.dim],
  failed: ["✗ ", style.red, style.plain],
};

export const plan: Pane = {
  name: "plan",
  label: "Plan",
  follows: "start",
  title: ({ plan: items }) => (items.length === 0 ? "" : `${items.filter(({ state }) => state === "done").length} of ${items.length}`),
  waits: () => false,
  draw(view, _ui, width) {
    if (view.plan.length === 0) return { blocks: [[line("No plan.", style.dim)]], footer: [] };
    let anchor = { from: 0, to: 0 };
    const lines: Line[] = [];
    for (const { text, state } of view.plan) {
      const [sign, signLook, look] = signs[state];
      const item = wrapSpans([span(text, look)], width, [span(sign, signLook)], [span("  ")]);
      if (state === "running") anchor = { from: lines.length, to: lines.length + item.length - 1 };
      lines.push(...item);
    }
    return { blocks: [lines], footer: [], anchor };
  },
};
