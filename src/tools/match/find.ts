// The ladder: where does old text stand in a file, and what becomes of those lines? Strict rungs first, each only if it leaves one place.
import { findSpread } from "./blanks.ts";
import { eolOf, isBlank, type Lines, lineAt, splitLines, toLf, withEol } from "./lines.ts";
import { isPlaceholder } from "./placeholder.ts";
import { enoughToGoBy, findLines, hasFancy, lineRungs, plainPunctuation, punctuationKey, type Rung } from "./rungs.ts";
import { findSimilar } from "./similar.ts";
import { coversLines, findSpaced, nestsAlike, spliceSpaced } from "./spacing.ts";
import { type Splice, sameNesting, spliceLines } from "./splice.ts";
import { type Reading, readings, withoutEdges } from "./variants.ts";

export interface TextEdit {
  old: string;
  new: string;
  /** Every place, not the only one. */
  all?: boolean;
  /** The texts are whole lines (blocks, patches): an empty `new` deletes them. */
  lines?: boolean;
  /** 1-based line the model says it means; decides between equal places only. */
  hint?: number;
}
export type Found = { is: "found"; rung: Rung; splices: Splice[] } | { is: "ambiguous"; firsts: number[] } | { is: "missing" };
/** One place a rung found: its first line (0-based), and what would be written there. */
interface Place {
  first: number;
  splice(): Splice;
}

export function find(file: Lines, edit: TextEdit): Found {
  for (const step of ladder(file, edit)) {
    const places = step.must === undefined ? step.places() : step.places().filter(({ first }) => first + 1 === step.must);
    if (places.length === 0) continue;
    if (edit.all) return { is: "found", rung: step.rung, splices: apart(places.map(({ splice }) => splice())) };
    const [only, ...others] = places;
    if (only && others.length === 0) {
      const rivals = step.rivals?.(only.first) ?? [];
      return rivals.length === 0 ? { is: "found", rung: step.rung, splices: [only.splice()] } : { is: "ambiguous", firsts: [only.first, ...rivals].sort((a, b) => a - b) };
    }
    const firsts = places.map(({ first }) => first);
    const meant = byHint(firsts, edit.hint ?? step.hint);
    const chosen = meant === null ? undefined : places[meant];
    if (chosen) return { is: "found", rung: "hint", splices: [chosen.splice()] };
    return { is: "ambiguous", firsts };
  }
  return { is: "missing" };
}

/** Index of the place the hint clearly means: that very line, or within five lines with every other far off. */
export function byHint(firsts: readonly number[], hint: number | undefined): number | null {
  if (hint === undefined || firsts.length === 0) return null;
  const ranked = firsts.map((first, index) => ({ index, off: Math.abs(first + 1 - hint) })).sort((a, b) => a.off - b.off);
  const [best, second] = ranked;
  if (!best) return null;
  if (!second || best.off === 0) return best.off === 0 ? best.index : null;
  return best.off <= 5 && second.off >= best.off * 2 + 2 ? best.index : null;
}

