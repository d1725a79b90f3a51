// What is wrong with a text by its syntax tree, told in a line each: brackets first, then the places where the parser stumbled.
import type { Node, Tree } from "web-tree-sitter";
import { type Bracket, bracketsIn, isClose, isOpen, type Unbalanced, unbalanced } from "./brackets.ts";
import type { GrammarName } from "./language.ts";
import { misplaced } from "./python-rules.ts";

export interface Fault {
  /** 1-based. */
  line: number;
  /** `unexpected 'x'`, `missing ')'`, `'{' is never closed`. */
  what: string;
  /** The line itself, trimmed and cut. */
  quote: string;
}
/** Rows from the first to the last one that an edit changed, 0-based, inclusive. */
export interface Range {
  from: number;
  to: number;
}
export interface Faults {
  /** Most telling first. */
  faults: Fault[];
  /** How many of them are brackets without their other half. */
  loose: number;
}

/**
 * What a grammar's errors tell. C and C++ are written in macros and stylesheets in the words of their tools, which no grammar knows: there
 * only brackets count (measured: 50 to 70 % of such files have errors, 1 % such brackets). In a shell a bracket may stand alone.
 */
const trust: Partial<Record<GrammarName, "brackets" | "errors">> = { cpp: "brackets", css: "brackets", bash: "errors" };

