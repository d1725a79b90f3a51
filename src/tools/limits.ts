// How much the model gets from one call, and how long things may take. Cutting keeps whole lines and says what is missing.

export const limits = {
  /** Longest line shown whole, in characters. */
  lineChars: 2000,
  /** Files up to this size are read in one piece, larger ones are streamed. */
  wholeFileBytes: 4 * 1024 * 1024,
  /** Largest file the file tools load to change it. */
  editBytes: 32 * 1024 * 1024,
  runSeconds: 120,
  runSecondsMost: 1800,
  testSeconds: 600,
  searchMs: 20_000,
  /** Most characters of matches, and of a listing: what doesn't fit is better narrowed than read. */
  searchChars: 8_000,
  listChars: 6_000,
  /** Output of a helper program (git, ripgrep) kept, in bytes. */
  helperBytes: 4 * 1024 * 1024,
} as const;

/** `text` in at most `room` characters: its head and the larger part, its tail, at line borders where there are any; says what was left out between. */
export function headTail(text: string, room: number): string {
  if (text.length <= room) return text;
  const space = Math.max(0, room - 60);
  let head = text.slice(0, Math.floor(space / 3));
  let tail = text.slice(text.length - Math.ceil((space * 2) / 3));
  const headEnd = head.lastIndexOf("\n");
  if (headEnd > head.length / 2) head = head.slice(0, headEnd);
  const tailStart = tail.indexOf("\n");
  if (tailStart !== -1 && tailStart < tail.length / 2) tail = tail.slice(tailStart + 1);
  const cut = text.slice(head.length, text.length - tail.length);
  const lines = cut.split("\n").length - 1;
  return `${whole(head)}\n[... ${lines > 1 ? `${lines} lines, ` : ""}${cut.length} characters left out ...]\n${whole(tail)}`;
}

/** The first `room` characters at a line border, and how many characters that left out. */
export function headOf(text: string, room: number): { text: string; left: number } {
  if (text.length <= room) return { text, left: 0 };
  const head = text.slice(0, Math.max(0, room));
  const end = head.lastIndexOf("\n");
  const kept = whole(end > head.length / 2 ? head.slice(0, end) : head);
  return { text: kept, left: text.length - kept.length };
}

/** One line in at most `most` characters, saying how much is missing. */
export function cutLine(line: string, most: number = limits.lineChars): string {
  return line.length <= most ? line : `${whole(line.slice(0, most))} [+${line.length - most} characters]`;
}

/** Drops half a surrogate pair at either end. */
function whole(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");
}

/** `812 bytes`, `12.3 kB`, `4.0 MB`. */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 999_950) return `${(bytes / 1000).toFixed(1)} kB`;
  if (bytes < 999_950_000) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
