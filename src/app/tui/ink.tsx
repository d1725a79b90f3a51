// Ink lays the screen out; what it makes goes to the painter, not to the terminal: keys and terminal stay in our own hands.
import { EventEmitter } from "node:events";
import { render } from "ink";
import type { Picture } from "./drawing.ts";
import { Screen } from "./screen.tsx";

export interface InkNeeds {
  size(): { columns: number; rows: number };
  /** Gets every frame whole, lines joined by `\n`. */
  show(frame: string): void;
  failed(error: unknown): void;
}

/** A stream as Ink knows it, of which only the frames are real: in debug mode Ink writes each frame whole and nothing else. */
function frameStream(needs: InkNeeds): NodeJS.WriteStream {
  const stream = Object.assign(new EventEmitter(), {
    isTTY: true,
    writable: true,
    write(text: string, done?: () => void): boolean {
      if (text !== "" && text !== "\n") needs.show(text);
      if (typeof done === "function") done();
      return true;
    },
  });
  Object.defineProperties(stream, { columns: { get: () => needs.size().columns }, rows: { get: () => needs.size().rows } });
  return stream as unknown as NodeJS.WriteStream;
}
/** Never read: no component uses Ink's input hooks. */
const noInput = Object.assign(new EventEmitter(), { isTTY: false }) as unknown as NodeJS.ReadStream;

/** Renders synchronously: when `render` returns, the frame was shown. */
export function openInk(needs: InkNeeds): { render(picture: Picture): void; unmount(): void } {
  let instance: ReturnType<typeof render> | null = null;
  return {
    render({ view, ui, now, keys }) {
      const screen = <Screen view={view} ui={ui} now={now} keys={keys} />;
      if (instance) return instance.rerender(screen);
      instance = render(screen, { stdout: frameStream(needs), stdin: noInput, debug: true, interactive: true, exitOnCtrlC: false, patchConsole: false });
      instance.waitUntilExit().catch(needs.failed);
    },
    unmount: () => instance?.unmount(),
  };
}
