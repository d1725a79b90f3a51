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

/** Sanitised code as lines, as many as it has. An unknown language is plain. Never throws. */
export function codeLines(code: string, language: string | undefined): Line[] {
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
  try {
    return marked(rich.highlight.run(code, { language: name, ignoreIllegals: true, theme }));
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
