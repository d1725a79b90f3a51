// What a pane is: a title, and lines for a width. Pure functions of what the screen knows; scrolling and borders are done for them.
import type { Line } from "../parts/line.ts";
import type { PaneName, UiState, ViewState } from "../state.ts";

/** A pane's whole text, in groups that stay the same objects while their content does. */
export interface Drawn {
  blocks: readonly (readonly Line[])[];
  /** Lines that stay at the bottom whatever is scrolled. */
  footer: readonly Line[];
  /** First and last line that should be seen when nothing is scrolled; only for panes that begin at the start. */
  anchor?: { from: number; to: number };
}
export interface Pane {
  name: PaneName;
  /** The word on its tab and border. */
  label: string;
  /** Where an unscrolled pane stands: at its newest line or at its first. */
  follows: "end" | "start";
  /** What stands beside the label, or empty. */
  title(view: ViewState, ui: UiState): string;
  /** Does something in it wait for the person? The dot on its tab. */
  waits(view: ViewState): boolean;
  /** `now` in ms: durations of what is still running. */
  draw(view: ViewState, ui: UiState, width: number, now: number): Drawn;
}
