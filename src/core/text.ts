// Text on its way to a terminal: made harmless, measured in columns, cut, wrapped and padded. Plain ASCII takes the short way.

/** First code point and length less one, base 36, of what East Asian Width (Unicode 17) calls wide or fullwidth. */
const wideRanges =
  "3cw,2n 6xm,1 6y1,1 73d,3 73k,0 73n,0 7i5,1 7is,1 7jk,7 7k8,b 7lr,0 7m2,5 7mb,0 7mp,0 7my,1 7nh,1 7no,1 7ny,0 7o4,0 7oq,0 7oy,1 7p1,0 7p6,0 7p9,0 7ph,0 7pm,1 7qg,0 " +
  "7rg,0 7ri,0 7rn,2 7rr,0 7th,2 7u8,0 7un,0 8ij,1 8k0,0 8k5,0 96o,p 97f,2g 9a8,5x 9gw,26 9j5,2d 9ll,2u 9ol,16 9pt,2l 9sg,2d 9v3,1b 9wg,13 9xs,mkc wi8,1i xgg,s xz4,8mb " +
  "1d6o,e7 1e6o,9 1e7k,y 1e8k,i 1e94,3 1edd,2n 1ejk,6 20o0,4 20og,6 20ow,5p6 26f3,x 26io,36 26m8,pd 27c0,1e 2dbk,3 2dbp,6 2dbx,1 2dc0,88 2dki,0 2dlc,2 2dlh,0 2dlw,4 " +
  "2dm8,az 2k8w,2e 2kbk,m 2pz8,0 2q4v,0 2qa6,0 2qa9,9 2qb2,0 2qdc,2 2qds,17 2qf4,8 2qfk,1 2qg0,5 2qkg,w 2qlp,8 2qlz,1x 2qny,l 2qow,16 2qq7,4 2qqo,g 2qr8,0 2qrc,1y " +
  "2qtc,0 2qte,56 2qyn,1q 2r0r,3 2r0w,n 2r22,0 2r2t,1 2r38,0 2r5n,2c 2r9c,1x 2rbg,0 2rbk,2 2rbp,4 2rbw,3 2rcb,1 2rck,8 2riy,0 2rj4,b 2rjk,0 2rrg,1a 2rss,9 2rt3,54 " +
  "2s1c,c 2s1s,1y 2s3s,0 2s3w,h 2s4f,c 2s4v,b 2t4w,1ekd 47pc,1ekd";
const plain = /^[\n -~]*$/;
const ascii = /^[ -~]*$/;
/** One column each beside ASCII: Latin, Greek, Cyrillic, the usual punctuation, arrows, mathematics, lines and boxes. */
const narrow = /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0377\u0391-\u0482\u2010-\u2027\u2030-\u203a\u2190-\u2199\u2200-\u22ff\u2500-\u25fc\u2713\u2717]*$/;

const csi = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]/g;
const stringSequence = /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f\n]*(?:\x07|\x1b\\|\x9c)/g;
const shortEscape = /\x1b(?:[ -/]+[0-~]|[78=>DEHMc])/g;
const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
/** What a reader can't see or what turns the reading order around; ZWNJ and ZWJ are judged by their neighbours. */
const unseen = /(?:(?![\u200c-\u200f\u00ad\p{Variation_Selector}])[\p{Cf}\u115f\u1160\u17b4\u17b5\u3164\uffa0\p{Default_Ignorable_Code_Point}])+/gu;
/** Dropped without a word: soft hyphens, direction marks, variation selectors, enclosing keycaps, skin tones. Terminals disagree about their width. */
const dropped = /[\u00ad\u200e\u200f\p{Variation_Selector}]|\u20e3|(?<=\p{Extended_Pictographic})[\u{1f3fb}-\u{1f3ff}]/gu;
const joiner = /(?<![\p{L}\p{M}])[\u200c\u200d]+|[\u200c\u200d]+(?![\p{L}\p{M}])|(?<=[ -~])[\u200c\u200d]+|[\u200c\u200d]{2,}/gu;

