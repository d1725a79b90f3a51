// Editing the prompt: a pure reducer over text and cursor, by graphemes, words and lines. Knows nothing of keys or drawing.
import type { PromptState } from "./state.ts";

/** The prompt with what editing remembers: the last killed text and earlier states. */
export interface Draft extends PromptState {
  killed: string;
  /** Oldest first, at most `maxUndo`. */
  before: PromptState[];
}
export const emptyDraft: Draft = { text: "", cursor: 0, killed: "", before: [] };
const maxUndo = 100;

export type Edit = { do: "insert"; text: string } | { do: "replace"; text: string; cursor?: number } | { do: EditName };
export type EditName =
  | "backspace"
  | "delete"
  | "left"
  | "right"
  | "word-left"
  | "word-right"
  | "line-start"
  | "line-end"
  | "up"
  | "down"
  | "kill-word-back"
  | "kill-word"
  | "kill-to-start"
  | "kill-to-end"
  | "yank"
  | "clear"
  | "undo";

let segmenter: Intl.Segmenter | null = null;
const graphemes = (text: string): Iterable<Intl.SegmentData> => {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return segmenter.segment(text);
};
const isPlain = (code: number): boolean => code >= 0x20 && code < 0x7f;
/** Long enough for the longest real cluster (flags, families), short enough to be quick in a long text. */
const windowLength = 128;

/** The grapheme border before `at`, 0 at the start. */
export function before(text: string, at: number): number {
  if (at <= 0) return 0;
  const code = text.charCodeAt(at - 1);
  if (code === 0x0a || (isPlain(code) && (at === 1 || text.charCodeAt(at - 2) < 0x7f))) return at - 1;
  let from = Math.max(0, at - windowLength);
  if (from > 0 && (text.charCodeAt(from) & 0xfc00) === 0xdc00) from--;
  let last = from;
  for (const { index } of graphemes(text.slice(from, at))) last = from + index;
  return last;
}
/** The grapheme border after `at`, the length at the end. */
export function after(text: string, at: number): number {
  if (at >= text.length) return text.length;
  if (text.charCodeAt(at) < 0x7f && (at + 1 >= text.length || text.charCodeAt(at + 1) < 0x7f)) return at + 1;
  for (const { segment } of graphemes(text.slice(at, at + windowLength))) return at + segment.length;
  return text.length;
}
/** The nearest border at or before `at`: a cursor set from outside never splits a character. */
export function snap(text: string, at: number): number {
  const to = Math.max(0, Math.min(text.length, at));
  return to === text.length ? to : after(text, before(text, to)) === to || to === 0 ? to : before(text, to);
}

const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;
const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
};
const isWord = (char: string): boolean => /[\p{L}\p{N}\p{M}_]/u.test(char);
function wordLeft(text: string, from: number): number {
  let at = from;
  while (at > 0 && !isWord(text.slice(before(text, at), at))) at = before(text, at);
  while (at > 0 && isWord(text.slice(before(text, at), at))) at = before(text, at);
  return at;
}
function wordRight(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isWord(text.slice(at, after(text, at)))) at = after(text, at);
  while (at < text.length && isWord(text.slice(at, after(text, at)))) at = after(text, at);
  return at;
}
/** As in shells: back over blanks, then to the next blank. */
function blankLeft(text: string, from: number): number {
  let at = from;
  while (at > 0 && /\s/.test(text[at - 1] as string)) at--;
  while (at > 0 && !/\s/.test(text[at - 1] as string)) at--;
  return at;
}

const columnOf = (text: string, start: number, at: number): number => {
  let column = 0;
  for (let i = start; i < at; i = after(text, i)) column++;
  return column;
};
function atColumn(text: string, start: number, column: number): number {
  const end = lineEnd(text, start);
  let at = start;
  for (let i = 0; i < column && at < end; i++) at = after(text, at);
  return Math.min(at, end);
}

export const onFirstLine = (prompt: PromptState): boolean => lineStart(prompt.text, prompt.cursor) === 0;
export const onLastLine = (prompt: PromptState): boolean => lineEnd(prompt.text, prompt.cursor) === prompt.text.length;

