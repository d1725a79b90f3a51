// Reads values as models write them: JSON, JSON with the usual slips, Python literals and Gemma's unquoted kind. Pure; never throws.

/** `end` is the index after the value. `cut`: the text ended first, inside a string or not; `wrong`: it can't be such a value, seen at `at`. */
export type Loose = { is: "value"; value: unknown; end: number } | { is: "cut"; inString: boolean } | { is: "wrong"; at: number };

export interface LooseOptions {
  /** Strings in these marks, without escapes: Gemma's `<|"|>`. */
  marks?: readonly string[];
  /** Words without quotes are strings, up to `,` or a closing bracket. */
  bareWords?: boolean;
  /** Open brackets are closed at the end of the text, if it doesn't end inside a string or after a key. */
  closeAtEnd?: boolean;
}
interface Reader {
  text: string;
  at: number;
  options: LooseOptions;
}

/** Deeper nesting than any tool's arguments is refused before it costs the stack. */
const deepest = 100;
const cut = (inString: boolean): Loose => ({ is: "cut", inString });
const value = (reader: Reader, read: unknown): Loose => ({ is: "value", value: read, end: reader.at });
const wrong = (reader: Reader): Loose => ({ is: "wrong", at: reader.at });

/** The value that begins at `from` (white space before it is skipped). What follows it is not looked at. */
export function readLoose(text: string, from = 0, options: LooseOptions = {}): Loose {
  return readValue({ text, at: from, options }, 0);
}

/** The whole of `text` as one value, or undefined. Strict JSON first, so that what is right is never repaired. */
export function parseLoose(text: string, options: LooseOptions = {}): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    const read = readLoose(text, 0, { closeAtEnd: true, ...options });
    return read.is === "value" && /^[\s\]};,]*$/.test(text.slice(read.end)) ? { value: read.value } : undefined;
  }
}

function readValue(reader: Reader, depth: number): Loose {
  skipSpace(reader);
  const char = reader.text[reader.at];
  if (char === undefined) return cut(false);
  const marked = readMarked(reader);
  if (marked) return marked;
  if (depth > deepest) return wrong(reader);
  if (char === "{") return readObject(reader, depth);
  if (char === "[" || char === "(") return readList(reader, char === "[" ? "]" : ")", depth);
  if (char === '"' || char === "'") return readString(reader, char);
  return readWord(reader);
}

function skipSpace(reader: Reader): void {
  while (/\s/.test(reader.text[reader.at] ?? "x")) reader.at++;
}

function readObject(reader: Reader, depth: number): Loose {
  const object: Record<string, unknown> = {};
  reader.at++;
  for (;;) {
    skipSpace(reader);
    if (reader.at >= reader.text.length) return reader.options.closeAtEnd ? value(reader, object) : cut(false);
    const char = reader.text[reader.at];
    if (char === "}") {
      reader.at++;
      return value(reader, object);
    }
    const key = readKey(reader);
    if (key.is !== "value") return key;
    skipSpace(reader);
    if (reader.at >= reader.text.length) return cut(false);
    if (reader.text[reader.at] !== ":") return wrong(reader);
    reader.at++;
    const read = readValue(reader, depth + 1);
    if (read.is !== "value") return read;
    Object.defineProperty(object, String(key.value), { value: read.value, enumerable: true, configurable: true, writable: true });
    const end = readComma(reader, "}");
    if (end) return end;
  }
}

function readList(reader: Reader, closing: "]" | ")", depth: number): Loose {
  const list: unknown[] = [];
  reader.at++;
  for (;;) {
    skipSpace(reader);
    if (reader.at >= reader.text.length) return reader.options.closeAtEnd ? value(reader, list) : cut(false);
    if (reader.text[reader.at] === closing) {
      reader.at++;
      return value(reader, list);
    }
    const read = readValue(reader, depth + 1);
    if (read.is !== "value") return read;
    list.push(read.value);
    const end = readComma(reader, closing);
    if (end) return end;
  }
}

