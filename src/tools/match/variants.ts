// Other readings of an old/new pair that models produce: copied line numbers, blank lines around, one level of escapes too many.
import { isBlank, splitLines } from "./lines.ts";
import type { Rung } from "./rungs.ts";

export interface Reading {
  rung: Rung | null;
  old: string;
  neu: string;
  /** 1-based line the model says it means. */
  hint?: number;
  /** It is only believed at that very line. */
  must?: boolean;
  /** Indentation must agree: the new text can't be shifted along. */
  strict?: boolean;
}

/** The pair as it stands, then every other reading that makes sense of it. Lazy: most edits need only the first. */
export function* readings(old: string, neu: string): Generator<Reading> {
  yield { rung: null, old, neu };
  const edges = withoutEdges(old, neu);
  if (edges) yield edges;
  yield* withoutNumbers(edges?.old ?? old, edges?.neu ?? neu);
  yield* unescaped(old, neu);
}

const prefixes = [/^[ \t]*(\d+)[ ]?\|(?: |$)/, /^[ \t]*(\d+)[ ]?\|/, /^[ \t]*(\d+)\t/, /^[ \t]*(\d+)(?:→|: ?)/, /^[ \t]*(\d+):[0-9a-z]{2,4}[|:] ?/, /^[ \t]*(\d+) {1,2}/];
function* withoutNumbers(old: string, neu: string): Generator<Reading> {
  for (const prefix of prefixes) {
    const first = strip(old, prefix, true);
    if (!first) continue;
    const into = strip(neu, prefix, false);
    yield { rung: "numbers", old: first.text, neu: into?.text ?? neu, hint: first.line, must: splitLines(old).lines.length === 1, strict: into === null };
  }
}
/** Null unless every line that isn't blank has the prefix; `counting`: and the numbers go up by one. */
function strip(text: string, prefix: RegExp, counting: boolean): { text: string; line: number } | null {
  const { lines, ends } = splitLines(text);
  let start: number | null = null;
  let out = "";
  for (const [i, line] of lines.entries()) {
    const found = prefix.exec(line);
    if (!found && !isBlank(line)) return null;
    if (found) {
      const number = Number(found[1]);
      if (start === null) start = number - i;
      if (counting && number !== start + i) return null;
    }
    out += (found ? line.slice(found[0].length) : line) + ends[i];
  }
  return start === null ? null : { text: out, line: start };
}

/** The pair without the blank lines at both ends of old; null where there are none. */
export function withoutEdges(old: string, neu: string): Reading | null {
  const a = edgesOf(old);
  if (!a || (a.before === 0 && a.after === 0)) return null;
  const b = edgesOf(neu);
  const drop = (text: string, before: number, after: number): string => {
    const { lines, ends } = splitLines(text);
    let out = "";
    for (let i = before; i < lines.length - after; i++) out += `${lines[i]}${ends[i]}`;
    return out;
  };
  return {
    rung: "edges",
    old: drop(old, a.before, a.after),
    neu: b ? drop(neu, Math.min(a.before, b.before), Math.min(a.after, b.after)) : neu,
  };
}
/** Blank lines at both ends; null when there is nothing else. */
function edgesOf(text: string): { before: number; after: number } | null {
  const { lines } = splitLines(text);
  const before = lines.findIndex((line) => !isBlank(line));
  if (before < 0) return null;
  return { before, after: lines.length - 1 - lines.findLastIndex((line) => !isBlank(line)) };
}

const named: Record<string, string> = { n: "\n", t: "\t", r: "\r", '"': '"', "'": "'", "`": "`", "\\": "\\", "/": "/" };
function* unescaped(old: string, neu: string): Generator<Reading> {
  if (!old.includes("\\")) return;
  // quotes alone, when both sides escape every one of them: `say(\"hi\")`
  const quotes = /\\(["'`])/g;
  const bare = (text: string): boolean => /"/.test(text.replace(/\\"/g, "")) && /\\"/.test(text);
  const quoted = /\\["'`]/.test(old) && !bare(old) && !bare(neu);
  // everything, as in JSON: only if no line break is a real one, and the old text, or its quotes, show it
  const oneLine = !/[\n\r]/.test(old.trimEnd()) && !/[\n\r]/.test(neu.trimEnd());
  const breaks = /\\[nt]/.test(neu);
  const json = (text: string): string => text.replace(/\\(["'`\\ntr/])/g, (_, char: string) => named[char] ?? char);
  if (quoted && !(oneLine && breaks)) yield { rung: "escapes", old: old.replace(quotes, "$1"), neu: neu.replace(quotes, "$1") };
  if (oneLine && (/\\[nt]/.test(old) || (quoted && breaks))) yield { rung: "escapes", old: json(old), neu: json(neu) };
}
