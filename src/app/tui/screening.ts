// The keys of panes and screen: which pane has the focus, how far it is scrolled, help, redraw, suspend.
import type { ActionRow } from "./actions.ts";
import type { Deck } from "./deck.ts";
import { paneText, visibleHeight } from "./panes/scroll.ts";
import type { PaneName } from "./state.ts";
import { type Desk, focusNext, focusPane, modes, movePopup, panes, plain, scrollPane, selectCall, zoom } from "./ui.ts";

const names: Record<PaneName, string> = { conversation: "conversation", diff: "diff", plan: "plan", terminal: "terminal", log: "log" };
/** A page leaves two lines of the one before in sight. */
function page(deck: Deck, by: 1 | -1): void {
  deck.change((desk, view) => scrollPane(desk, view, desk.focus, by * Math.max(1, visibleHeight(desk.focus, view, desk) - 2)));
}
const inPane = (desk: Desk): true | string => (desk.focus === "conversation" ? "Tab to a pane first; /copy copies the last answer" : true);

export const screenRows: readonly ActionRow[] = [
  { keys: ["tab"], group: "Panes", label: "next pane", modes: plain, run: (deck) => deck.change((desk) => focusNext(desk, 1)) },
  { keys: ["shift-tab"], group: "Panes", label: "pane before", modes: plain, run: (deck) => deck.change((desk) => focusNext(desk, -1)) },
  ...panes.map(
    (pane, index): ActionRow => ({
      keys: [`alt-${index + 1}`],
      group: "Panes",
      label: `the ${names[pane]}`,
      modes: plain,
      run: (deck) => deck.change((desk) => focusPane(desk, pane)),
    }),
  ),
  { keys: ["alt-z", "alt-Z"], group: "Panes", label: "enlarge, and back", modes: plain, run: (deck) => deck.change(zoom) },
  { keys: ["pageup"], group: "Panes", label: "a page up", modes: plain, run: (deck) => page(deck, -1) },
  { keys: ["pagedown"], group: "Panes", label: "a page down", modes: plain, run: (deck) => page(deck, 1) },
  { keys: ["alt-up"], group: "Panes", label: "the call above", modes: plain, run: (deck) => deck.change((desk, view) => selectCall(desk, view, -1)) },
  { keys: ["alt-down"], group: "Panes", label: "the call below", modes: plain, run: (deck) => deck.change((desk, view) => selectCall(desk, view, 1)) },
  {
    keys: ["c"],
    group: "Panes",
    label: "copy the pane",
    modes: ["idle", "answer"],
    when: (_view, desk) => inPane(desk),
    run: (deck) => deck.copy(paneText(deck.desk().focus, deck.view(), deck.desk()), `the ${names[deck.desk().focus]}`),
  },
  { keys: ["?"], group: "Screen", label: "these keys", modes: ["idle", "answer"], run: (deck) => deck.change((desk) => ({ ...desk, help: true })) },
  { keys: ["f1"], group: "Screen", label: "the keys, while something is typed", modes: ["text"], run: (deck) => deck.change((desk) => ({ ...desk, help: true })) },
  { keys: ["escape", "?", "q", "enter", "f1"], group: "Screen", label: "close the help", modes: ["help"], run: (deck) => deck.change((desk) => ({ ...desk, help: false })) },
  { keys: ["pageup"], group: "List", label: "a page up", modes: ["popup"], run: (deck) => deck.change((desk) => movePopup(desk, -8)) },
  { keys: ["pagedown"], group: "List", label: "a page down", modes: ["popup"], run: (deck) => deck.change((desk) => movePopup(desk, 8)) },
  { keys: ["ctrl-l"], group: "Screen", label: "draw everything again", modes, run: (deck) => deck.redraw() },
  { keys: ["ctrl-z"], group: "Screen", label: "suspend; fg comes back", modes, run: (deck) => deck.suspend() },
];
