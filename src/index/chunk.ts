// Cuts a file into the pieces that search answers with: whole definitions where they are short enough, neighbours together, nothing lost.

/** A definition as cutting sees it: 1-based lines, both inclusive. */
export interface Span {
  name: string;
  line: number;
  endLine: number;
}
export interface Cut {
  line: number;
  endLine: number;
  /** The definition this piece is, or is a part of; the first one where it holds several; null outside of any. */
  symbol: string | null;
}

/** Lines that a piece should have: small definitions are joined up to it, longer ones stay whole up to twice of it. */
const wanted = 40;
const most = 80;
/** The start of a definition may take the lines of its comment with it, so many. */
const mostComment = 30;

/**
 * Every line of the text is in exactly one piece, in order; pieces of blank lines alone are left out. `lines`: the text's lines. `spans` in
 * order of their start, inner ones behind the ones around them, as an outline has them.
 */
export function cutsOf(lines: readonly string[], spans: readonly Span[]): Cut[] {
  const total = lines.length;
  const cuts: Cut[] = [];
  cutRange(
    1,
    total,
    null,
    spans.filter((span) => span.line >= 1 && span.endLine <= total && span.endLine >= span.line),
    cuts,
    lines,
  );
  return joined(cuts, lines).filter((cut) => lines.slice(cut.line - 1, cut.endLine).some((line) => line.trim() !== ""));
}

/** Cuts one range by the outermost definitions in it; what is too long goes on inside. */
function cutRange(from: number, to: number, around: string | null, spans: readonly Span[], cuts: Cut[], lines: readonly string[]): void {
  let at = from;
  let covered = from - 1;
  for (const span of spans) {
    // an inner one of a span that is already taken, or two on the same line
    if (span.line <= covered || span.endLine > to) continue;
    const start = Math.max(at, commentStart(span.line, lines));
    if (start > at) byLines(at, start - 1, around, cuts);
    const name = around === null ? span.name : `${around}.${span.name}`;
    if (span.endLine - start + 1 <= most) cuts.push({ line: start, endLine: span.endLine, symbol: name });
    else {
      const inner = spans.filter((other) => other !== span && other.line >= span.line && other.endLine <= span.endLine && other.endLine - other.line > 0);
      if (inner.length === 0) byLines(start, span.endLine, name, cuts);
      else cutRange(start, span.endLine, name, inner, cuts, lines);
    }
    covered = span.endLine;
    at = span.endLine + 1;
  }
  if (at <= to) byLines(at, to, around, cuts);
}

/** The line where the comment in front of a definition begins. */
function commentStart(line: number, lines: readonly string[]): number {
  let start = line;
  while (start > 1 && line - start < mostComment && /^\s*(\/\/|\/\*|\*|#(?!include|define|if|endif|else)|--|@|"""|;)/.test(lines[start - 2] ?? "")) start--;
  return start;
}

/** A range without definitions, in pieces of even length. */
function byLines(from: number, to: number, symbol: string | null, cuts: Cut[]): void {
  const count = Math.max(1, Math.ceil((to - from + 1) / (wanted * 1.25)));
  const size = Math.ceil((to - from + 1) / count);
  for (let at = from; at <= to; at += size) cuts.push({ line: at, endLine: Math.min(to, at + size - 1), symbol });
}

/** Neighbours that are short together become one piece; a piece never grows over `wanted` by it. */
function joined(cuts: readonly Cut[], lines: readonly string[]): Cut[] {
  const out: Cut[] = [];
  for (const cut of cuts) {
    const last = out.at(-1);
    const blank = lines.slice(cut.line - 1, cut.endLine).every((line) => line.trim() === "");
    if (last && (blank || cut.endLine - last.line + 1 <= wanted)) {
      out[out.length - 1] = { line: last.line, endLine: cut.endLine, symbol: last.symbol ?? cut.symbol };
    } else out.push(cut);
  }
  return out;
}
