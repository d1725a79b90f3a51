// The grammars of tree-sitter: which there are, where their files lie, and the one place that loads them. Imported by workers; never by a main thread.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Language as Grammar, Parser, Tree } from "web-tree-sitter";
import type { GrammarName } from "./language.ts";

/** Every grammar that is shipped. C is read as C++. */
export const grammarNames = [
  "bash",
  "c-sharp",
  "cpp",
  "css",
  "go",
  "java",
  "javascript",
  "php",
  "python",
  "ruby",
  "rust",
  "tsx",
  "typescript",
] as const satisfies readonly GrammarName[];

/** Names of the files a grammar and the parser itself are in; `folder` is null in a checkout that runs from its sources. */
function placeOf(name: GrammarName | null): string {
  const shipped = join(dirname(fileURLToPath(import.meta.url)), "grammars");
  const file = name === null ? "web-tree-sitter.wasm" : `tree-sitter-${name}.wasm`;
  if (existsSync(shipped)) return join(shipped, file);
  const { resolve } = createRequire(import.meta.url);
  return resolve(name === null ? "web-tree-sitter/web-tree-sitter.wasm" : `@vscode/tree-sitter-wasm/wasm/${file}`);
}

/** The query of a grammar, as text: shipped beside it. One that begins with `; inherits: NAME` has that one's in front. */
export async function queryOf(name: string): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  const shipped = join(here, "grammars", `${name}.scm`);
  const text = await readFile(existsSync(shipped) ? shipped : join(here, "queries", `${name}.scm`), "utf8");
  const parent = /^; inherits: (\w+)\n/.exec(text)?.[1];
  return parent === undefined ? text : `${await queryOf(parent)}\n${text}`;
}

export interface Grammars {
  /** Loads it when first asked for: 10 to 120 ms, 5 to 40 MB. */
  load(name: GrammarName): Promise<Grammar>;
  /** Takes in a grammar that isn't shipped, under a name of its own. Throws where the bytes are no grammar of this tree-sitter. */
  add(name: string, bytes: Uint8Array): Promise<Grammar>;
  /** Whoever gets a tree calls its `delete`: its memory is not the garbage collector's. Throws where the text can't be parsed at all, or not within `limitMs`. */
  parse(name: string, text: string, limitMs?: number): Promise<Tree>;
}

let opened: Promise<Grammars> | undefined;
/** One parser per thread, about 50 ms and 30 MB; kept until the thread ends. */
export function openGrammars(): Promise<Grammars> {
  opened ??= open();
  return opened;
}

async function open(): Promise<Grammars> {
  const library = await import("web-tree-sitter");
  await library.Parser.init({ wasmBinary: await readFile(placeOf(null)) });
  const parser: Parser = new library.Parser();
  const loaded = new Map<string, Promise<Grammar>>();
  const load = (name: GrammarName): Promise<Grammar> => {
    const known = loaded.get(name) ?? readFile(placeOf(name)).then((bytes) => library.Language.load(bytes));
    loaded.set(name, known);
    return known;
  };
  return {
    load,
    add(name, bytes) {
      const added = library.Language.load(bytes);
      loaded.set(`added ${name}`, added);
      return added;
    },
    async parse(name, text, limitMs) {
      const grammar = await (loaded.get(`added ${name}`) ?? load(name as GrammarName));
      parser.setLanguage(grammar);
      const until = limitMs === undefined ? 0 : performance.now() + limitMs;
      const tree = parser.parse(text, null, limitMs === undefined ? undefined : { progressCallback: () => performance.now() > until });
      if (!tree) {
        parser.reset();
        throw new Error(`the ${name} grammar gave no tree${limitMs === undefined ? "" : ` within ${limitMs} ms`}`);
      }
      return tree;
    },
  };
}
