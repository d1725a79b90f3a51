// The full screen: one session followed, keys taken, frames drawn. Everything it does to the world goes through its needs.
import type { ClientId, Entry, Hunk, Live, ModelId, Opening, SessionId } from "../../core/events.ts";
import { type Core, isEntry } from "../../core/port.ts";
import { sanitise } from "../../core/text.ts";
import { newSessionId } from "../../core/time.ts";
import { keyRows } from "./actions.ts";
import { comeForward, guardMs, notice } from "./approval.ts";
import { openCompleter } from "./choosing.ts";
import { copySequence } from "./clipboard.ts";
import type { Deck } from "./deck.ts";
import { openDrawing } from "./drawing.ts";
import { editText } from "./editor.ts";
import { type HistoryNeeds, openHistory } from "./history.ts";
import type { InputEvent } from "./input.ts";
import { openLink } from "./link.ts";
import { openPulse } from "./pulse.ts";
import { quietConsole, sentence } from "./quiet.ts";
import { slashOf } from "./slash.ts";
import type { Splash } from "./splash.ts";
import { type Row, toldKey, type UiState, type ViewState } from "./state.ts";
import { farewell, transcript } from "./transcript.ts";
import { takeEvents } from "./typing.ts";
import { openTypist } from "./typist.ts";
import { type Desk, editPrompt, flash, keepPlaces, scrollPane, startDesk, waiting } from "./ui.ts";
import { view as fold } from "./view.ts";
import { openModels } from "./welcome.ts";

export interface TuiNeeds {
  splash: Splash;
  /** A way to the core: the first time, and again whenever it was lost. May start a daemon. */
  connect(signal: AbortSignal): Promise<Core>;
  session: SessionId;
  /** Opens the session, new or old; also what a fresh one (/new) is opened with. */
  opening: Opening;
  by: ClientId;
  /** Asked as soon as the session is open. */
  task?: string;
  env: Record<string, string | undefined>;
  noColor: boolean;
  history: HistoryNeeds;
  rememberModel(id: ModelId): Promise<void>;
  /** Writes a transcript; `path` as the person typed it, null = a place of its own. Resolves to what the file is called. Throws a sentence. */
  writeTranscript(path: string | null, session: SessionId, text: string): Promise<string>;
  /** `aura init` for this repository: what it found, in lines. */
  init(): Promise<string[]>;
  /** Branch and counts for the top line; null where there is no repository. */
  git(): Promise<UiState["git"]>;
  /** Lines the person should see once (ignored configuration, a sandbox that is off). */
  told: readonly string[];
  /** Into the scrollback, after the terminal is restored. */
  print(text: string): void;
}
/** What the person is told at the start stays above the first session's rows. */
const toldRow = (text: string, index: number): Row => ({ kind: "noted", key: `${toldKey}${index}`, level: "warn", text: sanitise(text), hint: null });
/** `left`: the person left; `gone`: the terminal went away. The run goes on in both. */
export type LeaveReason = "left" | "gone";

