// The screen as Ink sees it: one Text per terminal line. Everything in the lines is made by parts/frame.ts.
import { Box, Text, useCursor } from "ink";
import { memo, type ReactElement, useEffect, useReducer } from "react";
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

const Row = memo(function Row({ text }: { text: string }): ReactElement {
  return <Text wrap="truncate">{text}</Text>;
});
const noKeys: readonly KeyRow[] = [];

/** Draws the same for the same props, but for markdown and code, which become prettier once their libraries are there. */
export function Screen({ view, ui, now, keys = noKeys }: ScreenProps): ReactElement {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => onRicher(redraw), []);
  const { setCursorPosition } = useCursor();
  const { lines, cursor } = frame(view, ui, now, keys);
  setCursorPosition(cursor ?? undefined);
  return (
    <Box flexDirection="column" width={ui.columns} height={ui.rows}>
      {lines.map((text, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line's place on the terminal is what it is
        <Row key={row} text={text} />
      ))}
    </Box>
  );
}
