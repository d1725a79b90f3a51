// Which files of the repository an import means. Pure: asks only the tree it is given; what lies outside the repository resolves to nothing.
import type { Node } from "web-tree-sitter";
import type { OutlineImport } from "./outline.ts";

/** The repository as imports see it. Paths are relative to the root, with slashes. */
export interface ImportTree {
  has(path: string): boolean;
  /** Paths that end with `/suffix` or are it, shortest first, at most a few. */
  endingWith(suffix: string): readonly string[];
  /** Files directly in a folder; "" is the root. */
  filesIn(folder: string): readonly string[];
  /** Packages of the repository itself: what others import them by, and their folder. */
  packages: readonly Package[];
  /** Prefixes that tsconfig's `paths` and `baseUrl` give: `@/` -> `src/`. */
  aliases: readonly { prefix: string; target: string }[];
}
export interface Package {
  kind: "go" | "npm" | "cargo";
  name: string;
  folder: string;
}
/** An import that names a folder or a package means at most so many files. */
const mostFiles = 40;

export type Resolve = (from: string, wanted: OutlineImport, tree: ImportTree) => string[];

const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "");
const joined = (...parts: string[]): string => parts.filter((part) => part !== "").join("/");
/** `a/b/../c` -> `a/c`; null when it leaves the root. */
function normal(path: string): string | null {
  const out: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") out.push(part);
    else if (out.pop() === undefined) return null;
  }
  return out.join("/");
}
const firstOf = (tree: ImportTree, paths: readonly (string | null)[]): string[] => {
  const found = paths.find((path) => path !== null && tree.has(path));
  return found ? [found] : [];
};

