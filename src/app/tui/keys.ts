// Names of keys: how the parser calls them (`ctrl-j`, `alt-1`, `pageup`) and how a person reads them.

const words: Record<string, string> = {
  pageup: "PgUp",
  pagedown: "PgDn",
  escape: "Esc",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  enter: "Enter",
  tab: "Tab",
  home: "Home",
  end: "End",
  delete: "Del",
  backspace: "Backspace",
};

/** `ctrl-j` -> `Ctrl-J`, `alt-enter` -> `Alt-Enter`; plain characters stay as they are typed. */
export function keyLabel(key: string): string {
  const parts = /^((?:ctrl-|alt-|shift-)*)(.+)$/s.exec(key);
  const name = parts?.[2] ?? key;
  const modifiers = [...(parts?.[1] ?? "").matchAll(/ctrl|alt|shift/g)].map(([word]) => `${word[0]?.toUpperCase()}${word.slice(1)}-`).join("");
  return modifiers + (words[name] ?? (modifiers === "" ? name : name.length === 1 ? name.toUpperCase() : name));
}
