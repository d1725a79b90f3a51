// The repository as imports see it: its paths, its own packages, the aliases of its tsconfig files.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImportTree, Package } from "../languages/resolve.ts";

export const isManifest = (path: string): boolean =>
  /(^|\/)(go\.mod|package\.json|Cargo\.toml|tsconfig(\.\w+)?\.json|jsconfig\.json)$/.test(path) && !/(^|\/)(node_modules|vendor)\//.test(path);
const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "");
/** An ending that more files have says nothing. */
const mostEndings = 8;
const mostManifests = 2_000;
const mostManifestBytes = 200_000;

export interface Manifests {
  packages: Package[];
  aliases: { prefix: string; target: string }[];
}

/** What the manifests among `names` say; one that can't be read says nothing. */
export async function readManifests(root: string, names: readonly string[]): Promise<Manifests> {
  const packages: Package[] = [];
  const aliases: { prefix: string; target: string }[] = [];
  for (const path of names.filter(isManifest).slice(0, mostManifests)) {
    const text = await readFile(join(root, path), "utf8").catch(() => "");
    if (text === "" || text.length > mostManifestBytes) continue;
    const folder = folderOf(path);
    if (path.endsWith("go.mod")) addPackage("go", /^module\s+"?([^\s"]+)/m.exec(text)?.[1], folder);
    else if (path.endsWith("Cargo.toml")) addPackage("cargo", /^\s*\[package\][^[]*?^\s*name\s*=\s*"([^"]+)"/ms.exec(text)?.[1], folder);
    else if (path.endsWith("package.json")) addPackage("npm", /^\s{0,4}"name"\s*:\s*"([^"]+)"/m.exec(text)?.[1], folder);
    else aliases.push(...aliasesOf(text, folder));
  }
  function addPackage(kind: Package["kind"], name: string | undefined, folder: string): void {
    if (name !== undefined) packages.push({ kind, name, folder });
  }
  // the more telling prefix first
  aliases.sort((one, other) => other.prefix.length - one.prefix.length || (one.target < other.target ? -1 : 1));
  return { packages, aliases };
}

/** `"@/*": ["src/*"]` and `"baseUrl": "src"`, without a JSON parser: tsconfig files hold comments. */
function aliasesOf(text: string, folder: string): { prefix: string; target: string }[] {
  const plain = text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "$1");
  const base = /"baseUrl"\s*:\s*"([^"]*)"/.exec(plain)?.[1];
  const from = [folder, (base ?? "").replace(/^\.\/?/, "")].filter((part) => part !== "").join("/");
  const paths = /"paths"\s*:\s*\{([\s\S]*?)\}/.exec(plain)?.[1] ?? "";
  const found = [...paths.matchAll(/"([^"]+)"\s*:\s*\[\s*"([^"]+)"/g)].map(([, prefix = "", target = ""]) => ({
    prefix: prefix.replace(/\*$/, ""),
    target: [from, target.replace(/\*$/, "").replace(/^\.\//, "").replace(/\/$/, "")].filter((part) => part !== "").join("/"),
  }));
  return base === undefined ? found : [...found, { prefix: "", target: from }];
}

/** Made once per state of the tree; asking costs no more than a look into a table. */
export function importTree(paths: Iterable<string>, manifests: Manifests): ImportTree {
  const all = new Set<string>();
  const folders = new Map<string, string[]>();
  const byName = new Map<string, string[]>();
  for (const path of paths) {
    all.add(path);
    push(folders, folderOf(path), path);
    push(byName, path.slice(path.lastIndexOf("/") + 1), path);
  }
  return {
    has: (path) => all.has(path),
    filesIn: (folder) => folders.get(folder) ?? [],
    endingWith(suffix) {
      const named = byName.get(suffix.slice(suffix.lastIndexOf("/") + 1)) ?? [];
      const found = named.filter((path) => path === suffix || path.endsWith(`/${suffix}`));
      return found.sort((one, other) => one.length - other.length || (one < other ? -1 : 1)).slice(0, mostEndings);
    },
    ...manifests,
  };
}
function push(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
