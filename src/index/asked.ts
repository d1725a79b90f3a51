// A search in words, taken apart: which words and how much each counts, the area it names, the names in it.
import { type Counts, countsOf, stemOf, wordsOf } from "./words.ts";

export interface Asked {
  words: Counts;
  /** What stands before the first colon of its first line: `sync: ...`, `fix(parser): ...`. Empty where there is none. */
  area: Counts;
  /** Words that are surely names of code. */
  names: ReadonlySet<string>;
}

/** They say that something is done, not to what. */
const verbs = new Set(
  "fix fixed fixes fixing feat feature add adds added adding make makes remove removes removed removing chore refactor use uses using used support improve improved improvement update updated updates change changed changes allow allows implement implemented new properly correctly instead issue bug avoid"
    .split(" ")
    .map(stemOf),
);
const ofVerb = 0.3;

/** A word that is said again counts for more, but not twice; the first line, where it is said in short, counts double. */
export function askedOf(text: string): Asked {
  const [title = ""] = text.trim().split("\n", 1);
  const words: Counts = new Map([...countsOf(wordsOf(text))].map(([word, count]) => [word, 1 + Math.log(count)]));
  countsOf(new Set(wordsOf(title)), words);
  for (const [word, count] of words) if (verbs.has(word)) words.set(word, count * ofVerb);
  return { words, area: countsOf(wordsOf(areaOf(title))), names: namesIn(text) };
}

const kinds = /^(fix|feat|perf|chore|docs?|refactor|style|tests?|build|ci|types?|revert)$/i;
/** `fix(parser, lexer): it` -> `parser, lexer`; the kind of a change is none. */
function areaOf(title: string): string {
  const [, inside, before = ""] = /^(?:\w+\(([^)]{2,40})\)|([\w./,@ -]{2,40}?)(?:\([^)]*\))?)!?:\s/.exec(title) ?? [];
  return inside ?? (kinds.test(before) ? "" : before);
}

/** They look like it, or there is little else. In a sentence `test` and `error` are words. */
function namesIn(text: string): Set<string> {
  const all = text.match(/[\p{L}_$][\p{L}\p{N}_$]+/gu) ?? [];
  if (all.length <= 2) return new Set(all);
  const named = [...text.matchAll(/`([^`\n]+)`|([\p{L}_$][\p{L}\p{N}_$]+)(?=\(|::|\.[\p{L}_])|(?<=::|\.)([\p{L}_$][\p{L}\p{N}_$]+)/gu)];
  const marked = named.flatMap(([, quoted, before, after]) => (quoted ?? before ?? after ?? "").match(/[\p{L}_$][\p{L}\p{N}_$]+/gu) ?? []);
  return new Set([...marked, ...all.filter((word) => /\p{Ll}\p{Lu}|[\p{L}\p{N}][_$]+[\p{L}\p{N}]|^\p{Lu}{2,}\p{Ll}/u.test(word))]);
}