interface Step {
  rung: Rung;
  hint?: number | undefined;
  must?: number | undefined;
  places(): Place[];
  /** First lines of other places, where a reading as good as this one finds the text, though not at `first`. */
  rivals?(first: number): number[];
}
function* ladder(file: Lines, edit: TextEdit): Generator<Step> {
  const sure = (rung: Rung): boolean => rung === "exact" || rung === "trailing" || !edit.lines || enoughToGoBy(splitLines(edit.old).lines);
  const edges = withoutEdges(edit.old, edit.new);
  /** Without the blank lines around it the text may stand elsewhere, indented as given. */
  const elsewhere = (first: number): number[] => {
    if (!edges) return [];
    const exact = [...(edit.lines ? [] : substrings(file, edges)), ...byLines(file, edges, (line) => line.trimEnd(), "trailing")].map((place) => place.first);
    return exact.some((at) => at >= first && at < first + splitLines(edit.old).lines.length) ? [] : [...new Set(exact)];
  };
  for (const reading of readings(edit.old, edit.new)) {
    const own = { hint: reading.hint, must: reading.must ? reading.hint : undefined };
    if (!edit.lines) yield { rung: reading.rung ?? "exact", ...own, places: () => substrings(file, reading, edit.all) };
    for (const { rung, key } of lineRungs)
      if (sure(rung) && (edit.lines || rung !== "exact") && (rung !== "indentation" || !reading.strict))
        yield {
          rung: reading.rung ?? rung,
          ...own,
          places: () => byLines(file, reading, key, rung),
          ...(rung === "indentation" && reading.rung === null ? { rivals: elsewhere } : {}),
        };
  }
  yield { rung: "dots", places: () => aroundDots(file, edit) };
  const reading: Reading = { rung: null, old: edit.old, neu: edit.new };
  if (hasFancy(edit.old) || hasFancy(file.text)) {
    // whole lines first: there what the edit doesn't change keeps its own punctuation
    if (sure("punctuation")) yield { rung: "punctuation", places: () => byLines(file, reading, punctuationKey, "indentation") };
    if (!edit.lines) yield { rung: "punctuation", places: () => substrings(file, reading, edit.all, plainPunctuation) };
  }
  yield { rung: "blanks", places: () => findSpread(file, splitLines(edit.old).lines, splitLines(edit.new).lines) };
  if (sure("spacing")) {
    const whole = (at: { from: number; to: number }): boolean => !edit.lines || coversLines(file, at);
    const place = (at: { from: number; to: number }): Place => ({ first: lineAt(file, at.from), splice: () => spliceSpaced(file, at, edit.old, edit.new) });
    yield {
      rung: "spacing",
      places: () =>
        findSpaced(file, edit.old)
          .filter((at) => whole(at) && nestsAlike(file, at, edit.old))
          .map(place),
    };
  }
  yield { rung: "similar", places: () => similar(file, edit) };
}

/** More places than this are not told apart any more. */
const mostPlaces = 1_000;
/** Places of the text as it is; line ends count as equal, `fold` must keep lengths. Overlapping places are places, unless all are wanted. */
function substrings(file: Lines, reading: Reading, all = false, fold: (text: string) => string = (text) => text): Place[] {
  const old = fold(toLf(reading.old));
  if (old === "") return [];
  const crlf = file.text.includes("\r\n");
  // a line break that it begins with is the end of the line before
  const breaks = (/^\n+/.exec(old)?.[0].length ?? 0) * (crlf ? 2 : 1);
  const text = fold(crlf ? toLf(file.text) : file.text);
  let offsets: Int32Array | null = null;
  const places: Place[] = [];
  for (let at = text.indexOf(old); at >= 0 && (all || places.length < mostPlaces); at = text.indexOf(old, at + (all ? old.length : 1))) {
    if (crlf && !offsets) offsets = rawOffsets(file.text);
    const from = offsets ? (offsets[at] as number) : at;
    const to = offsets ? (offsets[at + old.length] as number) : at + old.length;
    const first = lineAt(file, Math.min(from + breaks, to - 1));
    const splice = (): Splice => ({ from, to, text: asHere(file, first, lineAt(file, Math.max(from, to - 1)), punctuated(reading, file.text.slice(from, to))) });
    places.push({ first, splice });
  }
  return places;
}
/** New text with the line ends of its surroundings; in a file without any it stays as it is. */
function asHere(file: Lines, first: number, last: number, text: string): string {
  if (!file.ends.some((end) => end !== "")) return text;
  return withEol(text, eolOf(file, first, last));
}
/** Raw offset of each character of the text with CRLF as LF, and of its end. */
function rawOffsets(text: string): Int32Array {
  const offsets = new Int32Array(text.length + 1);
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    offsets[n++] = i;
    if (text.charCodeAt(i) === 13 && text.charCodeAt(i + 1) === 10) i++;
  }
  offsets[n] = text.length;
  return offsets;
}

