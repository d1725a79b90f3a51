// The screen as Ink sees it: a block of blank lines that a transform fills. Everything in the lines is made by parts/frame.ts.
import { Box, Transform, useCursor } from "ink";
import { type ReactElement, useEffect, useReducer } from "react";
import { frame } from "./parts/frame.ts";
import { onRicher } from "./parts/later.ts";
import type { KeyRow } from "./parts/overlays.ts";
import type { UiState, ViewState } from "./state.ts";

export interface ScreenProps {
  view: ViewState;
  ui: UiState;
  /** ms since the epoch: every duration and the spinner go by it. */
  now: number;
  /** What the help shows. */
  keys?: readonly KeyRow[];
}

/** What Ink lays out and measures; measuring the lines themselves, with their borders and colours, costs as much again as all the rest. */
const blank = (rows: number): string => Array(rows).fill(" ").join("\n");
const noKeys: readonly KeyRow[] = [];

/** Draws the same for the same props, but for markdown and code, which become prettier once their libraries are there. */
export function Screen({ view, ui, now, keys = noKeys }: ScreenProps): ReactElement {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => onRicher(redraw), []);
  const { setCursorPosition } = useCursor();
  const { lines, cursor } = frame(view, ui, now, keys);
  setCursorPosition(cursor ?? undefined);
  return (
    <Box width={ui.columns} height={ui.rows}>
      <Transform transform={(_blank, row) => lines[row] ?? ""}>{blank(lines.length)}</Transform>
    </Box>
  );
}
