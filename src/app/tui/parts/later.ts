// Libraries that make text prettier and are loaded when first wanted; until then, and without them, text is plain.

type Lexer = typeof import("marked").lexer;
type Highlight = typeof import("cli-highlight").highlight;
interface Rich {
  lexer: Lexer | null;
  highlight: { run: Highlight; knows(language: string): boolean } | null;
  /** Grows when something was loaded: what was drawn plain may be drawn better. */
  generation: number;
}
export const rich: Rich = { lexer: null, highlight: null, generation: 0 };
const listeners = new Set<() => void>();
const loading = new Map<string, Promise<void>>();

/** Calls `listener` when text can be drawn better than before; returns how to stop. */
export function onRicher(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
function once(name: string, load: () => Promise<void>): Promise<void> {
  const known = loading.get(name);
  if (known) return known;
  const done = load().then(
    () => {
      rich.generation++;
      for (const listener of listeners) listener();
    },
    () => {}, // text stays plain
  );
  loading.set(name, done);
  return done;
}
/** Resolves when markdown is drawn as such. Safe to call often. */
export const loadMarkdown = (): Promise<void> =>
  once("marked", async () => {
    rich.lexer = (await import("marked")).lexer;
  });
/** Resolves when code is drawn highlighted. Safe to call often. */
export const loadHighlight = (): Promise<void> =>
  once("cli-highlight", async () => {
    const { highlight, supportsLanguage } = await import("cli-highlight");
    rich.highlight = { run: highlight, knows: supportsLanguage };
  });