/** Past a comma; a closing bracket is left for the caller. A trailing comma is forgiven, a missing one isn't: it could hide a lost value. */
function readComma(reader: Reader, closing: string): Loose | undefined {
  skipSpace(reader);
  const char = reader.text[reader.at];
  if (char === ",") reader.at++;
  else if (char !== undefined && char !== closing) return wrong(reader);
  return undefined;
}

function readKey(reader: Reader): Loose {
  const marked = readMarked(reader);
  if (marked) return marked;
  const char = reader.text[reader.at];
  if (char === '"' || char === "'") return readString(reader, char);
  const word = /[\p{L}\p{N}_$.-]+/uy;
  word.lastIndex = reader.at;
  const found = word.exec(reader.text)?.[0];
  if (!found) return wrong(reader);
  reader.at += found.length;
  return value(reader, found);
}

function readMarked(reader: Reader): Loose | undefined {
  for (const mark of reader.options.marks ?? []) {
    const rest = reader.text.slice(reader.at, reader.at + mark.length);
    if (rest.length < mark.length && mark.startsWith(rest)) return cut(false);
    if (rest !== mark) continue;
    const start = reader.at + mark.length;
    const end = reader.text.indexOf(mark, start);
    if (end < 0) return cut(true);
    reader.at = end + mark.length;
    return value(reader, reader.text.slice(start, end));
  }
  return undefined;
}

const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", '"': '"', "'": "'", "\\": "\\", "/": "/" };

/**
 * A quoted string. Line breaks inside are kept, an escape that JSON doesn't know keeps its backslash (`\d` of a pattern), and a quote which nothing that
 * may follow a string follows belongs to the text: taken only if such quotes come in pairs.
 */
function readString(reader: Reader, quote: string): Loose {
  const { text } = reader;
  const triple = quote.repeat(3);
  if (text.startsWith(triple, reader.at) && !/^\s*[,:}\])]/.test(text.slice(reader.at + 2, reader.at + 40))) return readTriple(reader, triple);
  let read = "";
  let inner = 0;
  for (let at = reader.at + 1; at < text.length; at++) {
    const char = text[at] as string;
    if (char === "\\") {
      const next = text[at + 1];
      if (next === undefined) return cut(true);
      const hex = next === "u" ? /^[0-9a-f]{4}/i.exec(text.slice(at + 2, at + 6))?.[0] : undefined;
      if (next === "u" && hex === undefined && text.length < at + 6) return cut(true);
      read += hex === undefined ? (escapes[next] ?? `\\${next}`) : String.fromCharCode(Number.parseInt(hex, 16));
      at += hex === undefined ? 1 : 5;
      continue;
    }
    if (char !== quote) {
      read += char;
      continue;
    }
    const after = /\S/.exec(text.slice(at + 1))?.[0];
    if (after !== undefined && !endsString.includes(after)) {
      if (quote === '"' || !/^\w'\w/.test(text.slice(at - 1, at + 2))) inner++; // it's needs no partner
      read += char;
      continue;
    }
    reader.at = at + 1;
    return inner % 2 === 0 ? value(reader, read) : wrong(reader);
  }
  return cut(true);
}
/** What may stand after a string; `<` begins the closing tag of a call whose brackets are missing. */
const endsString = ",:}])<";

function readTriple(reader: Reader, triple: string): Loose {
  const start = reader.at + 3;
  const end = reader.text.indexOf(triple, start);
  if (end < 0) return cut(true);
  reader.at = end + 3;
  return value(reader, reader.text.slice(start, end));
}

const words = new Map<string, unknown>([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["null", null],
  ["None", null],
  ["nil", null],
]);

function readWord(reader: Reader): Loose {
  const { text, options } = reader;
  const pattern = options.bareWords ? /[^,{}[\]<]*/y : /[\w.+-]*/y;
  pattern.lastIndex = reader.at;
  const word = pattern.exec(text)?.[0] ?? "";
  const end = reader.at + word.length;
  if (end >= text.length && !options.closeAtEnd) return cut(false);
  const trimmed = word.trim();
  const known = words.has(trimmed);
  const number = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed);
  if (trimmed === "" || (!known && !number && !options.bareWords)) return wrong(reader);
  reader.at = end;
  return value(reader, known ? words.get(trimmed) : number ? Number(trimmed) : trimmed);
}
