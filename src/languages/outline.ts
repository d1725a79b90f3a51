// What a source file defines, uses and imports, out of its syntax tree by the language's query (queries/*.scm).
//
// Captures of a query: a definition's whole node is @class @interface @enum @type @function @method @field @constant @variable @macro
// @module.def @rule @test or @impl (a block that adds to a type), with its @name and, where the receiver says it, @of; uses are @call,
// @base (what a class builds on) and @type.use; an import is @import with its @module and @imported (a name), @alias, @default or @all.
import type { Node, Query, QueryMatch, Tree } from "web-tree-sitter";

export type SymbolKind = "class" | "interface" | "enum" | "type" | "function" | "method" | "field" | "constant" | "variable" | "macro" | "module" | "rule" | "test" | "impl";
export interface OutlineSymbol {
  name: string;
  kind: SymbolKind;
  /** 1-based, both inclusive; with what stands in front of it (decorators, `export`), without its comment. */
  line: number;
  endLine: number;
  /** `Cart.Line`: the definitions around it; null at the top. */
  container: string | null;
  /** One line: all before the body. */
  signature: string;
  /** Its comment or docstring, plain, at most 400 characters. */
  doc: string;
  exported: boolean;
  test: boolean;
}
export interface OutlineReference {
  name: string;
  kind: "call" | "base" | "type";
  line: number;
}
export interface OutlineImport {
  /** As written: `./cart`, `..models`, `github.com/x/y`, `crate::a::b`. */
  module: string;
  /** Names taken from it: [] where the whole or nothing is named, ["*"] for all. */
  names: string[];
  line: number;
  /** Rust's `mod x;`: a file of this very crate. */
  child: boolean;
}
export interface Outline {
  symbols: OutlineSymbol[];
  references: OutlineReference[];
  imports: OutlineImport[];
}

/** What differs from language to language in reading an outline. */
export interface OutlineRules {
  /** The doc stands in the body, as in Python, and not in front. */
  docstring?: boolean;
  /** Is this definition seen outside of its file or package? Absent: always. */
  exported?(name: string, node: Node): boolean;
  /** Is this definition a test? `head`: its text up to the body, with attributes and decorators. */
  isTest?(name: string, kind: SymbolKind, head: string): boolean;
}

const kinds: Record<string, SymbolKind> = {
  class: "class",
  interface: "interface",
  enum: "enum",
  type: "type",
  function: "function",
  method: "method",
  field: "field",
  constant: "constant",
  variable: "variable",
  macro: "macro",
  "module.def": "module",
  rule: "rule",
  test: "test",
  impl: "impl",
};
const uses: Record<string, OutlineReference["kind"]> = { call: "call", base: "base", "type.use": "type" };
/** What a definition may be wrapped in: the wrapper's text belongs to it. */
const wrappers =
  /^(export_statement|decorated_definition|template_declaration|ambient_declaration|attributed_statement|type_declaration|lexical_declaration|variable_declaration)$/;
const comment = /comment/;
const maxSignature = 240;
const maxDoc = 400;
const maxName = 160;

interface Found {
  node: Node;
  name: string;
  kind: SymbolKind;
  of: string | null;
}

/** Reads the tree; frees nothing. Equal text, equal outline. */
export function outlineOf(tree: Tree, query: Query, rules: OutlineRules): Outline {
  const found = new Map<number, Found>();
  const references: OutlineReference[] = [];
  const imports = new Map<string, OutlineImport>();
  for (const match of query.matches(tree.rootNode)) {
    const taken = byName(match);
    const nameNode = taken.get("name");
    const kindName = [...taken.keys()].find((key) => Object.hasOwn(kinds, key));
    const kind = kindName === undefined ? undefined : kinds[kindName];
    const node = kindName === undefined ? undefined : taken.get(kindName);
    if (kind && node && nameNode) {
      const name = plainName(nameNode.text);
      const known = found.get(nameNode.id);
      // one node may match as a variable and as the function it holds: the more telling one counts
      if (name !== "" && (!known || rank(kind) > rank(known.kind))) found.set(nameNode.id, { node, name, kind, of: taken.get("of")?.text ?? null });
    } else if (taken.has("import") || taken.has("import.mod")) addImport(imports, taken);
    else
      for (const [key, used] of taken)
        if (Object.hasOwn(uses, key)) references.push({ name: used.text.slice(0, maxName), kind: uses[key] ?? "call", line: used.startPosition.row + 1 });
  }
  return { symbols: nested([...found.values()], rules), references, imports: [...imports.values()] };
}

