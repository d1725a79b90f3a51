// When and how frames get to the terminal: at once for keys, at most twelve a second for what streams, never while nothing changes.
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
  now: number;
  keys: readonly KeyRow[];
}
export interface Drawing {
  /** Draws before it returns. */
  now(): void;
  /** Draws within a twelfth of a second. */
  soon(): void;
  /** What is on the terminal is lost (resize, resume, Ctrl-L): the next frame is whole. */
  forget(): void;
  /** Hands the drawing to Ink once it is loaded; until then frames are drawn without it. */
  withInk(): Promise<void>;
  stop(): void;
}
export interface DrawingNeeds {
  terminal: Terminal;
  picture(): Picture;
  /** A frame couldn't be made: a bug. The terminal is the caller's to restore. */
  failed(error: unknown): void;
}
const frameMs = 83;

export function openDrawing(needs: DrawingNeeds): Drawing {
  const { terminal } = needs;
  const painter = createPainter((text) => terminal.write(text));
  let timer: NodeJS.Timeout | null = null;
  let last = 0;
  let stopped = false;
  let cursorAt = "";
  let ink: { render(picture: Picture): void; unmount(): void } | null = null;

  function show(text: string): void {
    const { rows } = terminal.size();
    const { ui, view, now, keys } = needs.picture();
    const { cursor } = frame(view, ui, now, keys);
    const moved = painter.frame(text, rows);
    const place = cursor ? `\x1b[${cursor.y + 1};${cursor.x + 1}H\x1b[?25h` : "\x1b[?25l";
    if (moved || place !== cursorAt) terminal.write(place);
    cursorAt = place;
  }
  function draw(): void {
    if (stopped) return;
    if (timer) clearTimeout(timer);
    timer = null;
    last = performance.now();
    try {
      const picture = needs.picture();
      if (ink) ink.render(picture);
      else show(frame(picture.view, picture.ui, picture.now, picture.keys).lines.join("\n"));
    } catch (error) {
      needs.failed(error);
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
    forget() {
      painter.forget();
      cursorAt = "";
    },
    async withInk() {
      const { openInk } = await import("./ink.tsx");
      if (stopped) return;
      ink = openInk({ size: terminal.size, show, failed: needs.failed });
      draw();
    },
    stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
      stopRicher();
      ink?.unmount();
    },
  };
}
