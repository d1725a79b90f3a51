// The rungs of the ladder: each names what it forgives and nothing else. Order is from strict to loose.

export type Rung = "exact" | "trailing" | "indentation" | "edges" | "numbers" | "escapes" | "dots" | "blanks" | "punctuation" | "spacing" | "similar" | "hint" | "anchor" | "whole";
/** What the model is told about a match that wasn't exact. */
export const rungWords: Record<Rung, string> = {
  exact: "",
  trailing: "ignoring trailing space",
  indentation: "ignoring indentation",
  edges: "without the blank lines around it",
  numbers: "without the line numbers",
  escapes: "with its escapes undone",
  blanks: "ignoring blank lines",
  dots: "around the parts left out",
  punctuation: "ignoring the kind of quotes and dashes",
  spacing: "ignoring spacing",
  similar: "though not letter by letter",
  hint: "nearest to the line given",
  anchor: "by line and hash",
  whole: "",
};

/** One to one, so that offsets stay valid. */
const plain: Record<string, string> = {
  "\u2018": "'",
  "\u2019": "'",
  "\u201A": "'",
  "\u201B": "'",
  "\u2032": "'",
  "\u201C": '"',
  "\u201D": '"',
  "\u201E": '"',
  "\u201F": '"',
  "\u2033": '"',
  "\u2010": "-",
  "\u2011": "-",
  "\u2012": "-",
  "\u2013": "-",
  "\u2014": "-",
  "\u2015": "-",
  "\u2212": "-",
  "\u00A0": " ",
  "\u2002": " ",
  "\u2003": " ",
  "\u2009": " ",
  "\u202F": " ",
  "\u3000": " ",
};
const fancy = /[\u2018-\u201B\u2032\u201C-\u201F\u2033\u2010-\u2015\u2212\u00A0\u2002\u2003\u2009\u202F\u3000]/g;
/** Typographic quotes, dashes and spaces as plain ones; length is kept. */
export const plainPunctuation = (text: string): string => text.replace(fancy, (char) => plain[char] ?? char);
export const hasFancy = (text: string): boolean => text.search(fancy) >= 0;

export type LineKey = (line: string) => string;
/** Rungs that compare line by line. */
export const lineRungs: { rung: Rung; key: LineKey }[] = [
  { rung: "exact", key: (line) => line },
  { rung: "trailing", key: (line) => line.trimEnd() },
  { rung: "indentation", key: (line) => line.trim() },
];
export const punctuationKey: LineKey = (line) => plainPunctuation(line).trim();
export const spacingKey: LineKey = (line) => line.replace(/\s+/g, "");

/** Where all of `old` stands in `file`, one line each, as first lines. Nothing but blank lines is found nowhere. */
export function findLines(file: readonly string[], old: readonly string[], from = 0): number[] {
  const pivot = old.findIndex((line) => line.trim() !== "");
  if (pivot < 0) return [];
  const found: number[] = [];
  for (let at = file.indexOf(old[pivot] as string, from + pivot); at >= 0; at = file.indexOf(old[pivot] as string, at + 1)) {
    const first = at - pivot;
    if (first + old.length <= file.length && old.every((line, i) => file[first + i] === line)) found.push(first);
  }
  return found;
}

/** A block of one short line is too little to go by when it isn't there as written. */
export const enoughToGoBy = (old: readonly string[]): boolean => {
  const full = old.filter((line) => line.trim() !== "");
  return full.length >= 2 || (full[0] ?? "").replace(/\s/g, "").length >= 8;
};
