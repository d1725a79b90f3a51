// What kind of question a search is: words, or a text that is meant as it stands.

export type Query = { kind: "words"; words: string } | { kind: "text"; text: string } | { kind: "pattern"; pattern: string };

/** `"as it stands"` and `/a pattern/` go straight to the text; everything else is words. */
export function queryOf(typed: string): Query {
  const text = typed.trim();
  const quoted = /^(["'`])(.+)\1$/s.exec(text)?.[2];
  if (quoted !== undefined) return { kind: "text", text: quoted };
  const pattern = /^\/(.+)\/$/s.exec(text)?.[1];
  if (pattern !== undefined) return { kind: "pattern", pattern };
  // signs that no words have: a piece of code
  if (/[(){}[\]=;<>]|->|::|\w\.\w+\(/.test(text) && !/\s\w+\s\w+\s/.test(text)) return { kind: "text", text };
  return { kind: "words", words: text };
}
