// What Python says about indentation and its grammar doesn't: bodies that are missing, statements that stand at no level. Reads a tree without errors.
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

/** In order, at most 20. Pure. */
export function misplaced(tree: Tree, lines: readonly string[]): Misplaced[] {
  const found: Misplaced[] = [];
  const cursor = tree.walk();
  if (containers.has(cursor.nodeType)) visit(cursor, lines, found, 0);
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

function visit(cursor: TreeCursor, lines: readonly string[], found: Misplaced[], depth: number): void {
  const type = cursor.nodeType;
  const { row, column } = cursor.startPosition;
  const own = indentAt(lines, row, column);
  const isBlock = type === "block" || type === "module";
  let level: number | null = null;
  let statements = 0;
  if (cursor.gotoFirstChild()) {
    do {
      if (!cursor.nodeIsNamed || cursor.nodeType === "comment" || found.length >= most || depth > 200) continue;
      const at = cursor.startPosition;
      const indent = indentAt(lines, at.row, at.column);
      if (isBlock) {
        statements++;
        if (indent !== null) {
          level ??= indent;
          if (indent !== level) found.push({ row: at.row, what: `indented by ${indent} where its block has ${level}` });
        }
      } else if (clause.test(cursor.nodeType) && indent !== null && own !== null && indent !== own)
        found.push({ row: at.row, what: `indented by ${indent} where its statement has ${own}` });
      if (containers.has(cursor.nodeType)) visit(cursor, lines, found, depth + 1);
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }
  // an empty block is nowhere: what it belongs to is one line up
  if (type === "block" && statements === 0) found.push({ row: headerRow(cursor, row), what: "its indented body is missing" });
}

function headerRow(cursor: TreeCursor, fallback: number): number {
  const { parent, startIndex } = cursor.currentNode;
  if (!parent) return fallback;
  const colon = parent.children.findLast((child) => child?.type === ":" && child.startIndex < Math.max(startIndex, parent.startIndex + 1));
  return colon?.startPosition.row ?? parent.startPosition.row;
}
