// Strict JSON that knows its places: every fault has a line and a column, every key the line it stands on. No comments: `config set` would lose them.

/** A fault in the text; line and column count from 1. */
export class JsonFault extends Error {
  readonly line: number;
  readonly column: number;
  constructor(what: string, line: number, column: number) {
    super(what);
    this.name = "JsonFault";
    this.line = line;
    this.column = column;
  }
}
export interface PlacedJson {
  value: unknown;
  /** Line of each key by its dotted path (`limits.maxTurns`; list items by number). */
  lines: Map<string, number>;
}

const deepest = 60;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const word = /true|false|null/y;

/** Throws JsonFault. A byte order mark in front is tolerated, a key given twice is not. */
export function parsePlaced(source: string): PlacedJson {
  const text = source.replace(/^\uFEFF/, "");
  const lines = new Map<string, number>();
  let at = 0;

  const fail = (what: string, offset = at): never => {
    const before = text.slice(0, offset);
    throw new JsonFault(what, before.split("\n").length, offset - before.lastIndexOf("\n"));
  };
  // Keys come in order, so their lines are counted in one pass over the text.
  let counted = 0;
  let line = 1;
  const lineAt = (offset: number): number => {
    for (; counted < offset; counted++) if (text[counted] === "\n") line++;
    return line;
  };
  const shown = (): string => (at >= text.length ? "the end of the file" : JSON.stringify(text.slice(at, at + 12).split("\n", 1)[0] || "a line break"));
  const skip = (): void => {
    while (at < text.length && " \t\n\r".includes(text.charAt(at))) at++;
    if (text.startsWith("//", at) || text.startsWith("/*", at)) fail("comments are not allowed in JSON");
  };
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const readKey = (): string => {
    const found = match(string);
    if (found === null)
      return text[at] === '"' ? fail("this text in quotes doesn't end on its line, or holds a bad escape") : fail(`a key in double quotes was expected, not ${shown()}`);
    return JSON.parse(found) as string;
  };

  const readValue = (path: string, depth: number): unknown => {
    if (depth > deepest) fail(`nested deeper than ${deepest} levels`);
    skip();
    const first = text[at];
    if (first === "{") return readObject(path, depth);
    if (first === "[") return readList(path, depth);
    if (first === '"') return readKey();
    const found = match(word) ?? match(number);
    if (found === null) return fail(`a value was expected, not ${shown()}`);
    return JSON.parse(found);
  };
  const readObject = (path: string, depth: number): Record<string, unknown> => {
    const entries = new Map<string, unknown>();
    at++;
    skip();
    if (text[at] === "}") {
      at++;
      return {};
    }
    for (;;) {
      skip();
      const start = at;
      if (text[at] === "}") fail("a comma before } is one too many");
      const key = readKey();
      if (entries.has(key)) fail(`the key ${JSON.stringify(key)} stands here a second time`, start);
      const full = path ? `${path}.${key}` : key;
      lines.set(full, lineAt(start));
      skip();
      if (text[at] !== ":") fail(`a colon was expected after ${JSON.stringify(key)}, not ${shown()}`);
      at++;
      entries.set(key, readValue(full, depth + 1));
      skip();
      if (text[at] === ",") {
        at++;
        continue;
      }
      if (text[at] !== "}") fail(`a comma or } was expected, not ${shown()}`);
      at++;
      return Object.fromEntries(entries);
    }
  };
  const readList = (path: string, depth: number): unknown[] => {
    const items: unknown[] = [];
    at++;
    skip();
    if (text[at] === "]") {
      at++;
      return items;
    }
    for (;;) {
      skip();
      if (text[at] === "]") fail("a comma before ] is one too many");
      lines.set(`${path}.${items.length}`, lineAt(at));
      items.push(readValue(`${path}.${items.length}`, depth + 1));
      skip();
      if (text[at] === ",") {
        at++;
        continue;
      }
      if (text[at] !== "]") fail(`a comma or ] was expected, not ${shown()}`);
      at++;
      return items;
    }
  };

  const value = readValue("", 0);
  skip();
  if (at < text.length) fail(`nothing more was expected, but there is ${shown()}`);
  return { value, lines };
}
