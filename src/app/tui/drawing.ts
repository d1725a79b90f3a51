// When frames get to the terminal: at once for keys, at most twelve a second for what streams, never while nothing changes.
import { createPainter } from "./paint.ts";
import { frame } from "./parts/frame.ts";
import { onRicher } from "./parts/later.ts";
import type { KeyRow } from "./parts/overlays.ts";
import type { UiState, ViewState } from "./state.ts";
import type { Terminal } from "./terminal.ts";

/** Everything a frame is made of. */
export interface Picture {
  view: ViewState;
  ui: UiState;
  /** ms since the epoch: every duration and the spinner go by it. */
  now: number;
  /** What the help shows. */
  keys: readonly KeyRow[];
}
export interface Drawing {
  /** Draws before it returns. */
  now(): void;
  /** Draws within a twelfth of a second. */
  soon(): void;
  /** What is on the terminal is lost (resize, resume, Ctrl-L): the next frame is whole. */
  forget(): void;
  stop(): void;
}
export interface DrawingNeeds {
  terminal: Terminal;
  picture(): Picture;
  /** A frame couldn't be made: a bug. The terminal is the caller's to restore. */
  failed(error: unknown): void;
}
const frameMs = 83;

export function openDrawing({ terminal, picture, failed }: DrawingNeeds): Drawing {
  const painter = createPainter((text) => terminal.write(text));
  let timer: NodeJS.Timeout | null = null;
  let last = 0;
  let stopped = false;

  function draw(): void {
    if (stopped) return;
    if (timer) clearTimeout(timer);
    timer = null;
    last = performance.now();
    try {
      const { view, ui, now, keys } = picture();
      painter.show(frame(view, ui, now, keys), terminal.size().rows);
    } catch (error) {
      failed(error);
    }
  }
  const soon = (): void => {
    if (timer || stopped) return;
    timer = setTimeout(draw, Math.max(0, frameMs - (performance.now() - last)));
  };
  const stopRicher = onRicher(soon);

  return {
    now: draw,
    soon,
    forget: painter.forget,
    stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
      stopRicher();
    },
  };
}
