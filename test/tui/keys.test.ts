// The key tables: no key means two things at once, every promised key is there, the generated page is fresh.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actions, keyRows, rowFor } from "../../src/app/tui/actions.ts";
import { keyLabel } from "../../src/app/tui/keys.ts";
import { keysPage } from "../../src/app/tui/keyspage.ts";
import { editKeys } from "../../src/app/tui/prompt.ts";
import { slashRows } from "../../src/app/tui/slash.ts";
import { modeOf, modes, panes } from "../../src/app/tui/ui.ts";
import { desk, pendingCommand, pendingEdit, someView } from "./some.ts";

const state = fc.record({
  focus: fc.constantFrom(...panes),
  text: fc.constantFrom("", "abc"),
  help: fc.boolean(),
  popup: fc.boolean(),
  rejecting: fc.boolean(),
  asking: fc.boolean(),
  running: fc.boolean(),
  pending: fc.constantFrom("none", "edit", "run", "once"),
});

describe("the table of keys", () => {
  it("never lets two rows act on the same key", () => {
    fc.assert(
      fc.property(state, (some) => {
        const pending = some.pending === "none" ? [] : [some.pending === "edit" ? pendingEdit() : pendingCommand(some.pending === "once" ? null : "npm test")];
        const view = someView({ running: some.running, pending });
        const now = desk({
          focus: some.focus,
          help: some.help,
          rejecting: some.rejecting,
          prompt: some.text,
          popup: some.popup ? { kind: "file", words: "", items: [{ value: "a", note: "" }], at: 0, busy: false } : null,
          asking: some.asking ? { pending: pendingEdit(), to: 3 } : null,
        });
        const mode = modeOf(now, view);
        const active = actions.filter((row) => row.modes.includes(mode) && (row.when?.(view, now) ?? true) === true);
        const keys = active.flatMap((row) => row.keys);
        expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
        for (const key of keys) expect(rowFor(key, view, now)?.why).toBeNull();
      }),
    );
  });
  it("leaves a way out of every mode", () => {
    for (const mode of modes) {
      expect(actions.some((row) => row.modes.includes(mode) && row.keys.includes("escape"))).toBe(true);
      expect(actions.some((row) => row.modes.includes(mode) && row.keys.includes("ctrl-c"))).toBe(true);
    }
  });
  it("holds every key that is promised", () => {
    const promised: [mode: string, keys: string[]][] = [
      [
        "text",
        [
          "enter",
          "ctrl-j",
          "up",
          "down",
          "tab",
          "shift-tab",
          "alt-1",
          "alt-5",
          "alt-z",
          "ctrl-r",
          "ctrl-g",
          "ctrl-p",
          "ctrl-t",
          "escape",
          "ctrl-c",
          "pageup",
          "pagedown",
          "home",
          "end",
          "ctrl-z",
          "ctrl-l",
        ],
      ],
      ["idle", ["?", "enter", "c", "home", "end"]],
      ["answer", ["y", "n", "a", "e", "r", "j", "k", "]", "[", "A", "?"]],
    ];
    for (const [mode, keys] of promised)
      for (const key of keys)
        expect(
          actions.some((row) => row.keys.includes(key) && row.modes.some((one) => one === mode)),
          `${key} in ${mode}`,
        ).toBe(true);
    expect(slashRows.map(({ name }) => name)).toEqual([
      "help",
      "model",
      "policy",
      "plan",
      "diff",
      "log",
      "stop",
      "answer",
      "new",
      "sessions",
      "undo",
      "init",
      "copy",
      "export",
      "quit",
    ]);
  });
  it("doesn't take a key away from editing where one types", () => {
    const taken = actions.filter((row) => row.modes.includes("text")).flatMap((row) => row.keys);
    expect(taken.filter((key) => editKeys[key] !== undefined)).toEqual([]);
  });
  it("tells why a key doesn't work, after those that do", () => {
    const rows = keyRows(someView({ pending: [pendingCommand(null)] }), desk({ focus: "diff" }));
    const always = rows.find(({ label }) => label.startsWith("always"));
    expect(always?.why).toBe("this command can't be remembered");
    expect(rows.findIndex(({ why }) => why !== null)).toBeGreaterThan(rows.findLastIndex(({ why }) => why === null));
  });
  it("names keys as people do", () => {
    expect(["ctrl-j", "alt-enter", "shift-tab", "A", "pageup", "ctrl-alt-x", "?"].map(keyLabel)).toEqual(["Ctrl-J", "Alt-Enter", "Shift-Tab", "A", "PgUp", "Ctrl-Alt-X", "?"]);
  });
  it("is what docs/keys.md says", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/keys.md"), "utf8");
    expect(page, "stale: node scripts/docs-keys.mjs").toBe(keysPage());
  });
});
