// What no compaction takes away: the person's words, the plan, the files changed, the last test result. A fold of the facts before it.
import type { Entry, PlanItem, Seq } from "../core/events.ts";
import { planOf } from "./session.ts";

type Compacted = Extract<Entry, { type: "compacted" }>;

/**
 * The message that stands for everything up to `fact.upTo`. `before`: the facts before the compaction, all of them. Pure: the same facts give
 * the same bytes in every later request, whoever sends it.
 */
export function pinnedText(before: readonly Entry[], fact: Pick<Compacted, "upTo" | "summary" | "room">): string {
  const { upTo, room } = fact;
  const parts = ["The earlier part of our conversation was shortened. This is what is left of it."];
  const asks = asksOf(before, upTo);
  if (asks.length > 0) parts.push(`# What I asked, word for word\n${asksText(asks, room)}`);
  const plan = planOf(before);
  if (plan.length > 0) parts.push(`# Plan\n${within(plan.map(planLine), room / 4, "start")}`);
  const files = filesChanged(before);
  if (files.length > 0) parts.push(`# Files changed so far\n${within(files, room / 8, "end")}`);
  const tests = lastTest(before, upTo);
  if (tests !== null) parts.push(`# Last test result\n${headTail(tests, Math.floor(room / 4))}`);
  parts.push(`# Summary\n${fact.summary}`);
  parts.push("What the summary says is done is done: don't do it again. Go on from here.");
  return parts.join("\n\n");
}

interface Ask {
  text: string;
  answered: boolean;
}
function asksOf(before: readonly Entry[], upTo: Seq): Ask[] {
  const asks: Ask[] = [];
  for (const entry of before) {
    if (entry.type === "asked" && entry.by !== "aura" && entry.seq <= upTo) asks.push({ text: entry.text, answered: false });
    if (entry.type === "ended" && entry.why === "done" && entry.seq <= upTo) for (const ask of asks) ask.answered = true;
  }
  return asks;
}

/** All of them where they fit into `room`; else the first and as many of the newest as do. */
function asksText(asks: readonly Ask[], room: number): string {
  const shown = (ask: Ask, at: number, most = Number.POSITIVE_INFINITY): string => `(${at + 1}${ask.answered ? ", answered" : ""}) ${headTail(ask.text, most)}`;
  const all = asks.map((ask, at) => shown(ask, at));
  if (all.reduce((sum, text) => sum + text.length + 1, 0) <= room || all.length === 1) return all.map((text) => headTail(text, Math.floor(room))).join("\n");
  const [first] = asks;
  const begin = first ? shown(first, 0, Math.floor(room / 3)) : "";
  const newest: string[] = [];
  let left = room - begin.length;
  let at = asks.length - 1;
  for (; at > 0; at--) {
    const ask = asks[at];
    if (!ask) break;
    const text = shown(ask, at, newest.length === 0 ? left : undefined);
    if (text.length > left && newest.length > 0) break;
    newest.unshift(text);
    left -= text.length + 1;
  }
  return [begin, ...(at > 0 ? [`[${at} more in between, left out]`] : []), ...newest].join("\n");
}

const marks: Record<PlanItem["state"], string> = { open: "[ ]", running: "[>]", done: "[x]", failed: "[!]" };
const planLine = (item: PlanItem): string => `${marks[item.state]} ${item.text}`;

/** One line per file that still differs from what it was, in the order of the last change; what was undone is gone. */
export function filesChanged(entries: readonly Entry[]): string[] {
  const files = new Map<string, { added: number; removed: number; seq: Seq }>();
  for (const entry of entries) {
    if (entry.type === "changed") {
      const { path, added, removed } = entry.change;
      const sum = files.get(path) ?? { added: 0, removed: 0 };
      files.delete(path);
      files.set(path, { added: sum.added + added, removed: sum.removed + removed, seq: entry.seq });
    }
    if (entry.type === "reverted") for (const path of entry.paths) files.delete(path);
  }
  return [...files].map(([path, { added, removed }]) => `${path} +${added} -${removed}`);
}

/** What the last test run told, unless that stands word for word behind `upTo`. */
function lastTest(before: readonly Entry[], upTo: Seq): string | null {
  const last = before.findLast((entry) => entry.type === "tool.returned" && entry.detail?.kind === "tested");
  return last?.type === "tool.returned" && last.seq <= upTo ? last.text : null;
}

/** As many lines as fit, from the `start` or towards the `end`, and how many are missing. */
function within(lines: readonly string[], room: number, keep: "start" | "end"): string {
  const order = keep === "start" ? [...lines] : [...lines].reverse();
  const kept: string[] = [];
  let left = room;
  for (const line of order) {
    left -= line.length + 1;
    if (left < 0 && kept.length > 0) break;
    kept.push(line);
  }
  const missing = lines.length - kept.length;
  const gap = missing > 0 ? [`[${missing} more]`] : [];
  return (keep === "start" ? [...kept, ...gap] : [...gap, ...kept.reverse()]).join("\n");
}

/** Text of about `most` characters: its beginning and its end. */
export function headTail(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.max(20, Math.floor((most - 40) / 2));
  if (half * 2 >= text.length) return text;
  return `${text.slice(0, half).toWellFormed()}\n[... ${text.length - 2 * half} characters left out ...]\n${text.slice(-half).toWellFormed()}`;
}