/** Runs until the person leaves. Restores the terminal whatever happens; throws only bugs. */
export async function runTui(needs: TuiNeeds): Promise<LeaveReason> {
  const { splash, opening, by } = needs;
  const { terminal } = splash;
  const over = Promise.withResolvers<LeaveReason>();
  const handed = splash.handOver();
  const start = (session: SessionId): ViewState => ({ ...fold.start(session, opening), model: opening.model ?? null });
  let desk: Desk = startDesk({ ...terminal.size(), noColor: needs.noColor, draft: handed.draft });
  let view: ViewState = { ...start(needs.session), rows: needs.told.map(toldRow) };
  let batching = false;
  let answer = "";
  const hunks = new Map<string, Hunk>();
  const history = openHistory(needs.history);
  const restoreConsole = quietConsole();

  /** The view with what isn't in the log: the screen's own question, and what waits for the connection. */
  function shown(): ViewState {
    const queued = link.waiting().map((command, index) => ({
      kind: "asked" as const,
      key: `outbox-${index}`,
      text: command.type === "ask" ? command.text : `! ${command.command}`,
      queued: true,
    }));
    return {
      ...view,
      model: view.model ?? models.chosen(),
      rows: queued.length > 0 ? [...view.rows, ...queued] : view.rows,
      pending: desk.asking ? [desk.asking.pending, ...view.pending] : view.pending,
    };
  }
  const drawing = openDrawing({
    terminal,
    picture: () => ({
      view: shown(),
      ui: desk,
      now: Date.now(),
      keys: desk.help ? keyRows(view, desk).map((row) => ({ ...row, label: row.why ? `${row.label} (${row.why})` : row.label })) : [],
    }),
    failed: over.reject,
  });

  const deck: Deck = {
    view: () => view,
    desk: () => desk,
    now: Date.now,
    change(step) {
      const next = step(desk, view);
      if (next === desk) return;
      desk = next;
      pulse.look();
      if (!batching) drawing.now();
    },
    say: (text) => deck.change((now) => flash(now, text)),
    who: () => ({ session: link.session(), by }),
    send: (command) => link.send(command),
    // models are looked for where the session looks
    query: (question) => link.query(question.type === "models" && opening.url !== undefined ? { ...question, url: opening.url } : question),
    history: history.lines,
    submit,
    async edit(text, name) {
      try {
        return await editText(text, name, { env: needs.env, away: terminal.leave, back: terminal.enter });
      } catch (error) {
        deck.say(sentence(error));
        return null;
      }
    },
    copy(text, what) {
      const { sequence, told } = copySequence(text, what, needs.env);
      if (sequence) terminal.write(sequence);
      deck.say(told);
    },
    hunk: (call, id) => hunks.get(`${call} ${id}`) ?? null,
    lastAnswer: () => answer || (view.rows.findLast((row) => row.kind === "said")?.text ?? ""),
    goTo,
    chooseModel: (id) => void models.choose(id),
    exportTo: (path) => needs.writeTranscript(path, link.session(), transcript(view)),
    init: needs.init,
    leave: () => over.resolve("left"),
    suspend: terminal.suspend,
    redraw() {
      drawing.forget();
      drawing.now();
    },
  };
  const link = openLink({
    connect: needs.connect,
    opening,
    by,
    session: needs.session,
    ...(needs.task === undefined ? {} : { task: needs.task }),
    from: () => view.lastSeq,
    take,
    say: deck.say,
    queued: drawing.soon,
    state(connected, why) {
      if (connected === "yes") view = fold.rejoined(view);
      deck.change((now) => flash({ ...now, connected }, why ?? (now.connected === "lost" ? null : now.flash)));
    },
    ready(first) {
      pulse.fact(null);
      if (first && view.model === null) void models.look();
    },
  });
  const completer = openCompleter(deck);
  const typist = openTypist(deck);
  const models = openModels(deck, { remember: needs.rememberModel });
  const pulse = openPulse({ deck, terminal, draw: drawing.soon, git: needs.git, project: opening.root.split("/").at(-1) ?? "" });

  function submit(): void {
    const text = desk.prompt.text.trim();
    if (text === "") return;
    const slash = slashOf(text, view, desk);
    if (slash && (!slash.row || slash.why !== null)) {
      deck.say(slash.why ?? "");
      return;
    }
    history.add(text);
    deck.change((now, seen) => {
      const sent = scrollPane({ ...editPrompt(now, { do: "clear" }), popup: null, dismissed: false, recall: null }, seen, "conversation", "last");
      return waiting(seen) ? { ...comeForward(sent), answersFrom: Date.now() + guardMs } : sent;
    });
    const session = link.session();
    if (slash?.row) slash.row.run(deck, slash.rest);
    else if (text.startsWith("!")) {
      const command = text.slice(1).trim();
      if (command !== "") void deck.send({ type: "shell", session, command, by });
    } else void deck.send({ type: "ask", session, text, by }).then((sent) => sent || giveBack(text));
  }
  /** What couldn't be sent stands in the prompt again, unless something else does by now. */
  function giveBack(text: string): void {
    deck.change((now) => (now.prompt.text === "" ? editPrompt(now, { do: "replace", text }) : now));
  }

  function goTo(target: SessionId | { fresh: string }): void {
    const fresh = typeof target === "object" ? target.fresh : null;
    const session = typeof target === "object" ? newSessionId() : target;
    const { model } = shown();
    link.follow(session);
    view = { ...start(session), model: fresh === null ? null : model };
    hunks.clear();
    answer = "";
    deck.change((now) => ({
      ...startDesk({ columns: now.columns, rows: now.rows, noColor: now.noColor }),
      prompt: fresh !== null && now.prompt.text === "" ? editPrompt(now, { do: "replace", text: fresh }).prompt : now.prompt,
      git: now.git,
      flash: fresh === null ? `session ${session}` : "a fresh session; Enter sends what is carried over, Esc twice clears it",
    }));
  }

  function take(item: Entry | Live): void {
    const before = view;
    const now = Date.now();
    view = isEntry(item) ? fold.step(view, item, now) : fold.live(view, item, now);
    if (isEntry(item)) {
      if (item.type === "said" && item.text !== "") answer = item.text;
      if (item.type === "approval.wanted") for (const change of item.preview ?? []) for (const hunk of change.hunks) hunks.set(`${item.call} ${hunk.id}`, hunk);
      if (item.type === "ended") hunks.clear();
      pulse.fact(item);
    }
    const told = notice(keepPlaces(desk, before, view), view, now);
    desk = told.desk;
    if (told.ring) terminal.bell();
    pulse.look();
    drawing.soon();
  }
  function takeAll(events: readonly InputEvent[]): void {
    if (events.some((event) => event.type === "kitty")) terminal.takeKeyboard();
    const before = desk;
    batching = true;
    try {
      takeEvents(deck, events);
      if (desk.prompt !== before.prompt) {
        completer.look();
        typist.look();
      }
    } catch (error) {
      over.reject(error);
    } finally {
      batching = false;
    }
    if (desk !== before) drawing.now();
  }

  terminal.on((what) => {
    if (what === "gone") return over.resolve("gone");
    drawing.forget();
    deck.change((now) => ({ ...now, ...terminal.size() }));
  });
  drawing.now();
  terminal.listen(takeAll);
  takeAll(handed.events);
  completer.look();
  terminal.askKeyboard();
  link.follow(needs.session);
  try {
    const why = await over.promise;
    if (why === "left") {
      terminal.close();
      for (const line of farewell(view, terminal.size().columns)) needs.print(`${line}\n`);
    }
    return why;
  } finally {
    link.stop();
    completer.stop();
    pulse.stop();
    drawing.stop();
    terminal.close();
    restoreConsole();
  }
}
