// When and how frames get to the terminal: at once for keys, at most twelve a second for what streams, never while nothing changes.
// Frames are lines made by parts/frame.ts and go straight to the painter. Ink may lay out what streams; keys never wait for it.
import { createPainter } from "./paint.ts";
import { type Frame, frame } from "./parts/frame.ts";
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
  /** Has Ink draw what isn't a key's doing, once it is loaded: 8 to 15 ms a frame instead of one, 37 MB more. */
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
    const { ui, view, now, keys } = needs.picture();
    put(text, frame(view, ui, now, keys).cursor);
  }
  function put(text: string, cursor: Frame["cursor"]): void {
    const moved = painter.frame(text, terminal.size().rows);
    const place = cursor ? `\x1b[${cursor.y + 1};${cursor.x + 1}H\x1b[?25h` : "\x1b[?25l";
    if (moved || place !== cursorAt) terminal.write(place);
    cursorAt = place;
  }
  function draw(by: typeof ink): void {
    if (stopped) return;
    if (timer) clearTimeout(timer);
    timer = null;
    last = performance.now();
    try {
      const picture = needs.picture();
      if (by) by.render(picture);
      else {
        const { lines, cursor } = frame(picture.view, picture.ui, picture.now, picture.keys);
        put(lines.join("\n"), cursor);
      }
    } catch (error) {
      needs.failed(error);
    }
  }
  const soon = (): void => {
    if (timer || stopped) return;
    timer = setTimeout(() => draw(ink), Math.max(0, frameMs - (performance.now() - last)));
  };
  const stopRicher = onRicher(soon);

  return {
    now: () => draw(null),
    soon,
    forget() {
      painter.forget();
      cursorAt = "";
    },
    async withInk() {
      const { openInk } = await import("./ink.tsx");
      if (stopped) return;
      ink = openInk({ size: terminal.size, show, failed: needs.failed });
      draw(ink);
    },
    stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
      stopRicher();
      ink?.unmount();
    },
  };
}
