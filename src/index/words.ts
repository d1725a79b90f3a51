// Text to the words that search compares: identifiers taken apart, endings taken off, words that say nothing left out.

const silent = new Set(
  "a an and are as at be been but by can could did do does for from had has have how i if in into is it its may not of on or our shall should so such than that the their them then there these they this those to was we were what when where which while who will with would you your also just only now some any all more most other".split(
    " ",
  ),
);
const longest = 80;
const keepMost = 200_000;

/** `getHTTPResponse2` -> get, http, response, 2. */
export function partsOf(identifier: string): string[] {
  return identifier
    .split(/[_$]+/)
    .flatMap((part) => part.match(/\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}+|\p{N}+|\p{L}/gu) ?? [])
    .map((part) => part.toLowerCase());
}

/** An English ending off: parses, parsed, parsing and parse are one word. Light on purpose: names are not prose. */
export function stemOf(word: string): string {
  if (word.length <= 3 || /\d/.test(word)) return word;
  let stem = word;
  if (stem.endsWith("ies") && stem.length > 4) stem = `${stem.slice(0, -3)}y`;
  else if (/(sses|xes|shes|ches|zes)$/.test(stem)) stem = stem.slice(0, -2);
  else if (stem.endsWith("s") && !/(ss|us|is)$/.test(stem)) stem = stem.slice(0, -1);
  if (stem.endsWith("ing") && stem.length > 5 && /[aeiouy]/.test(stem.slice(0, -3))) stem = undoubled(stem.slice(0, -3));
  else if (stem.endsWith("ed") && stem.length > 4 && /[aeiouy]/.test(stem.slice(0, -2))) stem = undoubled(stem.slice(0, -2));
  return stem.endsWith("e") && stem.length > 4 ? stem.slice(0, -1) : stem;
}
const undoubled = (stem: string): string => (/([bdfgmnprt])\1$/.test(stem) ? stem.slice(0, -1) : stem);

const known = new Map<string, readonly string[]>();
function wordsOfIdentifier(identifier: string): readonly string[] {
  const before = known.get(identifier);
  if (before) return before;
  const parts = partsOf(identifier);
  const words = parts.filter((part) => part.length > 1 && !silent.has(part)).map(stemOf);
  // the whole too, marked: it is rarer than its parts
  const whole = identifier.replace(/[_$]+/g, "").toLowerCase();
  if (parts.length > 1 && whole.length > 3) words.push(`=${whole}`);
  if (known.size > keepMost) known.clear();
  known.set(identifier, words);
  return words;
}

/** The words of any text, in order, repeated as they are. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const identifier of text.match(/[\p{L}\p{N}_$]+/gu) ?? []) if (identifier.length <= longest) for (const word of wordsOfIdentifier(identifier)) words.push(word);
  return words;
}

export type Counts = Map<string, number>;
export function countsOf(words: Iterable<string>, into: Counts = new Map(), weight = 1): Counts {
  for (const word of words) into.set(word, (into.get(word) ?? 0) + weight);
  return into;
}
/** For each word of a query how it was written. */
export function writtenAs(text: string): Map<string, string> {
  const written = new Map<string, string>();
  for (const identifier of text.match(/[\p{L}\p{N}_$]+/gu) ?? [])
    for (const part of [identifier, ...partsOf(identifier)]) for (const word of wordsOf(part)) if (!written.has(word)) written.set(word, word.startsWith("=") ? identifier : part);
  return written;
}
