// What Python refuses and its grammar takes: bodies that are missing, statements at no level or where they can't be. Reads a tree without errors.
import type { Tree, TreeCursor } from "web-tree-sitter";

export interface Misplaced {
  /** 0-based. */
  row: number;
  what: string;
}

const most = 20;
/** What holds statements, or holds what holds them. */
const containers = new Set([
  "module",
  "block",
  "if_statement",
  "elif_clause",
  "else_clause",
  "for_statement",
  "while_statement",
  "try_statement",
  "except_clause",
  "except_group_clause",
  "finally_clause",
  "with_statement",
  "function_definition",
  "class_definition",
  "decorated_definition",
  "match_statement",
  "case_clause",
]);
const clause = /^(elif|else|except|except_group|finally)_clause$/;

/** What is around a statement. */
interface Around {
  function: boolean;
  loop: boolean;
  depth: number;
}

/** In order, at most 20. Pure. */
export function misplaced(tree: Tree, lines: readonly string[]): Misplaced[] {
  const found: Misplaced[] = [];
  const cursor = tree.walk();
  if (containers.has(cursor.nodeType)) visit(cursor, lines, found, { function: false, loop: false, depth: 0 });
  cursor.delete();
  return found.sort((one, other) => one.row - other.row);
}

/** Blanks a row begins with as Python counts them, tabs up to the next eighth column; null when something stands before `column`. */
function indentAt(lines: readonly string[], row: number, column: number): number | null {
  const line = lines[row] ?? "";
  let wide = 0;
  for (let at = 0; at < column; at++) {
    if (line[at] === " ") wide++;
    else if (line[at] === "\t") wide += 8 - (wide % 8);
    else if (line[at] === "\f") wide = 0;
    else if (line[at] !== "\ufeff") return null;
  }
  return wide;
}

/** The words a statement needs around it. */
function refusedIn(around: Around, type: string): string | null {
  if (type === "return_statement" && !around.function) return "'return' outside of a function";
  if ((type === "break_statement" || type === "continue_statement") && !around.loop) return `'${type.slice(0, type.indexOf("_"))}' outside of a loop`;
  return null;
}
function within(around: Around, type: string): Around {
  const depth = around.depth + 1;
  if (type === "function_definition") return { function: true, loop: false, depth };
  if (type === "class_definition") return { function: false, loop: false, depth };
  return { ...around, loop: around.loop || type === "for_statement" || type === "while_statement", depth };
}

function visit(cursor: TreeCursor, lines: readonly string[], found: Misplaced[], outer: Around): void {
  const type = cursor.nodeType;
  const around = within(outer, type);
  const { row, column } = cursor.startPosition;
  const own = indentAt(lines, row, column);
  const isBlock = type === "block" || type === "module";
  let level: number | null = null;
  let statements = 0;
  let handlers = 0;
  if (cursor.gotoFirstChild()) {
    do {
      if (!cursor.nodeIsNamed || cursor.nodeType === "comment" || found.length >= most || around.depth > 200) continue;
      const at = cursor.startPosition;
      const indent = indentAt(lines, at.row, at.column);
      if (/^(except|except_group|finally)_clause$/.test(cursor.nodeType)) handlers++;
      const refused = refusedIn(around, cursor.nodeType);
      if (refused) found.push({ row: at.row, what: refused });
      if (isBlock) {
        statements++;
        if (indent !== null) {
          level ??= indent;
          if (indent !== level) found.push({ row: at.row, what: `indented by ${indent} where its block has ${level}` });
        }
      } else if ((clause.test(cursor.nodeType) || type === "decorated_definition") && indent !== null && own !== null && indent !== own)
        found.push({ row: at.row, what: `indented by ${indent} where its statement has ${own}` });
      if (containers.has(cursor.nodeType)) visit(cursor, lines, found, around);
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }
  if (type === "try_statement" && handlers === 0) found.push({ row, what: "'try' without 'except' or 'finally'" });
  // an empty block is nowhere: what it belongs to is one line up
  if (type === "block" && statements === 0) found.push({ row: headerRow(cursor, row), what: "its indented body is missing" });
}

function headerRow(cursor: TreeCursor, fallback: number): number {
  const { parent, startIndex } = cursor.currentNode;
  if (!parent) return fallback;
  const colon = parent.children.findLast((child) => child?.type === ":" && child.startIndex < Math.max(startIndex, parent.startIndex + 1));
  return colon?.startPosition.row ?? parent.startPosition.row;
}