function byLines(file: Lines, reading: Reading, key: (line: string) => string, rung: Rung): Place[] {
  const old = splitLines(reading.old).lines;
  const neu = splitLines(reading.neu).lines;
  const written = (first: number): string[] => (rung === "indentation" && hasFancy(reading.old) ? inPlain(old, neu, file.lines.slice(first, first + old.length)) : neu);
  const found = findLines(file.lines.map(key), old.map(key));
  const firsts = rung === "indentation" ? found.filter((first) => sameNesting(file.lines.slice(first, first + old.length), old)) : found;
  return firsts.map((first) => ({ first, splice: () => spliceLines(file, first, old, written(first), { reindent: rung === "indentation" }) }));
}

/** The new text of a part of a line, in plain punctuation where the model made the file's plain one typographic. */
const punctuated = ({ old, neu }: Reading, there: string): string => (hasFancy(old) && !hasFancy(there) ? plainPunctuation(neu) : neu);
/** The same for whole lines. Those that the edit leaves, and those in the place of typographic ones, stay as they are. */
function inPlain(old: readonly string[], neu: readonly string[], there: readonly string[]): string[] {
  if (!old.some((line, i) => hasFancy(line) && !hasFancy(there[i] ?? ""))) return [...neu];
  return neu.map((line, i) => (old.includes(line) || (neu.length === old.length && hasFancy(there[i] ?? "")) ? line : plainPunctuation(line)));
}

function similar(file: Lines, edit: TextEdit): Place[] {
  if (edit.all) return [];
  const old = splitLines(edit.old).lines;
  const neu = splitLines(edit.new).lines;
  const firsts = findSimilar(file.lines, old).filter((first) => sameNesting(file.lines.slice(first, first + old.length), old));
  return firsts.map((first) => ({ first, splice: () => spliceLines(file, first, old, neu, { reindent: true }) }));
}

/** Old and new text leave out the same parts (`...`): what stands between must be there once each, in order. */
function aroundDots(file: Lines, edit: TextEdit): Place[] {
  if (edit.all) return [];
  const old = piecesOf(edit.old);
  const neu = piecesOf(edit.new);
  if (old.pieces.length < 2 || old.dots.join("\n") !== neu.dots.join("\n")) return [];
  const splices: Splice[] = [];
  let first = -1;
  let reached = 0;
  for (const [i, piece] of old.pieces.entries()) {
    const into = neu.pieces[i] ?? [];
    if (piece.every(isBlank)) {
      if (!into.every(isBlank)) return [];
      continue;
    }
    const places = lineRungs.map(({ rung, key }) => ({ rung, firsts: findLines(file.lines.map(key), piece.map(key)) })).find(({ firsts }) => firsts.length > 0);
    const [at, ...others] = places?.firsts ?? [];
    if (at === undefined || others.length > 0 || at < reached) return [];
    if (first < 0) first = at;
    reached = at + piece.length;
    splices.push(spliceLines(file, at, piece, into, { reindent: places?.rung === "indentation" }));
  }
  return splices.length === 0 ? [] : [{ first, splice: () => joined(file, splices) }];
}
function piecesOf(text: string): { pieces: string[][]; dots: string[] } {
  const pieces: string[][] = [[]];
  const dots: string[] = [];
  for (const line of splitLines(text).lines) {
    if (isPlaceholder(line, "code")) {
      dots.push(line.trim());
      pieces.push([]);
    } else pieces.at(-1)?.push(line);
  }
  return { pieces, dots };
}
function joined(file: Lines, splices: Splice[]): Splice {
  const from = splices[0]?.from ?? 0;
  const to = splices.at(-1)?.to ?? from;
  let text = "";
  let at = from;
  for (const splice of splices) {
    text += file.text.slice(at, splice.from) + splice.text;
    at = splice.to;
  }
  return { from, to, text };
}
/** In order, without those that overlap an earlier one. */
function apart(splices: Splice[]): Splice[] {
  const kept: Splice[] = [];
  for (const splice of splices.sort((a, b) => a.from - b.from)) if (splice.from >= (kept.at(-1)?.to ?? 0)) kept.push(splice);
  return kept;
}

export function applySplices(text: string, splices: readonly Splice[]): string {
  let out = "";
  let at = 0;
  for (const splice of [...splices].sort((a, b) => a.from - b.from)) {
    out += text.slice(at, splice.from) + splice.text;
    at = splice.to;
  }
  return out + text.slice(at);
}
