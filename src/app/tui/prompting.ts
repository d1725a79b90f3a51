// The keys of the prompt and of the lists over it. Keys that only edit (Ctrl-W, Alt-B, ...) are in prompt.ts.
import type { ActionRow } from "./actions.ts";
import { choose, openHistoryList } from "./choosing.ts";
import type { Deck } from "./deck.ts";
import { onFirstLine, onLastLine } from "./prompt.ts";
import { arm, editPrompt, flash, modes, movePopup, nextPolicy, openCall, plain, recall, scrollPane, stoppingText, thinks, typing, worksNow } from "./ui.ts";

const clearMs = 1500;
const leaveMs = 2500;

/** ↑ and ↓: within a text of several lines, then the history; in another pane with an empty prompt, a line of it. */
function upDown(deck: Deck, by: 1 | -1): void {
  deck.change((desk, view) => {
    if (desk.prompt.text === "" && desk.focus !== "conversation") return scrollPane(desk, view, desk.focus, by);
    const atEdge = by < 0 ? onFirstLine(desk.prompt) : onLastLine(desk.prompt);
    return atEdge ? recall(desk, deck.history(), by) : editPrompt(desk, { do: by < 0 ? "up" : "down" });
  });
}
/** Esc: stops what runs, clears the prompt the second time; with nothing to stop it folds and comes back. */
function stopOrClear(deck: Deck): void {
  const running = worksNow(deck.view());
  const typed = deck.desk().prompt.text !== "";
  if (typed) {
    const armed = arm(deck.desk(), "clear", deck.now(), running ? `${stoppingText}; Esc again clears the prompt` : "Esc again clears the prompt", clearMs);
    deck.change(() => (armed.again ? editPrompt(armed.desk, { do: "clear" }) : armed.desk));
    if (armed.again) return;
  }
  if (running) {
    if (!typed) deck.say(stoppingText);
    void deck.send({ type: "stop", session: deck.who().session });
  } else if (!typed) deck.change((desk) => ({ ...desk, opened: null, selected: null, zoomed: false, focus: "conversation", front: "conversation" }));
}
function leave(deck: Deck): void {
  const goesOn = deck.view().running ? " (the run goes on)" : "";
  const armed = arm(deck.desk(), "leave", deck.now(), `press Ctrl-C again to leave${goesOn}`, leaveMs);
  deck.change(() => armed.desk);
  if (armed.again) deck.leave();
}
async function inEditor(deck: Deck): Promise<void> {
  const text = await deck.edit(deck.desk().prompt.text, "prompt.md");
  if (text !== null) deck.change((desk) => editPrompt(desk, { do: "replace", text: text.replace(/\n$/, "") }));
}

export const promptRows: readonly ActionRow[] = [
  { keys: ["enter"], group: "Prompt", label: "send", modes: ["text"], run: (deck) => deck.submit() },
  {
    keys: ["ctrl-j", "alt-enter", "shift-enter"],
    group: "Prompt",
    label: "new line",
    modes: typing,
    run: (deck) => deck.change((desk) => editPrompt(desk, { do: "insert", text: "\n" })),
  },
  { keys: ["up"], group: "Prompt", label: "line up, then history", modes: plain, run: (deck) => upDown(deck, -1) },
  { keys: ["down"], group: "Prompt", label: "line down, then history", modes: plain, run: (deck) => upDown(deck, 1) },
  { keys: ["home"], group: "Prompt", label: "start of the line", modes: ["text", "reason"], run: (deck) => deck.change((desk) => editPrompt(desk, { do: "line-start" })) },
  { keys: ["end"], group: "Prompt", label: "end of the line", modes: ["text", "reason"], run: (deck) => deck.change((desk) => editPrompt(desk, { do: "line-end" })) },
  { keys: ["ctrl-r"], group: "Prompt", label: "search the history", modes: plain, run: openHistoryList },
  { keys: ["ctrl-g"], group: "Prompt", label: "the prompt in $EDITOR", modes: typing, run: (deck) => void inEditor(deck) },
  { keys: ["ctrl-d"], group: "Prompt", label: "delete forwards", modes: ["text", "reason"], run: (deck) => deck.change((desk) => editPrompt(desk, { do: "delete" })) },
  {
    keys: ["escape"],
    group: "Run",
    label: "stop; twice: clear the prompt",
    modes: plain,
    run: stopOrClear,
  },
  {
    keys: ["ctrl-p"],
    group: "Run",
    label: "the next policy",
    modes: plain,
    run(deck) {
      const policy = nextPolicy(deck.view().policy);
      void deck.send({ type: "set", session: deck.who().session, policy }).then((sent) => sent && deck.say(`policy: ${policy}`));
    },
  },
  {
    keys: ["ctrl-t"],
    group: "Run",
    label: "enough thought: answer now",
    modes: plain,
    when: thinks,
    run: (deck) => void deck.send({ type: "hasten", session: deck.who().session }),
  },
  { keys: ["ctrl-c"], group: "Run", label: "twice: leave, the run goes on", modes, run: leave },
  { keys: ["ctrl-d"], group: "Run", label: "the same as Ctrl-C", modes: ["idle", "answer"], run: leave },
  { keys: ["enter"], group: "Panes", label: "open or fold a call", modes: ["idle"], run: (deck) => deck.change(openCall) },
  { keys: ["up", "ctrl-p", "shift-tab"], group: "List", label: "up", modes: ["popup"], run: (deck) => deck.change((desk) => movePopup(desk, -1)) },
  { keys: ["down", "ctrl-n", "ctrl-r"], group: "List", label: "down", modes: ["popup"], run: (deck) => deck.change((desk) => movePopup(desk, 1)) },
  { keys: ["enter"], group: "List", label: "take it", modes: ["popup"], run: (deck) => choose(deck, "enter") },
  { keys: ["tab"], group: "List", label: "take it into the prompt", modes: ["popup"], run: (deck) => choose(deck, "tab") },
  {
    keys: ["escape"],
    group: "List",
    label: "close the list",
    modes: ["popup"],
    run: (deck) => deck.change((desk) => flash({ ...desk, popup: null, dismissed: true, choices: [] }, null)),
  },
  {
    keys: ["home"],
    group: "Panes",
    label: "the pane's start",
    modes: ["idle", "answer"],
    run: (deck) => deck.change((desk, view) => scrollPane(desk, view, desk.focus, "first")),
  },
  {
    keys: ["end"],
    group: "Panes",
    label: "the pane's end, and follow",
    modes: ["idle", "answer"],
    run: (deck) => deck.change((desk, view) => scrollPane(desk, view, desk.focus, "last")),
  },
  {
    keys: ["ctrl-end"],
    group: "Panes",
    label: "the conversation's end",
    modes: plain,
    run: (deck) => deck.change((desk, view) => scrollPane(desk, view, "conversation", "last")),
  },
];