function byName(match: QueryMatch): Map<string, Node> {
  const taken = new Map<string, Node>();
  for (const { name, node } of match.captures) if (!taken.has(name)) taken.set(name, node);
  return taken;
}
const rank = (kind: SymbolKind): number => (kind === "variable" || kind === "field" ? 0 : kind === "function" ? 1 : 2);
const plainName = (text: string): string =>
  text
    .replace(/^['"`]|['"`]$/g, "")
    .replace(/\s+/g, " ")
    .slice(0, maxName);

function addImport(imports: Map<string, OutlineImport>, taken: Map<string, Node>): void {
  const node = taken.get("import") ?? taken.get("import.mod");
  const module = taken.get("module");
  if (!node || !module) return;
  const key = `${node.id} ${module.id}`;
  const known = imports.get(key) ?? {
    module: module.text.replace(/^["'<]|["'>]$/g, "").slice(0, 400),
    names: [],
    line: node.startPosition.row + 1,
    child: taken.has("import.mod"),
  };
  const name = taken.get("imported")?.text ?? (taken.has("default") ? "default" : taken.has("all") ? "*" : undefined);
  if (name !== undefined && !known.names.includes(name)) known.names.push(name.slice(0, maxName));
  imports.set(key, known);
}

/** In order of their place, each with the names around it. */
function nested(found: Found[], rules: OutlineRules): OutlineSymbol[] {
  const ordered = found.sort((one, other) => one.node.startIndex - other.node.startIndex || other.node.endIndex - one.node.endIndex);
  const open: Found[] = [];
  return ordered.flatMap((one) => {
    for (let last = open.at(-1); last && (last.node.endIndex < one.node.endIndex || last.node.endIndex <= one.node.startIndex); last = open.at(-1)) open.pop();
    const around = open.filter((outer) => outer.node.id !== one.node.id);
    const inner = around.at(-1);
    // what a function keeps to itself is nothing to look for
    if (inner && (inner.kind === "function" || inner.kind === "method") && ["field", "variable", "constant"].includes(one.kind)) return [];
    const [, scope, last] = /^(.*)::([^:]+)$/s.exec(one.name) ?? [];
    const container = one.of ?? scope?.replaceAll("::", ".") ?? (around.length === 0 ? null : around.map((outer) => outer.name).join("."));
    open.push(one);
    const whole = wholeOf(one.node);
    const head = headOf(one.node, whole);
    const isMember = inner !== undefined && ["class", "interface", "enum", "impl"].includes(inner.kind);
    const kind = one.kind === "function" && isMember ? "method" : one.kind;
    return {
      name: last ?? one.name,
      kind,
      line: whole.startPosition.row + 1,
      endLine: lastRow(one.node) + 1,
      container: container?.slice(0, maxName * 2) ?? null,
      signature: head.replace(/\s+/g, " ").trim().slice(0, maxSignature),
      doc: docOf(one.node, whole, rules),
      exported: rules.exported?.(one.name, one.node) ?? true,
      test: kind === "test" || (rules.isTest?.(one.name, kind, `${attributesOf(whole)}${head}`) ?? false),
    };
  });
}

/** A node that ends with its line's end ends on that line, not on the next. */
const lastRow = (node: Node): number => (node.endPosition.column === 0 && node.endPosition.row > node.startPosition.row ? node.endPosition.row - 1 : node.endPosition.row);

function wholeOf(node: Node): Node {
  let whole = node;
  while (whole.parent && wrappers.test(whole.parent.type)) {
    // of several in one declaration only the first owns what stands in front
    if (whole.parent.namedChildren.filter((child) => child?.type === node.type).length > 1 && whole.parent.firstNamedChild?.id !== whole.id) break;
    whole = whole.parent;
  }
  return whole;
}

/** All before the body: `export async function load(path: string): Promise<X>`. */
function headOf(node: Node, whole: Node): string {
  const body = bodyOf(node);
  // decorators are no part of what is called
  const start = whole.type === "decorated_definition" ? node.startIndex : whole.startIndex;
  const text = whole.text.slice(start - whole.startIndex, body && body.startIndex > start ? body.startIndex - whole.startIndex : undefined);
  const lines = body ? text : (text.split("\n", 1)[0] ?? "");
  return lines.replace(/\s*(=>\s*)?[{:(]?\s*$/, (end) => (end.includes("=>") ? " =>" : ""));
}
/** The body of a definition, or of the function that a declaration gives a name. */
function bodyOf(node: Node): Node | null {
  const declared = /_declaration$/.test(node.type) ? (node.namedChildren.find((child) => child?.type === "variable_declarator") ?? node) : node;
  const value = declared.childForFieldName("value") ?? node.childForFieldName("right");
  return node.childForFieldName("body") ?? value?.childForFieldName("body") ?? null;
}

const attributesOf = (whole: Node): string => {
  let text = whole.type === "decorated_definition" ? whole.text.slice(0, 400) : "";
  for (let before = whole.previousNamedSibling; before && /attribute|annotation|decorator/.test(before.type); before = before.previousNamedSibling)
    text = `${before.text}\n${text}`;
  const inside = whole.firstNamedChild;
  return inside && /modifiers|attribute_list|annotation/.test(inside.type) ? `${inside.text}\n${text}` : text;
};

function docOf(node: Node, whole: Node, rules: OutlineRules): string {
  if (rules.docstring) {
    const first = node.childForFieldName("body")?.firstNamedChild;
    const text = first?.type === "expression_statement" ? first.firstNamedChild : first;
    return text?.type === "string" ? plainDoc(text.text.replace(/^[a-zA-Z]*("""|'''|"|')/, "").replace(/("""|'''|"|')$/, "")) : "";
  }
  const lines: string[] = [];
  let row = whole.startPosition.row;
  let before = whole.previousNamedSibling;
  while (before && /attribute|annotation|decorator/.test(before.type)) {
    row = before.startPosition.row;
    before = before.previousNamedSibling;
  }
  for (; before && comment.test(before.type) && lastRow(before) >= row - 1 && lastRow(before) < row; before = before.previousNamedSibling) {
    // a comment behind code on its line belongs to that code
    const other = before.previousSibling;
    if (other && other.endPosition.row === before.startPosition.row && !comment.test(other.type)) break;
    lines.unshift(before.text);
    row = before.startPosition.row;
    if (lines.length > 40) break;
  }
  return plainDoc(lines.join("\n"));
}

const plainDoc = (text: string): string =>
  text
    .replace(/^\s*(\/\*\*?|\*\/|\*|\/\/[/!]?|#+|--|<!--)\s?/gm, "")
    .replace(/\s*\*\/\s*$/, "")
    .replace(/<\/?\w+[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, maxDoc);
