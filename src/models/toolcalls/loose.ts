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
  /** Asked about every field of the outermost object, or of the objects in the outermost list, first with its key alone: false makes the text wrong there. */
  field?(key: string, value?: unknown): boolean;
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
  return readValue({ text, at: from, options }, 0, true);
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

/** `outer`: fields here are those that `options.field` is asked about. */
function readValue(reader: Reader, depth: number, outer: boolean): Loose {
  skipSpace(reader);
  const char = reader.text[reader.at];
  if (char === undefined) return cut(false);
  const marked = readMarked(reader);
  if (marked) return marked;
  if (depth > deepest) return wrong(reader);
  if (char === "{") return readObject(reader, depth, outer);
  if (char === "[" || char === "(") return readList(reader, char === "[" ? "]" : ")", depth, outer);
  if (char === '"' || char === "'") return readString(reader, char);
  return readWord(reader);
}

const spaces = /\s*/y;
function skipSpace(reader: Reader): void {
  if (reader.text.charCodeAt(reader.at) > 32 && reader.text.charCodeAt(reader.at) < 128) return;
  spaces.lastIndex = reader.at;
  reader.at += spaces.exec(reader.text)?.[0].length ?? 0;
}

function readObject(reader: Reader, depth: number, outer: boolean): Loose {
  const object: Record<string, unknown> = {};
  const field = outer ? reader.options.field : undefined;
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
    const name = String(key.value);
    skipSpace(reader);
    if (reader.at >= reader.text.length) return cut(false);
    if (reader.text[reader.at] !== ":" || field?.(name) === false) return wrong(reader);
    reader.at++;
    const read = readValue(reader, depth + 1, false);
    if (read.is !== "value") return read;
    if (field?.(name, read.value) === false) return wrong(reader);
    Object.defineProperty(object, name, { value: read.value, enumerable: true, configurable: true, writable: true });
    const end = readComma(reader, "}");
    if (end) return end;
  }
}

function readList(reader: Reader, closing: "]" | ")", depth: number, outer: boolean): Loose {
  const list: unknown[] = [];
  reader.at++;
  for (;;) {
    skipSpace(reader);
    if (reader.at >= reader.text.length) return reader.options.closeAtEnd ? value(reader, list) : cut(false);
    if (reader.text[reader.at] === closing) {
      reader.at++;
      return value(reader, list);
    }
    const read = readValue(reader, depth + 1, outer && depth === 0);
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

const word = /[\p{L}\p{N}_$.-]+/uy;
function readKey(reader: Reader): Loose {
  const marked = readMarked(reader);
  if (marked) return marked;
  const char = reader.text[reader.at];
  if (char === '"' || char === "'") return readString(reader, char);
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
const stops = { '"': /["\\]/g, "'": /['\\]/g };
const visible = /\S/g;

/**
 * A quoted string. Line breaks inside are kept, an escape that JSON doesn't know keeps its backslash (`\d` of a pattern), and a quote which nothing that
 * may follow a string follows belongs to the text: taken only if such quotes come in pairs.
 */
function readString(reader: Reader, quote: '"' | "'"): Loose {
  const { text } = reader;
  const triple = quote.repeat(3);
  if (text.startsWith(triple, reader.at) && !/^\s*[,:}\])]/.test(text.slice(reader.at + 2, reader.at + 40))) return readTriple(reader, triple);
  const parts: string[] = [];
  let inner = 0;
  for (let at = reader.at + 1; ; ) {
    const stop = stops[quote];
    stop.lastIndex = at;
    const found = stop.exec(text)?.index;
    if (found === undefined) return cut(true);
    parts.push(text.slice(at, found));
    if (text[found] === "\\") {
      const next = text[found + 1];
      if (next === undefined) return cut(true);
      const hex = next === "u" ? /^[0-9a-f]{4}/i.exec(text.slice(found + 2, found + 6))?.[0] : undefined;
      if (next === "u" && hex === undefined && text.length < found + 6) return cut(true);
      parts.push(hex === undefined ? (escapes[next] ?? `\\${next}`) : String.fromCharCode(Number.parseInt(hex, 16)));
      at = found + (hex === undefined ? 2 : 6);
      continue;
    }
    visible.lastIndex = found + 1;
    const after = visible.exec(text)?.[0];
    if (after === undefined && !reader.options.closeAtEnd) return cut(false); // what follows decides
    if (after !== undefined && !endsString.includes(after)) {
      if (quote === '"' || !/^\w'\w/.test(text.slice(found - 1, found + 2))) inner++; // it's needs no partner
      parts.push(quote);
      at = found + 1;
      continue;
    }
    reader.at = found + 1;
    return inner % 2 === 0 ? value(reader, parts.join("")) : wrong(reader);
  }
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
