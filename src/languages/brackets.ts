// Brackets that close nothing or are never closed, and where: by indentation where counting alone would point to the wrong end of the file. Pure.

export interface Bracket {
  /** As the grammar calls it: `{`, `${`, `)`. */
  type: string;
  /** 0-based. */
  row: number;
  /** Blanks its line begins with. */
  indent: number;
  /** Nothing but blanks stands before it on its line. */
  first: boolean;
}
export interface Unbalanced {
  bracket: Bracket;
  is: "unclosed" | "extra";
}

const closers: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
/** `${`, `#[` and `@{` are closed as plain ones are. */
const kindOf = (type: string): string => type.slice(-1);
export const isOpen = (type: string): boolean => /^[#$@%]?[([{]$/.test(type);
export const isClose = (type: string): boolean => type in closers;

/** In the order they stand. Empty when every bracket has its other half. `edited`: of two that don't fit, the one in these rows is to blame. */
export function unbalanced(brackets: readonly Bracket[], edited: { from: number; to: number } | null): Unbalanced[] {
  const isEdited = ({ row }: Bracket): boolean => edited !== null && row >= edited.from && row <= edited.to;
  const open: Bracket[] = [];
  const found: Unbalanced[] = [];
  /** First places where indentation disagrees, by kind: an opener that ends further left than it began, and the reverse. */
  const left = new Map<string, Bracket>();
  const right = new Map<string, Bracket>();
  for (const bracket of brackets) {
    if (isOpen(bracket.type)) {
      open.push(bracket);
      continue;
    }
    const kind = closers[bracket.type] ?? "";
    const last = open.at(-1);
    if (last && kindOf(last.type) === kind) {
      if (bracket.first && last.indent > bracket.indent && open.some((one) => kindOf(one.type) === kind && one.indent === bracket.indent) && !left.has(kind)) left.set(kind, last);
      if (bracket.first && last.indent < bracket.indent && !right.has(kind)) right.set(kind, bracket);
      open.pop();
      continue;
    }
    const at = open.findLastIndex((one) => kindOf(one.type) === kind);
    if (at === -1 || (isEdited(bracket) && !open.slice(at + 1).some(isEdited))) found.push({ bracket, is: "extra" });
    else for (const one of open.splice(at).slice(1)) found.push({ bracket: one, is: "unclosed" });
  }
  for (const one of open) found.push({ bracket: one, is: "unclosed" });
  return found
    .map(({ bracket, is }): Unbalanced => {
      const kind = closers[bracket.type] ?? kindOf(bracket.type);
      const better = (is === "unclosed" ? left : right).get(kind);
      return { bracket: better && (isEdited(better) || !isEdited(bracket)) ? better : bracket, is };
    })
    .sort((one, other) => one.bracket.row - other.bracket.row);
}

/** Comments, strings and characters of C, C++ and CSS; a quote within a number is none. */
const opaque = /\/\*[\s\S]*?(?:\*\/|$)|\/\/(?:\\\r?\n|[^\n])*|\b(?:u8|[uUL])?R"([^\s()\\]{0,16})\([\s\S]*?\)\1"|"(?:\\[\s\S]|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\[\s\S]|[^'\\\n])*'/g;
const opaqueCss = /\/\*[\s\S]*?(?:\*\/|$)|\burl\(\s*[^"'\s)][^)\n]*\)|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g;

/** Brackets of a text that no grammar reads well, for the macros in it: found without one. */
export function bracketsIn(text: string, language: "cpp" | "css"): Bracket[] {
  const bare = text.replace(language === "css" ? opaqueCss : opaque, (part) => part.replace(/[^\n]/g, " "));
  const found: Bracket[] = [];
  for (const [row, line] of bare.split("\n").entries()) {
    const indent = line.length - line.trimStart().length;
    for (const { 0: type, index } of line.matchAll(/[()[\]{}]/g)) found.push({ type, row, indent, first: index <= indent });
  }
  return found;
}
