// Bytes as text and back without losing any: UTF-8 with its BOM, else Latin-1 byte for byte; what is neither is refused in words.

export type Decoded = { ok: true; text: string; encode(text: string): Buffer } | { ok: false; message: string };
/** The characters of the text can't be written in the file's encoding. `message` names the first. */
export class EncodingError extends Error {}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function decodeText(bytes: Buffer): Decoded {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return { ok: false, message: "is UTF-16, which can't be edited here; convert it to UTF-8 first." };
  if (bytes.subarray(0, 8_000).includes(0)) return { ok: false, message: "is binary and can't be edited as text." };
  try {
    return { ok: true, text: utf8.decode(bytes), encode: (text) => Buffer.from(text, "utf8") };
  } catch {
    return { ok: true, text: bytes.toString("latin1"), encode: toLatin1 };
  }
}
function toLatin1(text: string): Buffer {
  const foreign = /[^\u0000-\u00FF]/u.exec(text)?.[0];
  if (foreign) throw new EncodingError(`isn't UTF-8 but a single-byte encoding, which has no ${foreign}; use plain characters.`);
  return Buffer.from(text, "latin1");
}