/** A state in which the text changed: remembered for undo; typing in a row is one step per word. */
function changed(draft: Draft, text: string, cursor: number, killed = draft.killed): Draft {
  if (text === draft.text) return { ...draft, cursor, killed };
  const typed = text.length === draft.text.length + 1 && cursor === draft.cursor + 1 && isWord(text[draft.cursor] as string) && draft.before.length > 0 && draft.text !== "";
  const steps = typed ? draft.before : [...draft.before.slice(1 - maxUndo), { text: draft.text, cursor: draft.cursor }];
  return { text, cursor, killed, before: steps };
}
const cut = (draft: Draft, from: number, to: number, keep: boolean): Draft =>
  from === to ? draft : changed(draft, draft.text.slice(0, from) + draft.text.slice(to), from, keep ? draft.text.slice(from, to) : draft.killed);
const move = (draft: Draft, cursor: number): Draft => (cursor === draft.cursor ? draft : { ...draft, cursor });

/** Pure. Returns the same object when nothing changes. */
export function edit(draft: Draft, one: Edit): Draft {
  const { text, cursor } = draft;
  switch (one.do) {
    case "insert":
      return one.text === "" ? draft : changed(draft, text.slice(0, cursor) + one.text + text.slice(cursor), cursor + one.text.length);
    case "replace":
      return changed(draft, one.text, snap(one.text, one.cursor ?? one.text.length));
    case "backspace":
      return cut(draft, before(text, cursor), cursor, false);
    case "delete":
      return cut(draft, cursor, after(text, cursor), false);
    case "left":
      return move(draft, before(text, cursor));
    case "right":
      return move(draft, after(text, cursor));
    case "word-left":
      return move(draft, wordLeft(text, cursor));
    case "word-right":
      return move(draft, wordRight(text, cursor));
    case "line-start":
      return move(draft, lineStart(text, cursor));
    case "line-end":
      return move(draft, lineEnd(text, cursor));
    case "up": {
      const start = lineStart(text, cursor);
      return start === 0 ? draft : move(draft, atColumn(text, lineStart(text, start - 1), columnOf(text, start, cursor)));
    }
    case "down": {
      const end = lineEnd(text, cursor);
      return end === text.length ? draft : move(draft, atColumn(text, end + 1, columnOf(text, lineStart(text, cursor), cursor)));
    }
    case "kill-word-back":
      return cut(draft, blankLeft(text, cursor), cursor, true);
    case "kill-word":
      return cut(draft, cursor, wordRight(text, cursor), true);
    case "kill-to-start":
      return cut(draft, lineStart(text, cursor), cursor, true);
    case "kill-to-end":
      return cut(draft, cursor, lineEnd(text, cursor) === cursor ? after(text, cursor) : lineEnd(text, cursor), true);
    case "yank":
      return edit(draft, { do: "insert", text: draft.killed });
    case "clear":
      return changed(draft, "", 0);
    case "undo": {
      const last = draft.before.at(-1);
      return last ? { ...draft, ...last, before: draft.before.slice(0, -1) } : draft;
    }
  }
}

/** Keys that only edit, and what they do; Home, End and the arrows are decided by what else they may mean. */
export const editKeys: Readonly<Record<string, EditName>> = {
  backspace: "backspace",
  "shift-backspace": "backspace",
  delete: "delete",
  left: "left",
  right: "right",
  "ctrl-b": "left",
  "ctrl-f": "right",
  "alt-b": "word-left",
  "alt-f": "word-right",
  "ctrl-left": "word-left",
  "ctrl-right": "word-right",
  "alt-left": "word-left",
  "alt-right": "word-right",
  "ctrl-a": "line-start",
  "ctrl-e": "line-end",
  "ctrl-w": "kill-word-back",
  "alt-backspace": "kill-word-back",
  "ctrl-backspace": "kill-word-back",
  "alt-d": "kill-word",
  "ctrl-delete": "kill-word",
  "ctrl-u": "kill-to-start",
  "ctrl-k": "kill-to-end",
  "ctrl-y": "yank",
  "ctrl-_": "undo",
};
