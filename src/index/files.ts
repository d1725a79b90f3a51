// What a file is to the index: code, text, or something to know the name of and no more. Decided by its name, its size and its first bytes.

/** Why only a file's name is indexed. */
export type Skipped = "binary" | "huge" | "minified" | "lock" | "unreadable";
export interface Kind {
  /** null: the text is indexed. */
  skipped: Skipped | null;
  /** Written by a program: found, but behind what people wrote. */
  generated: boolean;
  /** Somebody else's code inside the repository. */
  vendored: boolean;
  /** A test, a fixture or an example of one. */
  test: boolean;
  /** Prose: Markdown, text, documentation. */
  prose: boolean;
}

/** Text over this many bytes is known by its name only. */
export const mostBytes = 8 * 1024 * 1024;
/** Only so much of a long text is parsed into symbols; the rest is chunked by lines. */
export const mostParsedBytes = 1024 * 1024;

const binaryName =
  /\.(png|jpe?g|gif|webp|avif|bmp|ico|icns|tiff?|psd|pdf|zip|gz|tgz|bz2|xz|zst|7z|rar|jar|war|class|o|a|so|dylib|dll|exe|wasm|pyc|pyo|whl|node|bin|dat|db|sqlite3?|mp[34]|m4a|ogg|wav|flac|avi|mov|webm|mkv|ttf|otf|woff2?|eot|gguf|safetensors|onnx|pt|npy|npz|parquet|arrow|pack|idx|keystore|jks|p12)$/i;
const lockName =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|Cargo\.lock|go\.sum|poetry\.lock|Pipfile\.lock|uv\.lock|composer\.lock|Gemfile\.lock|flake\.lock|gradle\.lockfile)$/;
const minifiedName = /[.-]min\.(js|mjs|css)$|\.(js|css)\.map$/i;
const vendoredName = /(^|\/)(vendor|vendored|third[_-]?party|node_modules|bower_components|site-packages|_vendor|external|deps\/[^/]+)\//i;
const generatedName =
  /(\.pb\.(go|cc|h)|_pb2(_grpc)?\.py|\.g\.dart|\.generated\.\w+|_generated\.\w+|\.designer\.cs|zz_generated\.[\w.]+|\.snap|(^|\/)(dist|generated|__generated__)\/.*)$/i;
const testName =
  /(^|\/)(tests?|__tests__|specs?|testing|testdata|fixtures?|__fixtures__|e2e|benchmarks?|playground|examples?)\/|[._-](test|spec)\.\w+$|_test\.\w+$|(^|\/)test_[^/]*\.py$|(^|\/)conftest\.py$/i;
const proseName = /\.(md|mdx|markdown|rst|txt|adoc|asciidoc|org|tex)$|(^|\/)(CHANGELOG|CHANGES|HISTORY|LICENSE|COPYING|AUTHORS|NOTICE|README)(\.\w+)?$/i;
const generatedHead =
  /@generated\b|code generated .{0,40}do not edit|do not edit[^\n]{0,40}generated|automatically generated|auto-?generated (file|code|by)|this file (is|was) generated/i;

/** By the name alone; nothing is read. `path` is relative to the root, with slashes. */
export function kindByName(path: string, size: number): Kind {
  const skipped: Skipped | null = binaryName.test(path) ? "binary" : lockName.test(path) ? "lock" : minifiedName.test(path) ? "minified" : size > mostBytes ? "huge" : null;
  return { skipped, generated: generatedName.test(path), vendored: vendoredName.test(path), test: testName.test(path), prose: proseName.test(path) };
}

/** A line longer than this in the mean is nothing a person wrote. */
const meanLine = 400;
const leastMinified = 2_000;

/** The text of a file and what its bytes say beyond its name. `encoding`: bytes that aren't UTF-8 are read as Latin-1, so that nothing is lost to search. */
export function readText(bytes: Buffer, named: Kind): { kind: Kind; text: string; encoding: "utf-8" | "utf-16" | "latin-1" } {
  const utf16 = utf16Of(bytes);
  if (utf16 !== null) return { kind: named, text: utf16, encoding: "utf-16" };
  if (bytes.subarray(0, 8_000).includes(0)) return { kind: { ...named, skipped: "binary" }, text: "", encoding: "utf-8" };
  const { text, encoding } = decoded(bytes);
  if (text.length > leastMinified && text.length / countLines(text) > meanLine && !named.prose) return { kind: { ...named, skipped: "minified" }, text: "", encoding };
  return { kind: generatedHead.test(text.slice(0, 1_000)) ? { ...named, generated: true } : named, text, encoding };
}

function decoded(bytes: Buffer): { text: string; encoding: "utf-8" | "latin-1" } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "utf-8" };
  } catch {
    return { text: bytes.toString("latin1"), encoding: "latin-1" };
  }
}
function utf16Of(bytes: Buffer): string | null {
  if (bytes.length < 2 || bytes.length % 2 !== 0) return null;
  const mark = bytes.readUInt16BE(0);
  if (mark === 0xfffe) return bytes.toString("utf16le").slice(1);
  return mark === 0xfeff ? Buffer.from(bytes).swap16().toString("utf16le").slice(1) : null;
}

/** Lines as editors count them: a last line without its end counts, an empty text has none. */
export function countLines(text: string): number {
  if (text === "") return 0;
  let lines = text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