const scriptEnds = ["", ".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte", ".json", ".css", ".scss"];
const indexEnds = ["/index.ts", "/index.tsx", "/index.js", "/index.jsx", "/index.mjs", "/index.d.ts"];
function scriptAt(base: string | null, tree: ImportTree): string[] {
  if (base === null) return [];
  // TypeScript imports by the name the compiler will write
  const bare = base.replace(/\.(js|jsx|mjs|cjs)$/, "");
  const swapped = bare === base ? [] : [`${bare}.ts`, `${bare}.tsx`, `${bare}.mts`, `${bare}.cts`];
  return firstOf(tree, [...scriptEnds.map((end) => base + end), ...swapped, ...indexEnds.map((end) => base + end)]);
}
/** JavaScript and TypeScript: relative paths, aliases, and packages of the same repository. */
export const resolveScript: Resolve = (from, { module }, tree) => {
  if (/^\.{1,2}(\/|$)/.test(module)) return scriptAt(normal(joined(folderOf(from), module)), tree);
  if (module.startsWith("/")) return scriptAt(normal(module), tree);
  for (const { prefix, target } of tree.aliases) {
    if (!module.startsWith(prefix)) continue;
    const found = scriptAt(normal(joined(target, module.slice(prefix.length))), tree);
    if (found.length > 0) return found;
  }
  const own = longest(tree, "npm", (name) => module === name || module.startsWith(`${name}/`));
  if (!own) return [];
  const rest = module.slice(own.name.length).replace(/^\//, "");
  if (rest !== "") return [...scriptAt(joined(own.folder, rest), tree), ...scriptAt(joined(own.folder, "src", rest), tree)].slice(0, 1);
  return firstOf(
    tree,
    ["src/index.ts", "src/index.tsx", "src/main.ts", "index.ts", "src/index.js", "index.js", "lib/index.js", "main.js"].map((entry) => joined(own.folder, entry)),
  );
};

/** What JavaScript and TypeScript have in common beside their imports. */
export const scriptRules = {
  resolve: resolveScript,
  exported: (_name: string, node: Node): boolean => {
    for (let at: Node | null = node; at; at = at.parent) if (at.type === "export_statement") return true;
    return /^(module\.)?exports\b/.test(node.text.slice(0, 40));
  },
};

/** Python: dots from the file's folder, else from any folder that could be on the path; an imported name may be a module itself. */
export const resolvePython: Resolve = (from, { module, names }, tree) => {
  const dots = /^\.*/.exec(module)?.[0].length ?? 0;
  const parts = module.slice(dots).split(".").filter(Boolean);
  const bases: string[] = [];
  if (dots > 0) {
    let folder = folderOf(from);
    for (let up = 1; up < dots; up++) folder = folderOf(folder);
    bases.push(folder);
  } else {
    bases.push("", "src", "lib", folderOf(from));
    // a package in a folder that isn't the root: the file's own top packages are its neighbours
    for (let folder = folderOf(from); folder !== ""; folder = folderOf(folder)) if (!tree.has(joined(folder, "__init__.py"))) bases.push(folder);
  }
  const at = (base: string, more: readonly string[]): string[] => {
    const path = joined(base, ...more);
    return firstOf(tree, [`${path}.py`, `${path}.pyi`, joined(path, "__init__.py")]);
  };
  for (const base of [...new Set(bases)]) {
    const whole = at(base, parts);
    const below = names.filter((name) => name !== "*").flatMap((name) => at(base, [...parts, ...name.split(".")]));
    const found = [...new Set([...below, ...(below.length < names.length || names.length === 0 ? whole : [])])];
    if (found.length > 0) return found.slice(0, mostFiles);
  }
  return [];
};

/** Go: a package is a folder; its tests are no part of it. */
export const resolveGo: Resolve = (_from, { module }, tree) => {
  const own = longest(tree, "go", (name) => module === name || module.startsWith(`${name}/`));
  if (!own) return [];
  const folder = joined(own.folder, module.slice(own.name.length).replace(/^\//, ""));
  return tree
    .filesIn(folder)
    .filter((path) => path.endsWith(".go") && !path.endsWith("_test.go"))
    .slice(0, mostFiles);
};

/** Rust: `mod x;` beside the file, `crate::`, `self::`, `super::` and crates of the workspace; the longest part of the path that is a file. */
export const resolveRust: Resolve = (from, { module, child }, tree) => {
  const here = from.replace(/(^|\/)(lib|main|mod)\.rs$/, "").replace(/\.rs$/, "");
  if (child) return rustAt(here, [module], tree);
  return useTrees(module).flatMap((path) => {
    const [head = "", ...rest] = path.split("::").map((part) => part.trim());
    if (head === "self") return rustAt(here, rest, tree);
    if (head === "super") {
      let up = folderOf(here);
      while (rest[0] === "super") {
        rest.shift();
        up = folderOf(up);
      }
      return rustAt(up, rest, tree);
    }
    const crate = head === "crate" ? crateOf(from, tree) : tree.packages.find((one) => one.kind === "cargo" && one.name.replaceAll("-", "_") === head)?.folder;
    if (crate === undefined) return rustAt(here, [head, ...rest], tree);
    const inside = rustAt(joined(crate, "src"), rest, tree);
    return inside.length > 0 ? inside : firstOf(tree, [joined(crate, "src/lib.rs"), joined(crate, "src/main.rs")]);
  });
};
/** `a::{b, c::{d, e}}` -> `a::b`, `a::c::d`, `a::c::e`. */
export function useTrees(text: string): string[] {
  const open = text.indexOf("{");
  if (open === -1)
    return [
      text
        .replace(/\s+as\s+\w+/g, "")
        .replace(/(::)?\s*\*$/, "")
        .trim(),
    ].filter(Boolean);
  const head = text.slice(0, open);
  const inner = text.slice(open + 1, text.lastIndexOf("}"));
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= inner.length; at++) {
    const sign = inner[at];
    if (sign === "{") depth++;
    else if (sign === "}") depth--;
    else if ((sign === "," || at === inner.length) && depth === 0) {
      parts.push(inner.slice(start, at).trim());
      start = at + 1;
    }
  }
  return parts
    .filter(Boolean)
    .slice(0, mostFiles)
    .flatMap((part) => useTrees(part === "self" ? head.replace(/::\s*$/, "") : head + part));
}
function rustAt(base: string, parts: readonly string[], tree: ImportTree): string[] {
  for (let count = parts.length; count > 0; count--) {
    const path = joined(base, ...parts.slice(0, count));
    const found = firstOf(tree, [`${path}.rs`, `${path}/mod.rs`]);
    if (found.length > 0) return found;
  }
  return [];
}
function crateOf(from: string, tree: ImportTree): string {
  const own = tree.packages.filter((one) => one.kind === "cargo" && (one.folder === "" || from.startsWith(`${one.folder}/`)));
  return own.sort((one, other) => other.folder.length - one.folder.length)[0]?.folder ?? "";
}

const longest = (tree: ImportTree, kind: Package["kind"], fits: (name: string) => boolean): Package | undefined =>
  tree.packages.filter((one) => one.kind === kind && fits(one.name)).sort((one, other) => other.name.length - one.name.length)[0];

/** Languages that name a file by the end of its path: `a.b.C` is `a/b/C.java`, `Vendor\Thing` is `Thing.php`. */
export const resolveByPath =
  (ends: readonly string[], separator: RegExp): Resolve =>
  (from, { module }, tree) => {
    const path = module.replace(separator, "/").replace(/^\/+|\/\*$/g, "");
    const beside = normal(joined(folderOf(from), path));
    const near = firstOf(tree, [...ends.map((end) => (beside === null ? null : beside + end)), beside]);
    if (near.length > 0 || /^\.{1,2}\//.test(module)) return near;
    // the whole path first, then ever less of its beginning: packages are often rooted below a source folder
    const parts = path.split("/");
    for (let from = 0; from < Math.max(1, parts.length - 1); from++) {
      const rest = parts.slice(from).join("/");
      for (const end of ends) {
        const found = tree.endingWith(rest.endsWith(end) ? rest : rest + end);
        if (found.length > 0 && found.length <= 3) return found.slice(0, 1);
      }
    }
    return [];
  };
