// What a file's bytes are: text in some encoding, or a binary format, named.

/** The name of a binary format, null for what looks like text. `head` is the file's first few thousand bytes. */
export function binaryKind(head: Buffer): string | null {
  if (textEncoding(head) !== "utf-8") return null;
  for (const [magic, name] of magics) if (head.subarray(0, magic.length).equals(magic)) return name;
  return head.includes(0) ? "binary" : null;
}

export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be";
/** By its byte order mark; everything else is taken for UTF-8 first. */
export function textEncoding(head: Buffer): TextEncoding {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  return head[0] === 0xfe && head[1] === 0xff ? "utf-16be" : "utf-8";
}

const bytes = (...codes: (number | string)[]): Buffer => Buffer.concat(codes.map((code) => (typeof code === "string" ? Buffer.from(code, "latin1") : Buffer.from([code]))));
const magics: [Buffer, string][] = [
  [bytes(0x89, "PNG"), "a PNG image"],
  [bytes(0xff, 0xd8, 0xff), "a JPEG image"],
  [bytes("GIF8"), "a GIF image"],
  [bytes("%PDF-"), "a PDF document"],
  [bytes("PK", 3, 4), "a ZIP archive (or jar, docx, xlsx)"],
  [bytes(0x1f, 0x8b), "gzip-compressed"],
  [bytes(0x28, 0xb5, 0x2f, 0xfd), "zstd-compressed"],
  [bytes("BZh"), "bzip2-compressed"],
  [bytes(0xfd, "7zXZ"), "xz-compressed"],
  [bytes(0x7f, "ELF"), "an ELF program or library"],
  [bytes(0xcf, 0xfa, 0xed, 0xfe), "a Mach-O program or library"],
  [bytes("SQLite format 3"), "an SQLite database"],
  [bytes(0, "asm"), "a WebAssembly module"],
  [bytes("wOF"), "a web font"],
  [bytes("ID3"), "an MP3 file"],
  [bytes("OggS"), "an Ogg file"],
  [bytes("RIFF"), "a RIFF file (WebP, WAV, AVI)"],
];
