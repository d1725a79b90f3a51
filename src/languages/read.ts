// Reads a source file into its outline: which language it is, its syntax tree, its query. For workers: parsing takes time and memory.
import { readFile } from "node:fs/promises";
import type { Language as Grammar, Query } from "web-tree-sitter";
import { note } from "../core/note.ts";
import { openGrammars, queryOf } from "./grammar.ts";
import { grammarOf, languageOf } from "./index.ts";
import type { GrammarName } from "./language.ts";
import { type Outline, outlineOf } from "./outline.ts";

/** A language that came with a repository or a user's folder: a grammar and a query, no code of ours. */
export interface Learned {
  name: string;
  extensions: readonly string[];
  /** Path of its tree-sitter grammar as WebAssembly. */
  grammar: string;
  /** Its query, with the captures that outline.ts names. */
  query: string;
}
export interface CodeReader {
  /** The language a file is read as, null where none is known. */
  languageOf(path: string): string | null;
  /** null: no language is known for it, or its grammar can't be used. A text with errors has the outline of what could be read. Never throws. */
  read(path: string, text: string): Promise<Outline | null>;
  /** Learned languages that couldn't be used, in words: a grammar that doesn't load, a query that doesn't fit it. */
  readonly faults: readonly string[];
}

const noRules = {};

/** Nothing is loaded before the first file of a language; a learned one wins over a built-in one for its extensions. */
export function openReader(learned: readonly Learned[] = []): CodeReader {
  const ready = new Map<string, Promise<{ query: Query } | null>>();
  const faults: string[] = [];
  const learnedOf = (path: string): Learned | undefined => learned.find(({ extensions }) => extensions.some((extension) => path.endsWith(extension)));

  async function builtIn(name: GrammarName): Promise<{ query: Query }> {
    const grammars = await openGrammars();
    const { Query } = await import("web-tree-sitter");
    return { query: new Query(await grammars.load(name), await queryOf(name)) };
  }
  async function fromFile(language: Learned): Promise<{ query: Query } | null> {
    try {
      const grammars = await openGrammars();
      const { Query } = await import("web-tree-sitter");
      const grammar: Grammar = await grammars.add(language.name, await readFile(language.grammar));
      return { query: new Query(grammar, language.query) };
    } catch (error) {
      faults.push(`the language ${language.name} can't be used: ${error instanceof Error ? error.message.split("\n", 1)[0] : String(error)}`);
      note("languages", "a learned language can't be used", { name: language.name, error: String(error) }, "warn");
      return null;
    }
  }
  const prepare = (key: string, make: () => Promise<{ query: Query } | null>): Promise<{ query: Query } | null> => {
    const known = ready.get(key) ?? make();
    ready.set(key, known);
    return known;
  };

  return {
    faults,
    languageOf: (path) => learnedOf(path)?.name ?? languageOf(path)?.name ?? null,
    async read(path, text) {
      const own = learnedOf(path);
      const name = own ? null : grammarOf(path);
      if (!own && !name) return null;
      const tools = own ? await prepare(`learned ${own.name}`, () => fromFile(own)) : name ? await prepare(name, () => builtIn(name)) : null;
      if (!tools) return null;
      const grammars = await openGrammars();
      try {
        const tree = await grammars.parse(own ? own.name : (name as GrammarName), text, maxParseMs);
        try {
          return outlineOf(tree, tools.query, own ? noRules : (languageOf(path)?.code ?? noRules));
        } finally {
          tree.delete();
        }
      } catch (error) {
        note("languages", "a file could not be parsed", { path, error: String(error) }, "warn");
        return null;
      }
    },
  };
}
/** A file that takes longer is indexed as text. */
const maxParseMs = 3_000;
