// The head of a GGUF file: what kind of model it is, checked before an engine gets to see it (llama.cpp's readers trust its counts).
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { AuraError, errnoOf } from "../../core/error.ts";

export interface Gguf {
  /** Of the file, bytes; of a model in several files, of the first. */
  bytes: number;
  /** The keys of the head but for long lists, as llama.cpp names them: `general.architecture`, `qwen3.context_length`. */
  info: Record<string, unknown>;
}

const maxKeys = 65_536;
const maxTensors = 1_000_000;
const keptText = 1024 ** 2;
const keptList = 256;
const chunk = 256 * 1024;

/** Throws AuraError, exit 3: `model.none` for no file, `model.file` for one that is no GGUF file or a damaged one. */
export function readGguf(path: string): Gguf {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    const code = errnoOf(cause);
    const why = code === "ENOENT" || code === "ENOTDIR" ? `There is no file ${path}` : `Can't read ${path}: ${code ?? String(cause)}`;
    throw new AuraError("model.none", why, { hint: "--model embedded/PATH.gguf names a model file on this machine", exit: 3, cause });
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw broken(path, "is not a file");
    return { bytes: stat.size, info: readHead(path, bytesOf(fd, stat.size)) };
  } catch (error) {
    if (error instanceof RangeError) throw broken(path, "is damaged: its head says what can't be");
    if (error instanceof AuraError) throw error;
    throw broken(path, `can't be read: ${errnoOf(error) ?? String(error)}`);
  } finally {
    closeSync(fd);
  }
}
const broken = (path: string, what: string): AuraError =>
  new AuraError("model.file", `${path} ${what}`, { hint: "Aura runs models in GGUF files; get the file again, or choose another", exit: 3 });

function readHead(path: string, bytes: Bytes): Record<string, unknown> {
  if (bytes.left() < 24 || bytes.take(4).toString("latin1") !== "GGUF") throw broken(path, "is not a GGUF file");
  const version = bytes.take(4).readUInt32LE();
  if (version < 2 || version > 3) throw broken(path, `is a GGUF file of version ${version}, which isn't known`);
  const tensors = bytes.long();
  const keys = bytes.long();
  if (tensors > maxTensors || keys > maxKeys) throw new RangeError("counts");
  const info: Record<string, unknown> = {};
  for (let at = 0; at < keys; at++) {
    const name = bytes.text();
    info[name] = bytes.value(bytes.take(4).readUInt32LE(), 0);
  }
  return info;
}

interface Bytes {
  left(): number;
  take(count: number): Buffer;
  long(): number;
  text(): string;
  /** A value of GGUF's kinds; long lists and texts come back as null, they are only passed over. */
  value(kind: number, depth: number): unknown;
}
const sizes: Record<number, number> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };

/** Reads forward in chunks. Throws RangeError where something would lie beyond the file's end. */
function bytesOf(fd: number, size: number): Bytes {
  let buffer = Buffer.alloc(0);
  let start = 0; // of the buffer in the file
  let at = 0;
  const need = (count: number): void => {
    if (count < 0 || at + count > size) throw new RangeError("beyond the end");
    if (at - start + count <= buffer.length) return;
    const next = Buffer.alloc(Math.min(Math.max(chunk, count), size - at));
    for (let got = 0; got < next.length; ) {
      const read = readSync(fd, next, got, next.length - got, at + got);
      if (read === 0) throw new RangeError("shorter than it was");
      got += read;
    }
    [buffer, start] = [next, at];
  };
  const take = (count: number): Buffer => {
    need(count);
    const part = buffer.subarray(at - start, at - start + count);
    at += count;
    return part;
  };
  const skip = (count: number): void => {
    if (!Number.isSafeInteger(count) || count < 0 || at + count > size) throw new RangeError("beyond the end");
    at += count;
    if (at > start + buffer.length) [buffer, start] = [Buffer.alloc(0), at];
  };
  const long = (): number => {
    const value = take(8).readBigUInt64LE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError("too large");
    return Number(value);
  };
  const text = (): string => {
    const length = long();
    if (length > keptText) {
      skip(length);
      return "";
    }
    return take(length).toString("utf8");
  };
  const value = (kind: number, depth: number): unknown => {
    if (kind === 8) return text();
    if (kind === 9) return list(depth);
    const bytes = take(sizes[kind] ?? Number.NaN);
    switch (kind) {
      case 0:
        return bytes.readUInt8();
      case 1:
        return bytes.readInt8();
      case 2:
        return bytes.readUInt16LE();
      case 3:
        return bytes.readInt16LE();
      case 4:
        return bytes.readUInt32LE();
      case 5:
        return bytes.readInt32LE();
      case 6:
        return bytes.readFloatLE();
      case 7:
        return bytes.readUInt8() !== 0;
      case 10:
        return Number(bytes.readBigUInt64LE());
      case 11:
        return Number(bytes.readBigInt64LE());
      default:
        return bytes.readDoubleLE();
    }
  };
  const list = (depth: number): unknown => {
    const kind = take(4).readUInt32LE();
    const count = long();
    const each = sizes[kind];
    if (count > keptList && each !== undefined) {
      skip(count * each);
      return null;
    }
    if (depth > 4 || (each === undefined && kind !== 8 && kind !== 9)) throw new RangeError("an unknown kind");
    const kept: unknown[] = [];
    for (let index = 0; index < count; index++) {
      const one = value(kind, depth + 1);
      if (count <= keptList) kept.push(one);
    }
    return count <= keptList ? kept : null;
  };
  return { left: () => size - at, take, long, text, value };
}
