// The plan tool: the model's list of steps, shown in the plan pane. An item keeps its id as long as its words stay.
import * as z from "zod/mini";
import type { ItemId, ItemState, Plan } from "../core/events.ts";
import type { Tool } from "./tool.ts";

const states = ["open", "running", "done", "failed"] as const;
const args = z.object({ items: z.array(z.object({ text: z.string(), state: z.optional(z.enum(states)) })) });
export type PlanArgs = z.infer<typeof args>;
const mostItems = 100;
const mostChars = 500;

export const plan: Tool<PlanArgs> = {
  name: "plan",
  about: "Set the task plan: all steps, each time.",
  args,
  title: ({ items }) => `${items.filter(({ state }) => state === "done").length}/${items.length}`,
  async risk() {
    return { kind: "plan" };
  },
  accept(raw) {
    const { items, ...rest } = raw;
    const list = typeof items === "string" ? items.split("\n").filter((line) => line.trim() !== "") : Array.isArray(items) ? items : items === undefined ? undefined : [items];
    return { ...rest, items: list?.map(itemOf) };
  },
  async execute({ items }, hands) {
    const next = mergePlan(hands.plan(), items);
    hands.setPlan(next);
    const done = next.filter(({ state }) => state === "done").length;
    const now = next.find(({ state }) => state === "running") ?? next.find(({ state }) => state === "open");
    return {
      ok: true,
      text: next.length === 0 ? "plan cleared" : `plan: ${done} of ${next.length} done${now ? `; ${now.state === "running" ? "now" : "next"}: ${now.text}` : ""}`,
    };
  },
};

/** The new plan, in its own order; items whose words were there before keep their ids. */
export function mergePlan(old: Plan, items: PlanArgs["items"]): Plan {
  const ids = new Map<string, ItemId[]>();
  for (const item of old) ids.set(keyOf(item.text), [...(ids.get(keyOf(item.text)) ?? []), item.id]);
  let last = old.reduce((most, { id }) => Math.max(most, Number(/^p(\d+)$/.exec(id)?.[1] ?? 0)), 0);
  return items
    .map(({ text, state }) => ({ text: text.trim().replace(/\s+/g, " ").slice(0, mostChars), state: state ?? "open" }))
    .filter(({ text }) => text !== "")
    .slice(0, mostItems)
    .map(({ text, state }) => ({ id: ids.get(keyOf(text))?.shift() ?? (`p${++last}` as ItemId), text, state }));
}
const keyOf = (text: string): string => text.trim().toLowerCase().replace(/\s+/g, " ");

/** A string, a markdown checkbox or an object with other agents' field names, as an item. */
function itemOf(raw: unknown): unknown {
  if (typeof raw === "string") {
    const [, mark, text] = /^\s*(?:[-*+]|\d+[.)])?\s*\[([ xX~>!-])\]\s*(.*)$/s.exec(raw) ?? [];
    if (text !== undefined) return { text, state: mark === "x" || mark === "X" ? "done" : mark === "!" ? "failed" : mark === " " ? "open" : "running" };
    return { text: raw.replace(/^\s*(?:[-*+]|\d+[.)])\s+/, "") };
  }
  if (typeof raw !== "object" || raw === null) return raw;
  const fields = raw as Record<string, unknown>;
  const text = ["text", "step", "content", "task", "title", "description", "name", "item"].map((name) => fields[name]).find((value) => typeof value === "string");
  const state = stateOf(fields.state ?? fields.status ?? (fields.done === true || fields.completed === true ? "done" : undefined));
  return { ...(text === undefined ? fields : { text }), ...(state === undefined ? {} : { state }) };
}

const words: Record<string, ItemState> = {
  pending: "open",
  todo: "open",
  notstarted: "open",
  planned: "open",
  inprogress: "running",
  doing: "running",
  active: "running",
  current: "running",
  started: "running",
  complete: "done",
  completed: "done",
  finished: "done",
  blocked: "failed",
  cancelled: "failed",
  canceled: "failed",
  skipped: "failed",
};
/** Words it doesn't know come through, so that the border can name them. */
function stateOf(raw: unknown): unknown {
  if (typeof raw !== "string") return raw ?? undefined;
  const word = raw.toLowerCase().replace(/[^a-z]/g, "");
  return words[word] ?? (states as readonly string[]).find((state) => state === word) ?? raw;
}
