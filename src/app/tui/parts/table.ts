// A markdown table in columns, narrowed until it fits.
import type { Tokens } from "marked";
import { blank, fitLine, type Line, lineWidth, type Span, type Style, span, style, wrapSpans } from "./line.ts";

type Inline = (tokens: Tokens.TableCell["tokens"], look: Style) => Span[];
const gap = 2;

/** At most `width` wide where each column can have three; cells that are too long are wrapped. */
export function tableLines(table: Tokens.Table, width: number, inline: Inline): Line[] {
  const header = table.header.map((cell) => inline(cell.tokens, style.bold));
  const rows = table.rows.map((cells) => cells.map((cell) => inline(cell.tokens, style.plain)));
  const widths = header.map((cell, column) => Math.max(1, lineWidth(cell), ...rows.map((row) => lineWidth(row[column] ?? blank))));
  const room = width - gap * (widths.length - 1);
  while (widths.reduce((sum, one) => sum + one, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= 3) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  const rule: Line = [span(widths.map((one) => "─".repeat(one)).join(" ".repeat(gap)), style.dim)];
  return [...rowLines(header, widths), rule, ...rows.flatMap((row) => rowLines(row, widths))];
}

function rowLines(cells: Line[], widths: number[]): Line[] {
  const wrapped = widths.map((width, column) => wrapSpans(cells[column] ?? blank, width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    widths.flatMap((width, column) => [...(column > 0 ? [span(" ".repeat(gap))] : []), ...fitLine(wrapped[column]?.[at] ?? blank, width)]),
  );
}
