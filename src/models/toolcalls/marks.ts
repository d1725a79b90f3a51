// The marks at which an answer is looked at, all dialects' and those of thoughts and noise, in tables that are quick to ask.
import type { ToolSpec } from "../model.ts";
import { lateClosers, noise, thoughtMarks } from "../think.ts";
import type { Dialect, Where } from "./dialect.ts";
import { dialects } from "./index.ts";
import { counts, type Place } from "./place.ts";
import { strayClosers } from "./stray.ts";

/** gpt-oss whose special tokens were stripped on the way. */
export const plainChannels = ["assistantfinal", "assistantcommentary", "assistantanalysis"];
/** Tags around the answer proper, after a thought. */
export const answerTags = ["answer", "response"];

/** Some literals: found in a text, whole or begun at its end. */
export interface Marks {
  pattern: RegExp;
  /** Every beginning of a literal that is shorter than it, and where it must stand. */
  begun: ReadonlyMap<string, readonly Where[]>;
  longest: number;
}
/** What an answer's text is looked at for, with these tools. */
export interface Openings extends Marks {
  /** By first character: who reads from there. */
  readers: ReadonlyMap<string, readonly Reader[]>;
  /** Of calls that leave no doubt. */
  callMarks: readonly string[];
}
export interface Reader {
  dialect: Dialect;
  opens: readonly string[];
}

const stops: readonly { literal: string; where: Where }[] = [
  ...thoughtMarks.map(({ open, where }) => ({ literal: open, where })),
  ...[...lateClosers, ...noise, ...strayClosers, ...plainChannels, ...answerTags.flatMap((tag) => [`<${tag}>`, `</${tag}>`])].map((literal) => ({
    literal,
    where: "any" as const,
  })),
];

function marksOf(literals: readonly { literal: string; where: Where }[]): Marks {
  const begun = new Map<string, Where[]>();
  for (const { literal, where } of literals) {
    for (let length = 1; length < literal.length; length++) {
      const beginning = literal.slice(0, length);
      const wheres = begun.get(beginning);
      if (!wheres) begun.set(beginning, [where]);
      else if (!wheres.includes(where)) wheres.push(where);
    }
  }
  const all = [...new Set(literals.map(({ literal }) => literal))];
  const pattern = new RegExp(all.map((literal) => literal.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|"), "g");
  return { pattern, begun, longest: Math.max(0, ...all.map((literal) => literal.length)) };
}

let lastOpenings: { names: string; openings: Openings } | undefined;
/** The same tools give the same tables: an agent's requests seldom differ in them. */
export function openingsFor(tools: readonly ToolSpec[] | null): Openings {
  const names = tools?.map(({ name }) => name).join("\n") ?? "\n";
  if (lastOpenings?.names === names) return lastOpenings.openings;
  const all = dialects.map((dialect): Reader => ({ dialect, opens: dialect.opens(tools) }));
  const readers = new Map<string, Reader[]>();
  for (const { dialect, opens } of all) {
    for (const first of new Set(opens.map((literal) => literal[0] as string))) {
      readers.set(first, [...(readers.get(first) ?? []), { dialect, opens: opens.filter((literal) => literal[0] === first) }]);
    }
  }
  const callMarks = all.flatMap(({ dialect, opens }) => (dialect.sure && dialect.where !== "start" ? opens : []));
  const openings = { ...marksOf([...all.flatMap(({ dialect, opens }) => opens.map((literal) => ({ literal, where: dialect.where }))), ...stops]), readers, callMarks };
  lastOpenings = { names, openings };
  return openings;
}

const inThoughts = new WeakMap<Openings, Map<string, Marks>>();
/** What a thought is looked at for: what ends it, and calls. */
export function marksInThought(openings: Openings, ends: readonly string[]): Marks {
  const known = inThoughts.get(openings) ?? new Map<string, Marks>();
  inThoughts.set(openings, known);
  const key = ends.join("\n");
  const marks = known.get(key) ?? marksOf([...ends, ...openings.callMarks].map((literal) => ({ literal, where: "any" })));
  known.set(key, marks);
  return marks;
}

/** Index of the first mark in `text`, or of what may become one at its end; `text.length` if there is neither. `placeAt`: the place of an index. */
export function firstMark(text: string, marks: Marks, ended: boolean, placeAt: (index: number) => Place): number {
  marks.pattern.lastIndex = 0;
  const found = marks.pattern.exec(text)?.index ?? text.length;
  if (ended) return found;
  for (let at = Math.max(0, text.length - marks.longest + 1); at < found; at++) {
    const wheres = marks.begun.get(text.slice(at));
    if (wheres?.some((where) => counts(where, placeAt(at)))) return at;
  }
  return found;
}
