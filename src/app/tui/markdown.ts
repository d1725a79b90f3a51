// A model's markdown as styled lines. Drawn block by block, so that of a growing text only the last block is ever drawn again.
import type { Token, Tokens } from "marked";
import { codeLines } from "./highlight.ts";
import { flow } from "./parts/flow.ts";
import { loadMarkdown, rich } from "./parts/later.ts";
import { blank, type Line, line, type Span, type Style, span, style, wrapSpans } from "./parts/line.ts";
import { tableLines } from "./parts/table.ts";

/** Something in a block that plain text doesn't have. */
const marks = /[*_`#<>|~[\]\\]|^ *(?:[-+=]|\d+[.)])|^ {4}|https?:/m;

let lastSplit: { text: string; blocks: string[]; tail: number } | null = null;
/** The blocks of a text: split at empty lines, but not inside of code fences nor before indented lines. */
export function splitBlocks(text: string): string[] {
  const known = lastSplit && text.startsWith(lastSplit.text) ? lastSplit : null;
  const blocks = known ? known.blocks.slice(0, -1) : [];
  let start = known ? known.tail : 0;
  let fence = "";
  for (let at = start; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(text.slice(at, Math.min(end, at + 20)))?.[1] ?? "";
    if (mark !== "") fence = fence === "" ? mark : mark.startsWith(fence) ? "" : fence;
    if (fence === "" && end === at && at > start && text[end + 1] !== undefined && !/[ \n]/.test(text[end + 1] ?? "")) {
      blocks.push(text.slice(start, at));
      start = end + 1;
    }
    at = end + 1;
  }
  blocks.push(text.slice(start));
  if (text.length > 2000) lastSplit = { text, blocks, tail: start };
  return blocks;
}

const drawn = new Map<string, Line[]>();
const mostDrawn = 500;
/** Longer blocks stay plain: the time some of them take grows with the square of their length. */
const mostProse = 10_000;
const mostCode = 30_000;

/**
 * Sanitised markdown as groups of lines, at most `width` wide, with an empty line between blocks. `growing`: the text isn't finished, its
 * last block isn't worth remembering.
 */
export function markdownBlocks(text: string, width: number, growing = false): Line[][] {
  if (!rich.lexer && marks.test(text)) void loadMarkdown();
  const sources = splitBlocks(text.trim());
  return sources.map((source, index) => {
    const open = growing && index === sources.length - 1;
    const gap = index > 0;
    if (open) return gap ? [blank, ...blockLines(source, width, true)] : blockLines(source, width, true);
    const key = `${width} ${rich.generation} ${gap} ${source}`;
    const known = drawn.get(key);
    if (known) return known;
    const lines = gap ? [blank, ...blockLines(source, width, false)] : blockLines(source, width, false);
    if (drawn.size >= mostDrawn) drawn.clear();
    drawn.set(key, lines);
    return lines;
  });
}

function blockLines(source: string, width: number, growing: boolean): Line[] {
  const most = /^ {0,3}(?:```|~~~)/.test(source) ? mostCode : mostProse;
  if (!rich.lexer || source.length > most || !marks.test(source)) return growing ? flow(source, width) : source.split("\n").flatMap((text) => wrapSpans([span(text)], width));
  try {
    return tokensToLines(rich.lexer(source, { gfm: true, breaks: true }), width, growing);
  } catch {
    return flow(source, width);
  }
}

function tokensToLines(tokens: readonly Token[], width: number, growing: boolean): Line[] {
  return tokens.flatMap((token) => tokenToLines(token, width, growing));
}

function tokenToLines(token: Token, width: number, growing: boolean): Line[] {
  const inside = token as Tokens.Generic;
  switch (token.type) {
    case "space":
    case "def":
      return [];
    case "heading":
      return inlineLines(inside.tokens ?? [], width, style.bold);
    case "code":
      return codeLines(inside.text, inside.lang, growing).flatMap((code) => wrapSpans(code, width, [span("  ")]));
    case "blockquote":
      return tokensToLines(inside.tokens ?? [], Math.max(4, width - 2), growing).map((quoted) => [span("▏ ", style.dim), ...quoted]);
    case "hr":
      return [line("─".repeat(Math.min(width, 20)), style.dim)];
    case "list":
      return listLines(token as Tokens.List, width, growing);
    case "table":
      return tableLines(token as Tokens.Table, width, inline);
    case "html":
      return String(inside.text)
        .trimEnd()
        .split("\n")
        .flatMap((text) => wrapSpans([span(text, style.dim)], width));
    default:
      return inside.tokens ? inlineLines(inside.tokens, width, style.plain) : inlineLines([token], width, style.plain);
  }
}

function listLines(list: Tokens.List, width: number, growing: boolean): Line[] {
  const lines: Line[] = [];
  for (const [index, item] of list.items.entries()) {
    const sign = item.task ? (item.checked ? "✓ " : "· ") : list.ordered ? `${Number(list.start || 1) + index}. ` : "- ";
    const indent = " ".repeat(sign.length);
    const content = tokensToLines(
      item.tokens.filter(({ type }) => type !== "checkbox"),
      Math.max(4, width - sign.length),
      growing,
    );
    for (const [at, part] of (content.length > 0 ? content : [blank]).entries()) lines.push([at === 0 ? span(sign, style.dim) : span(indent), ...part]);
  }
  return lines;
}

/** Inline tokens wrapped; hard breaks begin a new line. */
function inlineLines(tokens: readonly Token[], width: number, look: Style): Line[] {
  const lines: Span[][] = [[]];
  for (const part of inline(tokens, look)) {
    const [first = "", ...rest] = part.text.split("\n");
    if (first !== "") lines.at(-1)?.push({ text: first, style: part.style });
    for (const text of rest) lines.push(text === "" ? [] : [{ text, style: part.style }]);
  }
  return lines.flatMap((spans) => wrapSpans(spans, width));
}

function inline(tokens: readonly Token[], look: Style): Span[] {
  return tokens.flatMap((token): Span[] => {
    const inside = token as Tokens.Generic;
    switch (token.type) {
      case "strong":
        return inline(inside.tokens ?? [], look | style.bold);
      case "em":
        return inline(inside.tokens ?? [], look | style.italic);
      case "codespan":
        return [span(inside.text, look | style.accent)];
      case "br":
        return [span("\n", look)];
      case "link": {
        const label = inline(inside.tokens ?? [], look | style.underline);
        return inside.href === inside.text ? label : [...label, span(` (${inside.href})`, look | style.dim)];
      }
      default:
        return inside.tokens ? inline(inside.tokens, look) : [span(String(inside.text ?? token.raw), look)];
    }
  });
}
