// Code as styled lines: keywords bold, strings and numbers in the accent, comments dim. Plain until the library is there.
import { loadHighlight, rich } from "./parts/later.ts";
import { blank, type Line, type Span, type Style, span, style } from "./parts/line.ts";

/** Longer code isn't worth the wait. */
const mostCharacters = 20_000;
const looks: Record<string, Style> = {
  keyword: style.bold,
  built_in: style.plain,
  literal: style.accent,
  number: style.accent,
  string: style.accent,
  regexp: style.accent,
  symbol: style.accent,
  comment: style.dim,
  doctag: style.dim,
  meta: style.dim,
  title: style.bold,
  section: style.bold,
  name: style.bold,
  "selector-tag": style.bold,
};
const names = Object.keys(looks);
// Marks around a token while the text passes through the library: \x01, a letter for the style, ..., \x02. Code is sanitised, so it has none.
const theme = Object.fromEntries([
  ...names.map((name, index) => [name, (text: string) => `\x01${String.fromCharCode(65 + index)}${text}\x02`]),
  ...[
    "type",
    "class",
    "function",
    "params",
    "attr",
    "attribute",
    "variable",
    "tag",
    "bullet",
    "code",
    "emphasis",
    "strong",
    "formula",
    "link",
    "quote",
    "addition",
    "deletion",
    "default",
  ].map((name) => [name, (text: string) => text]),
  ...["meta-keyword", "meta-string", "builtin-name", "template-tag", "template-variable", "selector-id", "selector-class", "selector-attr", "selector-pseudo"].map((name) => [
    name,
    (text: string) => text,
  ]),
]);

/** Growing code is highlighted in chunks of so many lines, each once; a string over their border looks wrong until the code is whole. */
const chunkLines = 20;
let chunks = new Map<string, Line[]>();

/** Sanitised code as lines, as many as it has. `growing`: it will be asked for again with more at its end. An unknown language is plain. Never throws. */
export function codeLines(code: string, language: string | undefined, growing = false): Line[] {
  const name =
    (language ?? "")
      .trim()
      .split(/[\s{,]/)[0]
      ?.toLowerCase() ?? "";
  if (name === "" || code.length > mostCharacters) return plainLines(code);
  if (!rich.highlight) {
    void loadHighlight();
    return plainLines(code);
  }
  if (!rich.highlight.knows(name)) return plainLines(code);
  if (!growing) return highlighted(code, name);
  const all = code.split("\n");
  const lines: Line[] = [];
  for (let at = 0; at < all.length; at += chunkLines) {
    const chunk = all.slice(at, at + chunkLines).join("\n");
    if (at + chunkLines >= all.length) lines.push(...highlighted(chunk, name));
    else lines.push(...remembered(chunk, name));
  }
  return lines;
}

function remembered(chunk: string, name: string): Line[] {
  const key = `${name} ${chunk}`;
  const known = chunks.get(key);
  if (known) return known;
  const lines = highlighted(chunk, name);
  if (chunks.size > 200) chunks = new Map();
  chunks.set(key, lines);
  return lines;
}

function highlighted(code: string, name: string): Line[] {
  try {
    return rich.highlight ? marked(rich.highlight.run(code, { language: name, ignoreIllegals: true, theme })) : plainLines(code);
  } catch {
    return plainLines(code);
  }
}

const plainLines = (code: string): Line[] => code.split("\n").map((text) => (text === "" ? blank : [span(text)]));

function marked(text: string): Line[] {
  const lines: Span[][] = [[]];
  const stack: Style[] = [];
  for (const part of text.split(/(\x01.|\x02|\n)/)) {
    if (part === "\n") lines.push([]);
    else if (part === "\x02") stack.pop();
    else if (part.startsWith("\x01")) stack.push(looks[names[part.charCodeAt(1) - 65] ?? ""] ?? style.plain);
    else if (part !== "") lines.at(-1)?.push(span(part, stack.at(-1) ?? style.plain));
  }
  return lines;
}
