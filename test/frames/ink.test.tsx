// Through the real Ink: the same lines as the pure frame, and few bytes while a model streams.
import { Writable } from "node:stream";
import { render } from "ink";
import { beforeAll, describe, expect, it } from "vitest";
import { frame } from "../../src/app/tui/parts/frame.ts";
import { loadHighlight, loadMarkdown } from "../../src/app/tui/parts/later.ts";
import { Screen } from "../../src/app/tui/screen.tsx";
import type { UiState, ViewState } from "../../src/app/tui/state.ts";
import { live } from "../../src/app/tui/view.ts";
import { approval, at, finished, saying, uiOf, viewOf, work } from "./worlds.ts";

/** A terminal that counts. */
class Counting extends Writable {
  columns = 120;
  rows = 40;
  isTTY = true;
  bytes = 0;
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytes += chunk.length;
    this.text = chunk.toString();
    done();
  }
}
const options = (stdout: Counting, more: object = {}): Parameters<typeof render>[1] => ({
  stdout: stdout as unknown as NodeJS.WriteStream,
  interactive: true,
  exitOnCtrlC: false,
  patchConsole: false,
  ...more,
});
const bare = (text: string): string => text.replace(/\x1b\[[\d;?]*[a-zA-Z]/g, "");

beforeAll(async () => {
  await loadMarkdown();
  await loadHighlight();
});

describe("the screen through Ink", () => {
  const odd = viewOf([...finished, { type: "noted", level: "warn", text: "日本語のテキスト 👨‍👩‍👧 ❤️ שלום नमस्ते z\u0301\u0301algo \x1b[2J \u202e" }]);
  const pictures: [string, ViewState, UiState][] = [
    ["approval", viewOf(approval), uiOf(120, 40, { focus: "diff", front: "diff" })],
    ["wide characters", odd, uiOf(120, 40)],
    ["tabs", odd, uiOf(80, 24, { selected: "3" })],
  ];
  it.each(pictures)("is the frame, line by line: %s", (_name, view, ui) => {
    const stdout = new Counting();
    stdout.columns = ui.columns;
    stdout.rows = ui.rows;
    const app = render(<Screen view={view} ui={ui} now={at} />, options(stdout, { debug: true }));
    const lines = bare(stdout.text)
      .split("\n")
      .map((line) => line.trimEnd());
    app.unmount();
    expect(lines).toEqual(frame(view, ui, at, []).lines.map((line) => bare(line).trimEnd()));
  });

  it("writes little while tokens stream", async () => {
    const stdout = new Counting();
    const ui = uiOf(120, 40, { noColor: true });
    let view = viewOf(work);
    let now = at;
    const app = render(<Screen view={view} ui={ui} now={now} />, options(stdout, { alternateScreen: true, incrementalRendering: true, maxFps: 1000 }));
    await new Promise((done) => setTimeout(done, 20));
    const before = stdout.bytes;
    const words = "time cart total discount value return function item order when after before price number simple test check module".split(" ");
    for (let token = 0; token < 400; token++) {
      now += 20;
      view = live(view, saying(`${words[(token * 7) % 17]} `), now);
      if (token % 5 !== 0) continue; // ten frames a second at fifty tokens a second
      app.rerender(<Screen view={view} ui={ui} now={now} />);
      await new Promise((done) => setTimeout(done, 1));
    }
    app.unmount();
    expect(stdout.bytes - before).toBeLessThan(60_000);
  });
});
