// GGUF files made for tests: a head of keys, nothing behind it.
import { writeFileSync } from "node:fs";

type Value = number | bigint | boolean | string | string[];
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([long(bytes.length), bytes]);
};
export const long = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
export const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

function encoded(value: Value): Buffer {
  if (typeof value === "string") return Buffer.concat([word(8), text(value)]);
  if (typeof value === "boolean") return Buffer.concat([word(7), Buffer.from([value ? 1 : 0])]);
  if (typeof value === "bigint") return Buffer.concat([word(10), long(value)]);
  if (Array.isArray(value)) return Buffer.concat([word(9), word(8), long(value.length), ...value.map(text)]);
  const bytes = Buffer.alloc(4);
  if (Number.isInteger(value)) return Buffer.concat([word(4), word(value)]);
  bytes.writeFloatLE(value);
  return Buffer.concat([word(6), bytes]);
}

export function ggufBytes(info: Record<string, Value>, head: { version?: number; tensors?: number | bigint; keys?: number | bigint } = {}): Buffer {
  const keys = Object.entries(info);
  const body = keys.map(([name, value]) => Buffer.concat([text(name), encoded(value)]));
  return Buffer.concat([Buffer.from("GGUF"), word(head.version ?? 3), long(head.tensors ?? 0), long(head.keys ?? keys.length), ...body]);
}
export function writeGguf(path: string, info: Record<string, Value>): string {
  writeFileSync(path, ggufBytes(info));
  return path;
}