const picture = (char: string): string => {
  const code = char.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "\u2421" : "\ufffd";
};
const named = (run: string): string => {
  const chars = [...run];
  const code = (chars[0] ?? "").codePointAt(0) ?? 0;
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}${chars.length > 1 ? ` x${chars.length}` : ""}>`;
};

/**
 * Text from outside (a model, a file, a tool, a server) as text that can't drive a terminal: whole escape sequences are dropped, what is
 * left of ESC and the control characters becomes visible, so do characters that hide or reorder text. Line ends become \n, tabs spaces
 * (stops every `tab` columns). Emoji are reduced to forms every terminal gives the same width. Applying it again changes nothing.
 */
export function sanitise(text: string, tab = 4): string {
  if (plain.test(text)) return text;
  let out = text.replace(/\r\n?|[\u2028\u2029]/g, "\n");
  if (/[\x1b\x90-\x9f]/.test(out)) out = out.replace(stringSequence, "").replace(csi, "").replace(shortEscape, "");
  out = out.replace(control, picture);
  if (!/^[\n\t -~]*$/.test(out)) {
    out = out.toWellFormed().replace(dropped, "").replace(joiner, "").replace(unseen, named);
    out = out.replace(/(\p{M}{4})\p{M}+/gu, "$1").replace(/^\p{M}/gmu, "\u25cc$&");
  }
  return out.includes("\t")
    ? out
        .split("\n")
        .map((line) => expandTabs(line, tab))
        .join("\n")
    : out;
}

/** `sanitise` on one line: line ends become spaces. For names, titles and paths. */
export const sanitiseLine = (text: string): string => sanitise(text).replace(/\n+/g, " ");

function expandTabs(line: string, tab: number): string {
  const [first = "", ...rest] = line.split("\t");
  let out = first;
  for (const part of rest) out += " ".repeat(tab - (widthOf(out) % tab)) + part;
  return out;
}

let segmenter: Intl.Segmenter | undefined;
/** User-perceived characters, in order. */
export const graphemes = (text: string): Intl.Segments => {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
};

let starts: number[] | undefined;
let ends: number[] = [];
function isWide(code: number): boolean {
  if (code < 0x1100) return false;
  if (!starts) {
    const pairs = wideRanges.split(" ").map((pair) => pair.split(",").map((number) => Number.parseInt(number, 36)));
    starts = pairs.map(([start = 0]) => start);
    ends = pairs.map(([start = 0, more = 0]) => start + more);
  }
  let low = 0;
  let high = starts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (code < (starts[middle] ?? 0)) high = middle - 1;
    else if (code > (ends[middle] ?? 0)) low = middle + 1;
    else return true;
  }
  return false;
}

const visible = /[^\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Surrogate}]/u;
const isMedialJamo = (code: number): boolean => (code >= 0x1160 && code <= 0x11ff) || (code >= 0xd7b0 && code <= 0xd7fb);
const rgiEmoji = "^\\p{RGI_Emoji}$"; // as a literal it would need a newer target
let emoji: RegExp | undefined;

/** Columns of one grapheme: 0, 1, 2, more only for odd clusters. */
function clusterWidth(cluster: string): number {
  const first = cluster.codePointAt(0) ?? 0;
  if (cluster.length === (first > 0xffff ? 2 : 1)) return visible.test(cluster) ? (isWide(first) ? 2 : 1) : 0;
  emoji ??= new RegExp(rgiEmoji, "v");
  if (emoji.test(cluster)) return 2;
  if (/^[\d#*]\u20e3$/.test(cluster)) return 2;
  if (cluster.includes("\u200d") && (cluster.slice(0, 50).match(/\p{Extended_Pictographic}/gu)?.length ?? 0) > 1) return 2;
  let width = 0;
  for (const char of cluster) {
    if (!visible.test(char)) continue;
    const code = char.codePointAt(0) ?? 0;
    if (width === 0) width = isWide(code) ? 2 : 1;
    else if (isMedialJamo(code)) continue;
    else if (/[\p{Spacing_Mark}\uff00-\uffef]/u.test(char) || (code >= 0x1100 && code <= 0x115f)) width += isWide(code) ? 2 : 1;
  }
  return width;
}

/** Terminal columns that sanitised text without line ends takes. */
export function widthOf(text: string): number {
  if (narrow.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text)) width += clusterWidth(segment);
  return width;
}

/** At most `columns` wide, the cut shown as …; never splits a grapheme. */
export function cut(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (widthOf(text) <= columns) return text;
  return `${head(text, columns - 1)}…`;
}

/** The longest beginning that is at most `columns` wide. */
export function head(text: string, columns: number): string {
  if (narrow.test(text)) return text.slice(0, Math.max(0, columns));
  let width = 0;
  for (const { segment, index } of graphemes(text)) {
    width += clusterWidth(segment);
    if (width > columns) return text.slice(0, index);
  }
  return text;
}

/** Exactly `columns` wide: cut, or filled with spaces on the right (`at` "start": on the left). */
export function pad(text: string, columns: number, at: "end" | "start" = "end"): string {
  const fitting = cut(text, columns);
  const space = " ".repeat(Math.max(0, columns - widthOf(fitting)));
  return at === "end" ? fitting + space : space + fitting;
}

/**
 * Where one line of text breaks to fit `columns`: start and end offsets in turn. Breaks at spaces, which are dropped there, else inside the
 * word between graphemes. Greedy: more text at the end changes only the last range. A grapheme wider than `columns` has a range of its own.
 */
export function breaks(line: string, columns: number): number[] {
  const room = Math.max(1, columns);
  const simple = ascii.test(line);
  if (simple && line.length <= room) return [0, line.length];
  const ranges: number[] = [];
  let start = 0;
  let width = 0;
  let inWord = false; // a word has begun on this line
  let wordEnd = -1; // where the line would end at its last space
  let nextWord = -1;
  let widthToNext = 0;
  let trimmed = 0;
  const step = (at: number, length: number, columnsOf: number): void => {
    if (line[at] === " " && length === 1) {
      if (inWord) {
        if (nextWord !== at) wordEnd = at;
        nextWord = at + 1;
        widthToNext = width + 1;
      }
      width++;
      return;
    }
    if (width + columnsOf > room && at > start && wordEnd >= 0) {
      ranges.push(start, wordEnd);
      start = nextWord;
      width -= widthToNext;
      wordEnd = -1;
    }
    if (width + columnsOf > room && at > start) {
      if (inWord) ranges.push(start, at);
      start = at;
      width = 0;
    }
    inWord = true;
    width += columnsOf;
    trimmed = at + length;
  };
  if (simple) for (let at = 0; at < line.length; at++) step(at, 1, 1);
  else for (const { segment, index } of graphemes(line)) step(index, segment.length, clusterWidth(segment));
  ranges.push(start, width <= room ? line.length : inWord ? Math.max(start, trimmed) : Math.min(line.length, start + room));
  return ranges;
}

/** Lines of at most `columns`; \n begins a new one. Indentation stays on the first line of each. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    const ranges = breaks(line, columns);
    for (let at = 0; at < ranges.length; at += 2) {
      const part = line.slice(ranges[at], ranges[at + 1]);
      lines.push(widthOf(part) > columns ? cut("·", columns) : part);
    }
  }
  return lines;
}
