// Lines that stand for code left out ("// ... rest unchanged"): written into a file they would delete what they mean.
import { isBlank } from "./lines.ts";

const lead = /^(?:\/\/+|#+|--|\/\*+|\*|<!--|;+|%+|\{\s*\/\*+|"""|\(\*)\s*/;
const tail = /\s*(?:\*\/\s*\}?|-->|"""|\*\))\s*$/;
const only = /^(?:\.{3,}|…|⋮)$/;
const dots = /(?:\.{3,}|…|⋮)/;
const subject =
  /\b(?:rest|remain\w*|existing|unchanged|previous|other|same|omitted|before|above|below|truncated|earlier|original|your|etc|keep|kept|code|implementation|methods?|functions?|imports?|fields?|content|lines)\b/i;
const stands =
  /\b(?:(?:rest|remainder) of\b.*|existing (?:code|content|implementation|methods?|functions?|imports?|lines|tests?)\b.*|(?:remaining|other|unchanged|previous|omitted) (?:code|content|implementation|methods?|functions?|imports?|fields|lines|tests?)\b.*|.*\b(?:remains?|stays?|is|are) (?:the same|unchanged|as (?:before|is))\b.*)$/i;

/** What kind of text a file holds: a bare `...` is code in Python, and samples in prose are full of `// ...`. */
export type Tongue = "code" | "python" | "prose";
export const tongueOf = (path: string): Tongue => (/\.pyi?$|^$/.test(path) ? "python" : /\.(?:md|mdx|markdown|rst|adoc|txt)$/i.test(path) ? "prose" : "code");

/** Is `line` nothing but a stand-in? */
export function isPlaceholder(line: string, tongue: Tongue): boolean {
  const text = line.trim();
  if (text.length > 160 || text === "") return false;
  if (only.test(text)) return tongue === "code";
  const comment = lead.test(text);
  const inner = text.replace(lead, "").replace(tail, "").trim();
  if (comment && only.test(inner)) return tongue !== "prose";
  const opens = new RegExp(`^[([]?\\s*${dots.source}`).test(inner);
  const closes = new RegExp(`${dots.source}\\s*[)\\]]?$`).test(inner);
  const said = inner.replace(/^[([\s]*(?:\.{3,}|…|⋮)?\s*[([]?|[)\]\s]*(?:\.{3,}|…|⋮)?\s*[)\]]?$/g, "");
  const words = said.split(/\s+/).length;
  if (words > 9 || /[;{}=]/.test(said)) return false;
  const begins = /^(?:the\s+)?(?:rest|remainder|remaining|existing|previous|other|unchanged|same|omitted|keep|all other|all existing)\b/i.test(said);
  if (comment && begins && stands.test(said)) return true;
  if (comment && tongue !== "prose") return (opens && words <= 7 && subject.test(said)) || (closes && words <= 5 && begins);
  // without a comment mark: only in dots or brackets of its own, `(rest of methods ...)`, `... existing code ...`
  return (opens || closes) && begins && stands.test(said) && !/["'`]/.test(said);
}

/** Stand-ins of `neu` that neither `old` nor the file has, as line indexes. */
export function placeholdersIn(neu: readonly string[], old: readonly string[], file: readonly string[], tongue: Tongue): number[] {
  const suspects = neu.flatMap((line, i) => (isPlaceholder(line, tongue) ? [i] : []));
  if (suspects.length === 0) return [];
  const known = new Set([...old, ...file].map((line) => line.trim()));
  return suspects.filter((i) => !known.has((neu[i] ?? "").trim()));
}

/**
 * `neu` with each stand-in replaced by the lines of `old` it means: those between the lines around it, where both stand in `old`
 * exactly once. Null when that leaves any doubt.
 */
export function expand(neu: readonly string[], old: readonly string[], at: readonly number[]): string[] | null {
  const places = (line: string | undefined): number[] => (line === undefined || isBlank(line) ? [] : old.flatMap((other, i) => (other.trim() === line.trim() ? [i] : [])));
  const out: string[] = [];
  let done = 0;
  let reached = -1;
  for (const index of at) {
    const before = nearestFull(neu, index, -1);
    const after = nearestFull(neu, index, 1);
    if (at.includes(before) || at.includes(after)) return null;
    const [from, ...moreFrom] = before < 0 ? [-1] : places(neu[before]);
    const [to, ...moreTo] = after >= neu.length ? [old.length] : places(neu[after]);
    if (from === undefined || to === undefined || moreFrom.length > 0 || moreTo.length > 0) return null;
    if (from < reached || to <= from + 1) return null;
    const meant = old.slice(from + 1, to);
    out.push(...neu.slice(done, before + 1), ...meant);
    done = after;
    reached = to;
  }
  out.push(...neu.slice(done));
  return out;
}
function nearestFull(lines: readonly string[], from: number, step: 1 | -1): number {
  let i = from + step;
  while (i >= 0 && i < lines.length && isBlank(lines[i] ?? "")) i += step;
  return i;
}