/** What a grammar takes for an error and older or other editions of its language don't: `try!` of Rust 2015. */
const knownGaps: Partial<Record<GrammarName, RegExp>> = { rust: /^unexpected 'try!/ };

const vague = "syntax error";
const mostQuote = 120;
const mostToken = 30;
/** In a text that is nothing but errors there is no use in looking at each. */
const mostErrors = 200;

/** `edited`: what an edit changed is more likely to blame than what it left. Pure. */
export function faultsOf(grammar: GrammarName, tree: Tree, text: string, edited: Range | null): Faults {
  const lines = text.split("\n");
  const fault = (row: number, what: string): Fault => ({ line: row + 1, what, quote: (lines[row] ?? "").trim().slice(0, mostQuote).toWellFormed() });
  if (!tree.rootNode.hasError) return { faults: grammar === "python" ? misplaced(tree, lines).map(({ row, what }) => fault(row, what)) : [], loose: 0 };
  const { brackets: read, errors } = walk(tree, lines);
  // in errors a grammar takes quotes and brackets for something else
  const brackets = grammar === "cpp" || grammar === "css" ? bracketsIn(text, grammar) : read;
  const unread = grammar === "cpp" || grammar === "c-sharp" ? unreadRows(lines) : null;
  const loose =
    trust[grammar] === "errors"
      ? []
      : unbalanced(
          brackets.filter(({ row }) => !unread?.has(row)),
          edited,
        );
  const isInside = ({ row }: { row: number }): boolean => edited !== null && row >= edited.from && row <= edited.to;
  const broken = loose.sort((one, other) => Number(isInside(other.bracket)) - Number(isInside(one.bracket))).map(({ bracket, is }) => fault(bracket.row, looseWords(bracket, is)));
  if (trust[grammar] === "brackets")
    return broken.length > 0 ? { faults: broken, loose: broken.length } : { faults: litter(lines).map((row) => fault(row, `unexpected '${short(lines[row] ?? "")}'`)), loose: 0 };
  // where branches are left out by the preprocessor the grammar may stumble over them, but not far from them
  const isPlain = edited !== null && ![...(unread ?? [])].some((row) => isInside({ row }));
  const stumbles = errors.map((node) => stumbleOf(node, edited)).filter(({ row, what }) => !knownGaps[grammar]?.test(what) && (!unread?.size || (isInside({ row }) && isPlain)));
  // where a bracket is missing the parser stumbles over what follows: that says something only within the edit
  if (broken.length > 0) {
    const near = loose.some(({ bracket }) => isInside(bracket)) ? undefined : stumbles.find(isInside);
    const first = near ? [fault(near.row, near.what)] : [];
    // brackets in markup that isn't closed were read as text
    if (near?.markup) return { faults: first, loose: 0 };
    return { faults: near?.what === vague ? [...broken, ...first] : [...first, ...broken], loose: broken.length };
  }
  return { faults: stumbles.sort((one, other) => Number(isInside(other)) - Number(isInside(one)) || one.row - other.row).map(({ row, what }) => fault(row, what)), loose: 0 };
}

const looseWords = ({ type }: Bracket, is: Unbalanced["is"]): string => (is === "unclosed" ? `'${type}' is never closed` : `'${type}' closes nothing`);

/** Lines that are code in no language: what is left of a patch, a merge or an answer's markup. */
const litter = (lines: readonly string[]): number[] => lines.flatMap((line, row) => (/^\s*(```\w*|<{5,9} \w+|>{5,9} \w+|\*{3} (Begin|End) Patch)\s*$/.test(line) ? [row] : []));

/** Rows of the preprocessor: its own lines with what continues them, and the branches after the first. Their brackets pair with others than their neighbours. */
function unreadRows(lines: readonly string[]): Set<number> {
  const rows = new Set<number>();
  /** Of the conditions around a row: is it behind an #else? */
  const later: boolean[] = [];
  let continued = false;
  for (const [row, line] of lines.entries()) {
    const word: string | undefined = continued ? undefined : /^\s*#\s*(\w+)/.exec(line)?.[1];
    if (word === "endif") later.pop();
    if (word !== undefined || continued || later.includes(true)) rows.add(row);
    if (word?.startsWith("if")) later.push(false);
    if ((word === "else" || word?.startsWith("elif")) && later.length > 0) later[later.length - 1] = true;
    continued = (word !== undefined || continued) && /\\\s*$/.test(line);
  }
  return rows;
}

/** Brackets in order, and the errors: of one that holds others, the innermost. */
function walk(tree: Tree, lines: readonly string[]): { brackets: Bracket[]; errors: Node[] } {
  const brackets: Bracket[] = [];
  const errors: Node[] = [];
  /** Errors around where the cursor stands, and where each is in the list until an inner one takes its place. */
  const around: (number | null)[] = [];
  const cursor = tree.walk();
  const enter = (): void => {
    const type = cursor.nodeType;
    const missing = cursor.nodeIsMissing;
    if (missing || type === "ERROR") {
      const outer = around.at(-1);
      if (outer !== null && outer !== undefined) {
        errors[outer] = cursor.currentNode;
        around[around.length - 1] = null;
      } else if (errors.length < mostErrors) errors.push(cursor.currentNode);
    }
    if (missing || !(isOpen(type) || isClose(type))) return;
    const { row, column } = cursor.startPosition;
    const line = lines[row] ?? "";
    const indent = line.length - line.trimStart().length;
    brackets.push({ type, row, indent, first: column <= indent });
  };
  for (;;) {
    enter();
    const isError = cursor.nodeType === "ERROR";
    if (cursor.gotoFirstChild()) {
      if (isError) around.push(errors.length - 1);
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) {
        cursor.delete();
        return { brackets, errors };
      }
      if (cursor.nodeType === "ERROR") around.pop();
    }
  }
}

const short = (text: string): string => (text.trim().length > mostToken ? `${text.trim().slice(0, mostToken).toWellFormed()}...` : text.trim());
interface Stumble {
  row: number;
  what: string;
  /** In the middle of JSX. */
  markup: boolean;
}
/** Where in an error the parser stumbled: at the edit where the error goes through it, else at the first word behind what it could read. */
function stumbleOf(node: Node, edited: Range | null): Stumble {
  const from = node.startPosition.row;
  if (node.isMissing) return { row: from, what: `missing ${/^[a-z_]{4,}$/.test(node.type) ? node.type.replaceAll("_", " ") : `'${node.type}'`}`, markup: false };
  const parts = node.children.filter((child) => child !== null);
  const markup = parts.some(({ type }) => type.startsWith("jsx_"));
  const words = parts.filter((child, at) => !child.isNamed && parts[at - 1]?.isNamed);
  const isThrough = edited !== null && from < edited.from && node.endPosition.row >= edited.from;
  const word = isThrough ? words.find(({ startPosition: { row } }) => row >= edited.from && row <= edited.to) : words[0];
  if (word && from < word.startPosition.row) return { row: word.startPosition.row, what: `unexpected '${short(word.text)}'`, markup };
  if (isThrough) return { row: edited.from, what: vague, markup };
  const [first = ""] = node.text.trim().split("\n");
  return { row: from, what: first.trim() === "" ? "unexpected end" : `unexpected '${short(first)}'`, markup };
}
